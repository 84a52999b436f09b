"""The simulated league on the wire: consistent, repeatable, plausible, and marked as simulated."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from replay.league import add_up, whole_minutes
from replay.simulated import SimulatedLeague
from tests.replay.conftest import Replay, start, stop

DAY, AS_OF = "2026-01-15", "2026-01-15T17:01:00Z"


def test_a_season_has_1230_games_and_82_a_team_half_of_them_at_home(simulated: Replay) -> None:
    games = simulated.schedule(AS_OF).values()
    assert len(games) == 1230
    home = [game["homeTeam"]["teamTricode"] for game in games]
    away = [game["awayTeam"]["teamTricode"] for game in games]
    assert {home.count(team) for team in set(home)} == {41}
    assert {away.count(team) for team in set(home)} == {41}
    days = [(game["gameDateEst"], side) for game in games for side in team_ids(game)]
    assert len(days) == len(set(days)), "no team plays twice a day"
    assert 155 <= len({game["gameDateEst"] for game in games}) <= 170


def team_ids(game: dict[str, Any]) -> tuple[int, int]:
    return game["homeTeam"]["teamId"], game["awayTeam"]["teamId"]


def test_points_come_from_shots_and_team_rows_are_the_sums_of_player_rows(
    simulated: Replay,
) -> None:
    asked = {"Season": "2025-26", "DateFrom": "12/01/2025", "DateTo": "12/31/2025"}
    players = simulated.log(AS_OF, PlayerOrTeam="P", **asked)
    teams = simulated.log(AS_OF, PlayerOrTeam="T", **asked)
    assert len(teams) > 300
    assert all(2 * row["FGM"] + row["FG3M"] + row["FTM"] == row["PTS"] for row in players)
    sums: dict[tuple[str, str], int] = {}
    for row in players:
        key = (row["GAME_ID"], row["TEAM_ABBREVIATION"])
        sums[key] = sums.get(key, 0) + row["PTS"]
    assert sums == {(row["GAME_ID"], row["TEAM_ABBREVIATION"]): row["PTS"] for row in teams}
    assert all(row["PLAYER_ID"] >= 9_000_000 for row in players)
    assert 9 <= len(players) / len(teams) <= 10.5
    assert 105 <= sum(row["PTS"] for row in teams) / len(teams) <= 120


def test_the_mean_of_the_last_ten_misses_by_about_as_much_as_in_the_real_league(
    simulated: Replay,
) -> None:
    rows = simulated.log("2026-05-01T00:00:00Z", Season="2025-26", PlayerOrTeam="P")
    before: dict[int, list[int]] = {}
    misses = []
    for row in rows:
        past = before.setdefault(row["PLAYER_ID"], [])
        if len(past) >= 10:
            misses.append(abs(sum(past[-10:]) / 10 - row["PTS"]))
        past.append(row["PTS"])
    assert 4.4 <= sum(misses) / len(misses) <= 5.0


@pytest.mark.parametrize(("minutes", "whole"), [(34.49, 34), (34.5, 35), (30.5, 31), (0.4, 0), (12, 12)])
def test_half_a_minute_goes_up_where_a_source_writes_whole_ones(minutes: float, whole: int) -> None:
    assert whole_minutes(minutes) == whole


def test_minutes_sum_to_240_a_team(simulated: Replay) -> None:
    game = a_final_game(simulated)
    box = simulated.box(AS_OF, game["gameId"]).json()["game"]
    for side in ("homeTeam", "awayTeam"):
        seconds = 0
        for row in box[side]["players"]:
            minutes, rest = row["statistics"]["minutes"][2:-1].split("M")
            seconds += int(minutes) * 60 + round(float(rest))
        assert seconds == 240 * 60
        assert sum(row["starter"] == "1" for row in box[side]["players"]) == 5


def a_final_game(replay: Replay) -> dict[str, Any]:
    games = replay.schedule(AS_OF).values()
    return [game for game in games if game["gameStatus"] == 3][-1]


def test_five_books_price_both_sides_of_well_over_a_hundred_players(simulated: Replay) -> None:
    clock = simulated.clock(DAY)
    assert clock["source"] == "simulated"
    players: set[str] = set()
    for event in simulated.odds(clock["as_of"], "events"):
        body = simulated.odds(
            clock["as_of"],
            f"events/{event['id']}/odds",
            regions="us",
            markets="player_points",
            oddsFormat="american",
        )
        assert len(body["bookmakers"]) == 5
        for book in body["bookmakers"]:
            outcomes = book["markets"][0]["outcomes"]
            assert all(abs(it["price"]) >= 100 and it["point"] % 1 == 0.5 for it in outcomes)
            names = [it["description"] for it in outcomes]
            assert all(names.count(name) == 2 for name in names)
            players |= set(names)
    assert len(players) >= 12 * clock["games"]


def test_nobody_who_is_out_plays_or_has_a_line(simulated: Replay) -> None:
    report = simulated.espn(AS_OF, "injuries")["injuries"]
    entries = [entry for team in report for entry in team["injuries"]]
    assert {entry["status"] for entry in entries} >= {"Out", "Questionable", "Probable"}
    out = {entry["athlete"]["displayName"] for entry in entries if entry["status"] == "Out"}
    rows = simulated.log(
        "2026-01-16T12:00:00Z",
        Season="2025-26",
        PlayerOrTeam="P",
        DateFrom="01/15/2026",
        DateTo="01/15/2026",
    )
    assert rows
    assert not out & {row["PLAYER_NAME"] for row in rows}


def test_balldontlie_pages_the_same_injuries_as_espn_in_its_own_format(simulated: Replay) -> None:
    report = simulated.espn(AS_OF, "injuries")["injuries"]
    entries = [entry for team in report for entry in team["injuries"]]
    espn = {(entry["athlete"]["displayName"], entry["status"]) for entry in entries}
    rows: list[dict[str, Any]] = []
    cursor: list[tuple[str, str]] = []
    for _ in range(100):
        body = simulated.bdl(AS_OF, "player_injuries", [("per_page", "5"), *cursor])
        assert 0 < len(body["data"]) <= 5
        rows += body["data"]
        if "next_cursor" not in body["meta"]:
            break
        cursor = [("cursor", str(body["meta"]["next_cursor"]))]
    players = [row["player"] for row in rows]
    assert len(players) == len(espn) > 5
    names = [f"{player['first_name']} {player['last_name']}" for player in players]
    assert set(zip(names, (row["status"] for row in rows), strict=True)) == espn
    assert {type(player["team_id"]) for player in players} == {int}
    assert set(rows[0]) == {"player", "return_date", "description", "status"}


def test_rosters_carry_over_from_one_season_to_the_next(simulated: Replay) -> None:
    def names(as_of: str) -> set[str]:
        body = simulated.espn(as_of, "teams/bos/roster")
        return {athlete["fullName"] for athlete in body["athletes"]}

    before, after = names("2026-03-01T12:00:00Z"), names("2026-12-01T12:00:00Z")
    assert len(before) == len(after) == 15
    assert 5 <= len(before & after) < 15


def test_names_hold_the_traps_of_real_ones(simulated: Replay) -> None:
    rows = simulated.log(AS_OF, Season="2025-26", PlayerOrTeam="P")
    names = {row["PLAYER_NAME"] for row in rows}
    by_id = {row["PLAYER_ID"]: row["PLAYER_NAME"] for row in rows}
    assert len(by_id) == len(names), "no two players share a name"
    assert any(not name.isascii() for name in names)
    assert any(name.endswith("Jr.") for name in names)


def test_two_processes_with_one_seed_answer_the_same_bytes_and_another_seed_others(
    simulated: Replay, tmp_path: Path
) -> None:
    path = "stats-nba/stats/leaguegamelog?Season=2025-26&PlayerOrTeam=P&DateFrom=01/10/2026"
    mine = simulated.get(AS_OF, path).content
    answers = []
    for seed in ("2026", "7"):
        (tmp_path / seed).mkdir()
        other = start(tmp_path / seed, "--source", "simulated", "--seed", seed)
        answers.append(other.get(AS_OF, path).content)
        assert stop(other) == 0
    assert answers[0] == mine
    assert answers[1] != mine


def test_every_date_of_the_range_can_be_run(simulated: Replay) -> None:
    for day in ("2023-11-01", "2024-12-03", "2026-11-23", "2027-04-05"):
        clock = simulated.clock(day)
        assert clock["games"] > 0, day
        assert simulated.odds(clock["as_of"], "events"), day
    assert simulated.clock("2026-07-01")["games"] == 0
    assert len(simulated.http.get("/seasons").json()["seasons"]) == 4


def test_every_answer_says_simulated(simulated: Replay) -> None:
    for path in ("/healthz", "/seasons", "/nowhere", f"/as-of/{AS_OF}/nba-cdn/x"):
        assert simulated.http.get(path).headers["x-tipoff-source"] == "simulated"
    assert simulated.http.get("/seasons").json()["source"] == "simulated"


def test_a_crowded_league_has_more_players_and_books_and_its_box_scores_still_add_up() -> None:
    league, crowd = SimulatedLeague(2026), SimulatedLeague(2026, crowd=3, books=12)
    few, many = league.season("2025-26"), crowd.season("2025-26")
    assert few is not None
    assert many is not None
    for game in many.games[:60]:
        rows, offers = many.box[game.game_id], many.offers[str(game.event_id)]
        assert len(rows) == len({row.name for row in rows}) == len({row.person_id for row in rows})
        assert {row.name for row in few.box[game.game_id]} < {row.name for row in rows}
        assert all(2 * row.fgm + row.fg3m + row.ftm == row.pts for row in rows)
        for team, points in ((game.home, game.home_pts), (game.away, game.away_pts)):
            minutes, stats = add_up(row for row in rows if row.team == team)
            assert minutes == pytest.approx(3 * 240)
            assert (minutes, stats[-1]) == (pytest.approx(many.totals[game.game_id, team].minutes), points)
        assert game.home_pts != game.away_pts
        listed = {offer.player for offer in few.offers[str(game.event_id)]}
        assert len({offer.player for offer in offers}) == 3 * len(listed)
        assert len({offer.book for offer in offers}) == 12
    noon = datetime(2026, 1, 15, 17, tzinfo=UTC)
    assert len(crowd.roster("BOS", noon)) == 3 * len(league.roster("BOS", noon))
