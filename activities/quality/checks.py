"""What a quality check is: one property of one table, declared with its thresholds and its remedy.

A gate between two phases and a validator of past dates run the same kind of check. The check says what is
there; the limits beside it say what that means. Pure functions over frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

import numpy as np
import pandas as pd

from activities.analytics.windows import Array, shaped
from activities.processor import Frames

QUALITY = "nba_orchestration.quality_results"
SAMPLE = 20
"""Failing rows that a result names."""

KEPT = 500
"""Failing rows that a result keeps."""

COLUMNS = {
    "game_date": "datetime64[us]", "dataset": "str", "check_name": "str", "severity": "str", "status": "str",
    "observed": "float64", "warn_if": "object", "error_if": "object", "failed_rows": "int64",
    "sample_ref": "object", "run_id": "str", "checked_at": "datetime64[us, UTC]", "checked_by": "str",
    "blocking": "object", "blocked": "object", "failing": "object",
}  # fmt: skip


class Blocks(StrEnum):
    """What an error of a check holds back."""

    NOTHING = "nothing"
    PLAYERS = "players"
    """The players concerned: they are not predicted, and it is said why."""
    GAMES = "games"
    """The players of the games concerned."""
    PHASE = "phase"
    """The phase: it waits, and with it what depends on it."""


@dataclass(frozen=True)
class Limit:
    """A bound; a figure beyond it is a finding."""

    side: Literal[">", "<"]
    value: float

    def broken_by(self, observed: float) -> bool:
        """Whether the figure lies beyond; the bound itself does not."""
        return observed > self.value if self.side == ">" else observed < self.value

    def __str__(self) -> str:
        return f"{self.side} {self.value:g}"


NONE_MAY = Limit(">", 0)
"""For counts of rows that must not be."""


@dataclass(frozen=True)
class Seen:
    """What a check saw: the figure that is held against its limits, and which rows it is about."""

    observed: float
    failed: tuple[str, ...] = ()
    """Keys of failing rows: players, games, features. All of them; a result keeps the first twenty."""
    failed_rows: int | None = None
    """Where rows are more than `failed` names."""
    note: str = ""
    """What `failed` alone doesn't tell."""
    concerned: tuple[str, ...] = ()
    """Ids of the players or games behind the failing rows, whichever the check blocks."""


@dataclass(frozen=True)
class Skipped:
    """Nothing was there to be judged, and why that is no finding."""

    why: str


@dataclass(frozen=True)
class Check:
    """One property of one table."""

    name: str
    """What is asserted, as `player_points_add_up_to_the_team_s`: the name in `quality_results`."""
    dataset: str
    """The table that is guarded, `dataset.table`."""
    observe: Callable[[Frames], Seen | Skipped]
    remedy: str
    """The command that helps; {day} is the date, {next} the one after, {last} the last that was found."""
    error_if: Limit | None = None
    warn_if: Limit | None = None
    blocks: Blocks = Blocks.NOTHING


def check_where(
    applies: Callable[[Callable[[Frames], Seen | Skipped]], Callable[[Frames], Seen | Skipped]],
    name: str,
    dataset: str,
    observe: Callable[[Frames], Seen | Skipped],
    remedy: str,
    error_if: Limit | None = NONE_MAY,
    warn_if: Limit | None = None,
) -> Check:
    """A check that is skipped where it has nothing to judge; `applies` wraps what it observes."""
    return Check(name, dataset, applies(observe), remedy, error_if, warn_if)


@dataclass(frozen=True)
class Outcome:
    """What a check came to for one date; the fields are the table's."""

    check_name: str
    severity: str
    status: str
    """pass, warn, fail or skipped."""
    observed: float
    warn_if: str | None = None
    error_if: str | None = None
    failed_rows: int = 0
    sample_ref: str | None = None
    dataset: str = ""
    blocking: str = Blocks.NOTHING
    blocked: tuple[str, ...] = ()
    """Ids of the players or games that are held back."""
    failing: tuple[str, ...] = ()
    """Keys of failing rows, the first 500."""


def judge(check: Check, frames: Frames) -> Outcome:
    """Runs a check and holds what it saw against its limits."""
    seen = check.observe(frames)
    warn_if, error_if = (None if limit is None else str(limit) for limit in (check.warn_if, check.error_if))
    if isinstance(seen, Skipped):
        return Outcome(
            check.name, "info", "skipped", float("nan"), warn_if, error_if, sample_ref=seen.why,
            dataset=check.dataset, blocking=check.blocks,
        )  # fmt: skip
    if check.error_if is not None and check.error_if.broken_by(seen.observed):
        severity, status = "error", "fail"
    elif check.warn_if is not None and check.warn_if.broken_by(seen.observed):
        severity, status = "warning", "warn"
    else:
        severity, status = "info", "pass"
    held_back = check.blocks in (Blocks.PLAYERS, Blocks.GAMES) and status == "fail"
    return Outcome(
        check.name, severity, status, round(seen.observed, 6), warn_if, error_if,
        len(seen.failed) if seen.failed_rows is None else seen.failed_rows, sample_of(seen),
        check.dataset, check.blocks, seen.concerned if held_back else (), seen.failed[:KEPT],
    )  # fmt: skip


def sample_of(seen: Seen) -> str | None:
    """The first failing rows, and what is to be said of them; None if there is nothing to say."""
    names = ", ".join(seen.failed[:SAMPLE])
    more = f" and {len(seen.failed) - SAMPLE} more" if len(seen.failed) > SAMPLE else ""
    return ": ".join(text for text in (seen.note, names + more) if text) or None


def result_rows(
    outcomes: Iterable[tuple[date, Outcome]], *, checked_by: str, run_id: str, checked_at: datetime
) -> pd.DataFrame:
    """Rows of `quality_results`, in the order given.

    Args:
        outcomes: each with the date that was checked.
        checked_by: the processor or validator; the slice of the table that it owns.
        run_id: the workflow run.
        checked_at: when, aware UTC.
    """
    found = list(outcomes)
    made: dict[str, list[Any]] = {
        name: [getattr(outcome, name) for _, outcome in found] for name in Outcome.__annotations__
    }
    rows: dict[str, object] = {
        **made,
        "game_date": [day for day, _ in found],
        "blocking": [str(blocking) for blocking in made["blocking"]],
        "blocked": [list(ids) for ids in made["blocked"]],
        "failing": [list(keys) for keys in made["failing"]],
        "run_id": run_id,
        "checked_at": pd.Timestamp(checked_at),
        "checked_by": checked_by,
    }
    return shaped(pd.DataFrame(rows), COLUMNS)


def count_of(failed: Sequence[str]) -> Seen:
    """Rows of which there may be none: their number, and their keys."""
    return Seen(float(len(failed)), tuple(failed))


def keys_of(rows: pd.DataFrame, columns: Sequence[str], bad: pd.Series | Array) -> tuple[str, ...]:
    """The failing rows by their keys, joined by spaces, each once and in order."""
    failing: Array = np.asarray(bad, dtype=bool)
    if not failing.any():
        return ()
    chosen = rows.loc[failing, list(columns)].drop_duplicates()
    if "game_date" in chosen:
        chosen = chosen.assign(game_date=chosen["game_date"].astype(str).str.slice(0, 10))
    return tuple(sorted({" ".join(map(str, key)) for key in chosen.itertuples(index=False, name=None)}))


def none_of(rows: pd.DataFrame, bad: pd.Series, columns: Sequence[str], concerned: str = "player_id") -> Seen:
    """How many rows are as none may be; `columns` name them, and `concerned` whom an error blocks."""
    return Seen(
        float(bad.sum()), keys_of(rows, columns, bad), int(bad.sum()),
        concerned=keys_of(rows, [concerned], bad),
    )  # fmt: skip
