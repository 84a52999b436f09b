"""Which builds run beside the one that should: judged alone, and found among real workers."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from shared import build
from shared.deployments import DriftReport, RunningWorker
from starter import commits
from starter.check_drift import drift
from starter.deployments import Deployed
from tests.starter.running import PROJECT, environ


def worker(build_id: str, identity: str = "1@a", *, versioned: bool = True) -> RunningWorker:
    return RunningWorker(identity=identity, build_id=build_id, versioned=versioned)


def statuses(report: DriftReport) -> dict[str, str]:
    return {finding.check: finding.status for finding in report.findings}


def test_where_nothing_is_deployed_the_checkout_is_what_should_run() -> None:
    workers = (worker("b2", "1@a", versioned=False), worker("b1", "2@a", versioned=False))
    report = drift("tipoff", Deployed("", {}), workers, ours="b2")
    assert (report.expected, report.expected_by) == ("b2", "checkout")
    assert statuses(report) == {"worker 1@a": "ok", "worker 2@a": "fail"}
    assert report.failed()


def test_a_build_that_drains_belongs_there_and_one_that_has_drained_does_not() -> None:
    workers = (worker("b1", "1@a"), worker("b2", "2@a"))
    draining = drift("tipoff", Deployed("b2", {"b1": "draining", "b2": "current"}), workers, ours="b2")
    assert set(statuses(draining).values()) == {"ok"}
    drained = drift("tipoff", Deployed("b2", {"b1": "drained", "b2": "current"}), workers, ours="b2")
    assert statuses(drained)["worker 1@a"] == "fail"


def test_a_build_that_waits_to_be_deployed_and_a_checkout_that_is_not_are_warnings() -> None:
    known = Deployed("b1", {"b1": "current", "b2": "inactive"})
    report = drift("tipoff", known, (worker("b1", "1@a"), worker("b2", "2@a")), ours="b2")
    assert statuses(report) == {"worker 1@a": "ok", "worker 2@a": "warn", "this checkout": "warn"}
    assert not report.failed()
    assert any(finding.remedy == "tipoff deploy b2, or stop it" for finding in report.findings)


def test_no_worker_of_what_should_run_and_one_that_tells_no_build_fail() -> None:
    report = drift("tipoff", Deployed("b2", {}), (worker("", "1@a", versioned=False),), ours="b2")
    assert statuses(report) == {"worker 1@a": "fail", "expected build": "fail", "this checkout": "ok"}
    assert "unknown, from before workers told theirs" in report.findings[0].observed


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A repository of three commits that stands in for this project's; calling it runs git there."""

    def git(*words: str) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        done = subprocess.run(
            ["git", *identity, *words], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    git("init", "-q")
    (tmp_path / "workflows").mkdir()
    for subject in ("One", "Two", "Three"):
        (tmp_path / "workflows" / "a.py").write_text(f"# {subject}\n")
        git("add", ".")
        git("commit", "-qm", subject)
    monkeypatch.setattr(build, "PROJECT", tmp_path)
    build._checkout_id.cache_clear()
    yield git
    build._checkout_id.cache_clear()


def test_the_commits_between_are_named(checkout: Any) -> None:
    first, second, last = (checkout("rev-parse", "--short=12", f"HEAD~{n}") for n in (2, 1, 0))
    assert build.build_id() == last
    assert commits.in_words(first, last).startswith("2 commits behind: ")
    assert [line.split(" ", 1)[1] for line in commits.commits_between(first, last)] == ["Three", "Two"]
    assert commits.in_words(last, second).startswith("1 commit ahead: ")
    assert commits.in_words("release-7", last) == "no commit of this checkout lies between the two"


def test_code_that_no_commit_holds_is_a_build_of_its_own(
    checkout: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = checkout("rev-parse", "--short=12", "HEAD")
    seen = set()
    for text in ("# changed\n", "# changed again\n"):
        (tmp_path / "workflows" / "a.py").write_text(text)
        build._checkout_id.cache_clear()
        seen.add(build.build_id())
    assert len(seen) == 2
    assert all(one.startswith(f"{last}-dirty-") for one in seen)
    assert commits.in_words(seen.pop(), last) == "the same commit with other code"
    monkeypatch.setattr(build, "PROJECT", tmp_path / "nowhere")
    build._checkout_id.cache_clear()
    assert build.build_id().startswith("code-")
    assert build.build_id("given") == "given"


async def test_of_two_real_workers_on_one_bigquery_the_older_one_is_named(
    server: WorkflowEnvironment, emulator_address: str, tmp_path: Path
) -> None:
    queue = f"drift-{uuid.uuid4().hex[:8]}"
    env = environ(
        TEMPORAL_ADDRESS=server.client.service_client.config.target_host, TEMPORAL_CONFIG_FILE="/dev/null",
        TIPOFF_TASK_QUEUE=queue, TIPOFF_HEALTH_PORT="0", TIPOFF_HOME=str(tmp_path), TIPOFF_SOURCE="simulated",
        TIPOFF_WAREHOUSE=f"bigquery://{queue}/US?endpoint={emulator_address}", COLUMNS="80",
    )  # fmt: skip
    older = build.git("rev-parse", "--short=12", "HEAD~1") or "older"
    ours = build.git("rev-parse", "--short=12", "HEAD") or "ours"

    async def tipoff(*words: str, **extra: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "starter", *words, cwd=PROJECT, env={**env, **extra},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return process.returncode, out.decode() or err.decode()

    assert (await tipoff("init", "--json"))[0] == 0
    workers = [
        subprocess.Popen([sys.executable, "-m", "worker"], cwd=PROJECT, env={**env, "TIPOFF_BUILD_ID": one})
        for one in (older, ours)
    ]
    try:
        async with asyncio.timeout(120):
            while True:
                code, said = await tipoff("check-drift", "--json", TIPOFF_BUILD_ID=ours)
                report = DriftReport.model_validate_json(said)
                if len(report.workers) == 2:
                    break
        assert (code, report.expected, report.expected_by) == (1, ours, "checkout")
        failed = [finding for finding in report.findings if finding.status == "fail"]
        assert [f"build {older}" in finding.observed for finding in failed] == [True]
        assert failed[0].check.startswith(f"worker {workers[0].pid}@")
        if older != "older":
            assert " behind: " in failed[0].observed
        sql = (
            "SELECT check_name, status, sample_ref FROM nba_orchestration.quality_results "
            "WHERE checked_by = 'check_drift' ORDER BY status"
        )
        code, kept = await tipoff("sql", sql, "--json")
        assert code == 0
        rows = json.loads(kept)["rows"]
        assert sorted(row[1] for row in rows) == ["fail", "pass"]
        assert any(older in row[2] for row in rows if row[1] == "fail")
    finally:
        for process in workers:
            process.terminate()
        for process in workers:
            process.wait(60)
