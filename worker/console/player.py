"""The pages of players: who there is, and one of them as of a date."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from worker.console.parameters import day_parameter
from worker.console.player_plot import Series, history_plot
from worker.console.player_records import PlayerRecords, read_listed, read_player
from worker.console.rendering import page
from worker.console.rows import Row
from worker.console.surroundings import Console

LONGEST_SEARCH = 60
MOST_LISTED = 200


async def players_page(console: Console, request: Request) -> Response:
    """`/players?q=`."""
    search = request.query_params.get("q", "")[:LONGEST_SEARCH]
    found = await console.reader(read_listed, console.warehouse, search)
    values = {
        **console.frame(request, "Players", "Players"),
        "q": search,
        "players": found[:MOST_LISTED],
        "found": len(found),
    }
    return page("players.html", values)


async def player_page(console: Console, request: Request) -> Response:
    """`/players/ID?date=DATE`."""
    player_id = request.path_params["player"]
    day = day_parameter(request, "date")
    records = await console.reader(read_player, console.warehouse, player_id, day)
    if records is None:
        raise HTTPException(404, f"Nothing is known of player {player_id} on that date.")
    return page(
        "player.html",
        {
            **console.frame(request, "Players", f"{records.name}, {records.day}"),
            "records": records,
            "outcomes": outcomes_plot(records),
            "lines_plot": lines_plot(records),
        },
    )


def outcomes_plot(records: PlayerRecords) -> str:
    """Predicted points and what he scored, game by game."""
    played = [row for row in records.graded if row["actual_points"] is not None]
    return history_plot(
        "outcomes",
        f"Predictions and outcomes of {records.name}",
        _dates(played),
        (
            Series("scored", "first", [row["actual_points"] for row in played]),
            Series("predicted", "second", [row["predicted_points"] for row in played]),
        ),
    )


def lines_plot(records: PlayerRecords) -> str:
    """The consensus line and what he scored, game by game."""
    lined = [row for row in records.graded if row["points_line"] is not None]
    return history_plot(
        "lines",
        f"Lines of {records.name}",
        _dates(lined),
        (
            Series("scored", "first", [row["actual_points"] for row in lined]),
            Series("line", "second", [row["points_line"] for row in lined]),
        ),
    )


def _dates(rows: Sequence[Row]) -> list[str]:
    return [f"{row['game_date']:%d %b}" for row in rows]
