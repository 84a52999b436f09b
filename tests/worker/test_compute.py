"""Processors compute in a process beside the worker, and nothing is lost by it."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import psutil
import pyarrow as pa
import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from activities import compute
from activities.compute import ComputePool, RaisedThere, load_processors
from activities.processor import Output, ProcessorContext
from activities.runner import ProcessorRunner, frames_of
from activities.surroundings import Surroundings
from shared import errors
from shared.config import load_settings
from shared.errors import ComputeLost, DataNotReady, TipoffError
from shared.messages import ProcessorRequest
from tests.e2e.stack import ROOT, compute_process, wait_for
from tests.predictions.tables import AS_OF, DAY, context, silent
from warehouse.connect import connect
from warehouse.writer import Writer

ABSENT = pa.table(
    {"processor": ["scrape_schedule"], "request": ["schedule/nba"], "object_path": ["nba_cdn/ab/absent.gz"]}
)
"""The log of a response whose object nobody stored."""

ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TipoffError)]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComputePool]:
    pool = ComputePool(load_settings({}, home=tmp_path_factory.mktemp("home")), 1)
    wait_for(lambda: pool.ready, "the process has begun")
    yield pool
    pool.close()


def its_process() -> psutil.Process:
    """The pool's."""
    process = compute_process(os.getpid())
    assert process
    return process


class Asking(threading.Thread):
    """Asks the pool for something, as an activity's thread does."""

    def __init__(self, pool: ComputePool) -> None:
        super().__init__(daemon=True)
        self._pool = pool
        self.answer: Future[Output] = Future()
        self.start()

    def run(self) -> None:
        try:
            self.answer.set_result(self._pool.run("raw_schedule", context(), {}))
        except BaseException as error:  # noqa: BLE001 - a cancellation too is what is asked for
            self.answer.set_exception(error)


def lacks_its_input(pool: ComputePool) -> bool:
    """Whether a call reaches the processor, which misses a frame."""
    with pytest.raises(KeyError, match="responses"):
        pool.run("raw_schedule", context(), {})
    return True


class Noted:
    """A pool that notes for which day it is asked, and computes in this thread."""

    ready = True

    def __init__(self) -> None:
        self.asked: list[date] = []

    def run(self, processor: str, context: ProcessorContext, tables: dict[str, pa.Table]) -> Output:
        self.asked.append(context.game_date)
        return load_processors()[processor](context, frames_of(tables), silent)


def test_a_day_alone_is_computed_by_the_worker_itself_and_several_are_not(tmp_path: Path) -> None:
    warehouse, noted = connect("duckdb", home=tmp_path), Noted()
    warehouse.ensure_tables()
    settings = load_settings({}, home=tmp_path, source="simulated")
    runner = ProcessorRunner(Surroundings(settings, warehouse, Writer(warehouse), cast(ComputePool, noted)))
    for number, day in enumerate([DAY, DAY, DAY + timedelta(days=1), DAY]):
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, activity_id=str(number))
        request = ProcessorRequest(
            game_date=day, phase="precompute", processor="system_calibration",
            as_of=AS_OF, started_at=AS_OF, epoch=number,
        )  # fmt: skip
        assert environment.run(runner.run_processor, request).rows
    warehouse.close()
    assert noted.asked == [DAY + timedelta(days=1), DAY]


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_is_the_same_on_the_other_side(kind: type[TipoffError]) -> None:
    there = pickle.loads(pickle.dumps(kind("why", retry_after=timedelta(seconds=7))))
    assert (type(there), str(there), there.retry_after) == (kind, "why", timedelta(seconds=7))


def test_what_a_processor_raises_is_raised_here_and_says_where_it_was(pool: ComputePool) -> None:
    with pytest.raises(DataNotReady, match=r"absent\.gz is not stored") as raised:
        pool.run("raw_schedule", context(), {"responses": ABSENT, "earlier_schedule": pa.table({})})
    assert isinstance(raised.value.__cause__, RaisedThere)
    assert "activities/raw/schedule.py" in str(raised.value.__cause__)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """How many tables each call takes to the process, and how many that is to let go of."""
    told: list[tuple[int, int]] = []
    send = compute._send

    def noted(pipe: Connection, call: compute.Call) -> None:
        told.append((len(call.new), len(call.forgotten)))
        send(pipe, call)

    monkeypatch.setattr(compute, "_send", noted)
    return told


def calibrated(pool: ComputePool, results: pa.Table) -> list[str]:
    """The systems of the day's calibration, computed over there."""
    rows = pool.run("system_calibration", context(), {"results": results}).frame
    return [str(system) for system in rows["system_id"]]


def test_a_table_that_is_read_again_is_sent_once_to_each_process(
    pool: ComputePool, sent: list[tuple[int, int]]
) -> None:
    nothing, other = pa.table({}), pa.table({})
    assert calibrated(pool, nothing) == calibrated(pool, nothing) == calibrated(pool, other)
    assert sent == [(1, 0), (0, 0), (1, 0)]
    its_process().kill()
    with pytest.raises(ComputeLost):
        calibrated(pool, nothing)
    sent.clear()
    assert calibrated(pool, nothing)
    assert sent == [(1, 0)]


def test_what_was_not_read_for_longest_is_let_go_of(
    pool: ComputePool, sent: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    void = {
        "game_date": pa.array([DAY - timedelta(days=9)]), "game_id": ["20251029_LAC_PHX"], "player_id": [1],
        "system_id": ["xgboost_v1"], "outcome": ["void"], "raw_prob_over": [0.5], "is_void": [True],
    }  # fmt: skip
    one, other = pa.table(void), pa.table(void)
    monkeypatch.setattr(compute, "HELD", one.nbytes)
    assert calibrated(pool, one) == calibrated(pool, other) == calibrated(pool, one)
    assert [new for new, _ in sent] == [1, 1, 1]
    assert sent[-1] == (1, 1)


def test_a_killed_process_costs_one_attempt_and_is_replaced(pool: ComputePool) -> None:
    process = its_process()
    process.suspend()
    asking = Asking(pool)
    process.kill()
    with pytest.raises(ComputeLost, match=r"raw_schedule: .*exit code -9"):
        asking.answer.result(timeout=30)
    assert not ComputeLost.non_retryable
    assert lacks_its_input(pool)
    assert its_process().pid != process.pid


def test_a_call_that_never_answers_is_ended_by_the_cancellation_of_its_activity(pool: ComputePool) -> None:
    process = its_process()
    process.suspend()
    asking = Asking(pool)
    assert asking.ident
    # As Temporal's SDK tells the thread of a synchronous activity.
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(asking.ident), ctypes.py_object(CancelledError))
    assert isinstance(asking.answer.exception(timeout=30), CancelledError)
    assert not process.is_running()
    assert lacks_its_input(pool)


def test_a_worker_that_is_told_to_stop_does_not_lose_what_is_computed_for_it(pool: ComputePool) -> None:
    process = its_process()
    for number in (signal.SIGINT, signal.SIGTERM):
        process.send_signal(number)
    assert lacks_its_input(pool)
    assert its_process().pid == process.pid


def test_it_ends_with_its_worker_however_that_ends(tmp_path: Path) -> None:
    code = (
        "import os, sys, time\n"
        "from activities.compute import ComputePool\n"
        "from shared.config import load_settings\n"
        "pool = ComputePool(load_settings({}, home=sys.argv[1]), 1)\n"
        "while not pool.ready: time.sleep(0.01)\n"
        "print('begun', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as worker:  # fmt: skip
        assert worker.stdout
        assert worker.stdout.readline() == "begun\n"
        process = compute_process(worker.pid)
        assert process
        os.kill(worker.pid, signal.SIGKILL)
        assert process.wait(timeout=30) is None
