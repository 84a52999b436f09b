"""What the jobs beside the day are asked and answer: history, training, queries, summaries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from shared.messages import Message, Name


class LoadHistoryInput(Message):
    """Fill the warehouse with the games before a date."""

    until: date
    """Exclusive: games before this date."""
    seasons: int = 2
    """Full seasons before the current one."""
    as_of: datetime


class HistoryChunk(Message):
    """Consecutive dates of one season, loaded together."""

    season: str
    first: date
    last: date


class HistoryPlan(Message):
    """What is missing, in order."""

    chunks: tuple[HistoryChunk, ...]
    present_games: int = 0


class HistoryChunkRequest(Message):
    """One chunk to load."""

    chunk: HistoryChunk
    as_of: datetime
    epoch: int


class HistoryChunkResult(Message):
    """What a chunk brought."""

    games: int
    players: int
    completed_games: int = 0
    warnings: tuple[str, ...] = ()


class HistoryProgress(Message):
    """The answer of the history workflow's `progress` query, and its result."""

    done: int
    total: int
    games: int = 0
    players: int = 0
    note: str = ""


class LoadLinesInput(Message):
    """Fill the warehouse with the lines of past dates whose games are there."""

    start: date
    end: date
    """Inclusive."""
    run_in: int = Field(default=0, ge=0, le=200)
    """Game dates before `start` that are wanted too."""
    as_of: datetime


class LineChunk(Message):
    """Game dates of one calendar month, loaded together."""

    dates: tuple[date, ...]


class LinePlan(Message):
    """What is missing, in order."""

    chunks: tuple[LineChunk, ...]


class LineChunkRequest(Message):
    """One chunk to load."""

    chunk: LineChunk
    as_of: datetime
    epoch: int


class LineChunkResult(Message):
    """What a chunk brought: dates with a line, rows, and what could not be had."""

    dates: int
    rows: int
    warnings: tuple[str, ...] = ()


class LinesProgress(Message):
    """The answer of the line history workflow's `progress` query, and its result."""

    done: int
    total: int
    dates: int = 0
    rows: int = 0
    note: str = ""
    unavailable: str = ""
    """Why the source gives no past lines; empty if it does."""


class TrainInput(Message):
    """Train a system on the games before a date."""

    system: Name = "xgboost_v1"
    trained_through: date
    """Inclusive: the last date whose games it may learn from."""
    trained_from: date | None = None
    """The first date whose games it learns from. None: three years and some before the last."""
    only_if_missing: bool = True
    """Give back the champion of the day after, where there is a fresh one, and train nothing."""
    as_champion: bool = False
    """Let it serve from the day after on, where no champion does. Otherwise it is a challenger."""


class TrainResult(Message):
    """A registered model."""

    model_id: str
    system: str
    trained_through: date
    rows: int
    checksum: str
    existed: bool = False
    status: str = ""
    """champion, challenger, shadow or retired."""
    validation_mae: float | None = None
    """Mean absolute error on the held-out last dates, points."""


class QueryInput(Message):
    """One SELECT in BigQuery's dialect."""

    sql: str = Field(max_length=20_000)
    parameters: dict[Name, Annotated[str, Field(max_length=2_000)]] = Field(
        default_factory=dict, max_length=20
    )
    """Values by the names that the SQL gives them (`@day`); texts, cast where they are not."""


class QueryResult(Message):
    """The first rows of the result (at most 100, at most 64 kB) and where the rest is."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | bool | None, ...], ...]
    total_rows: int
    truncated: bool = False
    reference: str = ""


class BoxScoreCounts(Message):
    """The box scores that a day brought in."""

    games: int
    players: int
    points: int
    completed_games: tuple[str, ...] = ()
    """Games whose first source lacked players, as `20251106_LAC_PHX from balldontlie`."""
    incomplete_games: tuple[str, ...] = ()


class WithheldPlayer(Message):
    """A player with a line who is not predicted by every system."""

    player: str
    reason: str


class DaySummaryInput(Message):
    """Asks for a day's figures from the warehouse."""

    game_date: date
    hashes: bool = False


class DaySummary(Message):
    """A day's figures, each from a query."""

    game_date: date
    source: str
    games: int
    box_scores: BoxScoreCounts
    players_with_line: int
    predicted: dict[str, int]
    """Players predicted, by system."""
    predicted_with_line: dict[str, int]
    withheld: tuple[WithheldPlayer, ...] = ()
    withheld_without_line: int = 0
    table_hashes: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of each table's rows in key order, run ids and clock columns aside."""
