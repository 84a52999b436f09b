"""Dates by phases: what each phase of a stretch of dates last came to, and what is wrong with it since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

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
from warehouse.protocol import Warehouse

FEATURES = "nba_predictions.ml_feature_store_v2"
PREDICTIONS = "nba_predictions.player_prop_predictions"
QUALITY = "nba_orchestration.quality_results"

Row = Mapping[str, Any]

# Of a season only what a cell can be made of: a status row of each phase, and what went wrong.
_STATUSES = (
    "SELECT game_date, phase_name, processor_name, status, error_type, message, updated_at "
    f"FROM {PHASE_STATUS} WHERE game_date BETWEEN @first AND @until "
    "AND (processor_name = '' OR status = 'failed') ORDER BY game_date, phase_name, processor_name"
)
_WARNINGS = (
    "SELECT data_date, phase_name, processor_name, warnings FROM ("
    "SELECT data_date, phase_name, processor_name, warnings, ROW_NUMBER() OVER "
    "(PARTITION BY data_date, phase_name, processor_name ORDER BY finished_at DESC, run_key) AS place "
    f"FROM {RUN_HISTORY} WHERE data_date BETWEEN @first AND @until) AS runs "
    "WHERE place = 1 AND warnings > 0 ORDER BY data_date, phase_name, processor_name"
)
_FINDINGS = (
    f"SELECT game_date, dataset, check_name, status FROM {QUALITY} "
    "WHERE game_date BETWEEN @first AND @until AND status IN ('warn', 'fail') "
    "ORDER BY game_date, checked_by, dataset, check_name"
)
_FEATURE_COUNTS = (
    f"SELECT game_date, feature_version, COUNT(*) AS vectors FROM {FEATURES} "
    "WHERE game_date BETWEEN @first AND @until GROUP BY game_date, feature_version ORDER BY 1, 2"
)
_PREDICTION_COUNTS = (
    f"SELECT game_date, COUNTIF(is_active) AS active FROM {PREDICTIONS} "
    "WHERE game_date BETWEEN @first AND @until GROUP BY game_date ORDER BY game_date"
)
_NOTHING = GridCell(state=CellState.NONE)
_PHASE_OF_TABLE = {p.table: phase.name for phase in PHASES for p in phase.processors}


class GridKeeper:
    """The activity behind `tipoff status` without a date."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=STATUS_GRID_ACTIVITY)
    def status_grid(self, request: GridInput) -> StatusGrid:
        """The grid up to a date."""
        with as_application_errors(), heartbeating():
            return grid_of(self._surroundings.warehouse, request, utc_now())


def grid_of(warehouse: Warehouse, request: GridInput, now: datetime) -> StatusGrid:
    """The grid up to a date, from status rows and from what the tables hold."""
    until = request.until or latest_date(warehouse, PHASE_STATUS) or game_date_of(now)
    first = until - timedelta(days=request.days - 1)
    span: dict[str, object] = {"first": first, "until": until}
    tables = {
        "statuses": _by_day(warehouse.query(_STATUSES, span), "game_date"),
        "warnings": _by_day(warehouse.query(_WARNINGS, span), "data_date"),
        "quality": _by_day(warehouse.query(_FINDINGS, span), "game_date"),
        "features": _by_day(warehouse.query(_FEATURE_COUNTS, span), "game_date"),
        "predictions": _by_day(warehouse.query(_PREDICTION_COUNTS, span), "game_date"),
    }
    games = _games(warehouse, first, until)
    return StatusGrid(
        days=tuple(
            day_of(day, {name: rows.get(day, []) for name, rows in tables.items()}, games.get(day, 0), now)
            for day in days_between(first, until)
        )
    )


def _by_day(rows: pd.DataFrame, column: str) -> dict[date, list[Row]]:
    """A table's rows by date, plain: a season is thousands of small questions, which frames answer slowly."""
    values = []
    for name in rows.columns:
        known = rows[name].notna().to_numpy(dtype=bool)
        held = rows[name].astype(object).tolist()
        values.append([v if k else None for v, k in zip(held, known, strict=True)])
    found: dict[date, list[Row]] = {}
    for one in zip(*values, strict=True):
        row = dict(zip(rows.columns, one, strict=True))
        found.setdefault(row[column].date(), []).append(row)
    return found


def _games(warehouse: Warehouse, first: date, until: date) -> dict[date, int]:
    """Games by date: of the latest schedule there is, else of the box scores."""
    read = partial(warehouse.read, since=first, until=until + timedelta(days=1))
    played = read("nba_raw.team_box_scores", columns=["game_date", "game_id"])
    found = played.groupby("game_date")["game_id"].nunique()
    counts = {pd.Timestamp(day).date(): int(n) for day, n in found.items()}
    latest = warehouse.query("SELECT MAX(snapshot_date) AS latest FROM nba_raw.schedule")["latest"].iloc[0]
    if not pd.isna(latest):
        schedule = warehouse.read("nba_raw.schedule", dates=[pd.Timestamp(latest).date()])
        schedule = schedule.loc[~schedule["is_postponed"].to_numpy(dtype=bool)]
        planned = schedule.groupby("game_date")["game_id"].nunique()
        counts |= {pd.Timestamp(day).date(): int(n) for day, n in planned.items()}
    return counts


def day_of(day: date, tables: Mapping[str, Sequence[Row]], games: int, now: datetime) -> GridDay:
    """One date of the grid.

    Args:
        day: the date.
        tables: its rows of `statuses` (of phases, and of processors that failed), `warnings` (last runs that
            had any) and `quality` (findings); `features`, a row a version; `predictions`, at most one.
        games: how many are or were to be played.
        now: the present.
    """
    statuses = tables["statuses"]
    own = {str(row["phase_name"]): row for row in statuses if not row["processor_name"]}
    versions = {str(row["feature_version"]): int(row["vectors"]) for row in tables["features"]}
    due = games > 0 and day <= game_date_of(now)
    reached = any(row["status"] in ("running", "waiting") for row in own.values())
    absent = GridCell(state=CellState.MISSING, why="never run") if due and not reached else _NOTHING
    return GridDay(
        game_date=day,
        games=games,
        phases={
            phase.name: _cell(phase, own, tables, versions, now) if phase.name in own else absent
            for phase in PHASES
        },
        features=versions,
        predictions=sum(int(row["active"]) for row in tables["predictions"]),
        updated_at=max((_instant(row) for row in own.values()), default=None),
    )


def _instant(row: Row) -> datetime:
    at: datetime = pd.Timestamp(row["updated_at"]).to_pydatetime()
    return at


def _cell(
    phase: Phase,
    own: Mapping[str, Row],
    tables: Mapping[str, Sequence[Row]],
    versions: Mapping[str, int],
    now: datetime,
) -> GridCell:
    row = own[phase.name]
    status, at = str(row["status"]), _instant(row)
    said = "" if pd.isna(row["message"]) else str(row["message"])[:200]
    if status == "running" and now - at > LONGEST_RUN:
        return GridCell(state=CellState.STALE, why=f"running since {at:%Y-%m-%d %H:%M} UTC, nothing heard")
    if status in (CellState.RUNNING, CellState.WAITING, CellState.FAILED):
        return GridCell(state=CellState(status), why=said)
    if status == "pending":
        return _NOTHING
    if status == "skipped":
        return GridCell(state=CellState.WARN, why=said or "skipped")
    later = [name for name in phase.depends_on if name in own and _instant(own[name]) > at]
    if later:
        return GridCell(state=CellState.STALE, why=f"{', '.join(later)} ran again after it")
    wrong = {version: n for version, n in versions.items() if version != FEATURE_VERSION}
    if phase.name == "precompute" and wrong:
        named = ", ".join(f"{n} of {version}" for version, n in sorted(wrong.items()))
        return GridCell(state=CellState.STALE, why=f"features: {named}, not {FEATURE_VERSION}")
    troubles = _troubles(phase, tables)
    return GridCell(state=CellState.WARN, why=troubles) if troubles else GridCell(state=CellState.OK)


def _troubles(phase: Phase, tables: Mapping[str, Sequence[Row]]) -> str:
    """What a completed phase has to say: optional processors that failed, warnings, findings."""
    said = [
        f"{row['processor_name']}: {row['error_type']}"
        for row in tables["statuses"]
        if row["phase_name"] == phase.name and row["status"] == "failed" and row["processor_name"]
    ]
    said += [
        f"{row['processor_name']}: {row['warnings']} warnings"
        for row in tables["warnings"]
        if row["phase_name"] == phase.name
    ]
    said += [
        f"{row['check_name']}: {row['status']}"
        for row in tables["quality"]
        if _PHASE_OF_TABLE.get(row["dataset"]) == phase.name
    ]
    return "; ".join(said)[:300]
