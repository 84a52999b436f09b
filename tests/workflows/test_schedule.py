"""The schedules on a real server: made by the command line, filled in by the server's own backfill."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from temporalio.client import Client, ScheduleBackfill, ScheduleHandle, ScheduleOverlapPolicy
from temporalio.service import RPCError

from shared.clock import days_between, eastern
from shared.messages import DailyPipelineInput, DayReport
from shared.schedules import ScheduleName
from starter.cli import invoke
from tests.workflows.world import Day, World, assert_eventually, running_worker

Tipoff = Callable[..., Coroutine[Any, Any, dict[str, Any]]]

# Of a season that no other test lives on the session's server: a date's id is its lock.
CLOCKS_BACK = (date(2023, 10, 30), date(2023, 11, 12))
CLOCKS_FORWARD = (date(2023, 3, 6), date(2023, 3, 19))


@pytest.fixture
async def day(client: Client) -> AsyncIterator[Day]:
    """A worker on a task queue of its own; no schedule is left behind."""
    async with running_worker(client, World()) as day:
        yield day
    for name in ScheduleName:
        try:
            await client.get_schedule_handle(name.schedule_id).delete()
        except RPCError:
            continue


@pytest.fixture
def tipoff(
    day: Day, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Coroutine[Any, Any, dict[str, Any]]]:
    """A `tipoff schedule` verb with --json, against the test's server and task queue."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", day.client.service_client.config.target_host)
    monkeypatch.setenv("TIPOFF_TASK_QUEUE", day.task_queue)

    async def command(*words: str, code: int = 0) -> dict[str, Any]:
        capfd.readouterr()
        assert await asyncio.to_thread(invoke, ["schedule", *words, "--json"]) == code
        out, err = capfd.readouterr()
        if code:
            return {"error": err}
        named = {one["name"]: one for one in json.loads(out)["schedules"]}
        return dict(named[words[1]] if words[1:] and words[1] in named else named["daily"])

    return command


def daily(client: Client) -> ScheduleHandle:
    """The daily schedule."""
    return client.get_schedule_handle(ScheduleName.DAILY.schedule_id)


async def runs_of(client: Client, game_date: date) -> list[DailyPipelineInput]:
    """What each run of a date was started with."""
    found = []
    async for one in client.list_workflows(f"WorkflowId = 'daily-{game_date}'"):
        history = await client.get_workflow_handle(one.id, run_id=one.run_id).fetch_history()
        payloads = history.events[0].workflow_execution_started_event_attributes.input.payloads
        found += await client.data_converter.decode(payloads, [DailyPipelineInput])
    return found


@pytest.mark.parametrize(("first", "last"), [CLOCKS_BACK, CLOCKS_FORWARD], ids=["autumn", "spring"])
async def test_two_weeks_over_a_clock_change_run_every_date_once_at_six(
    day: Day, tipoff: Tipoff, first: date, last: date
) -> None:
    await tipoff("create")
    dates = days_between(first, last)
    await daily(day.client).backfill(
        ScheduleBackfill(start_at=eastern(first, time(0)), end_at=eastern(last + timedelta(days=1), time(0)))
    )

    async def all_launched() -> bool:
        return (await daily(day.client).describe()).info.num_actions == len(dates)

    await assert_eventually(all_launched, timeout=60)
    for game_date in dates:
        handle = day.client.get_workflow_handle(f"daily-{game_date}", result_type=DayReport)
        await assert_eventually(lambda h=handle: _exists(h))
        assert (await handle.result()).game_date == game_date
        runs = await runs_of(day.client, game_date)
        assert [run.as_of for run in runs] == [eastern(game_date, time(6))]
    in_visibility = f"TaskQueue = '{day.task_queue}' AND WorkflowType = 'DailyPipelineWorkflow'"
    assert (await day.client.count_workflows(in_visibility)).count == len(dates)
    hours = {eastern(game_date, time(6)).hour for game_date in dates}
    assert hours == {10, 11}, "in UTC the start moves with the clocks"


@pytest.mark.parametrize("first", [date(2025, 11, 1), date(2026, 3, 7)], ids=["autumn", "spring"])
async def test_a_weekend_over_a_clock_change_is_refreshed_every_two_hours_until_no_game_can_begin(
    day: Day, tipoff: Tipoff, first: date
) -> None:
    await tipoff("create")
    day.world.not_due = "no games"
    dates = days_between(first, first + timedelta(days=2))
    handle = day.client.get_schedule_handle(ScheduleName.REFRESH.schedule_id)
    await handle.backfill(
        ScheduleBackfill(
            start_at=eastern(first, time(0)),
            end_at=eastern(first + timedelta(days=3), time(0)),
            overlap=ScheduleOverlapPolicy.ALLOW_ALL,
        )
    )
    times = [time(hour) for hour in range(8, 23, 2)]

    async def all_asked() -> bool:
        return len(day.world.refresh_plans) == len(dates) * len(times)

    await assert_eventually(all_asked, timeout=60)
    asked = Counter(plan.game_date for plan in day.world.refresh_plans)
    assert asked == dict.fromkeys(dates, len(times)), "each at its own date in New York"
    recent = (await handle.describe()).info.recent_actions
    assert {one.scheduled_at for one in recent} <= {eastern(d, at) for d in dates for at in times}


async def _exists(handle: Any) -> bool:
    try:
        await handle.describe()
    except RPCError:
        return False
    return True


async def test_the_absence_alarm_looks_from_half_an_hour_after_the_daily_time_every_quarter(
    day: Day, tipoff: Tipoff
) -> None:
    await tipoff("create", "--at", "06:00")
    absence = await tipoff("describe", "absence")
    assert absence["workflow"] == "AbsenceAlarmWorkflow"
    assert absence["times"][:2] == ["06:30:00", "06:45:00"]
    assert (absence["times"][-1], len(absence["times"])) == ("23:45:00", 70)
    handle = day.client.get_schedule_handle(ScheduleName.ABSENCE.schedule_id)
    noon = eastern(date(2025, 11, 2), time(12, 0))
    await handle.backfill(
        ScheduleBackfill(
            noon - timedelta(minutes=16), noon + timedelta(minutes=1), ScheduleOverlapPolicy.ALLOW_ALL
        )
    )

    async def looked() -> bool:
        return len(day.world.absence_checks) == 2

    await assert_eventually(looked)
    checks = sorted(day.world.absence_checks, key=lambda check: check.now)
    assert {check.game_date for check in checks} == {date(2025, 11, 2)}
    assert {check.due for check in checks} == {eastern(date(2025, 11, 2), time(6, 30))}


async def test_refreshes_leave_out_a_start_while_one_runs_and_make_up_for_the_latest_only(
    day: Day, tipoff: Tipoff
) -> None:
    await tipoff("create", "--at", "05:30", "--refresh-every", "6")
    refresh = await tipoff("describe", "refresh")
    assert (refresh["times"], refresh["overlap"]) == (["11:30:00", "17:30:00"], "SKIP")
    assert refresh["catch_up_seconds"] == 6 * 3600
    assert refresh["workflow"] == "RefreshDayWorkflow"
    await tipoff("pause", "refresh", "--reason", "no lines to buy")
    assert not (await tipoff("describe"))["paused"], "the daily one goes on"
    refused = await tipoff("create", "--at", "21:00", "--catch-up", "2", "--refresh-every", "12", code=2)
    assert "refresh-every" in refused["error"]


async def test_creating_twice_updates_and_a_paused_schedule_stays_paused(day: Day, tipoff: Tipoff) -> None:
    created = await tipoff("create")
    assert (created["done"], created["times"], created["overlap"]) == ("created", ["06:00:00"], "BUFFER_ALL")
    assert created["time_zone"] == "America/New_York"
    assert created["catch_up_seconds"] == 12 * 3600
    await tipoff("pause", "--reason", "all-star break")
    updated = await tipoff("create", "--at", "07:30", "--catch-up", "6")
    assert (updated["done"], updated["times"]) == ("updated", ["07:30:00"])
    assert updated["paused"]
    assert "all-star break" in updated["note"]
    await tipoff("unpause", "--reason", "over")
    described = await tipoff("describe")
    assert not described["paused"]
    assert described["catch_up_seconds"] == 6 * 3600
    following = [datetime.fromisoformat(at) for at in described["next_starts"]]
    assert following == [eastern(at.date(), time(7, 30)) for at in following]
    assert len(following) == 10


async def test_a_trigger_starts_today_and_a_second_one_does_not_run_it_again(
    day: Day, tipoff: Tipoff
) -> None:
    await tipoff("create")
    game_date = date.fromisoformat((await tipoff("trigger"))["game_date"])
    handle = day.client.get_workflow_handle(f"daily-{game_date}", result_type=DayReport)
    await assert_eventually(lambda: _exists(handle))
    await handle.result()
    await tipoff("trigger")

    async def launched_twice() -> bool:
        recent = (await daily(day.client).describe()).info.recent_actions
        return len(recent) == 2

    await assert_eventually(launched_twice)
    recent = (await daily(day.client).describe()).info.recent_actions
    launch = day.client.get_workflow_handle(recent[-1].action.workflow_id)
    assert (await launch.result())["already_running"]
    assert len(await runs_of(day.client, game_date)) == 1


async def test_without_a_schedule_every_verb_says_how_one_is_made(day: Day, tipoff: Tipoff) -> None:
    await tipoff("create")
    await tipoff("delete")
    for words in (("describe",), ("pause", "--reason", "x"), ("trigger",), ("delete",)):
        assert "`tipoff schedule create` makes it" in (await tipoff(*words, code=1))["error"]


async def test_a_description_fits_a_terminal_of_80_columns(
    day: Day, tipoff: Tipoff, capfd: pytest.CaptureFixture[str]
) -> None:
    await tipoff("create")
    assert await asyncio.to_thread(invoke, ["schedule", "describe"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any("06:00 America/New_York, every date" in line for line in lines)
    assert any(datetime.now(UTC).strftime("%Y") in line and "06:00 E" in line for line in lines)
