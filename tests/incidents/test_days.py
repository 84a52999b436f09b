"""Incidents of days: names that never matched, storms of retries, alarms about nothing, code of nowhere."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities import compute, runner
from activities.processor import ProcessFunction
from activities.quality import raw as raw_gate
from activities.quality.checks import judge
from activities.quality.mornings import MORNING_CHECKS
from activities.scrape.box_scores import games_wanted
from shared import build
from shared.errors import BadRequest, ConfigurationError
from shared.messages import DayStatus, ProcessorRequest
from shared.phases import PHASES, PROCESSOR_NAMES, processor_named
from shared.registry import RETRIES, RetrySpec
from starter.check_drift import drift
from starter.deployments import Deployed
from tests.deployment.test_drift import statuses, worker
from tests.incidents.days import settled
from tests.incidents.hand import schedule_received
from tests.incidents.incident import incident
from tests.predictions.tables import DAY, context, frame, silent
from tests.scrape.test_games_wanted import game
from tests.workflows.world import World, assert_eventually, running_worker, status_of


def _names_by_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of old: made out of a path by a pattern."""
    right = runner.load_processors

    def loaded() -> dict[str, ProcessFunction]:
        made = {}
        for name, function in right().items():
            module = processor_named(name).path.partition(":")[0]
            made[re.sub(r"^(async_|scrape_)|_processor$", "", module.rpartition(".")[2])] = function
        return made

    monkeypatch.setattr(runner, "load_processors", loaded)


@incident(
    3, "Phase 2 waited for ever: names made by a pattern matched no class, and two never spoke",
    prevented="A processor has one exact name in one table, and a name without code stops the worker's start",
    fix_out=_names_by_pattern, fails_with="<DayStatus.WAITING",
)  # fmt: skip
async def test_incident_3_a_day_waits_for_no_name_that_nobody_answers_to(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, answering = World(), runner.load_processors()

    async def answers(request: ProcessorRequest) -> None:
        if request.processor not in answering:
            said = f"nobody reports as {request.processor}"
            raise ApplicationError(said, type="Unheard", non_retryable=True)

    world.behaviours = dict.fromkeys(PROCESSOR_NAMES, answers)
    async with running_worker(client, world) as day:
        report = await settled(await day.start())
    assert report.status is DayStatus.COMPLETED
    assert {p.name for phase in report.phases for p in phase.processors} == set(answering)
    with pytest.raises(BadRequest, match="did you mean player_game_summary"):
        processor_named("playergamesummary")
    raw = PHASES[1]
    gone = replace(raw.processors[0], path="activities.raw.gone:process")
    monkeypatch.setattr(compute, "PHASES", (replace(raw, processors=(gone,)),))
    with pytest.raises(ConfigurationError, match=rf"processor {gone.name}: .*gone:process can't be loaded"):
        compute.load_processors()


@incident(
    7, "7,139 runs, 71 % failing: analytics of games that had not begun, redelivered after every error",
    prevented="Only final games are asked for; a failure is tried a few times, then the day waits",
    fix_out=lambda patch: patch.setitem(
        RETRIES, "compute", RetrySpec(timedelta(milliseconds=10), timedelta(milliseconds=10), 1.0, 10_000)
    ),
    fails_with="<= 4",
)  # fmt: skip
async def test_incident_7_what_is_not_ready_is_tried_a_few_times_and_then_waited_for(client: Client) -> None:
    assert games_wanted([game(6, "LAC", "PHX", status=2), game(7, "BOS", "ORL", status=1)], DAY, set()) == []
    world = World()

    async def not_begun(request: ProcessorRequest) -> None:
        raise ApplicationError("3 games have not begun", type="DataNotReady")

    world.behaviours["player_game_summary"] = not_begun
    async with running_worker(client, world) as day:
        handle = await day.start()

        async def stormed_or_waits() -> bool:
            waits = (await status_of(handle)).status is DayStatus.WAITING
            return waits or world.runs["player_game_summary"] > 4

        await assert_eventually(stormed_or_waits)
        tried = world.runs["player_game_summary"]
        await handle.terminate()
    assert tried <= 4
    assert [alert.cause for alert in world.alerts] == ["analytics/player_game_summary/DataNotReady"]


def _the_commit_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    right = build.git
    monkeypatch.setattr(build, "git", lambda *words: "" if words[0] == "status" else right(*words))


@incident(
    8, "No betting data, and again two days later: the mended window was an edit that nobody had committed",
    prevented="Code that no commit holds is a build of its own, and `tipoff check-drift` names who runs it",
    fix_out=_the_commit_alone, fails_with="'ok' == 'fail'",
)  # fmt: skip
def test_incident_8_a_worker_of_an_edit_that_nobody_committed_is_drift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        done = subprocess.run(
            ["git", *identity, *words], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    window = tmp_path / "shared" / "windows.py"
    window.parent.mkdir()
    git("init", "-q")
    window.write_text("BETTING_HOURS = 6\n")
    git("add", ".")
    git("commit", "-qm", "The window")
    deployed = git("rev-parse", f"--short={build.SHORT}", "HEAD")
    window.write_text("BETTING_HOURS = 12\n")
    monkeypatch.setattr(build, "PROJECT", tmp_path)
    running = build._checkout_id.__wrapped__()
    report = drift("tipoff", Deployed(deployed, {}), (worker(running),), ours=deployed)
    assert statuses(report)["worker 1@a"] == "fail"
    assert running.startswith(f"{deployed}-dirty-")


def _always_ten_games(monkeypatch: pytest.MonkeyPatch) -> None:
    """An expectation of its own, beside the schedule."""
    yesterday = DAY - timedelta(days=1)
    expected = pd.DataFrame({"game_id": [f"{yesterday:%Y%m%d}_AA{letter}_HOM" for letter in "ABCDEFGHIJ"]})
    monkeypatch.setattr(raw_gate, "_final_games", lambda frames: expected)


@incident(
    9, "'0 records' was raised as an alarm on a date on which nothing was to be played",
    prevented="What is expected of a date comes from its schedule: without games it completes, and is well",
    fix_out=_always_ten_games, fails_with="every_final_game_has_a_box_score",
)  # fmt: skip
async def test_incident_9_a_date_without_games_raises_no_alarm(client: Client) -> None:
    tables = {
        "schedule": "nba_raw.schedule", "player_box_scores": "nba_raw.player_box_scores",
        "recent_team_boxes": "nba_raw.team_box_scores", "props": "nba_raw.player_points_props",
    }  # fmt: skip
    empty = {name: frame(table, []) for name, table in tables.items()} | {"responses": schedule_received()}
    assert list(raw_gate.process(context(), empty, silent).warnings) == []
    nothing = {"slate": pd.DataFrame({"is_postponed": []}), "upcoming_players": pd.DataFrame()}
    assert {judge(check, nothing).status for check in MORNING_CHECKS} == {"skipped"}
    world = World()
    world.games = 0
    async with running_worker(client, world) as day:
        report = await settled(await day.start())
    assert (report.status, world.alerts) == (DayStatus.COMPLETED, [])
