"""Changes of what happened: every upstream tells the same, in its own format, as of the time it is asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.replay.conftest import Replay

#: A game day of the simulated league, its morning, and the mornings after.
DAY, MORNING, NEXT, SECOND = (
    "2026-01-15",
    "2026-01-15T17:01:00Z",
    "2026-01-16T17:01:00Z",
    "2026-01-17T17:01:00Z",
)
LATER = "2026-01-25T17:01:00Z"


def slate(replay: Replay, as_of: str, day: str) -> dict[str, dict[str, Any]]:
    """The games that nba.com's schedule has on a date."""
    games = replay.schedule(as_of).items()
    return {key: game for key, game in games if game["gameCode"].startswith(day.replace("-", ""))}


def one_game(replay: Replay) -> dict[str, Any]:
    return next(iter(slate(replay, MORNING, DAY).values()))


def box(replay: Replay, as_of: str, game: str) -> dict[str, Any]:
    response = replay.box(as_of, game)
    assert response.status_code == 200, response.text[:200]
    told: dict[str, Any] = response.json()["game"]
    return told


def players(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {it["name"]: it for side in ("homeTeam", "awayTeam") for it in told[side]["players"]}


def espn_event(replay: Replay, as_of: str, game: str, day: str) -> dict[str, Any] | None:
    events = replay.espn(as_of, "scoreboard", dates=day.replace("-", ""))["events"]
    return next((it for it in events if it["id"] == str(400_000_000 + int(game))), None)


def bdl_game(replay: Replay, as_of: str, game: str, day: str) -> dict[str, Any] | None:
    rows = replay.bdl(as_of, "games", [("dates[]", day), ("per_page", "100")])["data"]
    return next((it for it in rows if it["id"] == 50_000_000 + int(game)), None)


def bdl_points(replay: Replay, as_of: str, game: str) -> dict[str, int]:
    ask = [("game_ids[]", str(50_000_000 + int(game))), ("per_page", "100")]
    rows = replay.bdl(as_of, "stats", ask)["data"]
    return {f"{it['player']['first_name']} {it['player']['last_name']}".strip(): it["pts"] for it in rows}


def espn_points(replay: Replay, as_of: str, game: str) -> dict[str, int]:
    told = replay.espn(as_of, "summary", event=str(400_000_000 + int(game)))["boxscore"]["players"]
    rows = [it for side in told for it in side["statistics"][0]["athletes"] if it["stats"]]
    return {it["athlete"]["displayName"]: int(it["stats"][-1]) for it in rows}


def free_day(replay: Replay, game: dict[str, Any]) -> str:
    """The next date on which neither team plays."""
    teams = {game["homeTeam"]["teamTricode"], game["awayTeam"]["teamTricode"]}
    for day in (f"2026-01-{number}" for number in range(17, 25)):
        there = slate(replay, MORNING, day).values()
        if there and not teams & {
            it[side]["teamTricode"] for it in there for side in ("homeTeam", "awayTeam")
        }:
            return day
    pytest.fail("both teams play every day")


def test_a_postponed_game_is_off_everywhere_from_when_it_is_called_off(no_faults: Replay) -> None:
    game = one_game(no_faults)
    number = game["gameId"]
    off = "2026-01-15T19:00:00Z"
    events = no_faults.odds(MORNING, "events")
    no_faults.fault("league", "postponed_game", value={"called_off": off}, match={"game_id": number})
    assert no_faults.schedule(MORNING)[number]["postponedStatus"] == "N"
    assert no_faults.odds(MORNING, "events") == events
    assert no_faults.schedule(off)[number]["postponedStatus"] == "Y"
    assert no_faults.schedule(LATER)[number]["gameStatusText"] == "PPD"
    told = espn_event(no_faults, off, number, DAY)
    assert told
    assert told["status"]["type"]["name"] == "STATUS_POSTPONED"
    listed = bdl_game(no_faults, off, number, DAY)
    assert listed
    assert listed["status"] == "Postponed"
    teams = {f"{game[s]['teamCity']} {game[s]['teamName']}" for s in ("homeTeam", "awayTeam")}
    assert len(no_faults.odds(off, "events")) < len(events)
    assert not [it for it in no_faults.odds(off, "events") if {it["home_team"], it["away_team"]} == teams]
    assert no_faults.box(NEXT, number).status_code == 403
    assert espn_points(no_faults, NEXT, number) == {}
    assert bdl_points(no_faults, NEXT, number) == {}
    assert number not in {row["GAME_ID"] for row in no_faults.log(LATER, Season="2025-26", PlayerOrTeam="P")}


def test_a_postponed_game_moves_to_its_new_date_when_that_is_known_and_is_played_there(
    no_faults: Replay,
) -> None:
    game = one_game(no_faults)
    number, day = game["gameId"], free_day(no_faults, game)
    played = players(box(no_faults, NEXT, number))
    no_faults.fault("league", "postponed_game", value={"to": day}, match={"game_id": number})
    assert number in slate(no_faults, "2026-01-16T12:00:00Z", DAY)
    assert number not in slate(no_faults, NEXT, DAY)
    moved = slate(no_faults, NEXT, day)[number]
    assert (moved["postponedStatus"], moved["gameStatus"]) == ("N", 1)
    assert moved["gameTimeEst"] == game["gameTimeEst"]
    assert espn_event(no_faults, NEXT, number, DAY) is None
    assert espn_event(no_faults, NEXT, number, day)
    assert bdl_game(no_faults, NEXT, number, day)
    listed = no_faults.odds(f"{day}T17:01:00Z", "events")
    assert moved["gameDateTimeUTC"] in {it["commence_time"] for it in listed}
    assert no_faults.box(NEXT, number).status_code == 403
    assert players(box(no_faults, LATER, number)) == played


def test_a_corrected_box_score_adds_up_before_and_after_and_only_one_player_differs(
    no_faults: Replay,
) -> None:
    game = one_game(no_faults)
    number = game["gameId"]
    truth = box(no_faults, SECOND, number)
    name = max(truth["awayTeam"]["players"], key=lambda it: it["statistics"]["points"])["name"]
    no_faults.fault("league", "corrected_box", value={"points": 5}, match={"game_id": number, "player": name})
    wrong = box(no_faults, NEXT, number)
    assert box(no_faults, SECOND, number) == truth
    before, after = players(wrong), players(truth)
    assert {it for it in after if before[it] != after[it]} == {name}
    stats, true = before[name]["statistics"], after[name]["statistics"]
    assert stats["points"] == true["points"] + 5
    assert (
        stats["points"] == 2 * stats["fieldGoalsMade"] + stats["threePointersMade"] + stats["freeThrowsMade"]
    )
    assert wrong["awayTeam"]["score"] == truth["awayTeam"]["score"] + 5
    for side in ("homeTeam", "awayTeam"):
        assert sum(it["statistics"]["points"] for it in wrong[side]["players"]) == wrong[side]["score"]
    assert no_faults.schedule(NEXT)[number]["awayTeam"]["score"] == wrong["awayTeam"]["score"]
    assert espn_points(no_faults, NEXT, number)[name] == stats["points"]
    assert espn_points(no_faults, SECOND, number)[name] == true["points"]
    assert sorted(bdl_points(no_faults, NEXT, number).values()) == sorted(
        it["statistics"]["points"] for it in before.values() if it["played"] == "1"
    )
    told = bdl_game(no_faults, NEXT, number, DAY)
    assert told
    assert told["visitor_team_score"] == wrong["awayTeam"]["score"]


def test_a_wrong_count_never_makes_a_tie(no_faults: Replay) -> None:
    game = one_game(no_faults)
    scores = [box(no_faults, SECOND, game["gameId"])[side]["score"] for side in ("homeTeam", "awayTeam")]
    behind = min(
        ("homeTeam", "awayTeam"), key=lambda side: box(no_faults, SECOND, game["gameId"])[side]["score"]
    )
    name = next(
        it["name"] for it in box(no_faults, SECOND, game["gameId"])[behind]["players"] if it["played"] == "1"
    )
    margin = abs(scores[0] - scores[1])
    points = min(margin, 9)
    no_faults.fault(
        "league", "corrected_box", value={"points": points}, match={"game_id": game["gameId"], "player": name}
    )
    wrong = box(no_faults, NEXT, game["gameId"])
    assert wrong["homeTeam"]["score"] != wrong["awayTeam"]["score"]
    assert sum(wrong[side]["score"] for side in ("homeTeam", "awayTeam")) == sum(scores) + points + (
        points == margin
    )


def test_a_renamed_player_has_his_new_name_everywhere_from_its_date_on_and_keeps_his_number(
    no_faults: Replay,
) -> None:
    game = one_game(no_faults)
    told = box(no_faults, SECOND, game["gameId"])["homeTeam"]
    old = max(told["players"], key=lambda it: it["statistics"]["points"])
    team = told["teamTricode"]
    wish = {"to": "Zed Newname", "from": DAY}
    no_faults.fault("league", "renamed_player", value=wish, match={"player": old["name"]})
    new = players(box(no_faults, SECOND, game["gameId"]))["Zed Newname"]
    assert (new["personId"], new["statistics"]) == (old["personId"], old["statistics"])
    assert "Zed Newname" in espn_points(no_faults, SECOND, game["gameId"])
    assert "Zed Newname" in bdl_points(no_faults, SECOND, game["gameId"])
    numbers = set()
    for as_of, name in (("2026-01-14T17:01:00Z", old["name"]), (MORNING, "Zed Newname")):
        athletes = no_faults.espn(as_of, f"teams/{team.lower()}/roster")["athletes"]
        numbers |= {it["id"] for it in athletes if it["displayName"] == name}
    assert len(numbers) == 1
    offered = set()
    for event in no_faults.odds(MORNING, "events"):
        for book in no_faults.odds(
            MORNING, f"events/{event['id']}/odds", regions="us", markets="player_points"
        )["bookmakers"]:
            offered |= {it["description"] for market in book["markets"] for it in market["outcomes"]}
    assert "Zed Newname" in offered
    assert old["name"] not in offered
    log = no_faults.log(SECOND, Season="2025-26", PlayerOrTeam="P")
    names = {
        row["PLAYER_NAME"]: row["GAME_DATE"] for row in reversed(log) if row["PLAYER_ID"] == old["personId"]
    }
    assert names["Zed Newname"] == DAY
    assert names[old["name"]] < DAY


def test_a_rename_can_lose_the_number_and_can_be_one_upstreams_own(no_faults: Replay) -> None:
    game = one_game(no_faults)
    old = next(iter(players(box(no_faults, SECOND, game["gameId"])).values()))
    wish = {"to": "Zed Newname", "id": "lose"}
    no_faults.fault("nba-cdn/boxscore", "renamed_player", value=wish, match={"player": old["name"]})
    assert players(box(no_faults, SECOND, game["gameId"]))["Zed Newname"]["personId"] == 0
    assert "Zed Newname" not in espn_points(no_faults, SECOND, game["gameId"])


def test_two_players_of_one_name_keep_their_numbers_and_their_teams(no_faults: Replay) -> None:
    game = one_game(no_faults)
    told = box(no_faults, SECOND, game["gameId"])
    one, other = (
        max(told[s]["players"], key=lambda it: it["statistics"]["points"]) for s in ("homeTeam", "awayTeam")
    )
    no_faults.fault("league", "renamed_player", value=other["name"], match={"player": one["name"]})
    named = box(no_faults, SECOND, game["gameId"])
    found = {
        side: [it["personId"] for it in named[side]["players"] if it["name"] == other["name"]]
        for side in ("homeTeam", "awayTeam")
    }
    assert found == {"homeTeam": [one["personId"]], "awayTeam": [other["personId"]]}


def test_a_late_tip_ends_after_midnight_and_stays_its_eastern_dates_game(no_faults: Replay) -> None:
    game = one_game(no_faults)
    number = game["gameId"]
    no_faults.fault("league", "late_tip", match={"game_id": number})
    told = slate(no_faults, MORNING, DAY)[number]
    assert (told["gameDateTimeUTC"], told["gameTimeEst"]) == ("2026-01-16T04:30:00Z", "1900-01-01T23:30:00Z")
    assert espn_event(no_faults, MORNING, number, DAY)
    assert bdl_game(no_faults, MORNING, number, DAY)
    assert "2026-01-16T04:30:00Z" in {it["commence_time"] for it in no_faults.odds(MORNING, "events")}
    assert no_faults.box("2026-01-16T05:30:00Z", number).status_code == 403
    assert no_faults.box("2026-01-16T07:15:00Z", number).status_code == 200


def test_a_tip_after_midnight_is_in_the_night_that_follows_the_date(no_faults: Replay) -> None:
    number = one_game(no_faults)["gameId"]
    no_faults.fault("league", "late_tip", value="00:15", match={"game_id": number})
    assert slate(no_faults, MORNING, DAY)[number]["gameDateTimeUTC"] == "2026-01-16T05:15:00Z"
    assert bdl_game(no_faults, MORNING, number, DAY)


def test_the_clock_of_a_day_knows_when_its_first_game_is_late_or_off(no_faults: Replay) -> None:
    before = no_faults.clock(DAY)
    for number in slate(no_faults, MORNING, DAY):
        no_faults.fault("league", "late_tip", match={"game_id": number})
    assert no_faults.clock(DAY)["first_tip"] == "2026-01-16T04:30:00Z"
    no_faults.http.delete("/faults")
    number = one_game(no_faults)["gameId"]
    off = {"called_off": "2026-01-14T20:00:00Z"}
    no_faults.fault("league", "postponed_game", value=off, match={"game_id": number})
    assert no_faults.clock(DAY)["games"] == before["games"] - 1


def test_a_change_is_met_by_the_answers_that_it_changes_and_by_no_other(no_faults: Replay) -> None:
    first, second = list(slate(no_faults, MORNING, DAY))[:2]
    fault = no_faults.fault("league", "corrected_box", match={"game_id": first})
    no_faults.box(NEXT, second)
    no_faults.box(SECOND, first)
    assert no_faults.http.get("/faults").json()["faults"][0]["hits"] == 0
    no_faults.box(NEXT, first)
    assert no_faults.http.get("/requests").json()["last"][-1]["faults"] == [fault]


def test_other_faults_act_on_what_a_change_has_made(no_faults: Replay) -> None:
    game = one_game(no_faults)["gameId"]
    old = next(iter(players(box(no_faults, SECOND, game)).values()))
    no_faults.fault("league", "renamed_player", value="Zed Newname", match={"player": old["name"]})
    no_faults.fault("nba-cdn/boxscore", "missing_player", match={"player": "Zed Newname"})
    assert not {"Zed Newname", old["name"]} & players(box(no_faults, SECOND, game)).keys()


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        ({"route": "league", "kind": "status", "value": 500}, "kind"),
        ({"route": "league", "kind": "postponed_game"}, "match"),
        ({"kind": "postponed_game", "value": {"to": "soon"}, "match": {"game_id": "1"}}, "value"),
        (
            {"kind": "postponed_game", "value": {"called_off": "2026-01-15"}, "match": {"game_id": "1"}},
            "value",
        ),
        ({"kind": "corrected_box", "value": {"points": 0}, "match": {"game_id": "1"}}, "value"),
        ({"kind": "renamed_player", "value": "Zed"}, "match"),
        ({"kind": "renamed_player", "match": {"player": "Zed"}}, "value"),
        ({"kind": "renamed_player", "value": {"from": DAY}, "match": {"player": "Zed"}}, "value"),
        ({"kind": "late_tip", "value": "24:15", "match": {"game_id": "1"}}, "value"),
        ({"kind": "late_tip", "times": 1, "match": {"game_id": "1"}}, "times"),
        ({"kind": "late_tip", "match": {"date": DAY}}, "match"),
    ],
)
def test_a_bad_change_is_refused_naming_the_field(
    no_faults: Replay, wish: dict[str, Any], named: str
) -> None:
    response = no_faults.http.post("/faults", json={"route": "league"} | wish)
    assert (response.status_code, response.json()["field"]) == (422, named)


def test_a_recorded_postponement_puts_a_recorded_game_off(recorded: Replay) -> None:
    game = next(iter(slate(recorded, "2025-11-07T17:01:00Z", "2025-11-07").values()))["gameId"]
    wish = {
        "route": "league",
        "kind": "postponed_game",
        "value": {"to": "2025-11-13"},
        "match": {"game_id": game},
    }
    recorded.http.post("/faults", json=wish).raise_for_status()
    assert recorded.box("2025-11-08T17:01:00Z", game).status_code == 403
    assert recorded.box("2025-11-14T17:01:00Z", game).status_code == 200
    recorded.http.delete("/faults")
    assert recorded.box("2025-11-08T17:01:00Z", game).status_code == 200
