"""The demo with the real workflows and pretended activities: whole, killed anywhere, one after another."""

from __future__ import annotations

import json
import random
import time

import pytest

from tests.starter.running import kill_group, start, tipoff
from tests.starter.test_embedded import pytestmark as needs_server

pytestmark = needs_server

NEEDED = {
    "game_date", "status", "source", "games", "box_scores", "players_with_line", "predicted",
    "predicted_with_line", "withheld", "table_hashes", "outcomes", "links", "wall_seconds",
}  # fmt: skip


def arguments(home, day="2026-01-15"):
    return ("demo", "--home", str(home), "--source", "simulated", "--date", day, "--once", "--json")


def lines(home, start_of_line):
    return [line for line in (home / "asked.txt").read_text().splitlines() if line.startswith(start_of_line)]


def test_once_json_prints_one_object_and_nothing_else(tmp_path):
    done = tipoff(*arguments(tmp_path))
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert set(facts) >= NEEDED
    assert facts["status"] == "completed"
    assert facts["source"] == "simulated"
    # 260 rows came in pages of 70.
    assert facts["outcomes"] == {
        "graded": 260,
        "void": 0,
        "mae": {"moving_average": 1.75, "xgboost_v1": 1.75},
    }
    assert lines(tmp_path, "train") == ["train 2026-01-13"]
    assert set(lines(tmp_path, "history")) == {"history 2026-01-13"}
    assert not lines(tmp_path, "run 2026-01-16 prediction_chunk")
    assert len(lines(tmp_path, "summary 2026-01-15 hashes")) == 1


def test_killed_at_random_and_started_again_it_completes_and_runs_nothing_twice(tmp_path):
    seed = random.randrange(10_000)
    print(f"seed {seed}")
    moments = random.Random(seed)
    for _ in range(3):
        process = start(*arguments(tmp_path), FAKE_SLOW="0.1")
        time.sleep(moments.uniform(1.0, 8.0))
        kill_group(process)
    done = tipoff(*arguments(tmp_path), seconds=180)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "completed"
    again = (tmp_path / "asked.txt").read_text()
    repeated = tipoff(*arguments(tmp_path), seconds=180)
    assert repeated.returncode == 0
    first, second = json.loads(done.stdout), json.loads(repeated.stdout)
    for facts in (first, second):
        del facts["wall_seconds"], facts["links"]
    assert first == second
    more = (tmp_path / "asked.txt").read_text()[len(again) :].splitlines()
    assert [line.split()[0] for line in more] == ["summary", "summary"]


@pytest.mark.parametrize(("first", "second"), [("2026-01-15", "2026-01-16"), ("2026-01-16", "2026-01-15")])
def test_demos_of_neighbouring_days_in_one_home_each_run_in_full_and_are_graded(tmp_path, first, second):
    for day in (first, second):
        done = tipoff(*arguments(tmp_path, day))
        assert done.returncode == 0, done.stderr
        facts = json.loads(done.stdout)
        assert facts["outcomes"]["graded"] == 260
        assert lines(tmp_path, f"run {day} prediction_chunk")
    # What stood was not run again, but for what the earlier demo could not have done yet.
    assert len(lines(tmp_path, "run 2026-01-16 scrape_schedule")) == 1


def test_it_prints_tables_for_people(tmp_path):
    done = tipoff(*arguments(tmp_path)[:-1])
    assert done.returncode == 0, done.stderr
    for part in (
        "Predictions for 2026-01-15, SIMULATED league", "edge below", "30 more without a line",
        "Nobody Known: unresolved name", "Outcomes of 2026-01-15", "20.2  -1.8", "temporal ui",
    ):  # fmt: skip
        assert part in done.stdout


def test_a_date_outside_the_data_is_bad_usage(tmp_path):
    wrong = tipoff(*arguments(tmp_path, "1999-01-01"))
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert "1999-01-01 is not in the simulated data" in wrong.stderr
