"""The process: how it starts, what it refuses, and that it goes when it is told or orphaned."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.replay.conftest import ROOT, Replay, data_dir, start, stop

AS_OF = "2026-01-15T17:01:00Z"


def refused(*arguments: str) -> str:
    command = [sys.executable, "-m", "replay", "--source", "recorded", *arguments]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert done.stdout == ""
    return done.stderr


def test_data_that_is_not_there_is_one_clear_line_and_exit_code_2(tmp_path: Path) -> None:
    message = refused("--data", str(tmp_path / "nowhere"))
    assert message.count("\n") == 1
    assert "no recorded data" in message
    assert "TIPOFF_DATA" in message


def test_a_date_in_two_files_of_one_kind_is_an_error_that_names_both(tmp_path: Path) -> None:
    folder = tmp_path / "box_scores"
    folder.mkdir()
    table = pa.table({"game_date": pa.array([1_700_000_000_000_000], pa.timestamp("us"))})
    for name in ("first.parquet", "second.parquet"):
        pq.write_table(table, folder / name)
    message = refused("--data", str(tmp_path))
    assert "2023-11-14" in message
    assert "first.parquet" in message
    assert "second.parquet" in message


def test_sigterm_ends_it_quietly_with_exit_code_0(tmp_path: Path) -> None:
    replay = start(tmp_path, "--source", "simulated")
    assert replay.http.get("/healthz").json() == {"status": "ok", "source": "simulated"}
    assert stop(replay) == 0
    assert replay.process.stderr is not None
    assert replay.process.stderr.read() == b""


def test_it_goes_when_its_parent_dies(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    script = (
        "import os, pathlib, subprocess, sys, time\n"
        "command = [sys.executable, '-m', 'replay', '--source', 'simulated', '--port-file']\n"
        "subprocess.Popen([*command, sys.argv[1]])\n"
        "while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.02)\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(port_file)], cwd=ROOT, timeout=30, check=True)
    url = f"http://127.0.0.1:{port_file.read_text()}/healthz"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            httpx.get(url, timeout=2)
        except httpx.TransportError:
            return
        time.sleep(0.1)
    pytest.fail("the server outlived its parent")


def test_recorded_mode_is_up_within_a_second_and_a_half(tmp_path: Path) -> None:
    if not (data_dir() / "box_scores").is_dir():
        pytest.skip(f"recorded data not found at {data_dir()} (set TIPOFF_DATA)")
    begun = time.monotonic()
    replay = start(tmp_path, "--source", "recorded")
    taken = time.monotonic() - begun
    stop(replay)
    # The promise is 1.5 s; a busy CI machine is given twice that.
    assert taken < 3.0


def test_an_instant_without_a_zone_or_a_wrong_date_is_refused(simulated: Replay) -> None:
    path = "nba-cdn/static/json/staticData/scheduleLeagueV2.json"
    assert simulated.get("2026-01-15T17:01:00", path).status_code == 400
    assert simulated.http.get("/clock/2026-13-01").status_code == 400


def test_keys_are_required_where_upstream_requires_them(simulated: Replay) -> None:
    odds = simulated.get(AS_OF, "odds-api/v4/sports/basketball_nba/events")
    assert odds.status_code == 401
    assert odds.json()["error_code"] == "MISSING_KEY"
    assert simulated.get(AS_OF, "balldontlie/v1/games").status_code == 401


def test_the_odds_routes_count_the_quota_in_their_headers(simulated: Replay) -> None:
    events = simulated.odds(AS_OF, "events")
    path = f"odds-api/v4/sports/basketball_nba/events/{events[0]['id']}/odds"
    asked = {"apiKey": "k", "regions": "us,us_dfs", "markets": "player_points"}
    first, second = (simulated.get(AS_OF, path, params=asked) for _ in range(2))
    assert first.headers["x-requests-last"] == "2"
    used = [int(answer.headers["x-requests-used"]) for answer in (first, second)]
    assert used[1] == used[0] + 2
    assert int(second.headers["x-requests-remaining"]) == 100_000 - used[1]


def test_decimal_prices_are_the_american_ones_converted(simulated: Replay) -> None:
    event = simulated.odds(AS_OF, "events")[0]["id"]
    asked = {"regions": "us", "markets": "player_points"}
    prices = {}
    for form in ("american", "decimal"):
        body = simulated.odds(AS_OF, f"events/{event}/odds", oddsFormat=form, **asked)
        outcomes = body["bookmakers"][0]["markets"][0]["outcomes"]
        prices[form] = [outcome["price"] for outcome in outcomes]
    for american, decimal in zip(prices["american"], prices["decimal"], strict=True):
        gain = american / 100 if american > 0 else 100 / -american
        assert decimal == pytest.approx(1 + gain, abs=0.006)


def test_an_unchanged_body_is_not_sent_again(simulated: Replay) -> None:
    path = "nba-cdn/static/json/staticData/scheduleLeagueV2.json"
    etag = simulated.get(AS_OF, path).headers["etag"]
    again = simulated.get(AS_OF, path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
