"""What the warehouse keeps of a day: its status rows, runs, checks, sources, requests. All bounded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from activities.operations.status import CLAIMS, EXECUTION_LOG, PHASE_STATUS, RUN_HISTORY
from activities.quality.checks import QUALITY
from activities.runner import SCRAPE_LOG
from shared.phases import PHASES
from warehouse.protocol import Warehouse
from worker.console.rows import Row, plain

_PHASE_OF_TABLE = {p.table: phase.name for phase in PHASES for p in phase.processors}
_PHASE_OF_GATE = {p.name: phase.name for phase in PHASES for p in phase.processors}
_WORST_FIRST = {"fail": 0, "warn": 1, "skipped": 3}
_FAILING_SHOWN = 100
ANSWERED = ("ok", "incomplete")


@dataclass(frozen=True)
class SourceShare:
    """What a source gave of one kind of request."""

    kind: str
    source: str
    status: str
    requests: int
    why: str
    """Why it was asked, or did not win: the first reason given."""


@dataclass(frozen=True)
class Records:
    """A day as it was recorded."""

    statuses: tuple[Row, ...] = ()
    runs: dict[str, Row] = field(default_factory=dict)
    """The last run of each processor, with `runs`: how many there were."""
    seconds: dict[str, float] = field(default_factory=dict)
    """How long the last run of each phase took."""
    checks: tuple[Row, ...] = ()
    """The worst first; each with its phase and its failing rows."""
    sources: tuple[SourceShare, ...] = ()
    requests: tuple[Row, ...] = ()
    """What operators asked for, the latest first."""


def read_records(warehouse: Warehouse, day: date) -> Records:
    """Everything recorded of one day: six reads of one partition each."""
    requests = plain(warehouse.read(CLAIMS, dates=[day]))
    logged = plain(warehouse.read(EXECUTION_LOG, dates=[day]))
    return Records(
        statuses=tuple(plain(warehouse.read(PHASE_STATUS, dates=[day]))),
        runs=_last_runs(plain(warehouse.read(RUN_HISTORY, dates=[day]))),
        seconds={
            r["phase_name"]: r["duration_seconds"]
            for r in sorted(logged, key=lambda r: r["execution_timestamp"])
            if r["duration_seconds"]
        },
        checks=tuple(_checks(plain(warehouse.read(QUALITY, dates=[day])))),
        sources=tuple(_sources(plain(warehouse.read(SCRAPE_LOG, dates=[day])))),
        requests=tuple(sorted(requests, key=lambda r: r["claimed_at"], reverse=True)),
    )


def _last_runs(rows: Iterable[Row]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in sorted(rows, key=lambda r: r["finished_at"]):
        before = found.get(row["processor_name"])
        found[row["processor_name"]] = {**row, "runs": (before["runs"] if before else 0) + 1}
    return found


def _checks(rows: Iterable[Row]) -> list[Row]:
    found = []
    for row in rows:
        phase = _PHASE_OF_GATE.get(row["checked_by"] or "") or _PHASE_OF_TABLE.get(row["dataset"], "")
        failing = list(row["failing"] or ())
        found.append(
            {
                **row,
                "phase": phase,
                "failing": failing[:_FAILING_SHOWN],
                "more": max(row["failed_rows"] - len(failing[:_FAILING_SHOWN]), 0) if failing else 0,
                "limit": row["error_if"] if row["status"] == "fail" else row["warn_if"] or row["error_if"],
            }
        )
    return sorted(found, key=lambda r: (_WORST_FIRST.get(r["status"], 2), r["dataset"], r["check_name"]))


def _sources(rows: Iterable[Row]) -> list[SourceShare]:
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        kind = str(row["request"]).split("/", maxsplit=1)[0].replace("_", " ")
        groups.setdefault((kind, row["source"], row["status"]), []).append(row)
    return [
        SourceShare(
            kind, source, status, len(held), next((str(r["detail"]) for r in held if r["detail"]), "")
        )
        for (kind, source, status), held in sorted(groups.items())
    ]
