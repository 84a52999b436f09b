"""The verbs that speak to a day, on a running stack."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.starter.running import eventually, ready, start, stop, tipoff
from tests.starter.test_embedded import pids
from tests.starter.test_embedded import pytestmark as needs_server

pytestmark = needs_server

DAY = "2026-01-15"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    process = start("up", "--home", str(home), "--source", "simulated", FAKE_SLOW="0.3")
    ready(home, process)
    yield home
    stop(process)


@pytest.fixture
def ask(home):
    def ask(*arguments, code=0):
        done = tipoff(*arguments, TIPOFF_HOME=str(home))
        assert done.returncode == code, done
        return json.loads(done.stdout) if "--json" in arguments else done.stdout + done.stderr

    return ask


@pytest.fixture
def broken(tmp_path):
    process = start(
        "up", "--home", str(tmp_path), "--source", "simulated", FAKE_BROKEN="raw_players"
    )  # fmt: skip
    ready(tmp_path, process)
    yield tmp_path
    stop(process)


def hold(home, day):
    """A file while which the day's processors don't end."""
    path = home / f"hold-{day}"
    path.touch()
    return path


def runs(home, day, processor):
    return (home / "asked.txt").read_text().count(f"run {day} {processor} ")


def test_sql_prints_a_table_or_one_object(ask):
    assert "Jokić [bold]" in ask("sql", "SELECT 1")
    assert ask("sql", "SELECT 1", "--json")["rows"] == [[1, "Jokić [bold]"]]
    assert "there is no table nowhere" in ask("sql", "SELECT 1 FROM nowhere", code=1)


def test_a_day_that_was_never_run_says_how_to_run_it(ask):
    assert "tipoff start 2026-02-01" in ask("pause", "2026-02-01", "--reason", "x", code=1)
    assert "none" in ask("predictions", "2026-02-01", code=1)


def test_a_day_started_paused_resumed_retriggered_and_asked_about(ask, home):
    held = hold(home, DAY)
    assert ask("start", DAY, "--json")["state"] == "started"
    assert ask("start", DAY, "--json")["state"] == "running"
    paused = ask("pause", DAY, "--reason", "look first", "--json")
    assert (paused["accepted"], paused["how"]) == (True, "update")
    held.unlink()
    eventually(lambda: ask("status", DAY, "--json")["status"] == "paused", "it is paused")
    ask("resume", DAY, "--reason", "looked")
    report = ask("start", DAY, "--wait", "--json")
    assert report["status"] == "completed"
    assert all(phase["state"] == "completed" for phase in report["phases"])
    assert "prediction_chunk" in ask("status", DAY)
    assert ask("start", DAY, "--json")["state"] == "completed before"
    assert "has ended" in ask("pause", DAY, "--reason", "x", code=1)

    again = ("retrigger", DAY, "--phase", "publishing", "--reason", "x", "--request-id", "once", "--json")
    assert ask(*again)["how"] == "signal-with-start"
    eventually(lambda: runs(home, DAY, "published_documents") == 2, "publishing ran again")
    eventually(lambda: ask("start", DAY, "--json")["state"] == "completed before", "it has ended")
    ask(*again)
    eventually(lambda: ask("status", DAY, "--json")["rejected"], "the second is rejected")
    assert runs(home, DAY, "published_documents") == 2
    assert runs(home, DAY, "scrape_schedule") == 1


def test_predictions_can_be_filtered(ask):
    ask("start", "2026-01-20", "--wait")
    one = ask("predictions", "2026-01-20", "--player", "number007", "--system", "xgboost_v1", "--json")
    assert [row["player_id"] for row in one["predictions"]] == [7]
    lined = ask("predictions", "2026-01-20", "--recommendation", "no_line", "--json")
    assert len(lined["predictions"]) == 60
    assert "Player Number129" in ask("predictions", "2026-01-20", "--recommendation", "NO_LINE")


def test_an_aborted_day_has_failed(ask, home):
    hold(home, "2026-01-21")
    ask("start", "2026-01-21")
    assert ask("abort", "2026-01-21", "--reason", "enough", "--json")["accepted"]
    report = eventually(
        lambda: (it := json.loads(tipoff_status(ask, "2026-01-21")))["status"] == "aborted" and it,
        "it is aborted",
    )
    assert "enough" in report["message"]


def tipoff_status(ask, day):
    try:
        return json.dumps(ask("status", day, "--json"))
    except AssertionError:
        return json.dumps(ask("status", day, "--json", code=1))


def test_a_waiting_day_exits_3_with_the_blocker_and_goes_on_when_skipped(broken):
    def ask(*arguments):
        return tipoff(*arguments, TIPOFF_HOME=str(broken))

    ask("start", DAY)
    shown = eventually(lambda: (it := ask("status", DAY)).returncode == 3 and it.stdout, "the day waits")
    for part in ("raw_players", "the file is torn", "tipoff retrigger 2026-01-15 --phase raw"):
        assert part in " ".join(shown.split())
    assert ask("skip", DAY, "--phase", "scrape", "--reason", "x").returncode == 0
    rejected = eventually(
        lambda: json.loads(ask("status", DAY, "--json").stdout)["rejected"], "the skip is rejected"
    )
    assert "scrape is completed" in rejected[0]
    assert ask("skip", DAY, "--phase", "raw", "--reason", "go on").returncode == 0
    assert ask("start", DAY, "--wait").returncode == 0


def test_without_a_worker_an_update_is_left_as_a_signal(ask, home):
    ask("start", "2026-01-22")
    worker = pids(json.loads((home / "stack.json").read_text()))["worker"]
    os.kill(worker, signal.SIGSTOP)
    try:
        sent = ask("pause", "2026-01-22", "--reason", "later", "--json")
    finally:
        os.kill(worker, signal.SIGCONT)
    assert sent["how"] == "signal"
    eventually(lambda: ask("status", "2026-01-22", "--json")["status"] == "paused", "it is paused")
    ask("abort", "2026-01-22", "--reason", "done")
