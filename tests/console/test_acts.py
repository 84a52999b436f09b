"""What is told to a day from its page: taken from our own form only, with who and why, and kept."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from pydantic import SecretStr

from activities.operations.status import CLAIMS
from shared.messages import DayReport, DayStatus
from tests.console.acting import form_of, started
from tests.console.serving import Served, words
from tests.operations.lived_days import DAYS
from tests.workflows.world import assert_eventually
from worker.console.app import console_app
from worker.console.surroundings import Console
from worker.serving import PageServer

ENDED = DAYS[-1]
HELD = DAYS[-1] + timedelta(days=2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seal": ""}, "load the page again"),
        ({"seal": "0" * 64}, "load the page again"),
        ({"seal": None}, "load the page again"),
    ],
)
async def test_a_form_without_its_seal_is_refused(
    change: dict[str, str | None], said: str, console: Served
) -> None:
    async with console.http() as http:
        form = {**await form_of(http, ENDED), "action": "retrigger", "target": "publishing", **change}
        answer = await http.post(f"/days/{ENDED}/act", data={k: v for k, v in form.items() if v is not None})
    assert answer.status_code == 403
    assert said in words(answer.text)
    assert console.around.warehouse.read(CLAIMS, dates=[ENDED]).empty


async def test_a_form_of_another_visitor_day_site_or_kind_is_refused(console: Served) -> None:
    async with console.http() as http, console.http() as other:
        form = {**await form_of(http, ENDED), "action": "retrigger", "target": "publishing"}
        await form_of(other, ENDED)
        at = f"/days/{ENDED}/act"
        refused = [
            await other.post(at, data=form),
            await http.post(f"/days/{DAYS[0]}/act", data=form),
            await http.post(at, data=form, headers={"Origin": "http://127.0.0.1:9"}),
            await http.post(at, data=form, headers={"Origin": "https://evil.example"}),
            await http.post(at, data=form, headers={"Sec-Fetch-Site": "cross-site"}),
        ]
        assert [answer.status_code for answer in refused] == [403] * 5
        assert (await http.post(at, json=form)).status_code == 415
        assert (await http.post(at, data={**form, "reason": "x" * 9_000})).status_code == 413
        assert (await http.get(at)).status_code == 303
    assert console.around.warehouse.read(CLAIMS, dates=[ENDED]).empty


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"who": ""}, "who: give your name"),
        ({"reason": " "}, "reason: say why"),
        ({"target": ""}, "phase: choose what to retrigger"),
        ({"target": "raws"}, "raws"),
        ({"target": "raw/scrape_rosters"}, "raw has no processor"),
        ({"action": "explode"}, "action: 'explode' is none of"),
        ({"action": "skip", "target": "raw/raw_players"}, "can't be skipped alone"),
        ({"action": "pause"}, "has ended; pause is for a running day"),
    ],
)
async def test_what_can_t_be_is_answered_with_the_field_and_the_remedy(
    change: dict[str, str], said: str, console: Served
) -> None:
    async with console.http() as http:
        form = {**await form_of(http, ENDED), "action": "retrigger", "target": "publishing"}
        answer = await http.post(f"/days/{ENDED}/act", data={**form, **change})
    assert answer.status_code == 409
    assert said in words(answer.text)


async def test_beyond_the_token_nobody_reads_or_acts(console: Served) -> None:
    token = "a token of some length"
    app = console_app(Console(console.around, console.client))
    async with PageServer(app, 0, token=SecretStr(token)) as server, console.http() as http:
        base = f"http://127.0.0.1:{server.port}"
        for answer in (
            await http.get(f"{base}/"),
            await http.post(f"{base}/days/{ENDED}/act", data={"action": "abort"}),
            await http.get(f"{base}/", auth=("Ada", "another token")),
        ):
            assert answer.status_code == 401
        named = await http.get(f"{base}/days/{ENDED}", auth=("Ada", token))
        assert named.status_code == 200
        assert 'value="Ada" readonly' in named.text


async def test_a_day_is_paused_resumed_and_aborted_and_it_is_kept_who_asked_and_why(
    console: Served,
) -> None:
    handle = await started(console, HELD)

    async def is_now(wanted: DayStatus) -> bool:
        report: DayReport = await handle.query("status", result_type=DayReport)
        return report.status is wanted

    async with console.http() as http:
        for action, reached in (
            ("pause", DayStatus.PAUSED), ("resume", DayStatus.RUNNING), ("abort", DayStatus.ABORTED),
        ):  # fmt: skip
            form = {**await form_of(http, HELD), "action": action}
            answer = await http.post(f"/days/{HELD}/act", data=form)
            assert answer.status_code == 200, words(answer.text)
            assert f"{action} accepted." in words(answer.text)
            await assert_eventually(partial(is_now, reached))
            await http.post(f"/days/{HELD}/act", data=form)
        page = words((await http.get(f"/days/{HELD}")).text)
    kept = console.around.warehouse.read(CLAIMS, dates=[HELD])
    assert sorted(kept["action"]) == ["abort", "pause", "resume"], "a form that is sent twice acts once"
    assert set(kept["requested_by"]) == {"Ada (console)"}
    assert set(kept["reason"]) == {"tried by a test"}
    assert "abort by Ada (console)" in page
