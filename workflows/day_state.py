"""The state of a day and how it is shown. Plain data; the workflow decides, this remembers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from shared.errors import QualityGateFailed
    from shared.messages import (
        BLOCKED,
        Blocker,
        DayPlan,
        DayReport,
        DayStatus,
        PhaseResult,
        PhaseState,
        PhaseStatus,
        ProcessorFailure,
        ProcessorResult,
        ProcessorStatus,
        TimelineEntry,
        Transition,
    )
    from shared.phases import PHASES, dependants, phase_named
    from shared.refresh import REFRESHED_FIRST, REFRESHED_PHASES, REFRESHED_PROCESSORS
    from shared.registry import Phase, levels

SATISFIED = frozenset({PhaseState.COMPLETED, PhaseState.SKIPPED})


@dataclass
class PhaseRecord:
    """One phase of a day."""

    phase: Phase
    state: PhaseState = PhaseState.PENDING
    retrigger: int = 0
    processors: tuple[str, ...] = ()
    """Run these only; empty means all."""
    rerun: bool = False
    """Asked for again while it runs: what comes out of this run is not the end of it."""
    failed_runs: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    waiting_since: datetime | None = None
    next_attempt: datetime | None = None
    failures: tuple[ProcessorFailure, ...] = ()
    results: dict[str, ProcessorResult] = field(default_factory=dict)
    """What stands of it, by processor: of those that failed, or run just now, nothing does."""
    statuses: dict[str, ProcessorStatus] = field(default_factory=dict)

    def undone(self) -> tuple[str, ...]:
        """What an attempt by itself runs: who failed, was blocked, or has read from one of them. Empty: all.

        Where the gate refused, what it has judged is made again: the same rows would be judged alike. Who was
        left out on request stays left out.
        """
        every = self.phase.processors
        refused = {f.processor for f in self.failures if f.error_type == QualityGateFailed.__name__}
        again = {p.name for p in every if p.name not in self.results}
        again |= {name for p in every if p.name in refused for name in p.after}
        again &= self.statuses.keys()
        for level in levels(every):
            again |= {p.name for p in level if again & set(p.after) and p.name in self.statuses}
        return tuple(p.name for p in every if p.name in again) if len(again) < len(every) else ()


class DayState:
    """The phases of a day, its timeline, and the transitions not yet recorded."""

    def __init__(self, game_date: date, run_id: str) -> None:
        self.game_date = game_date
        self.run_id = run_id
        self.status = DayStatus.RUNNING
        self.plan: DayPlan | None = None
        self.message = ""
        self.timeline: list[TimelineEntry] = []
        self.late = ""
        self.opened_again = False
        """By a re-trigger or a refresh, after an earlier run of the date had ended."""
        self.refreshed_in_part = False
        self.sources: tuple[str, ...] = ()
        self.unrecorded: list[Transition] = []
        self.refreshing = False
        """What runs is a refresh: it never parks, for what stood before it stands."""
        self.skipped_before: frozenset[str] = frozenset()
        """Of the refresh that runs: the phases that stood skipped before it."""
        self.phases = {phase.name: PhaseRecord(phase) for phase in PHASES}

    def limit_to(self, names: tuple[str, ...]) -> None:
        """Leaves out every phase not named; none named means all. Raises `BadRequest` for an unknown one."""
        wanted = {phase_named(name).name for name in names}
        for name, record in self.phases.items():
            if wanted and name not in wanted:
                record.state = PhaseState.SKIPPED

    def note(self, at: datetime, what: str) -> None:
        """Adds to the timeline; the last two hundred entries are kept."""
        self.timeline = [*self.timeline, TimelineEntry(at=at, what=what[:300])][-200:]

    def next_phase(self, held: Collection[str] = ()) -> PhaseRecord | None:
        """The first phase that is pending, is not held and has all it depends on."""
        for name, record in self.phases.items():
            needs = (self.phases[name] for name in record.phase.depends_on)
            ready = record.state is PhaseState.PENDING and all(n.state in SATISFIED for n in needs)
            if ready and name not in held:
                return record
        return None

    def satisfied(self) -> tuple[str, ...]:
        """The phases that are completed or skipped."""
        return tuple(name for name, record in self.phases.items() if record.state in SATISFIED)

    def waiting(self) -> list[PhaseRecord]:
        """The phases that wait for an operator or for their next attempt."""
        return [r for r in self.phases.values() if r.state is PhaseState.WAITING]

    def ask_again(self, phase: str, processors: tuple[str, ...]) -> None:
        """Marks a phase and its dependants to be run again."""
        self.refreshing = False
        self._mark(phase, processors, (phase, *dependants(phase)))

    def skipped_of_refresh(self) -> frozenset[str]:
        """The phases of a refresh that an operator skipped."""
        return frozenset(n for n in REFRESHED_PHASES if self.phases[n].state is PhaseState.SKIPPED)

    def refresh(self, skipped: frozenset[str]) -> str:
        """Marks what a refresh runs again, these skipped ones too; or says why it can't be done now."""
        if self.refreshing:
            return "one is under way"
        undone = [
            name
            for name in REFRESHED_PHASES
            if self.phases[name].state is not PhaseState.COMPLETED and name not in skipped
        ]
        if undone:
            return f"not completed yet: {', '.join(undone)}"
        self.skipped_before = skipped
        self.refreshing = True
        self._mark(REFRESHED_FIRST, REFRESHED_PROCESSORS, REFRESHED_PHASES)
        return ""

    def _mark(self, phase: str, processors: tuple[str, ...], again: Collection[str]) -> None:
        for name in again:
            record = self.phases[name]
            if name != phase and record.state is PhaseState.PENDING and not record.started_at:
                continue
            record.retrigger += 1
            record.processors = processors if name == phase else ()
            record.failures = ()
            record.next_attempt = record.waiting_since = None
            if record.state is PhaseState.RUNNING:
                record.rerun = True
            else:
                record.state = PhaseState.PENDING

    def skip(self, phase: str, at: datetime, why: str) -> None:
        """Goes on without a phase."""
        record = self.phases[phase]
        record.state = PhaseState.SKIPPED
        record.failures = ()
        record.next_attempt = record.waiting_since = None
        self._transition(record, at, message=why)
        self._look_whether_refreshed()

    def begin(self, record: PhaseRecord, at: datetime) -> None:
        """A phase starts."""
        record.state = PhaseState.RUNNING
        record.started_at, record.finished_at = at, None
        record.rerun = False
        wanted = [p for p in record.phase.processors if p.name in record.processors]
        for processor in wanted or record.phase.processors:
            record.results.pop(processor.name, None)
            record.statuses[processor.name] = ProcessorStatus(name=processor.name, state=PhaseState.RUNNING)
        self._transition(record, at)
        self.note(at, f"{record.phase.name} started")

    def end(self, record: PhaseRecord, result: PhaseResult, at: datetime) -> None:
        """A phase ends: completed, or waiting for what its failures need."""
        record.finished_at = at
        for done in result.results:
            record.results[done.processor] = done
            record.statuses[done.processor] = ProcessorStatus(
                name=done.processor,
                state=PhaseState.COMPLETED,
                rows=done.rows,
                attempts=done.attempt,
                seconds=done.seconds,
                warnings=done.warning_count,
                bytes_billed=done.bytes_billed,
            )
            self._transition(
                record, at, PhaseState.COMPLETED, done.processor,
                attempt=done.attempt, rows=done.rows, warnings=done.warning_count,
                message="; ".join(done.warnings)[:1_000],
                bytes_processed=done.bytes_processed, bytes_billed=done.bytes_billed,
            )  # fmt: skip
        for failure in result.failures:
            record.results.pop(failure.processor, None)
            record.statuses[failure.processor] = ProcessorStatus(
                name=failure.processor,
                state=PhaseState.FAILED,
                error=f"{failure.error_type}: {failure.message}"[:500],
            )
            self._transition(
                record, at, PhaseState.FAILED, failure.processor,
                error_type=failure.error_type, message=failure.message[:1_000],
            )  # fmt: skip
        for name, status in record.statuses.items():
            if status.state is PhaseState.RUNNING:
                # Its turn never came.
                record.statuses[name] = ProcessorStatus(name=name, state=PhaseState.PENDING)
        made = record.results.values()
        held = {part for r in made for part in str(r.facts.get("on_hold", "")).split("; ") if part}
        if held or record.phase.name == "scrape":
            self.sources = tuple(sorted(held))
        if record.rerun:
            record.state, record.rerun = PhaseState.PENDING, False
            self.note(at, f"{record.phase.name} ended and was asked for again")
        elif result.ok:
            record.state, record.failed_runs = PhaseState.COMPLETED, 0
            record.failures, record.waiting_since, record.next_attempt = (), None, None
            record.processors = ()
            self._transition(record, at, rows=sum(r.rows for r in made))
            self.note(at, f"{record.phase.name} completed")
        elif self.refreshing:
            self._let_stand(record, result, at)
        else:
            record.state = PhaseState.WAITING
            record.failed_runs += 1
            record.failures = tuple(f for f in result.failures if f.required)
            record.waiting_since = record.waiting_since or at
            first = record.failures[0]
            self._transition(
                record, at, error_type=first.error_type,
                message=f"{first.processor}: {first.message}"[:1_000],
            )  # fmt: skip
            self.note(at, f"{record.phase.name} waits: {first.processor}: {first.message}")
        self._look_whether_refreshed()

    def _look_whether_refreshed(self) -> None:
        """A refresh is over once nothing of it is left to run: then failures park phases as ever."""
        states = {self.phases[name].state for name in REFRESHED_PHASES}
        self.refreshing = self.refreshing and not states <= SATISFIED

    def _stood(self, phase: str) -> PhaseState:
        """How a phase stood before the refresh."""
        return PhaseState.SKIPPED if phase in self.skipped_before else PhaseState.COMPLETED

    def _let_stand(self, record: PhaseRecord, result: PhaseResult, at: datetime) -> None:
        """A phase of a refresh failed: it goes on with what could be fetched, else it is over."""
        first = next(f for f in result.failures if f.required)
        why = f"refreshed without {first.processor}: {first.message}"
        record.state, record.processors = self._stood(record.phase.name), ()
        self._transition(record, at, error_type=first.error_type, message=why[:1_000])
        self.note(at, why)
        if record.phase.name != REFRESHED_FIRST or not result.results:
            for name in REFRESHED_PHASES:
                if self.phases[name].state is PhaseState.PENDING:
                    self.phases[name].state = self._stood(name)

    def give_up(self, record: PhaseRecord, at: datetime) -> None:
        """A waiting phase is not tried again."""
        record.state, record.next_attempt = PhaseState.FAILED, None
        self._transition(record, at, message="not completed by its deadline")

    def _transition(
        self,
        record: PhaseRecord,
        at: datetime,
        state: PhaseState | None = None,
        processor: str = "",
        **details: str | int,
    ) -> None:
        self.unrecorded.append(
            Transition.model_validate(
                {
                    "game_date": self.game_date,
                    "phase": record.phase.name,
                    "processor": processor,
                    "state": state or record.state,
                    "run_id": self.run_id,
                    "retrigger": record.retrigger,
                    "at": at,
                    "started_at": record.started_at,
                    **details,
                }
            )
        )

    # ---- how it is shown

    def blockers(self) -> tuple[Blocker, ...]:
        """What keeps the day from going on, each with the command that helps.

        Who was not run because of another's failure is no reason of its own: that one is named.
        """
        found: list[Blocker] = []
        for record in self.waiting():
            for failure in record.failures:
                if failure.error_type == BLOCKED:
                    continue
                name = record.phase.name
                found.append(
                    Blocker(
                        phase=name,
                        processor=failure.processor,
                        reason=f"{failure.error_type}: {failure.message}"[:500],
                        since=record.waiting_since or record.finished_at or workflow.now(),
                        next_attempt=record.next_attempt,
                        command=f"tipoff retrigger {self.game_date} --phase {name} --reason …",
                    )
                )
        return tuple(found)

    def report(self, rejected: tuple[str, ...]) -> DayReport:
        """A copy of everything that `status` tells."""
        return DayReport(
            game_date=self.game_date,
            status=self.status,
            source=self.plan.source if self.plan else "",
            as_of=self.plan.as_of if self.plan else None,
            deadline=self.plan.deadline if self.plan else None,
            games=self.plan.games if self.plan else 0,
            phases=tuple(
                PhaseStatus(
                    name=record.phase.name,
                    number=record.phase.number,
                    state=record.state,
                    retrigger=record.retrigger,
                    started_at=record.started_at,
                    finished_at=record.finished_at,
                    processors=tuple(record.statuses.values()),
                )
                for record in self.phases.values()
            ),
            blockers=self.blockers(),
            late=self.late,
            sources=self.sources,
            rejected=rejected,
            message=self.message,
        )

    def details(self) -> str:
        """The same as markdown, for the Temporal UI."""
        lines = [f"**{self.game_date}: {self.status}** {self.message}".strip(), ""]
        if self.plan and self.plan.source == "simulated":
            lines.insert(1, "\n_Simulated league._")
        lines += ["| phase | state | rows |", "|---|---|---|"]
        for record in self.phases.values():
            rows = sum(s.rows for s in record.statuses.values())
            lines.append(f"| {record.phase.name} | {record.state} | {rows} |")
        for blocker in self.blockers():
            lines += ["", f"`{blocker.processor}` {blocker.reason}", "", f"`{blocker.command}`"]
        return "\n".join(lines)
