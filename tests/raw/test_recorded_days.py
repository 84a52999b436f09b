"""Scraping and raw rows of recorded days, against facts of the source files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from activities.raw.history import load_history
from activities.raw.line_history import past_lines
from activities.raw.resolution import Registry
from activities.raw.teams import latest_teams
from activities.scrape.http import UpstreamClient
from activities.stores import Moment
from shared.registry import Processor
from tests.in_process import Morning, silent
from tests.replay.conftest import Replay, start, stop


@pytest.fixture(scope="module")
def replay(recorded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """The recorded seasons over HTTP."""
    server = start(tmp_path_factory.mktemp("replay"), "--source", "recorded", "--data", str(recorded_data))
    yield server
    stop(server)


def beyond_raw(processor: Processor) -> bool:
    """Stops before phase 3."""
    return processor.name == "team_offense_game_summary"


@pytest.fixture(scope="module")
def november(replay: Replay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """The morning of 2025-11-07 after phase 2, over last season and this one."""
    morning = Morning(tmp_path_factory.mktemp("november"), replay.base, "recorded", date(2025, 11, 7))
    morning.history(date(2024, 10, 1), date(2025, 4, 30))
    morning.history(date(2025, 10, 1), date(2025, 11, 5))
    morning.run(beyond_raw)
    yield morning
    morning.warehouse.close()


def test_the_box_score_of_the_day_before_is_completed_from_the_second_source(november: Morning) -> None:
    players = november.warehouse.read("nba_raw.player_box_scores", dates=[date(2025, 11, 6)])
    teams = november.warehouse.read("nba_raw.team_box_scores", dates=[date(2025, 11, 6)])
    assert (len(players), int(players["points"].sum())) == (26, 217)
    added = players[players["source"] == "balldontlie"]
    assert list(added["team_abbr"]) == ["LAC"]
    assert teams.set_index("team_abbr")["completed_by"].dropna().to_dict() == {"LAC": "balldontlie"}
    assert teams["is_complete"].all()


def test_every_player_with_a_line_is_found(november: Morning) -> None:
    props = november.warehouse.read("nba_raw.player_points_props", dates=[date(2025, 11, 7)])
    assert props["player_id"].nunique() == 178
    assert not props["resolution"].str.startswith("unresolved").any()


def test_past_lines_are_the_rows_of_the_morning_that_lived_them(november: Morning) -> None:
    day = date(2025, 11, 7)
    warehouse = november.warehouse
    lived = warehouse.read("nba_raw.player_points_props", dates=[day])
    players = warehouse.read("nba_reference.players", until=day)
    games = warehouse.read("nba_raw.player_box_scores", since=date(2025, 4, 1), until=day)
    later = november.as_of + timedelta(days=2)
    context = november.around.context_at(Moment(day, later, later, (day,), "test"))
    with UpstreamClient(context.upstreams) as client:
        rows, warnings = past_lines(client, context, day, Registry(players, latest_teams(games)))
    rows["game_date"] = pd.to_datetime(rows["game_date"])
    # The roster of the morning knows a team of those who have not played yet; history does not.
    columns = [c for c in rows.columns if c not in ("team_abbr", "resolution")]
    order = ["game_id", "player_id", "bookmaker", "points_line"]
    pd.testing.assert_frame_equal(
        rows[columns].sort_values(order, ignore_index=True),
        lived[columns].sort_values(order, ignore_index=True),
        check_dtype=False,
    )
    assert (len(rows) > 1_000, warnings) == (True, [])


def test_a_past_date_without_lines_says_so(november: Morning) -> None:
    day = date(2025, 2, 5)
    context = november.context((day,))
    with UpstreamClient(context.upstreams) as client:
        rows, warnings = past_lines(client, context, day, Registry(pd.DataFrame()))
    assert (len(rows), warnings) == (0, ["2025-02-05: the source has no lines"])


def test_nicolas_claxton_continues_nic_claxton(november: Morning) -> None:
    games = november.warehouse.read("nba_raw.player_box_scores")
    claxton = games[games["player_lookup"] == "nicclaxton"]
    assert claxton["player_id"].nunique() == 1
    assert claxton["season"].nunique() == 2
    assert not games["player_lookup"].eq("nicolasclaxton").any()


def test_another_day_brings_in_its_own_box_scores(november: Morning) -> None:
    november.history(date(2025, 11, 7), date(2025, 11, 10))
    november.advance_to(date(2025, 11, 12))
    november.run(beyond_raw)
    teams = november.warehouse.read("nba_raw.team_box_scores", dates=[date(2025, 11, 11)])
    players = november.warehouse.read("nba_raw.player_box_scores", dates=[date(2025, 11, 11)])
    assert (teams["game_id"].nunique(), len(players), int(players["points"].sum())) == (6, 129, 1_421)


def test_all_382_team_games_of_the_season_add_up_after_completion(
    replay: Replay, recorded_data: Path, tmp_path: Path
) -> None:
    morning = Morning(tmp_path / "home", replay.base, "recorded", date(2025, 11, 16))
    context = morning.context(())
    empty = morning.warehouse.read("nba_reference.players")
    loaded = load_history(context, empty, "2025-26", date(2025, 10, 1), date(2025, 11, 15), silent)
    morning.warehouse.close()
    teams = loaded.team_box_scores
    assert len(teams) == 382
    assert teams["is_complete"].all(), teams.loc[~teams["is_complete"], "incomplete_reason"].tolist()
    assert (teams["player_points"] == teams["points"]).all()
    completed = teams[teams["completed_by"].notna()]
    assert set(completed["completed_by"]) == {"balldontlie"}
    source = pd.read_parquet(recorded_data / "box_scores" / "2025-26_to_2025-11-15.parquet")
    team_games = source.groupby(["game_date", "team"]).agg(pts=("pts", "sum"), team_pts=("team_pts", "max"))
    short = set(team_games[team_games["pts"] < team_games["team_pts"]].index)
    assert len(short) == 20
    named = set(zip(completed["game_date"], completed["team_abbr"], strict=True))
    assert short <= named
    # Four more lack a player who did not score: their minutes give them away.
    assert len(named) == 24
    sums = loaded.player_box_scores.groupby(["game_id", "team_abbr"])["points"].sum()
    pd.testing.assert_series_equal(
        sums.sort_index(), teams.set_index(["game_id", "team_abbr"])["points"].sort_index(),
        check_names=False, check_dtype=False,
    )  # fmt: skip


def test_a_day_of_fantasy_lines_only_finds_its_174_players(
    replay: Replay, tmp_path_factory: pytest.TempPathFactory
) -> None:
    morning = Morning(tmp_path_factory.mktemp("december"), replay.base, "recorded", date(2024, 12, 19))
    morning.history(date(2023, 10, 1), date(2024, 4, 30))
    morning.history(date(2024, 10, 1), date(2024, 12, 17))
    morning.run(beyond_raw)
    props = morning.warehouse.read("nba_raw.player_points_props", dates=[date(2024, 12, 19)])
    boxes = morning.warehouse.read("nba_raw.team_box_scores", dates=[date(2024, 12, 18)])
    morning.warehouse.close()
    assert props["player_id"].nunique() == 174
    strangers = props.loc[props["resolution"].str.startswith("unresolved").to_numpy(dtype=bool)]
    # Traded four days before, he has not played for his new team, and no roster of that time was recorded.
    assert set(strangers["player_name"]) == {"Dennis Schroder"}
    assert props["is_dfs"].all()
    assert boxes.empty
