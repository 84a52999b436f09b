"""Incidents of who runs what, when, and how often: on a real Temporal server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.alerts import telling
from activities.alerts.book import ALERTS
from activities.operations import disagreements
from activities.operations.reconcile import standing_of
from activities.runner import ProcessorRunner
from activities.surroundings import Surroundings
from shared import names, phases, refresh
from shared.alerts import AbsenceInput, AbsenceResult
from shared.errors import WarehouseUnavailable
from shared.messages import (
    DayStatus,
    PhaseRequest,
    PhaseResult,
    PhaseState,
    ProcessorRequest,
    ProcessorResult,
)
from shared.phases import PHASE_NAMES, phase_of
from shared.reconcile import Kind
from shared.registry import RETRIES
from tests.incidents.days import settled
from tests.incidents.incident import incident
from tests.incidents.switches import forgiven
from tests.operations.test_reconcile import ALL, ran
from tests.workflows import test_refresh as refreshes
from tests.workflows import world as worlds
from tests.workflows.test_reconcile import reconcile
from tests.workflows.world import World, assert_eventually, fresh_days, running_worker, status_of
from warehouse.protocol import Warehouse
from warehouse.writer import Writer, WriteResult
from worker.served import SANDBOX
from workflows.alerts import AbsenceAlarmWorkflow
from workflows.day_state import DayState, PhaseRecord
from workflows.phase import PhaseWorkflow

SOON = timedelta(milliseconds=10)


def quickly(monkeypatch: pytest.MonkeyPatch, policy: str, **changes: int) -> None:
    """Retries follow each other at once; how many there are stays, unless said."""
    monkeypatch.setitem(RETRIES, policy, replace(RETRIES[policy], initial=SOON, maximum=SOON, **changes))


@incident(
    30, "Phases 4 and 5 stood still for days behind an import error, and nobody was told",
    prevented="An alarm with a schedule of its own asks whether the day has left a trace, and alerts",
    fix_out=lambda patch: patch.setattr(telling.AlertDesk, "note", lambda *_: None),
    fails_with="assert [] == [('absent', 'critical')]",
)  # fmt: skip
async def test_incident_30_a_day_that_nothing_began_is_told_of(client: Client, around: Surroundings) -> None:
    queue = f"test-{uuid4().hex}"
    told = telling.AlertActivities(around)
    async with Worker(
        client, task_queue=queue, workflows=[AbsenceAlarmWorkflow], activities=[told.check_absence],
        activity_executor=ThreadPoolExecutor(2), workflow_runner=SANDBOX,
    ):  # fmt: skip
        result: AbsenceResult = await client.execute_workflow(
            names.ABSENCE_ALARM, AbsenceInput(game_date=date(2025, 11, 7)), id=f"absence-{queue}",
            task_queue=queue, result_type=AbsenceResult,
        )  # fmt: skip
    assert result.absent
    stored = around.warehouse.read(ALERTS)
    assert list(zip(stored["cause"], stored["severity"], strict=True)) == [("absent", "critical")]


@incident(
    32, "A same-day run waited for 5 of 5 processors where its mode had scheduled 1",
    prevented="What a run waits for is what it was asked to run, not what the phase has",
    fix_out=lambda patch: patch.setattr(
        refresh, "REFRESHED_PROCESSORS", tuple(p.name for p in phases.PHASES[0].processors if not p.gate)
    ),
    fails_with="Extra items in the left set",
)  # fmt: skip
async def test_incident_32_a_refresh_waits_for_what_it_runs_and_for_nothing_else(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        await refreshes.completed(day)
        await refreshes.refresh(day)
        report = await refreshes.refreshed(day)
    assert report.status is DayStatus.COMPLETED
    assert {p for p in world.runs if phase_of(p).name == "scrape"} == {
        "scrape_schedule", "scrape_prop_lines", "scrape_injuries", "scrape_quality",
    }  # fmt: skip
    assert world.runs["published_documents"] == 1


class Misaddressed(World):
    """The processors answer under a name that nobody calls."""

    @activity.defn(name="run_procesor")
    async def run_processor(self, request: ProcessorRequest) -> ProcessorResult:
        raise AssertionError("nobody calls it")


@incident(
    34, "For 36 hours no box score reached the warehouse: a subscription pointed at the wrong address",
    prevented="Work is done when its processor has answered; what reaches nobody parks the day and alerts",
    fix_out=forgiven(*(p.name for p in phases.PHASES[0].processors)), fails_with="<PhaseState.COMPLETED",
)  # fmt: skip
async def test_incident_34_work_that_reaches_nobody_is_not_done(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for policy in RETRIES:
        quickly(monkeypatch, policy, attempts=1)
    world = Misaddressed()
    async with running_worker(client, world) as day:
        report = await settled(await day.start())
    assert report.phases[0].state is PhaseState.WAITING
    assert "run_processor" in report.blockers[0].reason
    assert world.alerts[0].cause == "scrape/scrape_schedule/NotFoundError"


class LostAnswer(ProcessorRunner):
    """The first write is committed, and its answer lost on the way back."""

    lost = 0

    def _write(self, *arguments: Any) -> tuple[WriteResult | None, str]:
        written = super()._write(*arguments)
        self.lost += 1
        if self.lost == 1:
            raise WarehouseUnavailable("the answer was lost")
        return written


def _a_key_an_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Writer.replace

    def replace_(self: Writer, *arguments: Any, write_key: str, **options: Any) -> WriteResult:
        return right(self, *arguments, write_key=f"{write_key}/{uuid4().hex}", **options)

    monkeypatch.setattr(Writer, "replace", replace_)


@incident(
    35, "Deliveries acknowledged too late came again, and wrote again; 326 scheduler errors in a day",
    prevented="A write's key is made of its run and activity: a repeated attempt finds it in the ledger",
    fix_out=_a_key_an_attempt, fails_with="assert 2 == 1",
)  # fmt: skip
async def test_incident_35_work_delivered_twice_is_written_once(
    client: Client, around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    quickly(monkeypatch, "compute")
    queue, now = f"test-{uuid4().hex}", datetime(2025, 11, 7, 12, tzinfo=UTC)
    runner = LostAnswer(around)
    async with Worker(
        client, task_queue=queue, workflows=[PhaseWorkflow], activities=[runner.run_processor],
        activity_executor=ThreadPoolExecutor(2), workflow_runner=SANDBOX,
    ):  # fmt: skip
        result: PhaseResult = await client.execute_workflow(
            names.PHASE,
            PhaseRequest(
                game_date=now.date(), phase="precompute", as_of=now, started_at=now, epoch=1,
                processors=("system_calibration",), planned=("system_calibration",),
            ),
            id=f"phase-{queue}", task_queue=queue, result_type=PhaseResult,
        )  # fmt: skip
    (done,) = result.results
    ledger = around.warehouse.read("nba_orchestration.write_ledger")
    assert len(ledger) == 1
    assert (done.attempt, done.replayed, done.rows) == (2, True, int(ledger["row_count"].iloc[0]))


def _independent(monkeypatch: pytest.MonkeyPatch) -> None:
    made = tuple(replace(phase, depends_on=()) for phase in phases.PHASES)
    monkeypatch.setattr(phases, "PHASES", made)
    for phase in made:
        monkeypatch.setitem(phases._PHASES, phase.name, phase)


@incident(
    37, "Phase 3 ran 21 hours after the predictions that were made of it, and 14 players were missing",
    prevented="A phase begins when those it depends on have completed, whatever the clock says",
    fix_out=_independent, fails_with="assert 3 == 0",
)  # fmt: skip
async def test_incident_37_nothing_is_predicted_before_phase_3_has_completed(client: Client) -> None:
    world = World()
    world.fails("player_game_summary", times=1)
    async with running_worker(client, world) as day:
        handle = await day.start()

        async def waits() -> bool:
            return (await status_of(handle)).status is DayStatus.WAITING

        await assert_eventually(waits)
        assert world.runs["prediction_chunk"] == 0
        await handle.signal("retrigger", day.retrigger("analytics"))
        await handle.result()
    ran_in_order = [name for _, name in world.began]
    first = ran_in_order.index("prediction_chunk")
    assert "player_game_summary" not in ran_in_order[first:]


@incident(
    38, "Phase 3 had run before the lines came: 236 players without a line, 0 predictions",
    prevented="A refresh fetches lines during the day and makes again all that reads them, phase 3 included",
    fix_out=lambda patch: patch.setattr(refresh, "REFRESHED_PHASES", ("scrape", "raw")),
    fails_with="assert 0 == 1",
)  # fmt: skip
async def test_incident_38_lines_that_come_later_are_taken_up_by_phase_3(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        await refreshes.completed(day)
        await refreshes.refresh(day)
        await refreshes.refreshed(day)
    assert world.runs["upcoming_player_game_context"] == 1
    assert world.runs["prediction_chunk"] == 3


def _without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RETRIES, "compute", replace(RETRIES["compute"], attempts=0))


@incident(
    42, "Players who were out, and requests that could not be right, were retried for ever",
    prevented="A known error says whether a retry helps, an unknown one has four tries; then the day parks",
    fix_out=_without_end, fails_with="== (4, 1)",
)  # fmt: skip
async def test_incident_42_an_unknown_error_has_four_attempts_and_a_bad_request_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    quickly(monkeypatch, "compute")
    world = World()
    world.fails("team_offense_game_summary", "BadRequest")
    world.behaviours["player_game_summary"] = _poison
    async with running_worker(client, world) as day:
        handle = await day.start()

        async def decided() -> bool:
            waiting = (await status_of(handle)).status is DayStatus.WAITING
            return waiting or world.runs["player_game_summary"] > 4

        await assert_eventually(decided)
        runs = (world.runs["player_game_summary"], world.runs["team_offense_game_summary"])
        await handle.terminate()
    assert runs == (4, 1)


async def _poison(request: ProcessorRequest) -> None:
    raise RuntimeError("nobody knows")


def _publish_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    right = DayState._transition

    def transition(self: DayState, record: PhaseRecord, *arguments: Any, **details: Any) -> None:
        if record.phase.name != "precompute" or record.state is not PhaseState.COMPLETED:
            right(self, record, *arguments, **details)

    # Inside the sandbox the class would be another one.
    monkeypatch.setattr(worlds, "SANDBOX", UnsandboxedWorkflowRunner())
    monkeypatch.setattr(DayState, "_transition", transition)


@incident(
    43, "Phase 4 was done and the orchestrator never told: the message was lost in a refactor",
    prevented="A phase ends by returning to the day, and what the day records of each phase is a contract",
    fix_out=_publish_lost, fails_with="precompute",
)  # fmt: skip
async def test_incident_43_the_end_of_every_phase_is_known_and_the_next_one_begins(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        await (await day.start()).result()
    told = [f"{t.phase} {t.state}" for t in world.transitions if not t.processor]
    missing = [f"{name} {state}" for name in PHASE_NAMES for state in ("running", "completed")]
    for one in told:
        missing.remove(one)
    assert missing == []


@incident(
    52, "A season of records stood 'running' after crashes, and nobody ended them",
    prevented="The reconciler finds what has stood running for an hour, and its date goes on where it stood",
    fix_out=lambda patch: patch.setattr(disagreements, "OPEN", ()), fails_with="assert [] == ",
)  # fmt: skip
async def test_incident_52_dates_that_stand_running_are_taken_up_again(
    client: Client, warehouse: Warehouse
) -> None:
    world, days = World(), fresh_days(2)
    for day in days:
        ran(warehouse, day, {**ALL, "raw": "running"})
    later = datetime(days[-1].year, days[-1].month, days[-1].day, tzinfo=UTC) + timedelta(days=1)
    standing = standing_of(warehouse, days[0], days[-1])
    world.found = tuple(disagreements.disagreements(standing, days[0], days[-1], later))
    world.completed = ("scrape",)
    async with running_worker(client, world) as running:
        report = await reconcile(running)
    mended = [(one.kind, one.game_date, one.phase, one.done) for one in report.found]
    assert mended == [(Kind.UNFINISHED, day, "raw", "started; completed") for day in days]
    assert world.runs["scrape_schedule"] == 0, "what was completed stands"
