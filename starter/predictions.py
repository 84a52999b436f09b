"""`tipoff predictions DATE`."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

import typer

from shared.errors import BadRequest
from shared.ids import player_lookup
from starter.failure import DONE, FAILED
from starter.options import AddressOption, DayArgument, JsonOption, parse_day
from starter.output import print_json, stderr_console, stdout_console
from starter.run import run

RECOMMENDATIONS = ("OVER", "UNDER", "PASS", "NO_LINE")


def predictions(
    day: DayArgument,
    player: Annotated[str | None, typer.Option("--player", help="Part of a name.")] = None,
    system: Annotated[str | None, typer.Option("--system", help="As xgboost_v1.")] = None,
    recommendation: Annotated[
        str | None, typer.Option("--recommendation", help="OVER, UNDER, PASS or NO_LINE.")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="What each number is made of; needs --player.")] = False,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a day's predictions."""
    game_date = parse_day(day)
    wanted = recommendation.upper().replace(" ", "_") if recommendation else None
    if wanted and wanted not in RECOMMENDATIONS:
        raise BadRequest(
            f"recommendation: there is no {recommendation!r}; possible: {', '.join(RECOMMENDATIONS)}"
        )
    if system and not re.fullmatch(r"[a-z0-9_]{1,64}", system):
        raise BadRequest(f"system: {system!r} is not a name of a system, like xgboost_v1")
    if why:
        if not player:
            raise BadRequest("why: name the player, as --player Doncic --why")
        raise typer.Exit(run(_why(game_date, player, system, address, as_json)))
    raise typer.Exit(run(_predictions(game_date, player, system, wanted, address, as_json)))


async def _why(day: date, player: str, system: str | None, address: str | None, as_json: bool) -> int:
    from starter.temporal import connect  # noqa: PLC0415
    from starter.why_view import fetch_reasons, why_view  # noqa: PLC0415

    part = player_lookup(player)
    rows = [
        row
        for row in await fetch_reasons(await connect(address), day)
        if part in player_lookup(row["player_name"]) and system in (None, row["system_id"])
    ]
    if as_json:
        print_json({"game_date": day.isoformat(), "predictions": rows})
    elif rows:
        stdout_console().print(why_view(rows, day))
    else:
        stderr_console().print(f"{day}: no prediction of a player like {player!r}", soft_wrap=True)
    return DONE if rows else FAILED


async def _predictions(
    day: date,
    player: str | None,
    system: str | None,
    recommendation: str | None,
    address: str | None,
    as_json: bool,
) -> int:
    from starter.predictions_view import (  # noqa: PLC0415
        by_player,
        fetch_outcomes,
        fetch_predictions,
        outcomes_table,
        predictions_table,
    )
    from starter.status_source import find_status  # noqa: PLC0415
    from starter.temporal import connect  # noqa: PLC0415

    connection = await connect(address)
    rows = await fetch_predictions(connection, day, system)
    found = bool(rows)
    if player:
        part = player_lookup(player)
        rows = [row for row in rows if part in player_lookup(row["player_name"])]
    if recommendation:
        kept = {row["player_id"] for row in rows if row["recommendation"] == recommendation}
        rows = [
            row
            for row in rows
            if row["player_id"] in kept and (not as_json or row["recommendation"] == recommendation)
        ]
    outcomes = await fetch_outcomes(connection, day) if rows else []
    source = (await find_status(connection, day)).source if found else ""
    if as_json:
        graded = {row["prediction_id"]: row for row in outcomes}
        for row in rows:
            row["result"] = graded.get(row["prediction_id"])
        print_json({"game_date": day.isoformat(), "source": source, "predictions": rows})
        return DONE if found else FAILED
    if not rows:
        why = "none that fit" if found else f"none; `tipoff status {day}` tells why"
        stderr_console().print(f"{day}: {why}", soft_wrap=True)
        return DONE if found else FAILED
    lines = by_player(rows, outcomes)
    if recommendation:
        lines = [e for e in lines if e.leading["recommendation"] == recommendation]
    table = outcomes_table if outcomes else predictions_table
    mark = ", SIMULATED league" if source == "simulated" else ""
    stdout_console().print(table(lines, f"Predictions for {day}{mark}"))
    return DONE
