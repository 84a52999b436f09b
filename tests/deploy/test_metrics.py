"""Every metric that dashboards and alerts name is served by a real worker, or by Temporal's server."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.deploy.queries import every_query, metrics_of
from tests.e2e.stack import RunningStack, wait_for

SERVER = {
    line.split()[0]: line.split()[1]
    for line in (Path(__file__).parent / "temporal_server_metrics.txt").read_text().splitlines()
}
"""Names and types, as server 1.29.1 served them in a run of `benchmarks/topology.py`."""
DAY = "2025-11-28"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A stack without history or model: its day can't go on, and waits."""
    running = RunningStack(tmp_path_factory.mktemp("metrics") / "home")
    try:
        yield running
    finally:
        running.stop()


def served(stack: RunningStack) -> str:
    return httpx.get(f"{stack.info['health_url']}/metrics", trust_env=False).text


def value(text: str, metric: str) -> float | None:
    found = re.search(rf"^{re.escape(metric)}.*? (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def test_a_waiting_day_and_the_schedule_are_seen_and_every_metric_named_exists(stack: RunningStack) -> None:
    assert stack.cli("schedule", "create").returncode == 0
    assert stack.cli("start", DAY).returncode == 0
    assert stack.cli("schedule", "trigger").returncode == 0
    assert stack.cli("sql", "SELECT nothing FROM nba_raw.schedule").returncode != 0, "an activity that fails"

    waiting = 'tipoff_days{service_name="temporal-core-sdk",status="waiting"}'
    wait_for(lambda: (value(served(stack), waiting) or 0) >= 1, "the waiting day is counted")
    text = wait_for(
        lambda: t if "tipoff_schedule_last_start_lag_seconds" in (t := served(stack)) else "", "a start"
    )
    labels = 'service_name="temporal-core-sdk"'
    assert value(text, f"tipoff_schedule_exists{{{labels}}}") == 1
    assert value(text, f"tipoff_schedule_paused{{{labels}}}") == 0
    loads = value(text, f'tipoff_loads{{{labels},table="nba_raw.schedule"}}')
    assert loads is not None
    assert loads >= 1

    ours = set(re.findall(r"^(\w+)\{", text, re.MULTILINE))
    theirs = {
        *SERVER,
        *(f"{n}_{s}" for n, k in SERVER.items() if k == "histogram" for s in ("bucket", "count")),
    }
    named = [(where, metric) for where, query in every_query() for metric in metrics_of(query)]
    assert len({metric for _, metric in named}) >= 20
    assert [(where, m) for where, m in named if m not in ours | theirs | {"up"}] == []


def test_the_container_s_health_check_answers_as_ready_does(stack: RunningStack) -> None:
    port = stack.info["health_url"].rpartition(":")[2]

    def check(number: str) -> int:
        environ = {**stack.environ, "TIPOFF_HEALTH_PORT": number}
        return subprocess.run([sys.executable, "-m", "worker.ready"], env=environ, check=False).returncode

    assert check(port) == 0
    assert check("1") == 1
