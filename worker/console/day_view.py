"""A day as its page shows it: what it says of itself joined with what was recorded of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.clock import utc_now
from shared.messages import DayReport, DayStatus, PhaseState, PhaseStatus
from shared.phases import PHASES
from shared.recorded_status import report_from_rows
from shared.registry import Processor
from worker.console.day_records import Records
from worker.console.day_status import DaySeen, Underway

RECENT = 40
"""Entries of the timeline that are shown."""


@dataclass(frozen=True)
class ProcessorRow:
    """One processor."""

    name: str
    state: str
    required: bool
    rows: int
    attempts: int
    seconds: float | None
    note: str


@dataclass(frozen=True)
class PhaseRow:
    """One phase and its processors, in the registry's order."""

    name: str
    number: int
    summary: str
    state: str
    run: int
    rows: int
    seconds: float | None
    processors: tuple[ProcessorRow, ...]
    workflow_url: str
    trouble: str
    """What its checks and its warnings come to, in a line."""


@dataclass(frozen=True)
class DayView:
    """Everything on a day's page."""

    day: date
    report: DayReport | None
    known: bool
    """Whether it was ever run."""
    is_open: bool
    answers: bool
    """Whether the day itself has answered, not the warehouse for it."""
    phases: tuple[PhaseRow, ...]
    records: Records
    timeline: tuple[tuple[datetime, str], ...]
    workflow_url: str

    @property
    def status(self) -> str:
        """The day's status, in one word."""
        return str(self.report.status) if self.report else "not run"

    @property
    def ended(self) -> bool:
        """Whether it can be re-triggered only."""
        return not self.is_open


def view_of(day: date, seen: DaySeen, records: Records, ui: str, namespace: str) -> DayView:
    """Join the two; the day's own word counts, the warehouse speaks where it is silent."""
    report = seen.report
    if report is None and records.statuses:
        report = report_from_rows(day, records.statuses)
    base = f"{ui.rstrip('/')}/namespaces/{namespace}/workflows" if ui else ""
    return DayView(
        day=day,
        report=report,
        known=report is not None,
        is_open=seen.is_open,
        answers=seen.report is not None,
        phases=tuple(_phases(report, seen, records, base)) if report else (),
        records=records,
        timeline=tuple((e.at, e.what) for e in reversed(seen.timeline[-RECENT:])),
        workflow_url=f"{base}/daily-{day}" if base and seen.run_id else "",
    )


def _phases(report: DayReport, seen: DaySeen, records: Records, base: str) -> list[PhaseRow]:
    told = {phase.name: phase for phase in report.phases}
    found = []
    for phase in PHASES:
        status = told.get(phase.name)
        if status is None:
            continue
        run = f"%2Fr{status.retrigger + 1}" if status.retrigger else ""
        processors = tuple(_processor(p, status, seen.underway, records) for p in phase.processors)
        found.append(
            PhaseRow(
                name=phase.name,
                number=phase.number,
                summary=phase.summary,
                state=str(status.state),
                run=status.retrigger + 1,
                rows=sum(p.rows for p in processors),
                seconds=_seconds(status) or records.seconds.get(phase.name),
                processors=processors,
                workflow_url=f"{base}/daily-{report.game_date}%2F{phase.name}{run}"
                if base and status.started_at
                else "",
                trouble=_trouble(phase.name, processors, records),
            )
        )
    return found


def _seconds(status: PhaseStatus) -> float | None:
    if status.started_at is None:
        return None
    if status.state is PhaseState.RUNNING:
        return (utc_now() - status.started_at).total_seconds()
    return (status.finished_at - status.started_at).total_seconds() if status.finished_at else None


def _processor(
    processor: Processor, phase: PhaseStatus, underway: Sequence[Underway], records: Records
) -> ProcessorRow:
    said = next((p for p in phase.processors if p.name == processor.name), None)
    kept = records.runs.get(processor.name)
    state = said.state if said else PhaseState.PENDING
    rows, attempts = (said.rows, said.attempts) if said else (0, 0)
    seconds = said.seconds or None if said else None
    note = said.error if said else ""
    if state is PhaseState.RUNNING:
        mine = [u for u in underway if u.processor.partition(" #")[0] == processor.name]
        return _running(processor, mine)
    if kept and not attempts:
        attempts = int(kept["attempts"])
    if kept and kept["message"] and not note:
        note = str(kept["message"])
    elif said and said.warnings and not note:
        note = f"{said.warnings} warnings"
    return ProcessorRow(processor.name, str(state), processor.required, rows, attempts, seconds, note)


def _running(processor: Processor, mine: Sequence[Underway]) -> ProcessorRow:
    """A processor of the phase that runs: not yet begun, under way, or done already."""
    if not mine:
        return ProcessorRow(processor.name, "pending", processor.required, 0, 0, None, "")
    done = [u for u in mine if u.state is PhaseState.COMPLETED]
    if any(u.state is PhaseState.FAILED for u in mine):
        state = "failed"
    else:
        state = "completed" if len(done) == len(mine) else "running"
    began = min(u.began for u in mine if u.began)
    ended = max((u.ended for u in mine if u.ended), default=None) if state != "running" else None
    notes = [f"{len(done)} of {len(mine)} chunks"] if processor.chunked and state == "running" else []
    notes += [u.note for u in mine if u.note]
    return ProcessorRow(
        processor.name, state, processor.required, sum(u.rows for u in mine),
        max(u.attempt for u in mine), ((ended or utc_now()) - began).total_seconds(), "; ".join(notes[:3]),
    )  # fmt: skip


def _trouble(phase: str, processors: Sequence[ProcessorRow], records: Records) -> str:
    counts = dict.fromkeys(("fail", "warn"), 0)
    for check in records.checks:
        if check["phase"] == phase and check["status"] in counts:
            counts[check["status"]] += 1
    words = {"fail": "failed", "warn": "warned"}
    said = [f"{n} check{'s' if n > 1 else ''} {words[status]}" for status, n in counts.items() if n]
    failed = [p.name for p in processors if p.state == "failed"]
    return "; ".join([*(f"{name} failed" for name in failed), *said])


def waits_for_person(view: DayView) -> bool:
    """Whether somebody should act."""
    return view.report is not None and view.report.status in (DayStatus.WAITING, DayStatus.PAUSED)
