"""The page of predictions, its filters and its exports, on a day that a real worker has predicted."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.console.serving import Served, words
from tests.operations.lived_days import DAYS
from worker.console.prediction_rows import PREDICTIONS, SORTS

DAY = DAYS[1]


async def exported(console: Served, **asked: str) -> list[dict[str, str]]:
    async with console.http() as http:
        answer = await http.get("/predictions.json", params={"date": str(DAY), **asked})
    assert answer.status_code == 200
    found: list[dict[str, str]] = answer.json()["predictions"]
    return found


async def test_every_active_prediction_is_there_and_five_systems_are_drawn_against_the_line(
    console: Served,
) -> None:
    kept = console.around.warehouse.read(PREDICTIONS, dates=[DAY])
    active = kept.loc[kept["is_active"].to_numpy(dtype=bool)]
    rows = await exported(console)
    assert {row["prediction_id"] for row in rows} == set(active["prediction_id"])
    async with console.http() as http:
        page = (await http.get("/predictions", params={"date": str(DAY)})).text
    cards = page.split("<article")[1:]
    assert len(cards) == 40, "a page of players; the others are on the next"
    for card in cards:
        assert card.count('class="ridge"') == 5, "each system's distribution is drawn"
        assert card.count('<line class="line"') == (5 if "line <strong>" in card else 0)


async def test_a_pass_says_why_where_a_pick_does(console: Served) -> None:
    async with console.http() as http:
        for call in ("PASS", "OVER", "UNDER"):
            page = (await http.get("/predictions", params={"date": str(DAY), "call": call})).text
            shown = re.findall(r'class="verdict"><span class="call (\w+)">(\w+)</span> ([^<]+)', page)
            assert shown, f"the simulated league has a {call}"
            assert {style for style, _, _ in shown} == {call.lower()}
            assert all(reason.strip() for _, _, reason in shown)


async def test_the_exports_hold_what_the_filters_ask_for(console: Served) -> None:
    everything = await exported(console)
    one = everything[0]["player_name"]
    mine = await exported(console, q=one.upper())
    assert {row["player_name"] for row in mine} == {one}
    assert {row["source"] for row in mine} == {"simulated"}
    async with console.http() as http:
        answer = await http.get("/predictions.csv", params={"date": str(DAY), "q": one})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["prediction_id"] for row in rows} == {row["prediction_id"] for row in mine}


@pytest.mark.parametrize("sort", list(SORTS))
async def test_players_are_ordered_as_asked_and_none_is_lost(sort: str, console: Served) -> None:
    rows = await exported(console, sort=sort)
    assert len(rows) == len(await exported(console))
    first = list(dict.fromkeys(row["player_name"] for row in rows))
    if sort == "name":
        assert first == sorted(first)
    if sort == "line":
        lines = [row["points_line"] for row in rows if row["points_line"] is not None]
        assert lines == sorted(lines, reverse=True)


async def test_what_a_filter_can_t_be_is_left_out_and_nothing_given_is_run(console: Served) -> None:
    async with console.http() as http:
        odd = {"date": str(DAY), "q": "<script>alert(1)</script>", "sort": "sql", "call": "x", "page": "-1"}
        answer = await http.get("/predictions", params=odd)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "No player of this date matches. Show all" in words(answer.text)
