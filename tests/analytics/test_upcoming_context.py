from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from activities.analytics import upcoming_player_game_context, upcoming_team_game_context
from activities.analytics.consensus import consensus_lines
from activities.processor import Output
from tests.analytics.hand_slate import GAME, D, hand_props, hand_roster, hand_schedule
from tests.analytics.raw_frames import (
    context_of,
    empty,
    hand_frame,
    hand_player,
    run,
    stored,
    summaries_of,
    team_box_scores,
)


def _games(*plays: tuple[int, str, int]) -> dict[str, pd.DataFrame]:
    """Games by (player, team, days before D), against MIA, who play too."""
    rows = []
    for player, team, back in plays:
        day = D - timedelta(days=back)
        rows.append(hand_player(day, player, team, "MIA", minutes=30.0, fga=10, points=12))
        away = {"game_id": f"{day:%Y%m%d}_MIA_{team}", "is_home": False}
        rows.append(hand_player(day, 900, "MIA", team, minutes=30.0, fga=10, points=10, **away))
    players = hand_frame(rows).drop_duplicates(["game_id", "player_id"])
    return summaries_of(players, team_box_scores(players))


def _morning(
    summaries: dict[str, pd.DataFrame], *, now: pd.Timestamp | None = None, **given: pd.DataFrame
) -> tuple[Output, Output]:
    frames = {
        "schedule": hand_schedule(), "props": empty("nba_raw.player_points_props"),
        "openings": empty("nba_raw.player_points_openings"),
        "rosters": empty("nba_raw.rosters"), "injuries": empty("nba_raw.injury_report"),
        "players": empty("nba_reference.players"),
        "standing": empty("nba_analytics.upcoming_player_game_context"), **summaries, **given,
    }  # fmt: skip
    teams = run(upcoming_team_game_context.process, D, frames)
    frames["upcoming_teams"] = teams.frame
    context = context_of(D)
    if now is not None:
        context = replace(context, now=now.to_pydatetime())
    return teams, upcoming_player_game_context.process(context, frames, lambda *_: None)


FIVE = [(1, "BOS", n) for n in (2, 4, 6, 8, 10)]


def test_only_the_days_games_make_the_slate() -> None:
    teams, _ = _morning(_games(*FIVE))
    assert teams.frame[["game_id", "team_abbr", "is_home"]].to_numpy().tolist() == [
        [GAME, "BOS", True],
        [GAME, "NYK", False],
    ]


def test_a_postponed_game_is_not_on_the_slate_and_its_lines_are_void() -> None:
    teams, players = _morning(
        _games(*FIVE),
        schedule=hand_schedule(is_postponed=True),
        props=hand_props((1, "fanduel", 12.5, False)),
    )
    assert teams.frame.empty
    assert players.frame.empty
    assert players.warnings == ("1 players have lines for a game that is not on the slate: void",)


def test_a_team_that_played_yesterday_is_on_a_back_to_back() -> None:
    teams, players = _morning(_games(*FIVE, (1, "BOS", 1)))
    boston = teams.frame.set_index("team_abbr").loc["BOS"]
    assert boston["is_back_to_back"]
    assert boston["days_rest"] == 0
    assert boston["games_in_last_7_days"] == 4
    assert boston["games_played_season"] == 6
    assert boston["win_pct_season"] == 1.0
    player = players.frame.set_index("player_id").loc[1]
    assert player["is_back_to_back"]
    assert player["minutes_in_last_7_days"] == 120
    assert player["back_to_backs_last_14_days"] == 1


def test_a_team_before_its_first_game_has_no_rest_and_no_record() -> None:
    teams, _ = _morning(_games(*FIVE))
    new_york = teams.frame.set_index("team_abbr").loc["NYK"]
    assert pd.isna(new_york["days_rest"])
    assert pd.isna(new_york["win_pct_season"])
    assert not new_york["is_back_to_back"]


def test_a_team_without_a_roster_is_whoever_played_for_it_last() -> None:
    _, players = _morning(_games(*FIVE, (2, "BOS", 9), (2, "CHI", 3), (3, "BOS", 40)))
    assert players.frame["player_id"].tolist() == [1]
    assert "BOS: no roster, taken from the last 30 days' games" in players.warnings


def test_a_roster_player_with_four_games_and_no_line_is_not_eligible_and_says_why() -> None:
    _, players = _morning(_games(*FIVE[:4]), rosters=hand_roster((1, "BOS")))
    row = players.frame.iloc[0]
    assert not row["eligible"]
    assert row["ineligible_reason"] == "fewer than 5 games in 60 days and no line"


def test_a_rookie_with_a_line_is_eligible_without_a_game() -> None:
    _, players = _morning(
        _games(*FIVE),
        rosters=hand_roster((1, "BOS"), (7, "NYK")),
        props=hand_props((7, "fanduel", 5.5, False)),
    )
    rookie = players.frame.set_index("player_id").loc[7]
    assert rookie["eligible"]
    assert rookie["has_prop_line"]
    assert rookie["games_in_last_60_days"] == 0
    assert pd.isna(rookie["days_rest"])


def test_a_player_on_two_slate_teams_belongs_to_the_team_of_his_latest_game() -> None:
    rosters = hand_roster((1, "BOS"), (1, "NYK"))
    _, players = _morning(_games(*FIVE, (1, "NYK", 1)), rosters=rosters)
    assert players.frame[["player_id", "team_abbr"]].to_numpy().tolist() == [[1, "NYK"]]


def test_the_lines_own_team_wins_for_a_player_just_traded() -> None:
    _, players = _morning(_games(*FIVE), rosters=hand_roster((1, "BOS")),
                          props=hand_props((1, "fanduel", 9.5, False), team="NYK"))  # fmt: skip
    assert players.frame["team_abbr"].tolist() == ["NYK"]


def test_a_line_whose_player_has_no_team_is_left_out_by_name() -> None:
    _, players = _morning(_games(*FIVE), props=hand_props((77, "fanduel", 5.5, False)))
    assert 77 not in players.frame["player_id"].tolist()
    assert "1 players with a line left out, team unknown: 77" in players.warnings


def test_the_consensus_is_the_median_over_books_of_their_main_lines() -> None:
    props = hand_props(
        (1, "a", 10.5, False), (1, "b", 11.5, False), (1, "c", 14.5, False), (1, "dfs", 30.5, True)
    )
    alternates = hand_props((1, "a", 25.5, False), (1, "b", 26.5, False)).assign(is_main=False)
    lines = consensus_lines(pd.concat([props, alternates], ignore_index=True), {GAME})
    assert lines[["points_line", "books"]].to_numpy().tolist() == [[11.5, 3]]


def test_fantasy_lines_count_only_where_no_sportsbook_has_one() -> None:
    props = hand_props((1, "dfs1", 10.5, True), (1, "dfs2", 11.5, True))
    assert consensus_lines(props, {GAME})["points_line"].tolist() == [11.0]


def test_no_injury_report_is_unknown_and_a_report_without_him_is_available() -> None:
    games = _games(*FIVE)
    _, unknown = _morning(games)
    assert unknown.frame["injury_status"].tolist() == ["unknown"]
    report = pd.DataFrame({"player_id": [2], "status": ["questionable"]})
    _, known = _morning(games, injuries=report)
    assert known.frame["injury_status"].tolist() == ["available"]


@pytest.mark.parametrize("status", ["out", "doubtful"])
def test_only_a_player_reported_out_is_not_eligible(status: str) -> None:
    report = pd.DataFrame({"player_id": [1], "status": [status]})
    props = hand_props((1, "fanduel", 12.5, False))
    _, players = _morning(_games(*FIVE), injuries=report, props=props)
    row = players.frame.iloc[0]
    assert row["eligible"] == (status == "doubtful")
    assert row["ineligible_reason"] == ("out (reported)" if status == "out" else None)


def test_a_day_without_games_gives_empty_tables() -> None:
    teams, players = _morning(_games(*FIVE), schedule=hand_schedule().iloc[:1])
    assert teams.frame.empty
    assert players.frame.empty
    assert players.partitions == (D,)


def test_from_its_tip_off_on_the_context_of_a_games_players_stands() -> None:
    _, morning = _morning(_games(*FIVE))
    healthy = morning.frame.loc[morning.frame["player_id"] == 1].iloc[0]
    report = pd.DataFrame([{"report_date": pd.Timestamp(D), "player_id": 1, "status": "out"}])
    standing = stored(upcoming_player_game_context, morning)
    tip = healthy["tip_time"]
    for now, status in ((tip - timedelta(minutes=1), "out"), (tip, healthy["injury_status"])):
        _, later = _morning(_games(*FIVE), injuries=report, standing=standing, now=now)
        row = later.frame.loc[later.frame["player_id"] == 1].iloc[0]
        assert row["injury_status"] == status
        assert row["eligible"] == (status != "out")
        assert len(later.frame) == len(morning.frame)
