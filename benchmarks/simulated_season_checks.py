"""What came of a simulated season: statuses against tables, tables against the league, all in one table."""

from __future__ import annotations

import os
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import psutil
from rich.console import Console
from rich.table import Table

from activities.exports import FolderExports
from activities.predictions.systems import SYSTEM_IDS
from activities.quality.properties import active_of
from activities.quality.stored_documents import said_otherwise
from replay.asof import season_of
from replay.league import BoxRow, Game
from replay.simulated import SimulatedLeague
from shared.phases import PHASE_NAMES
from warehouse.connect import connect
from warehouse.protocol import Warehouse

MOST_EVENTS = 2_000
FINAL = ("completed", "failed")
DONE = ("completed", "skipped")
SHOWN = 20


@dataclass
class Lived:
    """What became of one date; kept between calls."""

    day: str
    games: int
    kinds: list[str] = field(default_factory=list)
    status: str = ""
    message: str = ""
    phases: dict[str, str] = field(default_factory=dict)
    waited: int = 0
    """How often a phase of it waited."""
    kills: int = 0
    operator: int = 0
    """Re-triggers that an operator sent."""
    events: int = 0
    """Of all its workflows."""
    seconds: float = 0.0
    """Real ones."""
    lived: float = 0.0
    """Seconds by the server's clock."""
    ended: str = ""
    """The server's time at its end."""


class Tables:
    """The tables of the season, each read once."""

    def __init__(self, warehouse: Warehouse, home: Path, first: date) -> None:
        self.warehouse = warehouse
        self.exports = FolderExports(home / "exports")
        self._first = first
        self._known: dict[str, dict[date, pd.DataFrame]] = {}

    def of(self, table: str, day: date) -> pd.DataFrame:
        """A table's rows of one date."""
        if table not in self._known:
            rows = self.warehouse.read(table, since=self._first)
            partition = self.warehouse.schemas[table].partition
            days = pd.to_datetime(rows[partition]).dt.date
            self._known[table] = dict(iter(rows.groupby(days)))
            self._known[table][date.min] = rows.iloc[:0]
        parts = self._known[table]
        return parts.get(day, parts[date.min])


def untrue(tables: Tables, lived: Lived) -> Iterator[str]:
    """What a date's final status says otherwise than its tables."""
    day = date.fromisoformat(lived.day)
    if lived.status not in FINAL:
        yield f"no final status: {lived.status} {lived.message}"
        return
    status = tables.of("nba_orchestration.phase_status", day)
    phases = status.loc[(status["processor_name"] == "").to_numpy(dtype=bool)]
    stored = dict(zip(phases["phase_name"], phases["status"], strict=True))
    for phase in PHASE_NAMES:
        # A phase that was never begun has no row.
        if stored.get(phase, "pending") != lived.phases.get(phase):
            yield f"{phase} is {lived.phases.get(phase)} and {stored.get(phase)} in phase_status"
    undone = [phase for phase in PHASE_NAMES if stored.get(phase) not in DONE]
    alerts = set(tables.of("nba_orchestration.alerts", day)["cause"])
    if lived.status == "completed" and undone:
        yield f"completed without {', '.join(undone)}"
    if lived.status == "failed" and not undone:
        yield "failed, and every phase is completed"
    if lived.status == "failed" and "day/failed" not in alerts:
        yield "failed, and nobody was told"
    yield from _unlike(tables, day, lived, undone)


def _unlike(tables: Tables, day: date, lived: Lived, undone: Sequence[str]) -> Iterator[str]:
    """What is published otherwise than it should be."""
    published = tables.of("nba_orchestration.published_documents", day)
    predictions = tables.of("nba_predictions.player_prop_predictions", day)
    withheld = tables.of("nba_predictions.withheld_players", day)
    if "predictions" in undone or "publishing" in undone:
        if len(published):
            yield f"{' and '.join(undone)} not completed, and yet published"
        return
    if len(published) != 1:
        yield f"{len(published)} documents are published"
        return
    row = published.iloc[0]
    for said in said_otherwise(
        tables.exports, str(row["path"]), str(row["sha256"]), active_of(predictions), withheld
    ):
        yield f"published: {said}"
    quality = tables.of("nba_orchestration.quality_results", day)
    failed = quality.loc[((quality["status"] == "fail") & (quality["blocking"] == "phase")).to_numpy(bool)]
    for name in failed["check_name"]:
        yield f"published, and {name} has failed"
    if not lived.games and len(predictions):
        yield "predictions without games"


def lost_players(tables: Tables, lived: Lived) -> Iterator[str]:
    """Players of a completed date's slate who are neither predicted nor withheld with a reason."""
    if lived.status != "completed":
        return
    day = date.fromisoformat(lived.day)
    players = tables.of("nba_analytics.upcoming_player_game_context", day)
    if players["game_id"].nunique() != lived.games:
        yield f"{players['game_id'].nunique()} of {lived.games} games have players"
    active = active_of(tables.of("nba_predictions.player_prop_predictions", day))
    systems = Counter(zip(active["game_id"], active["player_id"], strict=True))
    withheld = tables.of("nba_predictions.withheld_players", day)
    told = {
        (game, player)
        for game, player, why in zip(
            withheld["game_id"], withheld["player_id"], withheld["reason"], strict=True
        )
        if why
    }
    for row in players.itertuples():
        key = (row.game_id, row.player_id)
        slate = bool(row.has_prop_line or row.eligible)
        if slate and systems[key] < len(SYSTEM_IDS) and key not in told:
            yield f"{row.player_name} has {systems[key]} predictions and no reason"


def lost_games(tables: Tables, games: Sequence[Game], box: Mapping[str, Sequence[BoxRow]]) -> Iterator[str]:
    """Box scores of a date that are not what was played."""
    if not games:
        return
    rows = tables.of("nba_raw.player_box_scores", games[0].game_date)
    summary = tables.of("nba_analytics.player_game_summary", games[0].game_date)
    for game in games:
        played = [row for row in box[game.game_id] if row.played]
        wanted = (len(played), sum(row.pts for row in played))
        for name, frame in (("player_box_scores", rows), ("player_game_summary", summary)):
            mine = frame.loc[(frame["game_id"] == game.key).to_numpy(dtype=bool)]
            found = (len(mine), int(mine["points"].sum()))
            if found != wanted:
                yield f"{game.key} in {name}: {found} players and points, played {wanted}"


def lost_grades(tables: Tables, games: Sequence[Game]) -> Iterator[str]:
    """Active predictions of games that were played, without a result."""
    if not games:
        return
    day = games[0].game_date
    active = active_of(tables.of("nba_predictions.player_prop_predictions", day))
    graded = set(tables.of("nba_predictions.prediction_results", day)["prediction_id"])
    left = [one for one in active["prediction_id"] if one not in graded]
    if left:
        yield f"{len(left)} of {len(active)} predictions have no result"


def twice(warehouse: Warehouse) -> Iterator[tuple[str, int]]:
    """Tables with rows whose key is there twice, and how many."""
    for table, schema in sorted(warehouse.schemas.items()):
        if schema.key:
            keys = ", ".join(schema.key)
            found = warehouse.query(
                f"SELECT COUNT(*) AS extra FROM (SELECT {keys}, COUNT(*) AS n FROM {table} GROUP BY {keys}) "
                "WHERE n > 1"
            )
            if extra := int(found["extra"].iloc[0]):
                yield table, extra


def show(home: Path, lived: Sequence[Lived], games: Mapping[date, Sequence[Game]], seed: int) -> bool:
    """Prints the table; whether everything is as it should be. Nobody has asked for the last date's games."""
    days = [date.fromisoformat(one.day) for one in lived]
    warehouse = connect("duckdb", home=home)
    try:
        tables = Tables(warehouse, home, days[0])
        season = SimulatedLeague(2026).season(season_of(days[0]))
        assert season
        wrong: dict[str, list[str]] = {"untrue statuses": [], "lost": []}
        for one, day in zip(lived, days, strict=True):
            wrong["untrue statuses"] += [f"{day}: {what}" for what in untrue(tables, one)]
            lost = [*lost_players(tables, one)]
            if day != days[-1]:
                lost += [*lost_games(tables, games[day], season.box), *lost_grades(tables, games[day])]
            wrong["lost"] += [f"{day}: {what}" for what in lost]
        wrong["twice"] = [f"{table}: {extra} keys" for table, extra in twice(warehouse)]
        withheld = sum(len(tables.of("nba_predictions.withheld_players", day)) for day in days)
        predictions = sum(
            len(active_of(tables.of("nba_predictions.player_prop_predictions", day))) for day in days
        )
    finally:
        warehouse.close()
    wrong["too long a history"] = [
        f"{one.day}: {one.events} events" for one in lived if one.events >= MOST_EVENTS
    ]
    console = Console(width=100)
    console.print(_table(lived, wrong, seed, predictions, withheld))
    for name, found in wrong.items():
        for what in found[:SHOWN]:
            console.print(f"{name}: {what}", markup=False)
    memory = psutil.virtual_memory().total / 2**30
    console.print(f"{os.cpu_count()} cores, {memory:.0f} GiB, {datetime.now(UTC):%Y-%m-%d}")
    return not any(wrong.values())


def _table(
    lived: Sequence[Lived], wrong: Mapping[str, Sequence[str]], seed: int, predictions: int, withheld: int
) -> Table:
    table = Table(title=f"A simulated season, {lived[0].day} to {lived[-1].day}, seed {seed}")
    table.add_column("")
    table.add_column("", justify="right")
    playing = [one for one in lived if one.games]
    statuses = Counter(one.status for one in lived)
    kinds = Counter(kind for one in lived for kind in one.kinds)
    causes = Counter(one.message for one in lived if one.status != "completed")
    struck = sum(bool(one.kinds) for one in lived)
    events = sorted(one.events for one in playing)
    waiting = [one for one in lived if one.waited]
    rows = {
        "dates, of them with games": f"{len(lived)}, {len(playing)}",
        "games": f"{sum(one.games for one in lived):,}",
        "final status": ", ".join(f"{n} {status}" for status, n in sorted(statuses.items())),
        "why not completed": "\n".join(f"{n}: {why}" for why, n in sorted(causes.items())),
        "faults": f"{sum(kinds.values())} of {len(kinds)} kinds on {struck} dates",
        "by kind": "\n".join(f"{n} {kind.replace('_', ' ')}" for kind, n in sorted(kinds.items())),
        "SIGKILL of the worker": str(sum(one.kills for one in lived)),
        "dates that waited, completed after all": (
            f"{len(waiting)}, {sum(one.status == 'completed' for one in waiting)}"
        ),
        "re-triggers by an operator": str(sum(one.operator for one in lived)),
        "events a date, median and most": f"{statistics.median(events):.0f}, {events[-1]}",
        "predictions, players withheld with a reason": f"{predictions:,}, {withheld:,}",
        **{name: str(len(found)) for name, found in wrong.items()},
        "hours lived, minutes taken": (
            f"{sum(one.lived for one in lived) / 3_600:.1f}, {sum(one.seconds for one in lived) / 60:.1f}"
        ),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table
