"""The functions of processors, and the processes beside the worker in which they compute.

Python runs one thread of a process at a time. A worker with several days in hand reads, writes and talks to
Temporal; what its processors make of their frames takes a third of its time, and goes to another core here.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from activities.processor import Output, ProcessFunction, ProcessorContext
from activities.stores import Moment, Stores
from shared.config import Settings
from shared.errors import ComputeLost, ConfigurationError
from shared.garbage import settle
from shared.phases import PHASES
from warehouse.frames import to_pandas
from warehouse.read_cache import size_of

LOOK_SECONDS = 0.2
"""How soon a thread that waits sees that its activity was cancelled."""

PATIENCE_SECONDS = 5.0
"""How long a process that is to end may take over it."""

BESIDE = 64 * 1024
"""Bytes from which on an array goes beside the pickle and not in it."""

HELD = 48 * 2**20
"""Bytes of tables, as Arrow has them, whose frames a process keeps: what two days read within a phase."""

_SPAWN = multiprocessing.get_context("spawn")
"""Not forked: a worker has threads, DuckDB's and Temporal's too, and a fork copies the locks they hold."""


def load_processors() -> dict[str, ProcessFunction]:
    """The functions of all processors of the registry, by name.

    Raises:
        ConfigurationError: a path of the registry leads nowhere; the message names processor and path.
    """
    functions: dict[str, ProcessFunction] = {}
    for phase in PHASES:
        for processor in phase.processors:
            module, _, name = processor.path.partition(":")
            try:
                functions[processor.name] = getattr(import_module(module), name)
            except (ImportError, AttributeError) as error:
                msg = f"processor {processor.name}: {processor.path} can't be loaded: {error}"
                raise ConfigurationError(msg) from error
    return functions


@dataclass(frozen=True)
class Call:
    """One run of a processor, as a process is told of it."""

    processor: str
    moment: Moment
    chunk: int
    staged: pd.DataFrame
    tables: dict[str, int]
    """What its frames are made of, by number."""
    new: dict[int, pa.Table]
    """Those of them that the process has not. As Arrow has them they are bytes as they lie, and frames are
    objects to be taken apart and put together while every other thread of the worker waits."""
    forgotten: tuple[int, ...]
    """What the process is to keep no longer."""


@dataclass(frozen=True)
class Failure:
    """What a processor raised, and where: a trace does not go through a pipe."""

    error: Exception
    trace: str


class RaisedThere(Exception):
    """The cause of an error that was raised in a process which computes: its trace."""


class ComputePool:
    """Runs processors in processes of their own, each one at a time. For many threads."""

    def __init__(self, settings: Settings, processes: int) -> None:
        self._settings, self._processes = settings, processes
        # Said through a pipe that nobody reads from: an event of multiprocessing's needs a named semaphore.
        self._begun, self._said_there = _SPAWN.Pipe(duplex=False)
        self._computers: list[_Computer] = []
        self._starting = threading.Lock()
        self._turn = count()

    @property
    def ready(self) -> bool:
        """Whether a process has begun. Who asks first has them started: most workers need none of them."""
        self._started()
        return self._begun.poll()

    def run(self, processor: str, context: ProcessorContext, tables: Mapping[str, pa.Table]) -> Output:
        """What a processor makes of the frames of these tables.

        A cancellation that is raised in the waiting thread ends the process: it may never have answered.

        Raises:
            ComputeLost: the process ended before it answered; another takes its place.
            Exception: what the processor raised, with the trace of the process as its cause.
        """
        computers = self._started()
        free = (one for one in computers if not one.busy)
        chosen = next(free, computers[next(self._turn) % len(computers)])
        return chosen.answer(processor, context, tables)

    def _started(self) -> list[_Computer]:
        with self._starting:
            while len(self._computers) < self._processes:
                self._computers.append(_Computer(self._settings, self._said_there))
        return self._computers

    def close(self) -> None:
        """Ends the processes, if any were started."""
        for one in self._computers:
            one.close()


class _Sent:
    """The tables that a process has: many of a phase's processors read the same ones."""

    def __init__(self) -> None:
        self._count = count()
        self._held: OrderedDict[int, tuple[int, pa.Table]] = OrderedDict()
        """Number and table by the table's identity, which it keeps as long as it is held."""
        self._size = 0

    def of(
        self, tables: Mapping[str, pa.Table]
    ) -> tuple[dict[str, int], dict[int, pa.Table], tuple[int, ...]]:
        """The numbers of these tables, those that are new, and what is let go of for them."""
        new = {}
        for table in tables.values():
            if id(table) not in self._held:
                number = next(self._count)
                self._held[id(table)], new[number] = (number, table), table
                self._size += size_of(table)
            self._held.move_to_end(id(table))
        numbers = {name: self._held[id(table)][0] for name, table in tables.items()}
        forgotten = []
        while self._size > HELD and len(self._held) > len(tables):
            _, (number, table) = self._held.popitem(last=False)
            self._size -= size_of(table)
            forgotten.append(number)
        return numbers, new, tuple(forgotten)


class _Computer:
    """One process, and the pipe to it."""

    def __init__(self, settings: Settings, begun: Connection) -> None:
        self._settings, self._begun = settings, begun
        self._lock = threading.Lock()
        self._closed = False
        self._start()

    @property
    def busy(self) -> bool:
        return self._lock.locked()

    def answer(self, processor: str, context: ProcessorContext, tables: Mapping[str, pa.Table]) -> Output:
        with self._lock:
            try:
                numbers, new, forgotten = self._sent.of(tables)
                moment = Moment.of(context)
                call = Call(processor, moment, context.chunk, context.staged, numbers, new, forgotten)
                _send(self._pipe, call)
                while not self._pipe.poll(LOOK_SECONDS):
                    pass
                answer: Output | Failure = _receive(self._pipe)
            except (EOFError, OSError) as error:
                self._replace()
                msg = (
                    f"{processor}: the process that computed it ended before it answered "
                    f"(exit code {self._exit_code}; -9 is SIGKILL, as by a machine short of memory)"
                )
                raise ComputeLost(msg) from error
            except BaseException:
                self._replace()
                raise
        if isinstance(answer, Failure):
            raise answer.error from RaisedThere(answer.trace)
        return answer

    def close(self) -> None:
        self._closed = True
        self._pipe.close()
        self._process.join(PATIENCE_SECONDS)
        self._process.kill()

    def _start(self) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(
            target=_serve, args=(theirs, self._settings, self._begun), name="compute", daemon=True
        )
        self._process.start()
        self._sent = _Sent()
        # The only other end is the process's own now: whoever dies, the other reads the end of the pipe.
        theirs.close()

    def _replace(self) -> None:
        self._process.kill()
        self._process.join(PATIENCE_SECONDS)
        self._exit_code = self._process.exitcode
        self._pipe.close()
        if not self._closed:
            self._start()


def _serve(pipe: Connection, settings: Settings, begun: Connection) -> None:
    """What such a process does until its worker ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # A worker that is told to stop lets its activities finish first, and ends its processes itself.
        signal.signal(number, signal.SIG_IGN)
    stores, functions = Stores(settings), load_processors()
    held: dict[int, Any] = {}
    settle()
    begun.send(True)
    while True:
        try:
            call: Call = _receive(pipe)
        except EOFError:
            return
        try:
            answer: object = _computed(call, stores, functions, held)
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the activity
            answer = _failure(error)
        try:
            _send(pipe, answer)
        except BrokenPipeError:
            return


def _failure(error: Exception) -> Failure:
    trace = "".join(traceback.format_exception(error))
    try:
        pickle.dumps(error)
    except Exception:  # noqa: BLE001 - of its making; what it says goes through
        error = RuntimeError(f"{type(error).__name__}: {error}")
    return Failure(error, trace)


def _computed(
    call: Call,
    stores: Stores,
    functions: dict[str, ProcessFunction],
    held: dict[int, Any],
) -> Output:
    held |= call.new
    for number in call.forgotten:
        del held[number]
    context = replace(stores.context_at(call.moment), chunk=call.chunk, staged=call.staged)
    frames = {name: _frame(held, number) for name, number in call.tables.items()}
    return functions[call.processor](context, frames, _unheard)


def _frame(held: dict[int, Any], number: int) -> pd.DataFrame:
    """A frame of the processor's own: pandas copies a column when it is changed, but not the lists in it.

    What is held is a table as it came until it is first wanted, and then the frame that is made of it.
    """
    if isinstance(held[number], pa.Table):
        held[number] = to_pandas(held[number])
    known: pd.DataFrame = held[number]
    frame = known.copy(deep=False)
    for name, kind in known.dtypes.items():
        if pd.api.types.is_object_dtype(kind):
            frame[name] = pd.Series([list(values) for values in known[name]], dtype=object)
    return frame


def _send(pipe: Connection, thing: object) -> None:
    """A pickle, with the large arrays of its frames beside it.

    Those are written from where they lie, while other threads run; copied into the pickle, three years of
    games stop them all for 30 ms.
    """
    large: list[memoryview] = []

    def inside(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < BESIDE:
            return True
        large.append(raw)
        return False

    body = pickle.dumps(thing, protocol=5, buffer_callback=inside)
    pipe.send([raw.nbytes for raw in large])
    pipe.send_bytes(body)
    for raw in large:
        at = 0
        while at < raw.nbytes:
            at += os.write(pipe.fileno(), raw[at:])


def _receive(pipe: Connection) -> Any:
    """What `_send` has sent. Raises `EOFError` if the other side has ended."""
    sizes = pipe.recv()
    body = pipe.recv_bytes()
    large = [np.empty(size, np.uint8) for size in sizes]
    for buffer in large:
        at = 0
        while at < buffer.nbytes:
            read = os.readv(pipe.fileno(), [buffer[at:]])
            if not read:
                raise EOFError
            at += read
    return pickle.loads(body, buffers=large)  # noqa: S301 - only our own process writes there


def _unheard(done: int, total: int, note: str = "") -> None:
    """Progress that nobody hears: the waiting thread's activity beats by itself."""
