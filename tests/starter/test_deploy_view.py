"""What a person reads of a deployment, in 80 columns."""

from __future__ import annotations

from datetime import date

import pytest
from rich.console import Console

from shared.deployments import BuildState, DayMoved, DeployReport
from starter.deploy_view import deploy_view, to_do

DAYS = tuple(date(2025, 11, day) for day in range(1, 6))


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (BuildState(build_id="b", status="current", workers=("1@a",)), ""),
        (BuildState(build_id="b", status="current"), "start a worker of it"),
        (BuildState(build_id="b", status="draining", workers=("1@a",), days=DAYS), "keep until drained"),
        (
            BuildState(build_id="b", status="draining", days=DAYS),
            "start a worker of it: its days stand still",
        ),
        (BuildState(build_id="b", status="drained", workers=("1@a",)), "stop its workers"),
        (BuildState(build_id="b", status="drained"), ""),
        (
            BuildState(build_id="b", status="inactive", workers=("1@a",)),
            "tipoff deploy b, or stop its workers",
        ),
    ],
)
def test_what_to_do_stands_beside_each_build(build: BuildState, said: str) -> None:
    assert to_do(build) == said


def test_a_deployment_is_read_in_80_columns() -> None:
    report = DeployReport(
        deployment="tipoff", build_id="1a2b3c4d5e6f", previous="0f9e8d7c6b5a",
        builds=(
            BuildState(build_id="1a2b3c4d5e6f", status="current", workers=("1@a", "2@b")),
            BuildState(build_id="0f9e8d7c6b5a", status="draining", workers=("3@a",), days=DAYS),
        ),
        days=(
            DayMoved(game_date=DAYS[0], build_id="0f9e8d7c6b5a", outcome="finishes"),
            DayMoved(game_date=DAYS[1], build_id="0f9e8d7c6b5a", outcome="kept", why="Nondeterminism: x"),
        ),
    )  # fmt: skip
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(deploy_view(report))
    shown = console.export_text()
    assert max(map(len, shown.splitlines())) <= 80
    assert "2025-11-03 and 2" in shown
    assert "Nondeterminism: x" in shown
