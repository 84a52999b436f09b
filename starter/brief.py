"""`tipoff brief [DATE]`: the hand-over document of a day."""

from __future__ import annotations

from typing import Annotated

import typer

from shared.brief import BriefInput, BriefResult
from shared.names import BRIEF
from starter.failure import DONE, WAITING
from starter.options import AddressOption, JsonOption, parse_day
from starter.output import print_json, stderr_console
from starter.run import run


def brief(
    day: Annotated[
        str | None, typer.Argument(metavar="[DATE]", help="Game date. Without one: the latest that was run.")
    ] = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a day's hand-over document anew and print it. Exit code 3 if something waits for a person."""
    asked = BriefInput(game_date=parse_day(day) if day else None)

    async def command() -> int:
        from starter.temporal import connect  # noqa: PLC0415
        from starter.warehouse import answer  # noqa: PLC0415

        found = await answer(await connect(address), BRIEF, asked, BriefResult, "brief")
        if as_json:
            print_json(found)
        else:
            typer.echo(found.markdown)
            stderr_console().print(f"Also {found.html_path}", soft_wrap=True)
        return WAITING if found.waiting else DONE

    raise typer.Exit(run(command()))
