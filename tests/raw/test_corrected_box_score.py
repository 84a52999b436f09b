"""A box score that is whole and wrong on the first morning, and put right by the second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from activities.processor import Upstreams
from activities.scrape.box_scores import CORRECTED, LINE, corrected_games
from activities.scrape.http import UpstreamClient
from activities.scrape.sources import nba_cdn
from activities.scrape.sources.nba_cdn import ScheduledGame
from shared.registry import Processor
from tests.in_process import Morning
from tests.raw.test_late_box_score import OF_THE_GAME, OF_THE_SECOND, _different, _rows
from tests.replay.conftest import Replay

PLAYED, FIRST, SECOND = (date(2025, 10, day) for day in (26, 27, 28))
NOON = datetime(2025, 10, 26, 17, tzinfo=UTC)
PLAYERS, SUMMARIES = "nba_raw.player_box_scores", "nba_analytics.player_game_summary"


def _up_to_features(processor: Processor) -> bool:
    return processor.name == "prediction_chunk"


@pytest.fixture(scope="module")
def mornings(replay: Replay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Homes with the wrong box score at first, one where nba.com lacks somebody too, and with the truth."""
    schedule = replay.schedule(f"{SECOND}T17:01:00Z").values()
    game = next(g for g in schedule if g["gameCode"].startswith(f"{PLAYED:%Y%m%d}"))
    told = replay.box(f"{SECOND}T17:01:00Z", game["gameId"]).json()["game"]
    player = max(told["homeTeam"]["players"], key=lambda it: it["statistics"]["points"])
    code = game["gameCode"]
    found: dict[str, Any] = {"game": f"{code[:8]}_{code[9:12]}_{code[12:]}", "player": player["name"]}
    scorers = (p for p in told["homeTeam"]["players"] if p["statistics"]["points"])
    another = next(p["name"] for p in scorers if p != player)
    for name in ("corrected", "lacking", "true"):
        morning = Morning(tmp_path_factory.mktemp(name), replay.base, "simulated", FIRST)
        morning.history(date(2025, 10, 21), date(2025, 10, 25))
        if name == "lacking":
            match = {"game_id": game["gameId"]}
            replay.fault("nba-cdn/boxscore", "missing_player", value=another, match=match)
        if name != "true":
            match = {"game_id": game["gameId"], "player": player["name"]}
            replay.fault("league", "corrected_box", value={"points": 4}, match=match)
        morning.run(_up_to_features)
        found[f"{name}, first"] = {table: _rows(morning, table, PLAYED) for table in OF_THE_GAME}
        morning.advance_to(SECOND)
        morning.run(_up_to_features)
        found[name] = morning
        replay.http.delete("/faults")
    yield found
    for name in ("corrected", "lacking", "true"):
        found[name].warehouse.close()


def test_the_wrong_box_score_is_taken_at_first_since_it_adds_up(mornings: dict[str, Any]) -> None:
    wrong, right = mornings["corrected, first"], mornings["true, first"]
    assert len(_different(wrong[PLAYERS], right[PLAYERS])) == 1
    teams = mornings["corrected"].runs["raw_team_box_scores"][2].frame
    assert teams["is_complete"].all()


def test_the_second_morning_changes_exactly_his_row_and_names_him(mornings: dict[str, Any]) -> None:
    corrected, game, player = mornings["corrected"], mornings["game"], mornings["player"]
    first = mornings["corrected, first"]
    assert len(_different(first[PLAYERS], _rows(corrected, PLAYERS, PLAYED))) == 1
    # His teammates' usage is a share of what the team did.
    changed = _different(first[SUMMARIES], _rows(corrected, SUMMARIES, PLAYED))
    assert {key[1] for key in changed} == {game}
    output = corrected.runs["raw_player_box_scores"][2]
    (listed,) = [w for w in output.warnings if "new or changed" in w]
    assert listed == f"{game}: rows new or changed since they were first stored: {player}"
    scraped = corrected.runs["scrape_box_scores"][2]
    assert scraped.facts["corrected"] == 1
    assert f"{game}: box score {CORRECTED}" in scraped.warnings


def test_from_then_on_all_is_as_if_it_had_never_been_wrong(mornings: dict[str, Any]) -> None:
    corrected, true = mornings["corrected"], mornings["true"]
    for table, day in [(t, PLAYED) for t in OF_THE_GAME] + [(t, SECOND) for t in OF_THE_SECOND]:
        assert _different(_rows(corrected, table, day), _rows(true, table, day)) == set(), table


def test_it_is_noticed_too_where_nba_com_lacks_a_player_whom_another_source_has(
    mornings: dict[str, Any],
) -> None:
    lacking = mornings["lacking"]
    assert lacking.runs["scrape_box_scores"][2].facts["corrected"] == 1
    counts = ["player_id", *LINE]
    told, truth = (mornings[it].warehouse.read(PLAYERS, dates=[PLAYED]) for it in ("lacking", "true"))
    assert sorted(told[counts].itertuples(index=False)) == sorted(truth[counts].itertuples(index=False))


def test_whom_the_whole_minutes_of_another_source_have_hidden_is_looked_for_when_nba_com_falls_short(
    replay: Replay,
) -> None:
    told = replay.schedule(f"{FIRST}T17:01:00Z").values()
    number = next(g["gameId"] for g in told if g["gameCode"].startswith(f"{PLAYED:%Y%m%d}"))
    game = ScheduledGame("g", number, PLAYED, "A", "B", NOON, False, 3, False, "regular", None, None)
    replay.fault("nba-cdn/boxscore", "missing_player", match={"game_id": number})
    base = f"{replay.base}/as-of/{FIRST}T17:01:00Z"
    with UpstreamClient(Upstreams(base, "simulated")) as client:
        box = nba_cdn.parse_box_score(nba_cdn.box_score(client, number).body)
        players = [player for team in box.teams for player in team.players]
        rows = pd.DataFrame([player.stat_line for player in players], columns=LINE)
        rows = rows.assign(game_id="g", player_id=range(len(rows)))
        another = rows.iloc[:1].assign(player_id=-1, points=99)
        assert corrected_games(client, [game], rows) == {"g"}, "nobody was told of but by it"
        assert corrected_games(client, [game], pd.concat([rows, another])) == set()
    replay.http.delete("/faults")


def test_where_nothing_was_put_right_the_date_is_not_made_again(mornings: dict[str, Any]) -> None:
    true = mornings["true"]
    assert true.runs["scrape_box_scores"][2].facts["corrected"] == 0
    log = true.warehouse.read("nba_raw.scrape_log", dates=[SECOND], equals={"processor": "scrape_box_scores"})
    assert {f"{day:%Y-%m-%d}" for day in log["subject_date"]} == {str(FIRST)}
