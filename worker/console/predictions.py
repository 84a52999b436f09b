"""The page of predictions, and the same as CSV and JSON."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from worker.console.parameters import day_parameter, number_parameter
from worker.console.prediction_rows import (
    CALLS,
    COLUMNS,
    SORTS,
    DayPredictions,
    PlayerCard,
    chosen_cards,
    read_predictions,
)
from worker.console.rendering import page
from worker.console.surroundings import Console

PAGE = 40
"""Players a page."""

EXPORTED = tuple(name for name in COLUMNS if name not in ("contributions", "quantiles"))
LONGEST_SEARCH = 60


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what it can't be is left out."""

    q: str
    game: str
    call: str
    sort: str
    page: int

    def query(self, day: str, **other: Any) -> str:
        """The same as an address has it, but for what is given."""
        values = {"date": day, "q": self.q, "game": self.game, "call": self.call, "sort": self.sort, **other}
        return urlencode({name: value for name, value in values.items() if value})


def asked_for(request: Request) -> Asked:
    """The filters of an address."""
    given = request.query_params
    call, sort = given.get("call", ""), given.get("sort", "")
    return Asked(
        given.get("q", "")[:LONGEST_SEARCH],
        given.get("game", "")[:20],
        call if call in CALLS else "",
        sort if sort in SORTS else "line",
        number_parameter(request, "page", 1, 1, 1_000),
    )


async def _found(console: Console, request: Request) -> tuple[Asked, DayPredictions, list[PlayerCard]]:
    asked = asked_for(request)
    day = day_parameter(request, "date")
    held = await console.reader(read_predictions, console.warehouse, day)
    cards = chosen_cards(held.cards, search=asked.q, game=asked.game, call=asked.call, sort=asked.sort)
    return asked, held, cards


async def predictions_page(console: Console, request: Request) -> Response:
    """`/predictions?date=&q=&game=&call=&sort=&page=`."""
    asked, held, cards = await _found(console, request)
    pages = max((len(cards) + PAGE - 1) // PAGE, 1)
    number = min(asked.page, pages)
    calls = {call: sum(card.call == call for card in held.cards) for call in CALLS}
    return page(
        "predictions.html",
        {
            **console.frame(
                request, "Predictions", f"Predictions for {held.day}" if held.latest else "Predictions"
            ),
            "held": held,
            "asked": asked,
            "cards": cards[(number - 1) * PAGE : number * PAGE],
            "found": len(cards),
            "number": number,
            "pages": pages,
            "calls": calls,
            "all_calls": CALLS,
            "sorts": list(SORTS),
            "query": asked.query,
        },
    )


def _exported(cards: list[PlayerCard], source: str) -> list[dict[str, Any]]:
    return [
        {**{name: row[name] for name in EXPORTED}, "source": source}
        for card in cards
        for _, row in sorted(card.systems.items())
    ]


async def predictions_json(console: Console, request: Request) -> Response:
    """`/predictions.json`, with the page's filters: every system's row, quantiles too."""
    _, held, cards = await _found(console, request)
    rows = [
        {**row, "quantiles": card.systems[row["system_id"]]["quantiles"]}
        for card in cards
        for row in _exported([card], console.settings.source)
    ]
    body = {"game_date": held.day, "source": console.settings.source, "predictions": rows}
    return JSONResponse(_told(body))


async def predictions_csv(console: Console, request: Request) -> Response:
    """`/predictions.csv`, with the page's filters: a row a system."""
    _, held, cards = await _found(console, request)
    text = io.StringIO()
    writer = csv.DictWriter(text, [*EXPORTED, "source"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {k: _cell(v) for k, v in row.items()} for row in _exported(cards, console.settings.source)
    )
    return Response(
        text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="predictions-{held.day}.csv"'},
    )


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t"):
        return f"'{value}"
    return _told(value)


def _told(value: Any) -> Any:
    """As JSON has it: dates and times as ISO text."""
    if isinstance(value, dict):
        return {name: _told(held) for name, held in value.items()}
    if isinstance(value, list):
        return [_told(held) for held in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
