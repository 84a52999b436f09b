"""The reconciler on a real server with scripted activities: who does the mending, and how often."""

from __future__ import annotations

from uuid import uuid4

from temporalio.client import Client

from shared import names
from shared.messages import DayReport, DayStatus
from shared.phases import PHASE_NAMES, phase_of
from shared.reconcile import Found, Kind, ReconcileInput, ReconcileReport, Remedy
from tests.workflows.world import Day, World, fresh_days, running_worker


async def reconcile(day: Day, *, dry_run: bool = False) -> ReconcileReport:
    """One reconciliation."""
    report: ReconcileReport = await day.client.execute_workflow(
        names.RECONCILE, ReconcileInput(dry_run=dry_run, requested_by="tester"),
        id=f"reconcile-{uuid4().hex}", task_queue=day.task_queue, result_type=ReconcileReport,
    )  # fmt: skip
    return report


async def test_what_was_found_is_mended_by_the_days_themselves_in_order_and_kept(client: Client) -> None:
    world = World()
    never, empty = fresh_days(2)
    async with running_worker(client, world) as day:
        await (await day.start_date(empty)).result()
        world.completed, world.began = PHASE_NAMES, []
        world.found = (
            Found(kind=Kind.NEVER_RUN, game_date=never, what="11 games", remedy=Remedy.START),
            Found(
                kind=Kind.EMPTY_TABLE, game_date=empty, what="no document", remedy=Remedy.RETRIGGER,
                phase="publishing", request_id=f"reconcile-{empty}",
            ),
            Found(kind=Kind.STAGING, what="two tables", remedy=Remedy.SWEEP),
            Found(kind=Kind.BOX_SCORE, game_date=empty, what="a game", remedy=Remedy.NONE),
        )  # fmt: skip
        dry = await reconcile(day, dry_run=True)
        assert [one.done for one in dry.found] == [""] * 4
        assert (world.began, world.reconciled) == ([], [])
        report = await reconcile(day)
        started = await client.get_workflow_handle(f"daily-{never}", result_type=DayReport).result()
        again = await reconcile(day)
    assert [one.done for one in report.found] == [
        "started; completed", "started; completed", "2 dropped", "nothing",
    ]  # fmt: skip
    assert started.status is DayStatus.COMPLETED
    of_empty = [phase_of(p).name for on, p in world.began if on == empty]
    assert set(of_empty) == {"publishing"}
    assert of_empty.count("publishing") == len({p for on, p in world.began if on == empty})
    assert [record.found for record in world.reconciled] == [report.found, again.found]
    assert world.reconciled[0].requested_by == "tester"


async def test_a_day_whose_run_is_alive_is_not_started_and_not_disturbed(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        begun, go_on = world.blocks("raw_schedule")
        handle = await day.start()
        await begun.wait()
        world.found = (
            Found(
                kind=Kind.UNFINISHED, game_date=day.date, what="raw is running", remedy=Remedy.RETRIGGER,
                phase="raw", request_id="reconcile-a",
            ),
            Found(kind=Kind.NEVER_RUN, game_date=day.date, what="no status", remedy=Remedy.START),
        )  # fmt: skip
        report = await reconcile(day)
        go_on.set()
        ended = await handle.result()
    assert [one.done for one in report.found] == ["its run is alive and goes on", "it runs already"]
    assert ended.status is DayStatus.COMPLETED
    assert world.runs["raw_schedule"] == 1


async def test_a_day_whose_run_was_terminated_is_taken_up_where_it_stood(client: Client) -> None:
    world = World()
    async with running_worker(client, world) as day:
        begun, _ = world.blocks("raw_schedule")
        handle = await day.start()
        await begun.wait()
        await handle.terminate("the server's operator")
        world.behaviours.clear()
        world.completed = ("scrape",)
        world.found = (
            Found(
                kind=Kind.UNFINISHED, game_date=day.date, what="raw is running", remedy=Remedy.RETRIGGER,
                phase="raw", request_id="reconcile-b",
            ),
        )  # fmt: skip
        (found,) = (await reconcile(day)).found
    assert found.done == "started; completed"
    assert world.runs["scrape_schedule"] == 1, "what was completed stands"
    assert world.runs["published_documents"] == 1
