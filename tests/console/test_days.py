"""The pages of days, over real HTTP on days that a real worker has run."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx

from shared.ids import daily_workflow_id
from shared.messages import DailyPipelineInput, DayReport, DayStatus
from shared.names import DAILY_PIPELINE
from shared.phases import PHASE_NAMES, PHASES
from tests.console.serving import Served, parsed, words
from tests.operations.lived_days import DAYS

NEXT = DAYS[-1] + timedelta(days=1)


async def test_the_grid_shows_every_phase_of_the_dates_and_leads_to_their_days(console: Served) -> None:
    async with console.http() as http:
        answer = await http.get("/", params={"until": str(DAYS[-1])})
    assert answer.status_code == 200
    page = parsed(answer.text)
    for day in DAYS:
        links = {address for tag, address in page.addresses if tag == "a" and str(day) in address}
        assert {f"/days/{day}"} | {f"/days/{day}#{phase}" for phase in PHASE_NAMES} <= links
    said = words(answer.text)
    assert "✓ ok" in said
    assert "! warn" in said, "the league's first week has features that no game has filled yet"


async def test_a_date_with_games_that_was_never_run_is_missing_and_says_how_it_is_run(
    console: Served,
) -> None:
    missing = DAYS[0] - timedelta(days=2)
    async with console.http() as http:
        grid = await http.get("/", params={"until": str(DAYS[-1]), "days": 5})
        day = await http.get(f"/days/{missing}")
    assert "○ missing" in words(grid.text)
    assert day.status_code == 404
    assert f"tipoff start {missing}" in words(day.text)


async def test_a_day_shows_each_processor_its_checks_and_who_won_each_request(console: Served) -> None:
    async with console.http() as http:
        answer = await http.get(f"/days/{DAYS[1]}")
    said = words(answer.text)
    assert answer.status_code == 200
    for phase in PHASES:
        assert f"{phase.number} {phase.name} ✓ completed" in said
        for processor in phase.processors:
            assert processor.name in said
    assert "constant_features" in said, "a check that found something, and what"
    assert "games_vs_opponent" in said
    assert "box score nba_cdn" in said
    assert "in the Temporal UI" in said


async def test_what_is_not_a_date_is_answered_with_how_one_is_written(console: Served) -> None:
    async with console.http() as http:
        for path in ("/days/yesterday", "/days/2025-13-01", "/?until=soon", "/days/2025-W01-1"):
            answer = await http.get(path)
            assert answer.status_code == 404, path
            assert "write it as YYYY-MM-DD" in words(answer.text)


async def test_who_looks_at_a_day_is_told_of_its_phases_while_they_run(console: Served) -> None:
    handle = None
    seen: dict[str, set[str]] = {"states": set(), "running": set()}
    async with console.http() as http, http.stream("GET", f"/days/{NEXT}/live") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for name, html in parts(stream):
            if handle is None:
                handle = await console.client.start_workflow(
                    DAILY_PIPELINE, DailyPipelineInput(game_date=NEXT), id=daily_workflow_id(NEXT),
                    task_queue=console.around.settings.task_queue, result_type=DayReport,
                )  # fmt: skip
            if name == "headline":
                seen["states"].add(words(html).split()[1])
                if "completed" in seen["states"]:
                    break
            if name == "phases":
                said = words(html)
                seen["running"] |= {p.name for p in PHASES if f"{p.number} {p.name} ▶ running" in said}
    assert handle is not None
    assert (await handle.result()).status is DayStatus.COMPLETED
    assert {"running", "completed"} <= seen["states"]
    # Looked at once a second: which of the short phases it meets running is chance, that it meets one is not.
    assert seen["running"]


async def parts(stream: httpx.Response):  # type: ignore[no-untyped-def]
    """The parts of a page as they are pushed: name and HTML."""
    async for line in stream.aiter_lines():
        if line.startswith("data: "):
            part = json.loads(line.removeprefix("data: "))
            yield part["name"], part["html"]
