"""`tipoff schedule …`: what Temporal starts by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shared.clock import game_date_of, utc_now
from shared.errors import BadRequest
from shared.schedules import ScheduleName, absence_times, reconcile_times, refresh_times, wall_time
from starter.failure import DONE
from starter.options import AddressOption, HomeOption, JsonOption, KeptReasonOption, check_reason, requester
from starter.output import print_json, stdout_console
from starter.run import run

if TYPE_CHECKING:
    from starter.temporal import Connection

NameArgument = Annotated[
    str | None, typer.Argument(metavar="[NAME]", help=f"{' or '.join(ScheduleName)}. Default: all there are.")
]
WhyOption = Annotated[str, typer.Option("--reason", help="Why; kept with the schedule.")]

schedule = typer.Typer(name="schedule", help="What is started by itself, and when.", no_args_is_help=True)


@schedule.command()
def create(
    at: Annotated[str, typer.Option("--at", metavar="HH:MM", help="Of the daily run, Eastern.")] = "06:00",
    catch_up: Annotated[
        int,
        typer.Option(
            "--catch-up", metavar="HOURS", min=1, max=24, help="How late a missed day still starts."
        ),
    ] = 12,
    refresh_every: Annotated[
        int,
        typer.Option(
            "--refresh-every",
            metavar="HOURS",
            min=1,
            max=12,
            help="Lines and injuries are fetched again so often until the last tip-off.",
        ),
    ] = 2,
    reason: KeptReasonOption = "",
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the schedules, or bring those that are there up to date; one that is paused stays paused."""
    daily_at = wall_time(at, "at")
    refreshed_at = refresh_times(daily_at, refresh_every)
    if not refreshed_at:
        raise BadRequest(f"refresh-every: {refresh_every} h after {at} no game is left to begin; choose less")
    if daily_at.hour + catch_up > 24:
        raise BadRequest(f"catch-up: {catch_up} h after {at} is another date; at most {24 - daily_at.hour}")

    async def work(connection: Connection) -> None:
        from starter import schedules  # noqa: PLC0415
        from starter.schedule_spec import (  # noqa: PLC0415
            absence_schedule,
            daily_schedule,
            reconcile_schedule,
            refresh_schedule,
        )

        note = f"by {requester()}" + (f": {reason}" if reason else "")
        wanted = {
            ScheduleName.DAILY: daily_schedule(
                daily_at, timedelta(hours=catch_up), connection.task_queue, note
            ),
            ScheduleName.REFRESH: refresh_schedule(
                refreshed_at, timedelta(hours=refresh_every), connection.task_queue, note
            ),
            ScheduleName.ABSENCE: absence_schedule(absence_times(daily_at), connection.task_queue, note),
            ScheduleName.RECONCILE: reconcile_schedule(
                reconcile_times(daily_at), connection.task_queue, note
            ),
        }
        done = {
            name: await schedules.create_or_update(connection, name, one, reason)
            for name, one in wanted.items()
        }
        await _show(connection, list(done), as_json, done)

    _run(work, address, home)


@schedule.command()
def describe(
    name: NameArgument = None,
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show when each schedule starts what, and what came of it."""
    wanted = _named(name)

    async def work(connection: Connection) -> None:
        from starter import schedules  # noqa: PLC0415

        await _show(connection, await schedules.existing(connection, wanted), as_json, {})

    _run(work, address, home)


@schedule.command()
def pause(
    reason: WhyOption,
    name: NameArgument = None,
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start nothing until unpaused."""
    from starter import schedules  # noqa: PLC0415

    _change("paused", schedules.pause, name, reason, address, home, as_json)


@schedule.command()
def unpause(
    reason: WhyOption,
    name: NameArgument = None,
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start again; `tipoff start DATE` makes up for a date that fell into the pause."""
    from starter import schedules  # noqa: PLC0415

    _change("unpaused", schedules.unpause, name, reason, address, home, as_json)


@schedule.command()
def trigger(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help=" or ".join(ScheduleName))] = "daily",
    reason: KeptReasonOption = "",
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start once now, for today's date in New York.

    daily: the day, unless it was completed. refresh: its lines and injuries, for
    games that have not begun. absence: a look for the day. reconcile: what `tipoff reconcile` does.
    """
    wanted = _named(name)

    async def work(connection: Connection) -> None:
        from starter import schedules  # noqa: PLC0415

        (found,) = await schedules.existing(connection, wanted)
        await schedules.trigger(connection, found, reason)
        day = game_date_of(utc_now())
        if as_json:
            print_json({"schedules": [{"name": found, "done": "triggered", "game_date": day}]})
        else:
            stdout_console().print(
                f"{found} triggered for {day}; `tipoff status {day} --watch` shows it", soft_wrap=True
            )

    _run(work, address, home)


@schedule.command()
def delete(
    name: NameArgument = None,
    reason: KeptReasonOption = "",
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove schedules; the days that they have started go on."""
    wanted = _named(name)

    async def work(connection: Connection) -> None:
        from starter import schedules  # noqa: PLC0415

        found = await schedules.existing(connection, wanted)
        for one in found:
            await schedules.delete(connection, one, reason)
        _said("deleted", found, as_json)

    _run(work, address, home)


def _change(
    done: str,
    change: Callable[[Connection, ScheduleName, str], Awaitable[None]],
    name: str | None,
    reason: str,
    address: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    wanted = _named(name)
    check_reason(reason)

    async def work(connection: Connection) -> None:
        from starter import schedules  # noqa: PLC0415

        found = await schedules.existing(connection, wanted)
        for one in found:
            await change(connection, one, f"{done} by {requester()}: {reason}")
        _said(done, found, as_json)

    _run(work, address, home)


def _named(name: str | None) -> list[ScheduleName]:
    """The schedules that an argument means.

    Raises:
        BadRequest: there is none of that name.
    """
    if name is None:
        return list(ScheduleName)
    try:
        return [ScheduleName(name)]
    except ValueError:
        raise BadRequest(f"name: no schedule {name!r}; possible: {', '.join(ScheduleName)}") from None


def _said(done: str, names: list[ScheduleName], as_json: bool) -> None:
    if as_json:
        print_json({"schedules": [{"name": name, "done": done} for name in names]})
    else:
        for name in names:
            stdout_console().print(f"{name} {done}")


async def _show(
    connection: Connection, names: list[ScheduleName], as_json: bool, done: dict[ScheduleName, str]
) -> None:
    from starter import schedules  # noqa: PLC0415
    from starter.schedule_view import schedules_view  # noqa: PLC0415

    reports = [r for r in [await schedules.describe(connection, name) for name in names] if r]
    if as_json:
        rows = [{"done": done.get(r.name, "described"), **r.model_dump(mode="json")} for r in reports]
        print_json({"schedules": rows})
        return
    for name, what in done.items():
        stdout_console().print(f"{name} {what}")
    stdout_console().print(schedules_view(reports))


def _run(work: Callable[[Connection], Awaitable[None]], address: str | None, home: Path | None) -> None:
    async def command() -> int:
        from starter.temporal import connect  # noqa: PLC0415

        await work(await connect(address, home))
        return DONE

    raise typer.Exit(run(command()))
