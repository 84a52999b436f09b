"""The chaos suite at work: a few seeded rounds of one simulated day, and eyes that see what is planted."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.chaos.__main__ import main
from benchmarks.chaos.days import Days
from benchmarks.chaos.histories import Figures, figures_of, histories
from benchmarks.chaos.invariants import Evidence, Finding, examine
from benchmarks.chaos.lived import Lived
from benchmarks.chaos.plan import Injection
from benchmarks.chaos.round import Baseline, Setting, baseline_of
from benchmarks.chaos.worlds import CALM
from warehouse.connect import connect

HEARTBEAT = 10.0
"""Seconds: the heartbeat timeout of every processor."""
MARGIN = 5.0

pytestmark = pytest.mark.timeout(1_800)


def test_three_rounds_of_mixed_faults_keep_every_invariant(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--source simulated --first {setting.days[0]} --days 1 --rounds 3 --seed 1 --seasons 0 --jobs 2"
    code = main([*words.split(), "--without-production", "--root", str(setting.root)])
    said = capsys.readouterr().out
    assert code == 0, said
    assert "3 of 3 kept every invariant" in said


@dataclass
class Finished:
    """A home of a day that was lived, and what was seen of it."""

    home: Path
    evidence: Evidence
    baseline: Baseline

    def findings(self) -> list[Finding]:
        """What is wrong with it."""
        warehouse = connect("duckdb", home=self.home)
        try:
            return examine(warehouse, self.home, self.baseline.expected, self.evidence)
        finally:
            warehouse.close()

    def plant(self, sql: str) -> None:
        """Does to its tables what a defect might."""
        with duckdb.connect(str(self.home / "warehouse.duckdb")) as warehouse:
            warehouse.execute(sql)


class Lives:
    """A day lived once; the figures of its histories and its home."""

    def __init__(self, setting: Setting, name: str, injections: tuple[Injection, ...]) -> None:
        self.baseline = baseline_of(setting, CALM, production=False)
        home = setting.root / name
        shutil.copytree(setting.base, home)
        self.lived = Lived(home, setting.source, CALM, setting.days)
        self.course, self.figures = asyncio.run(self._live(injections))
        self.lived.close()
        self.evidence = Evidence(
            setting.days,
            self.course.reports,
            self.lived.receivers.titles(),
            usual_alerts=self.baseline.alerts,
        )

    async def _live(self, injections: tuple[Injection, ...]) -> tuple[Any, Figures]:
        try:
            await self.lived.start()
            course = await Days(self.lived, injections, self.baseline.warnings).run()
            written = await histories(await self.lived.client(), self.lived.days)
            return course, await figures_of(written)
        finally:
            await self.lived.stop()

    def chunks_done(self) -> int:
        """How often a worker was done with a chunk of predictions, whether the server heard of it or not."""
        log = (self.lived.home / "logs" / "worker.log").read_text().splitlines()
        done = [line for line in log if '"event": "processor done"' in line]
        return sum('"processor": "prediction_chunk"' in line for line in done)

    def worker_starts(self) -> list[float]:
        """Unix times at which a worker said that it serves."""
        return [
            datetime.fromisoformat(line.split('"timestamp": "')[1].split('"')[0]).timestamp()
            for line in (self.lived.home / "logs" / "worker.log").read_text().splitlines()
            if '"event": "worker started"' in line
        ]


@pytest.fixture(scope="module")
def killed(setting: Setting) -> Lives:
    """A day whose worker was killed while it predicted."""
    return Lives(setting, "killed", (Injection("worker_sigkill", 0, "predictions", 0.2),))


def test_a_killed_worker_costs_a_heartbeat_and_five_seconds_one_chunk_and_no_row(killed: Lives) -> None:
    (struck,) = killed.course.struck
    waited = killed.figures.until_progress(struck.at)
    assert waited is not None
    # Where a machine takes longer to start a worker than a heartbeat lasts, that is what is waited for.
    started = min(at for at in killed.worker_starts() if at > struck.at) - struck.at
    assert waited <= max(HEARTBEAT, started) + MARGIN
    assert killed.chunks_done() - killed.figures.chunks <= 1
    assert Finished(killed.lived.home, killed.evidence, killed.baseline).findings() == []


@pytest.fixture
def finished(killed: Lives, tmp_path: Path) -> Iterator[Finished]:
    """A copy of that day's home, in which nothing is wrong."""
    home = tmp_path / "home"
    shutil.copytree(killed.lived.home, home)
    yield Finished(home, killed.evidence, killed.baseline)
    shutil.rmtree(home)


FEATURES = "nba_predictions.ml_feature_store_v2"
TODAY = "game_date = (SELECT MAX(game_date) FROM nba_predictions.ml_feature_store_v2)"
FIRST_ROW = f"rowid = (SELECT MIN(rowid) FROM {FEATURES} WHERE {TODAY})"


AS_UNDISTURBED = "tables as in the undisturbed run"
PLANTED = {
    "a row twice": (
        f"INSERT INTO {FEATURES} SELECT * FROM {FEATURES} WHERE {FIRST_ROW}",
        ("no row twice", FEATURES),
    ),
    "a lost row": (f"DELETE FROM {FEATURES} WHERE {FIRST_ROW}", (AS_UNDISTURBED, "lost")),
    "a changed number": (
        f"UPDATE {FEATURES} SET feature_quality_score = 1 WHERE {FIRST_ROW}",
        (AS_UNDISTURBED, "feature_quality_score 1.0 for"),
    ),
    "a wrong status": (
        f"""UPDATE nba_orchestration.phase_status SET status = 'running'
        WHERE phase_name = 'grading' AND processor_name = '' AND {TODAY}""",
        ("each phase's status is true", "grading/phase running"),
    ),
    "a wrong feature version": (
        f"UPDATE {FEATURES} SET feature_version = 'v1_25features' WHERE {FIRST_ROW}",
        ("one feature version", "v1_25features"),
    ),
    "a gate that failed": (
        f"""UPDATE nba_orchestration.quality_results SET status = 'fail', blocking = 'phase'
        WHERE checked_by = 'prediction_quality' AND {TODAY}""",
        ("no number published without a passed gate", "published over"),
    ),
    "an alert for nothing": (
        f"""INSERT INTO nba_orchestration.alerts (game_date, cause, severity, title, text, occurrences,
        first_seen, last_seen, undelivered)
        SELECT MAX(game_date), 'raw/raw_schedule/X', 'error', 't', 'x', 1, now()::TIMESTAMP,
        now()::TIMESTAMP, [] FROM {FEATURES}""",
        ("alerts for what needed a person, and for nothing else", "raw never waited"),
    ),
    "a changed past": (
        """UPDATE nba_raw.player_box_scores SET points = points + 1
        WHERE game_date = (SELECT MIN(game_date) FROM nba_raw.player_box_scores)""",
        (AS_UNDISTURBED, "rows of dates before the round have changed"),
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_planted_in_a_finished_home_is_found_and_named(finished: Finished, what: str) -> None:
    sql, (invariant, named) = PLANTED[what]
    finished.plant(sql)
    found = [one.what for one in finished.findings() if one.invariant == invariant]
    assert any(named in one for one in found), found


def test_a_published_document_that_was_changed_is_found(finished: Finished) -> None:
    (document,) = (finished.home / "exports").glob("*/predictions.json")
    document.write_bytes(document.read_bytes() + b"\n")
    assert any("is not what was checked and recorded" in one.what for one in finished.findings())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda e: replace(e, unfinished=("2025-11-28",)), "came to no end"),
        (lambda e: replace(e, not_replaying=("daily-2025-11-28: nondeterminism",)), "nondeterminism"),
        (lambda e: replace(e, titles={"json": ["[error] nobody knows of this"]}), "what nobody recorded"),
    ],
)
def test_what_was_seen_counts_too(
    finished: Finished, change: Callable[[Evidence], Evidence], named: str
) -> None:
    finished.evidence = change(finished.evidence)
    assert any(named in one.what for one in finished.findings())
