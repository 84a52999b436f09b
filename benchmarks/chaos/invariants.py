"""What must hold after a round, whatever was done to it. Each finding names its invariant and the rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from activities.quality.gate import blocked_by
from benchmarks.chaos.tables import (
    KEPT,
    NOT_ALL,
    ON_THE_WAY,
    ONLY_ACTIVE,
    PROVENANCE,
    Expected,
    differing,
    judged,
    rows_of,
)
from shared.errors import SchemaViolation
from shared.features import FEATURE_VERSION
from shared.phases import PHASE_NAMES, PHASES
from warehouse.hashing import hash_table
from warehouse.protocol import Warehouse

SHOWN = 5
"""Rows that a finding names."""
STATUS = "nba_orchestration.phase_status"
LOG = "nba_orchestration.phase_execution_log"
QUALITY = "nba_orchestration.quality_results"
ALERTS = "nba_orchestration.alerts"
WITHHELD = "nba_predictions.withheld_players"
FEATURES = "nba_predictions.ml_feature_store_v2"
DOCUMENTS = "nba_orchestration.published_documents"
GATES = tuple(p.name for phase in PHASES for p in phase.processors if p.gate)


@dataclass(frozen=True)
class Finding:
    """An invariant that does not hold."""

    invariant: str
    what: str


@dataclass
class Evidence:
    """What was seen of a round while it ran, for what its tables can't say by themselves."""

    days: tuple[date, ...]
    reports: Mapping[str, Mapping[str, Any]]
    """By date: the last word of the day itself."""
    titles: Mapping[str, list[str]] = field(default_factory=dict)
    """By channel: what it was told."""
    deaf: frozenset[str] = frozenset()
    """Channels that were down at some time."""
    warehouse_away: bool = False
    """Whether there was a time in which nothing could be recorded."""
    unfinished: tuple[str, ...] = ()
    not_replaying: tuple[str, ...] = ()
    usual_alerts: frozenset[tuple[str, str]] = frozenset()
    """Dates and causes of the undisturbed run's."""


def examine(warehouse: Warehouse, home: Path, expected: Expected | None, evidence: Evidence) -> list[Finding]:
    """Everything that is wrong with a finished home."""
    found: list[Finding] = []
    checks = (
        _ended(evidence), _tables(warehouse, expected, evidence) if expected else iter(()),
        _keys(warehouse), _published(warehouse, home, evidence), _versions(warehouse, evidence),
        _statuses(warehouse, evidence), _alerts(warehouse, evidence),
    )  # fmt: skip
    for check in checks:
        found += check
    found += [Finding("history replays", one) for one in evidence.not_replaying]
    return found


def _shown(items: object) -> str:
    rows = sorted(map(str, items))  # type: ignore[call-overload]
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return "; ".join(rows[:SHOWN]) + more


TEAM_BOXES = "nba_raw.team_box_scores"
OF_BOX_SCORES = frozenset({
    TEAM_BOXES, "nba_raw.player_box_scores", "nba_analytics.player_game_summary",
    "nba_analytics.team_offense_game_summary", "nba_analytics.team_defense_game_summary",
})  # fmt: skip
ANOTHER_ACCOUNT = "balldontlie"
"""The source that really says something else of some recorded games: a rebound more of one man."""


def _ended(evidence: Evidence) -> Iterator[Finding]:
    for day in evidence.unfinished:
        yield Finding("every day ends", f"{day} came to no end")


def _tables(warehouse: Warehouse, expected: Expected, evidence: Evidence) -> Iterator[Finding]:
    """Content hashes equal, or only what a gate withheld is missing, or only who supplied it differs."""
    hashes = expected.hashes
    withheld = _withheld(warehouse, evidence) - _withheld_in(expected)
    retold = _retold(warehouse, expected, evidence)
    for name, schema in sorted(warehouse.schemas.items()):
        if not judged(schema) or _hashed(warehouse, name) == hashes.get(name):
            continue
        before, after = expected.rows(name), rows_of(warehouse, schema, evidence.days[0] - KEPT)
        wrong = differing(before, after, schema.key, PROVENANCE.get(name, ()))
        if "player_id" in schema.column_names:
            players = pd.concat([before, after]).drop_duplicates(list(schema.key))
            of = dict(_players(players, schema.key))
            wrong = {key: text for key, text in wrong.items() if of.get(key) not in withheld}
        if name in OF_BOX_SCORES:
            wrong = {key: text for key, text in wrong.items() if retold.isdisjoint(key)}
        if wrong:
            rows = [f"{'/'.join(map(_plain, key))}: {text}" for key, text in wrong.items()]
            yield Finding("tables as in the undisturbed run", f"{name}, {len(wrong)} rows: {_shown(rows)}")
        elif (
            name not in NOT_ALL and not differing(before, after, schema.key, ()) and len(before) == len(after)
        ):
            yield Finding(
                "tables as in the undisturbed run", f"{name}: rows of dates before the round have changed"
            )


def _retold(warehouse: Warehouse, expected: Expected, evidence: Evidence) -> set[object]:
    """The games whose box score is the third source's account, and was not undisturbed."""
    before = expected.rows(TEAM_BOXES)
    after = warehouse.read(TEAM_BOXES, since=evidence.days[0] - KEPT)
    mine, its = (
        set(rows.loc[(rows["source"] == ANOTHER_ACCOUNT).to_numpy(dtype=bool), "game_id"])
        for rows in (after, before)
    )
    return mine - its


def _hashed(warehouse: Warehouse, table: str) -> str:
    """The content hash; empty where a key is there twice, which has none."""
    try:
        return hash_table(warehouse, table)
    except SchemaViolation:
        return ""


def _plain(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _players(
    rows: pd.DataFrame, key: tuple[str, ...]
) -> Iterator[tuple[tuple[object, ...], tuple[str, int]]]:
    dates = rows["game_date"] if "game_date" in rows else rows[key[0]]
    for index, on, player in zip(
        rows[list(key)].itertuples(index=False), dates, rows["player_id"], strict=True
    ):
        yield tuple(index), (_plain(on), int(player))


def _withheld(warehouse: Warehouse, evidence: Evidence) -> set[tuple[str, int]]:
    """Who was held back by a gate, each with its reason."""
    rows = warehouse.read(WITHHELD, dates=list(evidence.days))
    return _held_by_gate(rows)


def _withheld_in(expected: Expected) -> set[tuple[str, int]]:
    return _held_by_gate(expected.rows(WITHHELD))


def _held_by_gate(rows: pd.DataFrame) -> set[tuple[str, int]]:
    return {
        (_plain(row.game_date), int(row.player_id))
        for row in rows.itertuples()
        if row.stage == "quality" and row.reason
    }


def _keys(warehouse: Warehouse) -> Iterator[Finding]:
    """No key twice, in any table."""
    for name, schema in sorted(warehouse.schemas.items()):
        rows = warehouse.read(name, columns=schema.key)
        twice = rows.loc[rows.duplicated(list(schema.key)).to_numpy(dtype=bool)] if len(rows) else rows
        if len(twice):
            keys = ["/".join(map(_plain, row)) for row in twice.itertuples(index=False)]
            yield Finding("no row twice", f"{name}, {len(twice)} rows: {_shown(keys)}")
    active = warehouse.read(ONLY_ACTIVE, equals={})
    active = active.loc[active["is_active"].to_numpy(dtype=bool)]
    twice = active.loc[active.duplicated(["game_id", "player_id", "system_id"]).to_numpy(dtype=bool)]
    if len(twice):
        keys = [f"{r.game_id}/{r.player_id}/{r.system_id}" for r in twice.itertuples()]
        yield Finding("no row twice", f"{ONLY_ACTIVE}, active: {_shown(keys)}")


def _published(warehouse: Warehouse, home: Path, evidence: Evidence) -> Iterator[Finding]:
    """What is published is what stands, after gates that have passed."""
    name = "no number published without a passed gate"
    for day in evidence.days:
        documents = warehouse.read(DOCUMENTS, dates=[day])
        file = home / "exports" / str(day) / "predictions.json"
        body = file.read_bytes() if file.exists() else b""
        if documents.empty != (not body):
            yield Finding(name, f"{day}: {len(documents)} documents recorded, {len(body)} bytes published")
        if documents.empty:
            continue
        digest = hashlib.sha256(body).hexdigest()
        if str(documents["sha256"].iloc[0]) != digest:
            yield Finding(name, f"{day}: {file} is not what was checked and recorded")
        quality = warehouse.read(QUALITY, dates=[day])
        unheard = set(GATES) - set(quality["checked_by"].dropna().astype(str))
        if len(warehouse.read(ONLY_ACTIVE, dates=[day])) and "prediction_quality" in unheard:
            yield Finding(name, f"{day}: published, and prediction_quality has judged nothing")
        failed = quality.loc[
            ((quality["status"] == "fail") & (quality["blocking"] == "phase")).to_numpy(dtype=bool)
        ]
        if len(failed):
            yield Finding(name, f"{day}: published over {_shown(failed['check_name'])}")
        held = blocked_by(quality)
        predictions = warehouse.read(ONLY_ACTIVE, dates=[day])
        active = predictions.loc[predictions["is_active"].to_numpy(dtype=bool)]
        blocked = active.loc[held.rows(active).to_numpy(dtype=bool)] if len(active) else active
        if len(blocked):
            yield Finding(name, f"{day}: held back, and active: {_shown(blocked['player_name'])}")
        said = json.loads(body)
        if int(documents["row_count"].iloc[0]) != len(active):
            yield Finding(
                name, f"{day}: {documents['row_count'].iloc[0]} numbers published, {len(active)} stand "
                f"({sorted(said)[:SHOWN]})",
            )  # fmt: skip


def _versions(warehouse: Warehouse, evidence: Evidence) -> Iterator[Finding]:
    """One feature version in the vectors and in the predictions made of them."""
    for table in (FEATURES, ONLY_ACTIVE):
        rows = warehouse.read(table, columns=["game_date", "feature_version"], dates=list(evidence.days))
        other = rows.loc[(rows["feature_version"] != FEATURE_VERSION).to_numpy(dtype=bool)]
        if len(other):
            yield Finding("one feature version", f"{table}: {_shown(other['feature_version'].unique())}")


def _statuses(warehouse: Warehouse, evidence: Evidence) -> Iterator[Finding]:
    """What the day says of itself, what stands in the warehouse and what the tables hold agree."""
    name = "each phase's status is true"
    for day in evidence.days:
        rows = warehouse.read(STATUS, dates=[day])
        stored = {
            (str(r.phase_name), str(r.processor_name or "")): (str(r.status), int(r.rows_written))
            for r in rows.itertuples()
        }
        stuck = [
            f"{p}/{q or 'phase'} {s}"
            for (p, q), (s, _) in stored.items()
            if s in ("running", "waiting", "pending")
        ]
        if stuck:
            yield Finding(name, f"{day} has ended, and yet: {_shown(stuck)}")
        report = evidence.reports.get(str(day))
        if report is None:
            continue
        if report["status"] != "completed":
            yield Finding(name, f"{day}: {report['status']} {report['message']}")
        for phase in report["phases"]:
            said, known = phase["state"], stored.get((phase["name"], ""), ("nothing", 0))[0]
            if said != known:
                yield Finding(name, f"{day} {phase['name']}: the day says {said}, the warehouse {known}")
        missing = [phase for phase in PHASE_NAMES if stored.get((phase, ""), ("",))[0] != "completed"]
        if missing and report["status"] == "completed":
            yield Finding(name, f"{day} completed without {', '.join(missing)}")
        yield from _rows_as_told(warehouse, day, stored)


def _rows_as_told(
    warehouse: Warehouse, day: date, stored: Mapping[tuple[str, str], tuple[str, int]]
) -> Iterator[Finding]:
    """A processor that says that it has written rows of the day has, where it replaces a partition whole."""
    for phase in PHASES:
        for processor in phase.processors:
            status, told = stored.get((phase.name, processor.name), ("", 0))
            daily = processor.name in (
                "ml_feature_store_v2",
                "withheld_players",
                "raw_rosters",
                "raw_schedule",
            )
            if status == "completed" and daily:
                there = len(warehouse.read(processor.table, columns=list(processor.key), dates=[day]))
                if there != told:
                    yield Finding(
                        "each phase's status is true",
                        f"{day} {processor.name}: {told} rows by its status, {there} in {processor.table}",
                    )


def _alerts(warehouse: Warehouse, evidence: Evidence) -> Iterator[Finding]:
    """Told is what needed a person, each cause, and nothing else; and that it is over."""
    name = "alerts for what needed a person, and for nothing else"
    rows = warehouse.read(ALERTS, dates=list(evidence.days))
    known = {(_plain(r.game_date), str(r.cause)) for r in rows.itertuples()} - evidence.usual_alerts
    log = warehouse.read(LOG, dates=list(evidence.days))
    waited = {
        (_plain(r.game_date), str(r.phase_name))
        for r in log.itertuples()
        if r.status in ("waiting", "failed")
    }
    told = {title for titles in evidence.titles.values() for title in titles}
    for day, phase in sorted(waited):
        recorded = any(on == day and cause.startswith(f"{phase}/") for on, cause in known)
        heard = any(f"{day}: {phase} waits" in title for title in told)
        if not recorded and not (heard and evidence.warehouse_away):
            yield Finding(name, f"{day}: {phase} waited and nobody was told")
    for day, cause in sorted(known):
        phase = cause.split("/")[0]
        if phase in PHASE_NAMES and (day, phase) not in waited and not evidence.warehouse_away:
            yield Finding(name, f"{day}: told of {cause}, and {phase} never waited")
    for row in rows.itertuples():
        at = f"{_plain(row.game_date)}: {row.cause}"
        if pd.isna(row.resolved_at) and (_plain(row.game_date), str(row.cause)) in known:
            yield Finding(name, f"{at} is not ended, and the day is")
        lacking = [one for one in row.undelivered if one.split("#")[0] not in evidence.deaf]
        if lacking:
            yield Finding(name, f"{at}: {', '.join(lacking)} could be reached and was not told")
    titles = set(rows["title"].astype(str))
    for channel, heard_there in evidence.titles.items():
        bare = [title.split("] ", 1)[-1].split(" (and ")[0] for title in heard_there]
        strange = [one for one in bare if one not in titles and "alerts" not in one]
        if strange and not evidence.warehouse_away:
            yield Finding(name, f"{channel} was told what nobody recorded: {_shown(strange)}")


def checked_tables(warehouse: Warehouse) -> int:
    """How many tables are compared."""
    return sum(judged(schema) for schema in warehouse.schemas.values())


__all__ = ["ON_THE_WAY", "Evidence", "Finding", "checked_tables", "examine"]
