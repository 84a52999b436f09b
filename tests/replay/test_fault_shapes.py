"""Faults of the form: a field more, a field less, another shape, on every upstream's routes."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any

import pytest

from replay.fault_shapes import NEW_FIELD
from tests.replay.conftest import Replay

AS_OF = "2026-01-15T17:01:00Z"
BOX, LOG = "nba-cdn/boxscore", "stats-nba/leaguegamelog"
#: A field that each route's reader can't do without.
NEEDED = {
    "nba-cdn/schedule": "gameCode",
    BOX: "points",
    LOG: "PTS",
    "espn/scoreboard": "competitors",
    "espn/summary": "labels",
    "espn/injuries": "status",
    "espn/roster": "displayName",
    "balldontlie/games": "status",
    "balldontlie/stats": "pts",
    "balldontlie/player_injuries": "status",
    "odds-api/events": "commence_time",
    "odds-api/event-odds": "point",
}


@cache
def latest(replay: Replay) -> tuple[str, str, str]:
    """The latest finished game, its date, and an event to come; asked before faults are set."""
    games = replay.schedule("2026-01-14T12:00:00Z").values()
    final = [game for game in games if game["gameStatus"] == 3][-1]
    return final["gameId"], final["gameDateEst"][:10], replay.odds(AS_OF, "events")[0]["id"]


def body(replay: Replay, route: str) -> str:
    """What the route answers about that game, or that day."""
    game, day, event = latest(replay)
    espn, odds = "espn/apis/site/v2/sports/basketball/nba", "odds-api/v4/sports/basketball_nba/events"
    key = {"params": {"apiKey": "key", "regions": "us", "markets": "player_points"}}
    bdl: dict[str, Any] = {"headers": {"Authorization": "key"}}
    if route == "odds-api/event-odds":
        odds += f"/{event}/odds"
    path, options = {
        "nba-cdn/schedule": ("nba-cdn/static/json/staticData/scheduleLeagueV2.json", {}),
        BOX: (f"nba-cdn/static/json/liveData/boxscore/boxscore_{game}.json", {}),
        LOG: ("stats-nba/stats/leaguegamelog", {"params": {"Season": "2025-26", "PlayerOrTeam": "P"}}),
        "espn/scoreboard": (f"{espn}/scoreboard", {"params": {"dates": day.replace("-", "")}}),
        "espn/summary": (f"{espn}/summary", {"params": {"event": str(400_000_000 + int(game))}}),
        "espn/injuries": (f"{espn}/injuries", {}),
        "espn/roster": (f"{espn}/teams/bos/roster", {}),
        "balldontlie/games": ("balldontlie/v1/games", {"params": {"dates[]": day}, **bdl}),
        "balldontlie/stats": ("balldontlie/v1/stats", {"params": {"dates[]": day}, **bdl}),
        "balldontlie/player_injuries": ("balldontlie/v1/player_injuries", bdl),
        "odds-api/events": (odds, key),
        "odds-api/event-odds": (odds, key),
    }[route]
    response = replay.get(AS_OF, path, **options)
    assert response.status_code == 200, (route, response.status_code, response.text[:200])
    return response.text


def without(told: Any, name: str) -> Any:
    """The same without a field, wherever it stands, and without the column of a table."""
    if isinstance(told, list):
        return [without(one, name) for one in told]
    if not isinstance(told, dict):
        return told
    told = {key: without(value, name) for key, value in told.items() if key != name}
    if name in told.get("headers", []):
        at = told["headers"].index(name)
        for row in (told["headers"], *told["rowSet"]):
            del row[at]
    return told


@pytest.mark.parametrize("route", NEEDED)
def test_an_unknown_field_is_added_to_every_object_and_nothing_else_changes(
    no_faults: Replay, route: str
) -> None:
    before = json.loads(body(no_faults, route))
    no_faults.fault(route, "unknown_field")
    after = json.loads(body(no_faults, route))
    assert after != before
    assert without(after, NEW_FIELD) == before


@pytest.mark.parametrize(("route", "name"), NEEDED.items())
def test_a_removed_field_is_by_default_one_that_its_reader_needs(
    no_faults: Replay, route: str, name: str
) -> None:
    before = json.loads(body(no_faults, route))
    no_faults.fault(route, "removed_field")
    after = json.loads(body(no_faults, route))
    assert after != before
    assert after == without(before, name)


def test_the_removed_field_can_be_named_and_one_that_is_nowhere_is_not_met(no_faults: Replay) -> None:
    before = body(no_faults, BOX)
    no_faults.fault(BOX, "removed_field", value="nameI")
    no_faults.fault(BOX, "removed_field", value="nobodyHasIt")
    assert json.loads(body(no_faults, BOX)) == without(json.loads(before), "nameI")
    hits = [fault["hits"] for fault in no_faults.http.get("/faults").json()["faults"]]
    assert hits == [1, 0]


@pytest.mark.parametrize("route", NEEDED)
def test_wrong_json_is_whole_and_of_another_shape(no_faults: Replay, route: str) -> None:
    before = json.loads(body(no_faults, route))
    no_faults.fault(route, "wrong_json")
    after = json.loads(body(no_faults, route))
    assert type(after) is not type(before)
    assert before in (list(after.values()) if isinstance(after, dict) else after)


def test_the_shape_can_be_a_null_a_text_a_page_or_nothing_at_all(no_faults: Replay) -> None:
    told = {}
    for shape in ("null", "text", "page", "empty"):
        no_faults.http.delete("/faults")
        no_faults.fault(BOX, "wrong_json", value=shape)
        told[shape] = body(no_faults, BOX)
    assert told["null"] == "null"
    assert isinstance(json.loads(told["text"]), str)
    assert told["page"].startswith("<!doctype html>")
    assert told["empty"] == ""


@pytest.mark.parametrize(
    "route", ["nba-cdn/schedule", BOX, "espn/scoreboard", "espn/summary", "balldontlie/games"]
)
def test_no_score_is_nought_to_nought_in_a_game_that_is_over(no_faults: Replay, route: str) -> None:
    def scores(told: Any) -> list[tuple[str, str]]:
        """(state, home score) of each game told of."""
        if route == BOX:
            return [(str(told["game"]["gameStatus"]), str(told["game"]["homeTeam"]["score"]))]
        if route == "nba-cdn/schedule":
            games = [game for day in told["leagueSchedule"]["gameDates"] for game in day["games"]]
            return [(str(game["gameStatus"]), str(game["homeTeam"]["score"])) for game in games]
        if route == "balldontlie/games":
            return [(game["status"], str(game["home_team_score"])) for game in told["data"]]
        events = told["events"] if route == "espn/scoreboard" else [told["header"]]
        competitions = [event["competitions"][0] for event in events]
        return [(it["status"]["type"]["name"], it["competitors"][0]["score"]) for it in competitions]

    before = scores(json.loads(body(no_faults, route)))
    no_faults.fault(route, "no_score")
    after = scores(json.loads(body(no_faults, route)))
    (changed,) = [at for at, score in enumerate(before) if after[at] != score]
    assert after[changed] == (before[changed][0], "0")
    assert before[changed][1] != "0"


def test_a_dripping_body_is_whole_and_takes_its_time(no_faults: Replay) -> None:
    whole = body(no_faults, BOX)
    no_faults.fault(BOX, "drip", value=0.02)
    begun = time.monotonic()
    assert body(no_faults, BOX) == whole
    assert time.monotonic() - begun >= 20 * 0.02


@pytest.mark.parametrize(
    ("kind", "value"),
    [("wrong_json", "number"), ("unknown_field", 3), ("removed_field", ""), ("drip", None), ("no_score", 5)],
)
def test_a_value_that_a_shape_can_not_have_is_refused(no_faults: Replay, kind: str, value: object) -> None:
    wish = {"route": BOX, "kind": kind, "value": value}
    response = no_faults.http.post("/faults", json=wish)
    assert (response.status_code, response.json()["field"]) == (422, "value")
