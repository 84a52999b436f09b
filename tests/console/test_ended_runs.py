"""A run that has ended is asked once: what it has answered is known from then on, also without a worker."""

from __future__ import annotations

from temporalio.client import Client

from shared.messages import DayStatus
from tests.workflows.world import World, running_worker, status_of
from worker.console.day_status import MOST_KEPT, EndedRuns, look_at


async def test_an_ended_day_is_known_after_one_look_and_a_later_run_of_it_is_asked_itself(
    client: Client,
) -> None:
    kept = EndedRuns()
    async with running_worker(client, World()) as day:
        handle = await day.start()
        await handle.result()
        first = await look_at(client, day.date, kept)
        assert first.report == await status_of(handle), "its result is what it says of itself"
    again = await look_at(client, day.date, kept)
    assert again == first, "nobody is there to answer now"
    assert again.timeline
    assert (await look_at(client, day.date, EndedRuns())).report is None, "who never looked can't know"
    async with running_worker(client, day.world, task_queue=day.task_queue):
        second = await day.start_again("grading")
        await second.result()
        reopened = await look_at(client, day.date, kept)
    assert reopened.run_id != first.run_id
    assert reopened.report is not None
    assert reopened.report.status is DayStatus.COMPLETED
    assert reopened.timeline != first.timeline


async def test_an_open_day_is_asked_at_every_look(client: Client) -> None:
    kept = EndedRuns()
    async with running_worker(client, World()) as day:
        handle = await day.start()
        await handle.execute_update("pause", day.request())
        assert (await look_at(client, day.date, kept)).is_open
        await handle.execute_update("resume", day.request())
        await handle.result()
        seen = await look_at(client, day.date, kept)
    assert seen.report is not None
    assert seen.report.status is DayStatus.COMPLETED, "not what it said while it was open"


def test_the_answers_kept_longest_make_room() -> None:
    kept = EndedRuns()
    for number in range(MOST_KEPT + 1):
        kept.keep(f"run-{number}", (None, ()))  # type: ignore[arg-type]
    assert kept.get("run-0") is None
    assert kept.get(f"run-{MOST_KEPT}") is not None
