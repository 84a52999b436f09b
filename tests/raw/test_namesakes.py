"""Two men of one name: their teams tell them apart, and where nothing does neither is taken for the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared.registry import Processor
from tests.in_process import Morning
from tests.replay.conftest import Replay

DAY = date(2025, 10, 26)
PLAYED = DAY - timedelta(days=1)
PROPS, ROSTERS, PLAYERS = "nba_raw.player_points_props", "nba_raw.rosters", "nba_reference.players"
QUALITY = "nba_orchestration.quality_results"


@pytest.fixture
def morning(replay: Replay, tmp_path: Path) -> Iterator[Morning]:
    """A morning without history, no faults set, and none left."""
    replay.http.delete("/faults")
    made = Morning(tmp_path / "home", replay.base, "simulated", DAY)
    yield made
    made.warehouse.close()
    replay.http.delete("/faults")


def beyond_raw(processor: Processor) -> bool:
    """Stops before phase 3."""
    return processor.name == "team_offense_game_summary"


def know(morning: Morning) -> None:
    """Loads the season's days before yesterday."""
    morning.history(date(2025, 10, 21), PLAYED - timedelta(days=1))


def games(replay: Replay, morning: Morning, day: date) -> list[dict[str, Any]]:
    """A date's games as the schedule has them on the morning."""
    listed = replay.schedule(f"{morning.as_of:%Y-%m-%dT%H:%M:%SZ}").values()
    return [game for game in listed if game["gameCode"].startswith(f"{day:%Y%m%d}")]


def best_of(replay: Replay, morning: Morning, team: str) -> str:
    """A player whom the market has a line for: of a team's top scorers."""
    log = replay.log(f"{morning.as_of:%Y-%m-%dT%H:%M:%SZ}", Season="2025-26", PlayerOrTeam="P")
    own = pd.DataFrame(log).query("TEAM_ABBREVIATION == @team")
    return str(own.groupby("PLAYER_NAME")["PTS"].sum().idxmax())


def sides(game: dict[str, Any]) -> tuple[str, str]:
    """Away and home."""
    return game["awayTeam"]["teamTricode"], game["homeTeam"]["teamTricode"]


def rename(replay: Replay, route: str, name: str, team: str, new: str) -> None:
    """A player gets a name at an upstream, from the beginning."""
    replay.fault(route, "renamed_player", value=new, match={"player": name, "team": team})


def bearers(morning: Morning, name: str) -> pd.DataFrame:
    """Who is registered under a name."""
    known = morning.warehouse.read(PLAYERS)
    return known.loc[(known["player_name"] == name).to_numpy(dtype=bool)]


def test_a_name_whose_only_bearer_is_elsewhere_is_nobody_on_a_line_and_a_new_man_on_a_roster(
    replay: Replay, morning: Morning
) -> None:
    (away, home), (_, elsewhere), (third, _) = (sides(game) for game in games(replay, morning, DAY)[:3])
    star, bearer, man = (best_of(replay, morning, team) for team in (home, elsewhere, third))
    know(morning)
    # The market has a newcomer whom no roster has; a third team's roster has one, with an id of his own.
    rename(replay, "odds-api/event-odds", star, home, bearer)
    rename(replay, "espn/roster", man, third, bearer)
    morning.run(beyond_raw)

    first, newcomer = bearers(morning, bearer).sort_values("registered_on")["player_id"]
    rosters = morning.warehouse.read(ROSTERS, dates=[DAY])
    on = {team: set(rows["player_id"]) & {first, newcomer} for team, rows in rosters.groupby("team_abbr")}
    assert (on[elsewhere], on[third], on[home]) == ({first}, {newcomer}, set())

    props = morning.warehouse.read(PROPS, dates=[DAY])
    named = props.loc[(props["player_name"] == bearer).to_numpy(dtype=bool)]
    nobodys = (named["game_id"] == f"{DAY:%Y%m%d}_{away}_{home}").to_numpy(dtype=bool)
    assert set(named.loc[nobodys, "resolution"]) == {"unresolved: he is on neither team"}
    assert not set(named.loc[nobodys, "player_id"]) & {first, newcomer}
    assert first in set(named.loc[~nobodys, "player_id"])
    checks = morning.warehouse.read(QUALITY, dates=[DAY], equals={"check_name": "lines_are_of_known_players"})
    assert list(checks["failing"].iloc[0]) == [f"{bearer}: he is on neither team"]


def test_namesakes_without_ids_in_a_box_score_are_no_third_man(replay: Replay, morning: Morning) -> None:
    away, home = sides(games(replay, morning, PLAYED)[0])
    one, other = best_of(replay, morning, away), best_of(replay, morning, home)
    rename(replay, "league", one, away, other)
    know(morning)
    two = set(bearers(morning, other)["player_id"])
    replay.fault("nba-cdn/boxscore", "status", value=503)
    morning.run(beyond_raw)
    boxes = morning.warehouse.read("nba_raw.player_box_scores", dates=[PLAYED])
    theirs = boxes.loc[(boxes["player_name"] == other).to_numpy(dtype=bool)]
    assert (set(theirs["source"]), set(theirs["team_abbr"])) == ({"espn"}, {away, home})
    assert (len(two), set(theirs["player_id"]), set(bearers(morning, other)["player_id"])) == (2, two, two)
