"""The schedules on the server: made or brought up to date, described, paused, told to start, removed."""

from __future__ import annotations

from collections.abc import Iterable

from temporalio.client import (
    Schedule,
    ScheduleAlreadyRunningError,
    ScheduleHandle,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from shared.schedules import ScheduleName, ScheduleReport
from starter.failure import CommandError
from starter.recorded import record
from starter.schedule_spec import report_of
from starter.temporal import Connection, patiently


def handle_of(connection: Connection, name: ScheduleName) -> ScheduleHandle:
    """A handle, whether there is such a schedule or not."""
    return connection.client.get_schedule_handle(name.schedule_id)


async def create_or_update(connection: Connection, name: ScheduleName, wanted: Schedule, reason: str) -> str:
    """`created`, or `updated`: one that is there becomes what is wanted, and stays paused if it is."""
    await record(connection, "schedule create", name, reason)
    try:
        await patiently(lambda: connection.client.create_schedule(name.schedule_id, wanted))
    except ScheduleAlreadyRunningError:
        await patiently(lambda: handle_of(connection, name).update(lambda known: _updated(known, wanted)))
        return "updated"
    return "created"


def _updated(known: ScheduleUpdateInput, wanted: Schedule) -> ScheduleUpdate:
    state = known.description.schedule.state
    if state.paused:
        wanted.state.paused, wanted.state.note = True, state.note
    return ScheduleUpdate(schedule=wanted)


async def describe(connection: Connection, name: ScheduleName) -> ScheduleReport | None:
    """What a schedule says of itself; None if there is none."""
    try:
        return report_of(name, await patiently(handle_of(connection, name).describe))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def existing(connection: Connection, names: Iterable[ScheduleName]) -> list[ScheduleName]:
    """Those of the schedules that there are.

    Raises:
        CommandError: none of them; the message says how one is made.
    """
    asked = list(names)
    found = [name for name in asked if await describe(connection, name)]
    if not found:
        named = " and ".join(f"{name} schedule" for name in asked)
        raise CommandError(f"there is no {named}; `tipoff schedule create` makes it")
    return found


async def pause(connection: Connection, name: ScheduleName, note: str) -> None:
    """Starts nothing until unpaused."""
    await record(connection, "schedule pause", name, note)
    await patiently(lambda: handle_of(connection, name).pause(note=note))


async def unpause(connection: Connection, name: ScheduleName, note: str) -> None:
    """Starts again; what fell into the pause is not made up for."""
    await record(connection, "schedule unpause", name, note)
    await patiently(lambda: handle_of(connection, name).unpause(note=note))


async def trigger(connection: Connection, name: ScheduleName, reason: str) -> None:
    """Starts once now, paused or not."""
    await record(connection, "schedule trigger", name, reason)
    await patiently(lambda: handle_of(connection, name).trigger())


async def delete(connection: Connection, name: ScheduleName, reason: str) -> None:
    """Removes it; the days that it has started go on."""
    await record(connection, "schedule delete", name, reason)
    await patiently(lambda: handle_of(connection, name).delete())
