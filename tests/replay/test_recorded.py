"""The recorded season on the wire: what is known of the data, and that the future is hidden."""

from __future__ import annotations

from typing import Any

import pytest

from tests.replay.conftest import Replay

MORNING_AFTER = "2025-11-07T17:01:00Z"
GAME = "0022500182"


def points(side: dict[str, Any]) -> int:
    return sum(row["statistics"]["points"] for row in side["players"])


def test_on_2025_11_06_lac_lacks_a_player_on_the_cdn_and_the_score_is_whole(
    recorded: Replay,
) -> None:
    games = [
        game
        for game in recorded.schedule(MORNING_AFTER).values()
        if game["gameDateEst"].startswith("2025-11-06")
    ]
    assert [game["gameCode"] for game in games] == ["20251106/LACPHX"]
    game = recorded.box(MORNING_AFTER, GAME).json()["game"]
    away, home = game["awayTeam"], game["homeTeam"]
    assert (away["teamTricode"], away["score"], points(away)) == ("LAC", 102, 101)
    assert (home["teamTricode"], home["score"], points(home)) == ("PHX", 115, 115)
    assert len(away["players"]) + len(home["players"]) == 25
    assert sum(row["starter"] == "1" for row in home["players"]) == 5
    nameless = [row["name"] for row in away["players"] if row["personId"] == 0]
    assert nameless == ["Cameron Christie", "Yanic Konan Niederhauser"]
    assert away["players"][0]["statistics"]["minutes"] == "PT27M09.00S"


def test_balldontlie_completes_that_game_with_26_players_and_217_points(recorded: Replay) -> None:
    listed = recorded.bdl(MORNING_AFTER, "games", [("dates[]", "2025-11-06")])["data"]
    assert [game["status"] for game in listed] == ["Final"]
    asked = [("game_ids[]", str(listed[0]["id"])), ("per_page", "100")]
    body = recorded.bdl(MORNING_AFTER, "stats", asked)
    assert len(body["data"]) == 26
    assert sum(row["pts"] for row in body["data"]) == 217
    assert body["meta"] == {"per_page": 100, "independent": True}


def test_balldontlie_pages_by_cursor_without_losing_or_repeating_a_row(recorded: Replay) -> None:
    seen: list[int] = []
    cursor = "0"
    for _ in range(10):
        asked = [("dates[]", "2025-11-05"), ("per_page", "50"), ("cursor", cursor)]
        body = recorded.bdl(MORNING_AFTER, "stats", asked)
        seen += [row["id"] for row in body["data"]]
        if "next_cursor" not in body["meta"]:
            break
        cursor = str(body["meta"]["next_cursor"])
    assert len(seen) == len(set(seen)) > 200


def test_balldontlie_says_that_other_seasons_are_not_independent(recorded: Replay) -> None:
    body = recorded.bdl("2024-12-20T12:00:00Z", "stats", [("dates[]", "2024-12-19")])
    assert body["data"]
    assert body["meta"]["independent"] is False


def test_espn_lacks_the_same_player_as_the_cdn(recorded: Replay) -> None:
    board = recorded.espn(MORNING_AFTER, "scoreboard", dates="20251106")
    event = board["events"][0]
    assert event["shortName"] == "LAC @ PHX"
    body = recorded.espn(MORNING_AFTER, "summary", event=event["id"])
    assert [len(team["statistics"][0]["athletes"]) for team in body["boxscore"]["players"]] == [
        12,
        13,
    ]
    scores = {
        side["team"]["abbreviation"]: side["score"]
        for side in body["header"]["competitions"][0]["competitors"]
    }
    assert scores == {"PHX": "115", "LAC": "102"}


def test_on_2025_11_07_there_are_11_games_and_178_players_with_a_line(recorded: Replay) -> None:
    clock = recorded.clock("2025-11-07")
    assert clock == {
        "game_date": "2025-11-07",
        "source": "recorded",
        "as_of": "2025-11-07T17:01:00Z",
        "first_tip": "2025-11-08T00:10:00Z",
        "snapshot_assumed": False,
        "games": 11,
        "tip_assumed": False,
    }
    assert len(players_with_a_line(recorded, clock["as_of"])) == 178


def players_with_a_line(replay: Replay, as_of: str) -> set[str]:
    events = replay.odds(as_of, "events")
    players: set[str] = set()
    for event in events:
        body = replay.odds(
            as_of,
            f"events/{event['id']}/odds",
            regions="us,us_dfs",
            markets="player_points",
            oddsFormat="american",
        )
        players |= {
            outcome["description"]
            for book in body["bookmakers"]
            for market in book["markets"]
            for outcome in market["outcomes"]
        }
    return players


def test_on_2024_12_19_the_lines_are_dfs_and_their_snapshot_is_assumed(recorded: Replay) -> None:
    clock = recorded.clock("2024-12-19")
    assert clock["snapshot_assumed"] is True
    assert clock["games"] == 13
    assert (clock["as_of"], clock["first_tip"]) == ("2024-12-19T23:00:00Z", "2024-12-20T00:00:00Z")
    events = recorded.odds(clock["as_of"], "events")
    body = recorded.odds(
        clock["as_of"],
        f"events/{events[0]['id']}/odds",
        regions="us,us_dfs",
        markets="player_points",
    )
    assert {book["key"] for book in body["bookmakers"]} <= {"prizepicks", "underdog"}
    assert body["bookmakers"][0]["markets"][0]["last_update"] == clock["as_of"]
    assert len(players_with_a_line(recorded, clock["as_of"])) == 174


def test_lines_are_hidden_until_their_snapshot(recorded: Replay) -> None:
    assert recorded.odds("2025-11-07T16:59:59Z", "events") == []
    assert len(recorded.odds("2025-11-07T17:00:00Z", "events")) == 11


def test_past_events_are_those_of_the_snapshot_before_and_lead_to_the_one_after(recorded: Replay) -> None:
    later = "2025-11-09T05:00:00Z"
    early = recorded.past_odds(later, "events", "2025-11-07T11:00:00Z").json()
    assert (early["data"], early["timestamp"]) == ([], "2025-11-06T17:00:00Z")
    assert early["next_timestamp"] == "2025-11-07T17:00:00Z"
    listed = recorded.past_odds(later, "events", early["next_timestamp"]).json()
    assert listed["data"] == recorded.odds("2025-11-07T17:00:00Z", "events")
    assert listed["previous_timestamp"] == "2025-11-06T17:00:00Z"


def test_past_odds_are_what_was_served_then_at_ten_times_the_price(recorded: Replay) -> None:
    at, asked = "2025-11-07T20:00:00Z", {"regions": "us", "markets": "player_points"}
    event = recorded.odds(at, "events")[0]["id"]
    past = recorded.past_odds("2025-11-09T05:00:00Z", f"events/{event}/odds", at)
    assert past.json()["data"] == recorded.odds(at, f"events/{event}/odds", **asked)
    assert past.json()["timestamp"] == "2025-11-07T17:00:00Z"
    assert past.headers["x-requests-last"] == "10"


@pytest.mark.parametrize("at", ["2025-11-07T17:02:00Z", "yesterday", ""])
def test_the_past_is_before_the_present(recorded: Replay, at: str) -> None:
    answer = recorded.past_odds("2025-11-07T17:01:00Z", "events", at)
    assert (answer.status_code, answer.json()["error_code"]) == (422, "INVALID_HISTORICAL_TIMESTAMP")


def test_the_slate_of_2025_11_11_is_6_games_129_players_1421_points(recorded: Replay) -> None:
    as_of = recorded.clock("2025-11-12")["as_of"]
    body = recorded.bdl(as_of, "stats", [("dates[]", "2025-11-11"), ("per_page", "100")])
    rest = recorded.bdl(
        as_of,
        "stats",
        [
            ("dates[]", "2025-11-11"),
            ("per_page", "100"),
            ("cursor", str(body["meta"]["next_cursor"])),
        ],
    )
    rows = body["data"] + rest["data"]
    assert len({row["game"]["id"] for row in rows}) == 6
    assert (len(rows), sum(row["pts"] for row in rows)) == (129, 1421)


def test_a_game_shows_nothing_before_its_end(recorded: Replay) -> None:
    tip_hidden, running = "2025-11-07T01:59:59Z", "2025-11-07T04:44:59Z"
    over = "2025-11-07T04:45:00Z"
    states = []
    for as_of in (tip_hidden, running, over):
        game = recorded.schedule(as_of)[GAME]
        states.append((game["gameStatus"], game["homeTeam"]["score"]))
    assert states == [(1, 0), (2, 0), (3, 115)]
    assert [recorded.box(at, GAME).status_code for at in (tip_hidden, running, over)] == [
        403,
        403,
        200,
    ]
    logged = [
        len(recorded.log(at, Season="2025-26", PlayerOrTeam="P", DateFrom="11/06/2025"))
        for at in (tip_hidden, running, over)
    ]
    assert logged == [0, 0, 25]
    shown = recorded.espn(running, "scoreboard", dates="20251106")["events"][0]
    assert shown["status"]["type"]["name"] == "STATUS_IN_PROGRESS"
    assert recorded.bdl(running, "stats", [("dates[]", "2025-11-06")])["data"] == []


@pytest.mark.parametrize(
    "path",
    [
        "nba-cdn/static/json/staticData/scheduleLeagueV2.json",
        f"nba-cdn/static/json/liveData/boxscore/boxscore_{GAME}.json",
        "stats-nba/stats/leaguegamelog?Season=2025-26&PlayerOrTeam=P&SeasonType=Regular%20Season",
        "espn/apis/site/v2/sports/basketball/nba/scoreboard?dates=20251106",
        "espn/apis/site/v2/sports/basketball/nba/teams/LAC/roster",
        "odds-api/v4/sports/basketball_nba/events?apiKey=k",
    ],
)
def test_bodies_are_the_same_bytes_when_nothing_changed(recorded: Replay, path: str) -> None:
    first = recorded.get("2025-11-07T17:01:00Z", path)
    later = recorded.get("2025-11-07T21:30:00Z", path)
    assert first.status_code == later.status_code == 200
    assert first.content == later.content
    assert first.headers["etag"] == later.headers["etag"]


def test_team_rows_hold_the_true_totals_where_the_first_source_lacks_players(
    recorded: Replay,
) -> None:
    as_of = recorded.clock("2025-11-15")["as_of"]
    rows = recorded.log(as_of, Season="2025-26", PlayerOrTeam="T")
    assert all(2 * row["FGM"] + row["FG3M"] + row["FTM"] == row["PTS"] for row in rows)
    lac = next(row for row in rows if row["GAME_ID"] == GAME and row["TEAM_ABBREVIATION"] == "LAC")
    assert (lac["PTS"], lac["WL"], lac["PLUS_MINUS"]) == (102, "L", -13)


def test_player_rows_of_2024_25_are_the_whole_season(recorded: Replay) -> None:
    as_of = "2025-06-01T00:00:00Z"
    rows = recorded.log(as_of, Season="2024-25", PlayerOrTeam="P", SeasonType="Regular Season")
    assert len(rows) == 26_306
    assert len({(row["GAME_ID"], row["PLAYER_ID"]) for row in rows}) == 26_306
    assert recorded.log(as_of, Season="2024-25", PlayerOrTeam="P", SeasonType="Playoffs") == []


def test_the_postponed_game_is_called_off_at_its_tip_and_the_cup_final_is_no_game(
    recorded: Replay,
) -> None:
    def houston(as_of: str) -> dict[str, Any]:
        games = recorded.schedule(as_of).values()
        return next(game for game in games if game["gameCode"] == "20250111/HOUATL")

    assert houston("2025-01-11T18:00:00Z")["postponedStatus"] == "N"
    after = houston("2025-01-12T12:00:00Z")
    assert (after["postponedStatus"], after["gameStatus"]) == ("Y", 1)
    assert recorded.box("2025-01-12T12:00:00Z", after["gameId"]).status_code == 403
    cup = recorded.clock("2024-12-17")
    assert (cup["games"], cup["first_tip"]) == (0, None)
    listed = recorded.odds("2024-12-18T01:00:00Z", "events")
    assert [event["home_team"] for event in listed] == ["Oklahoma City Thunder"]


def test_a_game_without_an_id_gets_one_that_no_other_game_has(recorded: Replay) -> None:
    games = recorded.schedule(MORNING_AFTER)
    assert len(games) == 1230
    detroit = next(game for game in games.values() if game["gameCode"] == "20251101/DALDET")
    assert detroit["gameId"].startswith("002259")
    box = recorded.box(MORNING_AFTER, detroit["gameId"]).json()["game"]
    assert (box["awayTeam"]["score"], box["homeTeam"]["score"]) == (110, 122)


def test_who_was_listed_and_did_not_play_is_in_the_box_score(recorded: Replay) -> None:
    box = recorded.box("2025-02-01T20:00:00Z", "0022400684").json()["game"]
    rows = [row for side in ("homeTeam", "awayTeam") for row in box[side]["players"]]
    absent = [row for row in rows if row["played"] == "0"]
    assert absent
    assert all(row["name"] and row["statistics"]["minutes"] == "PT00M00.00S" for row in absent)
    assert len({row["personId"] for row in rows}) == len(rows)


def test_rosters_come_from_appearances_and_a_moved_player_is_on_his_latest_team(
    recorded: Replay,
) -> None:
    def names(as_of: str, team: str) -> set[str]:
        body = recorded.espn(as_of, f"teams/{team}/roster")
        return {athlete["fullName"] for athlete in body["athletes"]}

    luka = {name for name in names("2024-12-20T12:00:00Z", "DAL") if name.startswith("Luka")}
    traded = {name for name in names("2025-03-20T12:00:00Z", "LAL") if name.startswith("Luka")}
    assert traded == luka != set()
    assert not traded & names("2025-03-20T12:00:00Z", "DAL")
    assert names("2024-10-22T12:00:00Z", "GS"), "before the first game, last season's"


def test_injuries_are_unavailable_and_never_an_empty_list(recorded: Replay) -> None:
    path = "espn/apis/site/v2/sports/basketball/nba/injuries"
    response = recorded.get(MORNING_AFTER, path)
    assert response.status_code == 404
    assert response.json() == {"code": 404, "message": "unavailable in recorded data"}
    key = {"Authorization": "key"}
    second = recorded.get(MORNING_AFTER, "balldontlie/v1/player_injuries", headers=key)
    assert second.status_code == 404
    assert second.json() == {"error": "unavailable in recorded data"}


def test_seasons_say_what_can_be_run(recorded: Replay) -> None:
    body = recorded.http.get("/seasons").json()
    by_season = {season["season"]: season for season in body["seasons"]}
    assert by_season["2024-25"] == {
        "season": "2024-25",
        "first_date": "2024-10-22",
        "last_date": "2025-04-13",
        "games": 1230,
    }
    assert {"2024-12-19", "2025-11-07"} <= set(body["dates_with_lines"])
    assert body["source"] == "recorded"


def test_a_date_without_lines_is_lived_at_six_in_the_morning_eastern(recorded: Replay) -> None:
    clock = recorded.clock("2023-12-05")
    assert clock["as_of"] == "2023-12-05T11:00:00Z"
    assert clock["tip_assumed"] is True


def test_every_answer_says_recorded(recorded: Replay) -> None:
    for path in ("/healthz", "/nowhere", "/as-of/yesterday/nba-cdn/static"):
        assert recorded.http.get(path).headers["x-tipoff-source"] == "recorded"
