"""What happens when a source fails: the next one is asked, and the log says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from activities.processor import Upstreams
from activities.scrape.http import UpstreamClient
from activities.scrape.sources import espn, nba_cdn, odds_api
from shared.errors import AuthenticationError, UpstreamUnavailable
from shared.registry import Processor
from tests.in_process import Morning
from tests.replay.conftest import Replay

DAY = date(2025, 11, 26)


@pytest.fixture
def morning(replay: Replay, tmp_path: Path) -> Iterator[Morning]:
    """A morning without history, no faults set."""
    replay.http.delete("/faults")
    morning = Morning(tmp_path / "home", replay.base, "simulated", DAY)
    yield morning
    morning.warehouse.close()
    replay.http.delete("/faults")


def until(name: str) -> object:
    """Stops before a processor."""

    def stops(processor: Processor) -> bool:
        return processor.name == name

    return stops


def log_of(morning: Morning, processor: str) -> list[tuple[str, str]]:
    """Source and status of each logged response."""
    rows = morning.warehouse.read("nba_raw.scrape_log", dates=[DAY], equals={"processor": processor})
    return list(zip(rows["source"], rows["status"], strict=True))


def test_a_box_score_that_the_first_source_refuses_comes_from_the_next(
    replay: Replay, morning: Morning
) -> None:
    replay.fault("nba-cdn/boxscore", "status", value=503)
    morning.run(until("scrape_prop_lines"))
    log = set(log_of(morning, "scrape_box_scores"))
    assert log == {("nba_cdn", "failed"), ("espn", "ok"), ("balldontlie", "ok")}


def test_a_truncated_body_is_stored_and_the_next_source_is_asked(replay: Replay, morning: Morning) -> None:
    replay.fault("nba-cdn/boxscore", "truncated")
    morning.run(until("scrape_prop_lines"))
    rows = morning.warehouse.read(
        "nba_raw.scrape_log", dates=[DAY], equals={"processor": "scrape_box_scores"}
    )
    failed = rows[rows["status"] == "failed"]
    assert len(failed)
    assert failed["object_path"].notna().all()
    assert failed["detail"].str.contains("nba.com box score").all()
    assert set(rows.loc[rows["status"] == "ok", "source"]) == {"espn", "balldontlie"}


def test_a_missing_player_is_supplied_by_a_later_source(replay: Replay, morning: Morning) -> None:
    replay.fault("nba-cdn/boxscore", "missing_player")
    replay.fault("espn/summary", "status", value=404)
    morning.run(until("raw_rosters"))
    teams = morning.warehouse.read("nba_raw.team_box_scores", dates=[DAY - timedelta(days=1)])
    assert teams["is_complete"].all()
    assert set(teams["completed_by"].dropna()) <= {"balldontlie", "balldontlie (not independent)"}
    assert teams["completed_by"].notna().any()


def test_a_wrong_total_that_no_source_can_mend_is_carried_as_incomplete(
    replay: Replay, morning: Morning
) -> None:
    for route in ("nba-cdn/boxscore", "espn/summary", "balldontlie/stats"):
        replay.fault(route, "missing_player")
    morning.run(until("raw_rosters"))
    teams = morning.warehouse.read("nba_raw.team_box_scores", dates=[DAY - timedelta(days=1)])
    broken = teams[~teams["is_complete"].astype(bool)]
    assert len(broken)
    assert broken["incomplete_reason"].str.contains("players sum to").all()


def test_no_source_at_all_is_an_error_that_names_the_game(replay: Replay, morning: Morning) -> None:
    for route in ("nba-cdn/boxscore", "espn/summary", "balldontlie/stats"):
        replay.fault(route, "status", value=503)
    with pytest.raises(UpstreamUnavailable, match=r"box score of 202511\d\d_\w+: no source answered"):
        morning.run(until("scrape_prop_lines"))


def test_the_schedule_falls_back_to_espn(replay: Replay, morning: Morning) -> None:
    replay.fault("nba-cdn/schedule", "status", value=503)
    morning.run(until("raw_players"))
    games = morning.warehouse.read("nba_raw.schedule", dates=[DAY])
    today = games[games["game_date"].dt.date == DAY]
    assert len(today) == 5
    assert ("nba_cdn", "failed") in log_of(morning, "scrape_schedule")


def test_a_schedule_from_espn_keeps_the_ids_that_nba_com_gave_the_day_before(
    replay: Replay, morning: Morning
) -> None:
    morning.advance_to(DAY - timedelta(days=1))
    morning.run(until("raw_players"))
    morning.advance_to(DAY)
    replay.fault("nba-cdn/schedule", "status", value=503)
    morning.run(until("raw_players"))
    assert set(log_of(morning, "scrape_box_scores")) == {("nba_cdn", "ok")}
    games = morning.warehouse.read("nba_raw.schedule", dates=[DAY])
    today = games.loc[(games["game_date"].dt.date == DAY).to_numpy(dtype=bool)]
    assert today["nba_game_id"].notna().all()


def test_a_game_that_the_schedule_lacks_is_told_of_by_the_market(replay: Replay, morning: Morning) -> None:
    morning.run(until("scrape_injuries"))
    morning.run_one("scrape_quality")
    key = f"{DAY:%Y%m%d}_" + sorted(_schedule_keys(replay))[0]
    first = _check(morning)
    replay.fault("nba-cdn/schedule", "missing_game", value=key)
    morning.run(until("scrape_injuries"))
    morning.run_one("scrape_quality")
    assert (first, _check(morning)) == (("pass", []), ("warn", [key]))


def _schedule_keys(replay: Replay) -> list[str]:
    """AWAY_HOME of the date's games."""
    games = replay.schedule("2025-11-26T17:01:00Z").values()
    today = [game for game in games if game["gameCode"].startswith(f"{DAY:%Y%m%d}")]
    return [f"{game['awayTeam']['teamTricode']}_{game['homeTeam']['teamTricode']}" for game in today]


def _check(morning: Morning) -> tuple[str, list[str]]:
    """Status and failing games of the check that holds the schedule against the market."""
    rows = morning.warehouse.read(
        "nba_orchestration.quality_results", dates=[DAY],
        equals={"check_name": "every_game_of_the_market_is_scheduled"},
    )  # fmt: skip
    return str(rows["status"].iloc[0]), list(rows["failing"].iloc[0])


def test_a_game_past_midnight_is_its_evening_s_at_every_source(replay: Replay) -> None:
    replay.http.delete("/faults")
    as_of = "2025-11-26T17:01:00Z"
    game = next(g for g in replay.schedule(as_of).values() if g["gameCode"].startswith("20251126"))
    replay.fault("league", "late_tip", value="00:15", match={"game_id": game["gameId"]})
    key = f"20251126_{game['awayTeam']['teamTricode']}_{game['homeTeam']['teamTricode']}"
    with UpstreamClient(
        Upstreams(f"{replay.base}/as-of/{as_of}", "simulated", *[SecretStr("key")] * 2)
    ) as client:
        told = [
            {(g.key, g.game_date, g.tip) for g in nba_cdn.parse_schedule(nba_cdn.schedule(client).body)},
            {
                (g.key, g.game_date, g.tip)
                for g, _ in espn.parse_scoreboard(espn.scoreboard(client, DAY).body)
            },
            {
                (e.key, e.game_date, e.commence_time)
                for e in odds_api.parse_events(odds_api.events(client, DAY).body)
            },
        ]
    replay.http.delete("/faults")
    late = (key, DAY, datetime(2025, 11, 27, 5, 15, tzinfo=UTC))
    assert [late in games for games in told] == [True, True, True]


def test_retry_after_is_carried_and_keys_stay_out_of_addresses_and_errors(replay: Replay) -> None:
    replay.http.delete("/faults")
    replay.fault("odds-api/events", "status", value={"code": 429, "retry_after": 20})
    base, keys = (
        f"{replay.base}/as-of/2025-11-26T17:01:00Z",
        (SecretStr("planted-secret"), SecretStr("other")),
    )
    with (
        UpstreamClient(Upstreams(base, "simulated", *keys)) as client,
        pytest.raises(UpstreamUnavailable) as refused,
    ):
        odds_api.events(client, DAY)
    replay.http.delete("/faults")
    with UpstreamClient(Upstreams(base, "simulated", *keys)) as client:
        reply = odds_api.events(client, DAY)
    assert refused.value.retry_after == timedelta(seconds=20)
    assert "planted-secret" not in str(refused.value) + reply.url + reply.body.decode()


def test_a_refused_key_is_not_tried_again(replay: Replay) -> None:
    upstreams = Upstreams(f"{replay.base}/as-of/2025-11-26T17:01:00Z", "simulated")
    with UpstreamClient(upstreams) as client, pytest.raises(AuthenticationError) as refused:
        odds_api.events(client, DAY)
    assert refused.value.non_retryable


def test_a_day_without_games_asks_for_the_schedule_only(replay: Replay, tmp_path: Path) -> None:
    replay.http.delete("/faults")
    morning = Morning(tmp_path / "home", replay.base, "simulated", date(2025, 11, 27))
    morning.run(until("scrape_injuries"))
    rows = morning.warehouse.read("nba_raw.scrape_log", dates=[date(2025, 11, 27)])
    morning.warehouse.close()
    assert not rows["request"].str.startswith("event").any()
    assert nba_cdn.SOURCE in set(rows["source"])
