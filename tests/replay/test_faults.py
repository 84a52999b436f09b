"""Faults on demand: each kind acts on the wire, on what it names, as often as it was asked to."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from tests.replay.conftest import Replay

AS_OF = "2026-01-15T17:01:00Z"
BOX = "nba-cdn/boxscore"


def final_games(replay: Replay) -> list[dict[str, Any]]:
    return [game for game in replay.schedule(AS_OF).values() if game["gameStatus"] == 3]


def body_of(response: httpx.Response) -> Any:
    assert response.status_code == 200
    return response.json()


def test_a_status_fault_answers_with_its_code_and_retry_after_as_often_as_asked(
    no_faults: Replay,
) -> None:
    game = final_games(no_faults)[0]["gameId"]
    no_faults.fault(BOX, "status", value={"code": 429, "retry_after": 20}, times=2)
    answers = [no_faults.box(AS_OF, game) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "20"


def test_a_fault_acts_only_on_the_game_it_names_in_whichever_form(no_faults: Replay) -> None:
    first, second = final_games(no_faults)[:2]
    day, teams = first["gameCode"].split("/")
    key = f"{day}_{teams[:3]}_{teams[3:]}"
    no_faults.fault(BOX, "status", value=503, match={"game_id": key})
    assert no_faults.box(AS_OF, second["gameId"]).status_code == 200
    assert no_faults.box(AS_OF, first["gameId"]).status_code == 503


def test_latency_delays_the_answer_and_not_others(no_faults: Replay) -> None:
    no_faults.fault("nba-cdn/schedule", "latency", value=0.4, times=1)
    begun = time.monotonic()
    no_faults.schedule(AS_OF)
    slow = time.monotonic() - begun
    begun = time.monotonic()
    no_faults.schedule(AS_OF)
    assert slow >= 0.4 > time.monotonic() - begun


def test_a_truncated_body_is_no_json(no_faults: Replay) -> None:
    game = final_games(no_faults)[0]["gameId"]
    whole = no_faults.box(AS_OF, game).content
    no_faults.fault(BOX, "truncated", times=1)
    cut = no_faults.box(AS_OF, game)
    assert cut.content == whole[: len(whole) // 2]
    with pytest.raises(json.JSONDecodeError):
        cut.json()


def test_a_missing_game_is_gone_from_every_kind_of_route(no_faults: Replay) -> None:
    game = final_games(no_faults)[-1]
    day = game["gameDateEst"][:10]
    match = {"game_id": game["gameId"]}
    dates = [("dates[]", day), ("per_page", "100")]
    before = no_faults.bdl(AS_OF, "games", dates)["data"]
    for route in (BOX, "nba-cdn/schedule", "espn/scoreboard", "balldontlie/games"):
        no_faults.fault(route, "missing_game", match=match)
    no_faults.fault("stats-nba/leaguegamelog", "missing_game", match=match)
    assert no_faults.box(AS_OF, game["gameId"]).status_code == 403
    assert game["gameId"] not in no_faults.schedule(AS_OF)
    board = no_faults.espn(AS_OF, "scoreboard", dates=day.replace("-", ""))
    assert len(board["events"]) == len(before) - 1
    assert len(no_faults.bdl(AS_OF, "games", dates)["data"]) == len(before) - 1
    log = no_faults.log(AS_OF, Season="2025-26", PlayerOrTeam="P")
    assert game["gameId"] not in {row["GAME_ID"] for row in log}


def test_a_missing_player_leaves_his_teams_score_as_it_was(no_faults: Replay) -> None:
    game = final_games(no_faults)[-1]["gameId"]
    whole = body_of(no_faults.box(AS_OF, game))["game"]
    name = whole["homeTeam"]["players"][0]["name"]
    no_faults.fault(BOX, "missing_player", match={"player": name})
    less = body_of(no_faults.box(AS_OF, game))["game"]
    assert less["homeTeam"]["score"] == whole["homeTeam"]["score"]
    assert less["homeTeam"]["players"] == whole["homeTeam"]["players"][1:]
    assert less["awayTeam"] == whole["awayTeam"]


def test_a_fault_for_a_player_is_not_spent_on_answers_without_him(no_faults: Replay) -> None:
    games = final_games(no_faults)
    box = body_of(no_faults.box(AS_OF, games[-1]["gameId"]))["game"]
    name = box["homeTeam"]["players"][0]["name"]
    teams = {box["homeTeam"]["teamId"], box["awayTeam"]["teamId"]}
    other = next(
        game for game in games if not {game["homeTeam"]["teamId"], game["awayTeam"]["teamId"]} & teams
    )
    no_faults.fault(BOX, "duplicate_row", match={"player": name}, times=1)
    no_faults.box(AS_OF, other["gameId"])
    assert no_faults.http.get("/faults").json()["faults"][0]["hits"] == 0
    rows = body_of(no_faults.box(AS_OF, games[-1]["gameId"]))["game"]["homeTeam"]["players"]
    assert [row["name"] for row in rows].count(name) == 2
    assert no_faults.http.get("/faults").json()["faults"][0]["times"] == 0


def test_each_change_of_the_faults_is_kept_with_who_and_why(no_faults: Replay) -> None:
    wish = {"route": BOX, "kind": "status", "value": 503, "requested_by": "ana", "reason": "a drill"}
    fault = no_faults.http.post("/faults", json=wish).json()["id"]
    no_faults.http.delete(f"/faults/{fault}", params={"requested_by": "ben", "reason": "over"})
    changes = no_faults.http.get("/faults").json()["changes"]
    assert [(c["what"], c["requested_by"], c["reason"]) for c in changes if c["fault"] == fault] == [
        ("set", "ana", "a drill"), ("removed", "ben", "over"),
    ]  # fmt: skip


def test_an_upstream_can_be_made_to_repeat_what_it_was_asked(no_faults: Replay) -> None:
    no_faults.fault("odds-api/events", "echo", value=500, times=1)
    path = "odds-api/v4/sports/basketball_nba/events"
    refused = no_faults.get(AS_OF, path, params={"apiKey": "the-key"}, headers={"Authorization": "other-key"})
    assert refused.status_code == 500
    assert refused.json()["asked"]["apiKey"] == ["the-key"]
    assert refused.json()["headers"]["authorization"] == "other-key"


@pytest.mark.parametrize("route", [BOX, "espn/summary", "balldontlie/games", "nba-cdn/schedule"])
def test_a_wrong_total_changes_the_score_and_no_player(no_faults: Replay, route: str) -> None:
    game = final_games(no_faults)[-1]

    def score() -> int:
        if route == BOX:
            return int(body_of(no_faults.box(AS_OF, game["gameId"]))["game"]["homeTeam"]["score"])
        if route == "nba-cdn/schedule":
            return int(no_faults.schedule(AS_OF)[game["gameId"]]["homeTeam"]["score"])
        if route == "espn/summary":
            body = no_faults.espn(AS_OF, "summary", event=str(400_000_000 + int(game["gameId"])))
            return int(body["header"]["competitions"][0]["competitors"][0]["score"])
        rows = no_faults.bdl(AS_OF, "games", [("dates[]", game["gameDateEst"][:10])])["data"]
        wanted = 50_000_000 + int(game["gameId"])
        return next(int(row["home_team_score"]) for row in rows if row["id"] == wanted)

    before = score()
    no_faults.fault(route, "wrong_total", value=3, match={"game_id": game["gameId"]})
    assert score() == before + 3


def test_a_stale_copy_is_the_body_of_a_day_before(no_faults: Replay) -> None:
    path = "nba-cdn/static/json/staticData/scheduleLeagueV2.json"
    yesterday = no_faults.get("2026-01-14T17:01:00Z", path).content
    today = no_faults.get(AS_OF, path).content
    no_faults.fault("nba-cdn/schedule", "stale_copy", times=1)
    assert no_faults.get(AS_OF, path).content == yesterday != today
    assert no_faults.get(AS_OF, path).content == today


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        ({"route": "nba-cdn/boxscores", "kind": "status", "value": 500}, "route"),
        ({"route": "espn/scoreboard", "kind": "missing_player"}, "kind"),
        ({"route": BOX, "kind": "status", "value": 200}, "value"),
        ({"route": BOX, "kind": "status", "value": {"code": 429, "after": 2}}, "value"),
        ({"route": BOX, "kind": "latency", "value": "long"}, "value"),
        ({"route": BOX, "kind": "latency", "value": 1, "times": 0}, "times"),
        ({"route": BOX, "kind": "latency", "value": 1, "match": {"city": "x"}}, "match"),
        ({"route": BOX, "kind": "latency", "value": 1, "until": 3}, "until"),
        ([], "body"),
    ],
)
def test_a_bad_fault_is_refused_naming_the_field_and_what_is_possible(
    no_faults: Replay, wish: object, named: str
) -> None:
    response = no_faults.http.post("/faults", json=wish)
    assert response.status_code == 422
    body = response.json()
    assert body["field"] == named
    assert body["possible"]
    assert no_faults.http.get("/faults").json()["faults"] == []


def test_a_missing_game_can_be_named_by_the_value_too(no_faults: Replay) -> None:
    first, second = (game["gameId"] for game in final_games(no_faults)[:2])
    no_faults.fault(BOX, "missing_game", value=first)
    answers = [no_faults.box(AS_OF, game).status_code for game in (first, second)]
    assert answers == [403, 200]


def test_a_missing_event_is_gone_from_the_markets_list_and_its_lines_too(
    no_faults: Replay,
) -> None:
    events = no_faults.odds(AS_OF, "events")
    match = {"event_id": events[1]["id"]}
    no_faults.fault("odds-api/events", "missing_game", match=match)
    no_faults.fault("odds-api/event-odds", "missing_game", match=match)
    assert no_faults.odds(AS_OF, "events") == [events[0], *events[2:]]
    path = f"odds-api/v4/sports/basketball_nba/events/{events[1]['id']}/odds"
    assert no_faults.get(AS_OF, path, params={"apiKey": "k", "regions": "us"}).status_code == 404


def test_faults_are_listed_and_removed_one_by_one_or_all(no_faults: Replay) -> None:
    first = no_faults.fault(BOX, "status", value=500)
    no_faults.fault(BOX, "status", value=502)
    assert no_faults.http.delete(f"/faults/{first}").json() == {"removed": 1}
    assert no_faults.http.delete(f"/faults/{first}").status_code == 404
    assert len(no_faults.http.get("/faults").json()["faults"]) == 1
    assert no_faults.http.delete("/faults").json() == {"removed": 1}


def test_requests_are_counted_by_route_with_the_faults_they_met(no_faults: Replay) -> None:
    fault = no_faults.fault("espn/injuries", "status", value=500)
    no_faults.get(AS_OF, "espn/apis/site/v2/sports/basketball/nba/injuries")
    no_faults.schedule(AS_OF)
    body = no_faults.http.get("/requests").json()
    assert body["counts"] == {"espn/injuries": 1, "nba-cdn/schedule": 1}
    first = body["last"][0]
    assert (first["route"], first["as_of"], first["status"]) == ("espn/injuries", AS_OF, 500)
    assert first["faults"] == [fault]
