"""Validates dates that were run: the checks of statuses, mornings and games, date by date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.quality_book import findings_of, record
from activities.operations.status import PHASE_STATUS, latest_date
from activities.quality import mornings
from activities.quality.checks import Check, Outcome, judge
from activities.quality.games import GAME_CHECKS
from activities.quality.mornings import MORNING_CHECKS
from activities.quality.statuses import REPORTED, STATUS_CHECKS, written
from activities.quality.stored_documents import documents
from activities.surroundings import Surroundings
from shared import reads
from shared.backfill import MOST_DATES
from shared.clock import days_between, game_date_of, utc_now
from shared.errors import BadRequest
from shared.names import VALIDATE_ACTIVITY
from shared.validation import CheckReport, ValidateInput
from warehouse.protocol import Warehouse

AT_ONCE = 7
"""Dates that are read together: a season's predictions do not fit into the worker's memory."""

SEEN_FOR = timedelta(days=7)
"""How long the snapshots of the schedule show a date's games after it."""

Outcomes = dict[str, list[tuple[date, Outcome]]]
"""By group of checks, which is the slice of `quality_results` that it owns."""

GROUPS: dict[str, tuple[Check, ...]] = {
    "validate_morning": (*STATUS_CHECKS, *MORNING_CHECKS),
    "validate_games": GAME_CHECKS,
}

TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "players": ("nba_raw.player_box_scores", ()),
    "teams": ("nba_raw.team_box_scores", ()),
    "player_summaries": (reads.PGS, ()),
    "offense": (reads.TOGS, ("game_date", "game_id", "team_abbr")),
    "defense": (reads.TDGS, ("game_date", "game_id", "team_abbr")),
    "upcoming_teams": (mornings.UPCOMING_TEAMS, ("game_date", "game_id", "team_abbr")),
    "upcoming_players": (mornings.UPCOMING_PLAYERS, ()),
    "props": (mornings.PROPS, ("game_date", "game_id")),
    "cache": (mornings.CACHE, ("cache_date", "player_id", "last_game_date")),
    "features": (
        mornings.STORE,
        ("game_date", "player_id", "player_lookup", "feature_version", "feature_names", "features"),
    ),
    "predictions": (mornings.PREDICTIONS, ()),
    "withheld": (mornings.WITHHELD, ()),
    "published": (mornings.DOCUMENTS, ()),
    "results": ("nba_predictions.prediction_results", ()),
    "performance": ("nba_predictions.system_daily_performance", ()),
    "responses": ("nba_raw.scrape_log", ("game_date", "request", "status")),
}  # fmt: skip
"""The frames of a date by their names: the table, and the columns that are read; none means all."""


class Validator:
    """The activity behind `tipoff validate`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=VALIDATE_ACTIVITY)
    def validate(self, request: ValidateInput) -> CheckReport:
        """Judges every date, records the results and says what was found."""
        with as_application_errors(), heartbeating() as progress:
            start = request.start or self._today()
            end = request.end or start
            if end < start:
                raise BadRequest(f"end: {end} is before the start, {start}")
            if (end - start).days >= MOST_DATES:
                raise BadRequest(f"end: {start} to {end} is more than {MOST_DATES:,} dates; split it")
            wanted = dates_of(request.kind, start, end)
            outcomes = validate(self._surroundings, wanted, progress)
            record(self._surroundings, outcomes, wanted)
        return report(request.kind, start, end, outcomes)

    def _today(self) -> date:
        """Today in New York; where days are replayed, the latest that was run."""
        today = game_date_of(utc_now())
        if self._surroundings.settings.replay_url is None:
            return today
        return latest_date(self._surroundings.warehouse, PHASE_STATUS) or today


def dates_of(kind: str, start: date, end: date) -> dict[str, tuple[date, ...]]:
    """The dates of each group of checks: daily judges the games of the date before."""
    days = tuple(days_between(start, end))
    before = tuple(day - timedelta(days=1) for day in days)
    return {"validate_morning": days, "validate_games": before if kind == "daily" else days}


def validate(
    surroundings: Surroundings, wanted: Mapping[str, Sequence[date]], progress: Callable[..., None]
) -> Outcomes:
    """Every outcome, by group of checks and in the order of the dates."""
    first, last = min(min(days) for days in wanted.values()), max(max(days) for days in wanted.values())
    outcomes: Outcomes = {group: [] for group in GROUPS}
    all_days = days_between(first, last)
    for day, frames in frames_of(surroundings, all_days, utc_now()):
        progress(len(outcomes["validate_games"]), len(all_days), str(day))
        for group, checks in GROUPS.items():
            if day in wanted[group]:
                outcomes[group] += [(day, judge(check, frames)) for check in checks]
    return outcomes


def report(kind: str, start: date, end: date, outcomes: Outcomes) -> CheckReport:
    """One finding a check, over all dates."""
    every = [pair for found in outcomes.values() for pair in found]
    checks = [check for group in GROUPS.values() for check in group]
    skipped = sum(outcome.status == "skipped" for _, outcome in every)
    return CheckReport(
        validator=f"validate {kind}",
        subject=str(start) if start == end else f"{start} to {end}",
        judged=len(every) - skipped,
        skipped=skipped,
        findings=findings_of(checks, every),
    )


def frames_of(
    surroundings: Surroundings, days: list[date], now: datetime
) -> Iterator[tuple[date, dict[str, pd.DataFrame]]]:
    """Each date with its frames, read a week at a time."""
    for start in range(0, len(days), AT_ONCE):
        chunk = days[start : start + AT_ONCE]
        tables = _read(surroundings.warehouse, chunk[0], chunk[-1])
        for day in chunk:
            frames = {name: of(day) for name, of in tables.items() if name not in ("schedule", "statuses")}
            frames |= _schedules(tables["schedule"], day)
            statuses = tables["statuses"](day)
            silent = (pd.Timestamp(now) - statuses["updated_at"]).dt.total_seconds() / 3600
            frames["statuses"] = statuses.assign(silent_hours=silent)
            after = tables["statuses"](day + timedelta(days=1))
            frames["next_statuses"] = after.loc[(after["processor_name"] == "").to_numpy(dtype=bool)]
            frames["documents"] = documents(
                frames["published"], surroundings.exports, frames["predictions"], frames["withheld"]
            )
            yield day, frames


Of = Callable[[date], pd.DataFrame]


def _read(warehouse: Warehouse, first: date, last: date) -> dict[str, Of]:
    """Every table's rows of some dates, to be had by the date of its partition."""
    counted = {written(p.table): (p.table, (warehouse.schemas[p.table].partition or "",)) for p in REPORTED}
    wanted = {
        **TABLES, **counted, "schedule": ("nba_raw.schedule", ()), "statuses": (PHASE_STATUS, ()),
    }  # fmt: skip
    found: dict[str, Of] = {}
    for name, (table, columns) in wanted.items():
        more = SEEN_FOR if name == "schedule" else timedelta(days=1)
        rows = warehouse.read(
            table, columns=columns or None, since=first, until=last + timedelta(days=1) + more
        )
        found[name] = partial(_of, _by_date(rows, warehouse.schemas[table].partition or ""), rows.iloc[:0])
    return found


def _by_date(rows: pd.DataFrame, partition: str) -> dict[date, pd.DataFrame]:
    return {
        pd.Timestamp(day).date(): part.reset_index(drop=True)
        for day, part in rows.groupby(partition, sort=True)
    }


def _of(found: dict[date, pd.DataFrame], nothing: pd.DataFrame, day: date) -> pd.DataFrame:
    return found.get(day, nothing)


def _schedules(snapshots: Of, day: date) -> dict[str, pd.DataFrame]:
    """The date's games as its own snapshot shows them, and as the latest that shows them does."""

    def games(snapshot: date) -> pd.DataFrame:
        rows = snapshots(snapshot)
        return rows.loc[(rows["game_date"] == pd.Timestamp(day)).to_numpy(dtype=bool)].reset_index(drop=True)

    latest = [games(day + timedelta(days=n)) for n in range(SEEN_FOR.days, -1, -1)]
    return {"slate": games(day), "final_schedule": next((g for g in latest if len(g)), latest[-1])}
