"""The chain of injury reports, ESPN → BallDontLie, over HTTP: who won, and why the others did not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from activities.processor import Output, Upstreams
from activities.scrape import injuries
from activities.scrape.http import UpstreamClient
from activities.scrape.sources import balldontlie
from activities.scrape.sources.espn import Injury
from shared.errors import UpstreamUnavailable
from tests.in_process import Morning, silent
from tests.replay.conftest import Replay, start, stop

DAY = date(2025, 11, 26)
REPORT = "nba_raw.injury_report"
KEY = SecretStr("a-key")

PLAYER = {
    "height": "6-7", "weight": "220", "jersey_number": "28", "college": "Florida", "country": "USA",
    "draft_year": None, "draft_round": None, "draft_number": None,
}  # fmt: skip
"""What else the wire says of a player."""

PAGES: dict[str, dict[str, Any]] = {
    "": {
        "data": [
            {
                "player": {"id": 434, "first_name": "Dorian", "last_name": "Finney-Smith", "position": "F",
                           "team_id": 11, **PLAYER},
                "return_date": "Dec 25",
                "description": "Nov 24: Finney-Smith (ankle) is without a timetable for his return.",
                "status": "Out",
            },
            {
                "player": {"id": 666, "first_name": "Nenê", "last_name": "", "position": "C", "team_id": None,
                           **PLAYER},
                "return_date": None, "description": None, "status": "Day-To-Day",
            },
        ],
        "meta": {"next_cursor": 666, "per_page": 100},
    },
    "666": {
        "data": [
            {
                "player": {"id": 237, "first_name": "LeBron", "last_name": "James", "position": "F",
                           "team_id": 14, **PLAYER},
                "return_date": "Nov 27", "description": "Nov 25: James (foot) is questionable.",
                "status": "Questionable",
            },
        ],
        "meta": {"per_page": 100},
    },
}  # fmt: skip
"""Pages of `/v1/player_injuries`, by cursor, as BallDontLie documents them."""


class Api(ThreadingHTTPServer):
    """BallDontLie as documented; whatever else is asked is not there."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, Any] = dict(PAGES)
        self.asked: list[str] = []

    def upstreams(self, key: SecretStr = KEY) -> Upstreams:
        return Upstreams(f"http://127.0.0.1:{self.server_address[1]}", "live", balldontlie_api_key=key)


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append(self.path)
        cursor = parse_qs(parts.query).get("cursor", [""])[0]
        if parts.path != "/balldontlie/v1/player_injuries":
            self._answer(404, {"code": 404})
        elif self.headers["Authorization"] != KEY.get_secret_value():
            self._answer(401, "Unauthorized")
        elif cursor in self.server.pages:
            self._answer(200, self.server.pages[cursor])
        else:
            self._answer(500, {"error": "Internal Server Error"})

    def _answer(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def api() -> Iterator[Api]:
    """BallDontLie over HTTP, without ESPN."""
    server = Api()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def morning(replay: Replay, tmp_path: Path) -> Iterator[Morning]:
    """A morning, no faults set, whose players are registered."""
    replay.http.delete("/faults")
    morning = Morning(tmp_path / "home", replay.base, "simulated", DAY)
    morning.run(lambda processor: processor.name == "raw_players")
    morning.run_one("raw_players")
    yield morning
    morning.warehouse.close()
    replay.http.delete("/faults")


def ask(morning: Morning, upstreams: Upstreams) -> Output:
    """The scraper's output against other upstreams."""
    return injuries.process(replace(morning.context((DAY,)), upstreams=upstreams), {}, silent)


def rows_of(output: Output) -> list[tuple[str, str]]:
    return list(zip(output.frame["request"], output.frame["status"], strict=True))


def again(morning: Morning) -> tuple[Output, list[tuple[int, str]]]:
    """Scrapes and parses injuries anew: the scraper's output, and who has which status."""
    for name in ("scrape_injuries", "raw_injuries"):
        morning.run_one(name)
    report = morning.warehouse.read(REPORT, dates=[DAY]).sort_values("player_id")
    reported = list(zip(report["player_id"], report["status"], strict=True))
    return morning.runs["scrape_injuries"][2], reported


def test_every_page_is_read_as_balldontlie_writes_it(api: Api) -> None:
    with UpstreamClient(api.upstreams()) as client:
        first, cursor = balldontlie.parse_injuries(balldontlie.injuries(client).body)
        last, end = balldontlie.parse_injuries(balldontlie.injuries(client, cursor).body)
    finney_smith = "Nov 24: Finney-Smith (ankle) is without a timetable for his return."
    assert first == [
        Injury("Dorian Finney-Smith", "HOU", "Out", finney_smith, None),
        Injury("Nenê", None, "Day-To-Day", "", None),
    ]
    assert last == [
        Injury("LeBron James", "LAL", "Questionable", "Nov 25: James (foot) is questionable.", None)
    ]
    assert (cursor, end) == (666, None)
    path = "/balldontlie/v1/player_injuries?per_page=100"
    assert api.asked == [path, f"{path}&cursor=666"]


def test_the_second_source_wins_with_all_its_pages_and_says_why_the_first_did_not(
    api: Api, morning: Morning
) -> None:
    output = ask(morning, api.upstreams())
    assert rows_of(output) == [
        ("injuries/balldontlie/1", "ok"), ("injuries/balldontlie/2", "ok"),
        ("injuries/espn/1", "unavailable"),
    ]  # fmt: skip
    why = output.frame["detail"].tolist()
    assert all("espn: not there yet (404)" in detail for detail in why)
    assert output.facts == {"available": True, "source": "balldontlie"}
    assert output.warnings[0].startswith("injuries from balldontlie: espn: not there yet (404)")


def test_part_of_a_report_is_none(api: Api, morning: Morning) -> None:
    del api.pages["666"]
    output = ask(morning, api.upstreams())
    assert rows_of(output) == [
        ("injuries/balldontlie/1", "failed"), ("injuries/balldontlie/2", "failed"),
        ("injuries/espn/1", "unavailable"),
    ]  # fmt: skip
    assert output.facts == {"available": False}
    morning.write("nba_raw.scrape_log", output.frame, (DAY,), slice={"processor": "scrape_injuries"})
    morning.run_one("raw_injuries")
    assert morning.warehouse.read(REPORT, dates=[DAY]).empty


def test_pages_without_end_are_no_report(api: Api, morning: Morning) -> None:
    api.pages["666"] = PAGES[""]
    output = ask(morning, api.upstreams())
    assert "no end after 10 pages" in output.warnings[0]
    assert len([path for path in api.asked if "balldontlie" in path]) == 10


def test_a_key_that_may_not_see_injuries_is_no_error_of_the_day(api: Api, morning: Morning) -> None:
    output = ask(morning, api.upstreams(SecretStr("free-tier")))
    assert rows_of(output) == [("injuries/balldontlie/1", "failed"), ("injuries/espn/1", "unavailable")]
    assert "401" in output.warnings[0]
    assert output.facts == {"available": False}


@pytest.mark.parametrize("fault", [{"kind": "status", "value": 503}, {"kind": "truncated"}])
def test_the_report_is_the_same_from_either_source(
    replay: Replay, morning: Morning, fault: dict[str, Any]
) -> None:
    output, from_espn = again(morning)
    assert rows_of(output) == [("injuries/espn/1", "ok")]
    assert len(from_espn) > 10
    replay.fault("espn/injuries", **fault)
    output, from_second = again(morning)
    assert rows_of(output) == [("injuries/balldontlie/1", "ok"), ("injuries/espn/1", "failed")]
    assert from_second == from_espn
    replay.fault("balldontlie/player_injuries", "missing_player")
    assert len(again(morning)[1]) == len(from_espn) - 1


def test_a_short_pause_is_waited_for_only_where_the_other_source_has_no_report(
    replay: Replay, morning: Morning
) -> None:
    replay.fault("espn/injuries", "status", value={"code": 429, "retry_after": 20})
    assert rows_of(again(morning)[0]) == [("injuries/balldontlie/1", "ok"), ("injuries/espn/1", "failed")]
    replay.fault("balldontlie/player_injuries", "status", value=500)
    with pytest.raises(UpstreamUnavailable) as told:
        morning.run_one("scrape_injuries")
    assert timedelta() < (told.value.retry_after or timedelta()) <= timedelta(seconds=20)


def test_recorded_seasons_have_no_report_and_their_box_scores_are_as_they_were(
    recorded_data: Path, tmp_path: Path
) -> None:
    server = start(tmp_path, "--source", "recorded", "--data", str(recorded_data))
    morning = Morning(tmp_path / "home", server.base, "recorded", date(2024, 12, 20))
    try:
        morning.run(lambda processor: processor.name == "raw_rosters")
        output = morning.runs["scrape_injuries"][2]
        teams = morning.warehouse.read("nba_raw.team_box_scores", dates=[date(2024, 12, 19)])
    finally:
        morning.warehouse.close()
        stop(server)
    log = output.frame
    assert list(zip(log["source"], log["status"], strict=True)) == [
        ("balldontlie", "unavailable"), ("espn", "unavailable"),
    ]  # fmt: skip
    assert "404" in output.warnings[0]
    assert teams["is_complete"].all()
    assert set(teams["source"]) == {"nba_cdn"}
