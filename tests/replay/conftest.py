"""The real server over real HTTP, once per module, in either mode."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    return Path(os.environ.get("TIPOFF_DATA") or ROOT.parent / "shared" / "data")


class Replay:
    """A running server, and the few things a test asks of it."""

    def __init__(self, base: str, process: subprocess.Popen[bytes]) -> None:
        self.base, self.process = base, process
        self.http = httpx.Client(base_url=base, timeout=30)

    def get(self, as_of: str, path: str, **options: Any) -> httpx.Response:
        return self.http.get(f"/as-of/{as_of}/{path}", **options)

    def json(self, as_of: str, path: str, **options: Any) -> Any:
        response = self.get(as_of, path, **options)
        assert response.status_code == 200, (response.status_code, response.text[:300])
        return response.json()

    def box(self, as_of: str, game_id: str) -> httpx.Response:
        return self.get(as_of, f"nba-cdn/static/json/liveData/boxscore/boxscore_{game_id}.json")

    def schedule(self, as_of: str, **options: Any) -> dict[str, dict[str, Any]]:
        path = "nba-cdn/static/json/staticData/scheduleLeagueV2.json"
        body = self.json(as_of, path, **options)
        days = body["leagueSchedule"]["gameDates"]
        return {game["gameId"]: game for day in days for game in day["games"]}

    def log(self, as_of: str, **params: str) -> list[dict[str, Any]]:
        body = self.json(as_of, "stats-nba/stats/leaguegamelog", params=params)
        result = body["resultSets"][0]
        return [dict(zip(result["headers"], row, strict=True)) for row in result["rowSet"]]

    def bdl(self, as_of: str, route: str, params: list[tuple[str, str]]) -> dict[str, Any]:
        body: dict[str, Any] = self.json(
            as_of, f"balldontlie/v1/{route}", params=params, headers={"Authorization": "key"}
        )
        return body

    def odds(self, as_of: str, path: str, **params: str) -> Any:
        whole = f"odds-api/v4/sports/basketball_nba/{path}"
        return self.json(as_of, whole, params={"apiKey": "key", **params})

    def past_odds(self, as_of: str, path: str, at: str) -> httpx.Response:
        whole = f"odds-api/v4/historical/sports/basketball_nba/{path}"
        asked = {"apiKey": "key", "regions": "us", "markets": "player_points", "date": at}
        return self.get(as_of, whole, params=asked)

    def espn(self, as_of: str, path: str, **params: str) -> Any:
        return self.json(as_of, f"espn/apis/site/v2/sports/basketball/nba/{path}", params=params)

    def clock(self, day: str) -> dict[str, Any]:
        body: dict[str, Any] = self.http.get(f"/clock/{day}").json()
        return body

    def fault(self, route: str, kind: str, **more: Any) -> str:
        response = self.http.post("/faults", json={"route": route, "kind": kind, **more})
        assert response.status_code == 201, response.text
        return str(response.json()["id"])


def start(directory: Path, *arguments: str) -> Replay:
    port_file = directory / "port"
    command = [sys.executable, "-m", "replay", "--port", "0", "--port-file", str(port_file)]
    process = subprocess.Popen([*command, *arguments], cwd=ROOT, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not port_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            _, error = process.communicate()
            pytest.fail(f"the server did not start: {error.decode()}")
        time.sleep(0.02)
    return Replay(f"http://127.0.0.1:{port_file.read_text()}", process)


def stop(replay: Replay) -> int:
    replay.http.close()
    replay.process.send_signal(signal.SIGTERM)
    return replay.process.wait(timeout=10)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    if not (data_dir() / "box_scores").is_dir():
        pytest.skip(f"recorded data not found at {data_dir()} (set TIPOFF_DATA)")
    replay = start(tmp_path_factory.mktemp("recorded"), "--source", "recorded")
    yield replay
    stop(replay)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    replay = start(tmp_path_factory.mktemp("simulated"), "--source", "simulated")
    yield replay
    stop(replay)


@pytest.fixture
def no_faults(simulated: Replay) -> Iterator[Replay]:
    """The simulated server, without faults or requests before and after."""
    for _ in range(2):
        simulated.http.delete("/faults")
        simulated.http.delete("/requests")
        if _ == 0:
            yield simulated
