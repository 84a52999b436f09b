"""Dates by phases: what each phase of a stretch of dates last came to, and what is wrong with it since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.status import PHASE_STATUS, RUN_HISTORY, latest_date
from activities.surroundings import Surroundings
from shared.clock import days_between, game_date_of, utc_now
from shared.features import FEATURE_VERSION
from shared.grid import LONGEST_RUN, CellState, GridCell, GridDay, GridInput, StatusGrid
from shared.names import STATUS_GRID_ACTIVITY
from shared.phases import PHASES
from shared.registry import Phase

FEATURES = "nba_predictions.ml_feature_store_v2"
PREDICTIONS = "nba_predictions.player_prop_predictions"
QUALITY = "nba_orchestration.quality_results"

_RUN_COLUMNS = ["data_date", "phase_name", "processor_name", "warnings", "finished_at"]
_NOTHING = GridCell(state=CellState.NONE)
_PHASE_OF_TABLE = {p.table: phase.name for phase in PHASES for p in phase.processors}


class GridKeeper:
    """The activity behind `tipoff status` without a date."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=STATUS_GRID_ACTIVITY)
    def status_grid(self, request: GridInput) -> StatusGrid:
        """The grid up to a date, from status rows and from what the tables hold."""
        warehouse, now = self._surroundings.warehouse, utc_now()
        with as_application_errors(), heartbeating():
            until = request.until or latest_date(warehouse, PHASE_STATUS) or game_date_of(now)
            first = until - timedelta(days=request.days - 1)
            read = partial(warehouse.read, since=first, until=until + timedelta(days=1))
            tables = {
                "statuses": read(PHASE_STATUS),
                "runs": read(RUN_HISTORY, columns=_RUN_COLUMNS),
                "quality": read(QUALITY),
                "features": read(FEATURES, columns=["game_date", "feature_version"]),
                "predictions": read(PREDICTIONS, columns=["game_date", "is_active"]),
            }
            games = self._games(first, until)
            days = days_between(first, until)
            return StatusGrid(
                days=tuple(day_of(day, _of(day, tables), games.get(day, 0), now) for day in days)
            )

    def _games(self, first: date, until: date) -> dict[date, int]:
        """Games by date: of the latest schedule there is, else of the box scores."""
        warehouse = self._surroundings.warehouse
        read = partial(warehouse.read, since=first, until=until + timedelta(days=1))
        played = read("nba_raw.team_box_scores", columns=["game_date", "game_id"])
        found = played.groupby("game_date")["game_id"].nunique()
        counts = {pd.Timestamp(day).date(): int(n) for day, n in found.items()}
        seen = read("nba_raw.schedule", columns=["snapshot_date"])
        if len(seen):
            latest = pd.Timestamp(seen["snapshot_date"].max()).date()
            schedule = warehouse.read("nba_raw.schedule", dates=[latest])
            schedule = schedule.loc[~schedule["is_postponed"].to_numpy(dtype=bool)]
            planned = schedule.groupby("game_date")["game_id"].nunique()
            counts |= {pd.Timestamp(day).date(): int(n) for day, n in planned.items()}
        return counts


def _of(day: date, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """A date's rows of each table; its first column of dates is the partition."""
    found = {}
    for name, rows in tables.items():
        column = "data_date" if name == "runs" else "game_date"
        found[name] = rows.loc[(rows[column] == pd.Timestamp(day)).to_numpy(dtype=bool)]
    return found


def day_of(day: date, tables: Mapping[str, pd.DataFrame], games: int, now: datetime) -> GridDay:
    """One date of the grid.

    Args:
        day: the date.
        tables: its rows of `statuses`, `runs`, `quality`, `features` and `predictions`.
        games: how many are or were to be played.
        now: the present.
    """
    statuses = tables["statuses"]
    own = statuses.loc[(statuses["processor_name"] == "").to_numpy(dtype=bool)].set_index("phase_name")
    versions = {str(v): int(n) for v, n in tables["features"]["feature_version"].value_counts().items()}
    due = games > 0 and day <= game_date_of(now)
    cells = {}
    for phase in PHASES:
        if phase.name not in own.index:
            absent = GridCell(state=CellState.MISSING, why="never run") if due else _NOTHING
            reached = own["status"].isin(["running", "waiting"]).any()
            cells[phase.name] = _NOTHING if reached else absent
        else:
            cells[phase.name] = _cell(phase, own, tables, versions, now)
    active = tables["predictions"]["is_active"].to_numpy(dtype=bool)
    return GridDay(
        game_date=day,
        games=games,
        phases=cells,
        features=versions,
        predictions=int(active.sum()),
        updated_at=None if own.empty else own["updated_at"].max().to_pydatetime(),
    )


def _cell(
    phase: Phase,
    own: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    versions: Mapping[str, int],
    now: datetime,
) -> GridCell:
    row = own.loc[phase.name]
    status, at = str(row["status"]), pd.Timestamp(row["updated_at"])
    said = "" if pd.isna(row["message"]) else str(row["message"])[:200]
    if status == "running" and now - at.to_pydatetime() > LONGEST_RUN:
        return GridCell(state=CellState.STALE, why=f"running since {at:%Y-%m-%d %H:%M} UTC, nothing heard")
    if status in (CellState.RUNNING, CellState.WAITING, CellState.FAILED):
        return GridCell(state=CellState(status), why=said)
    if status == "pending":
        return _NOTHING
    if status == "skipped":
        return GridCell(state=CellState.WARN, why=said or "skipped")
    later = [name for name in phase.depends_on if name in own.index and own.loc[name, "updated_at"] > at]
    if later:
        return GridCell(state=CellState.STALE, why=f"{', '.join(later)} ran again after it")
    wrong = {version: n for version, n in versions.items() if version != FEATURE_VERSION}
    if phase.name == "precompute" and wrong:
        named = ", ".join(f"{n} of {version}" for version, n in sorted(wrong.items()))
        return GridCell(state=CellState.STALE, why=f"features: {named}, not {FEATURE_VERSION}")
    troubles = _troubles(phase, tables)
    return GridCell(state=CellState.WARN, why=troubles) if troubles else GridCell(state=CellState.OK)


def _troubles(phase: Phase, tables: Mapping[str, pd.DataFrame]) -> str:
    """What a completed phase has to say: optional processors that failed, warnings, findings."""
    statuses, runs, quality = tables["statuses"], tables["runs"], tables["quality"]
    mine = (statuses["phase_name"] == phase.name) & (statuses["status"] == "failed")
    failed = statuses.loc[mine.to_numpy(dtype=bool) & (statuses["processor_name"] != "").to_numpy(dtype=bool)]
    said = [f"{r.processor_name}: {r.error_type}" for r in failed.itertuples()]
    last = runs.loc[(runs["phase_name"] == phase.name).to_numpy(dtype=bool)]
    last = last.sort_values("finished_at").drop_duplicates("processor_name", keep="last")
    said += [f"{r.processor_name}: {r.warnings} warnings" for r in last.itertuples() if r.warnings]
    bad = quality.loc[quality["status"].isin(["warn", "fail"]).to_numpy(dtype=bool)]
    bad = bad.loc[bad["dataset"].map(_PHASE_OF_TABLE.get).eq(phase.name).to_numpy(dtype=bool)]
    said += [f"{r.check_name}: {r.status}" for r in bad.itertuples()]
    return "; ".join(said)[:300]
