"""A season lived with faults on every day: `python -m benchmarks.simulated_season --root <folder>`.

The real worker in a home of its own, the replay server with the simulated league, and Temporal's
time-skipping server, so that hours of waiting take milliseconds. The faults of each day are drawn from the
seed. At the end the tables are checked against the league, and one table is printed; exit code 1 if anything
is not as it should be. Whatever was lived stands: the same command goes on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from benchmarks import simulated_season_server as servers
from benchmarks.day import prepare, replay
from benchmarks.histories import events_of
from benchmarks.simulated_season_checks import Lived, show
from benchmarks.simulated_season_faults import DayFaults, faults_of
from benchmarks.simulated_season_worker import DOOMED, ORDERS
from replay.asof import season_of
from replay.league import Game
from replay.simulated import SimulatedLeague
from shared import messages, names
from shared.clock import days_between
from shared.config import TASK_QUEUE
from shared.ids import daily_workflow_id
from starter.supervisor import TETHER

LEAGUE_SEED = 2026
"""The replay server's own."""
PULSE = timedelta(minutes=2)
"""Skipped at most before it is looked whether an operator has something to do."""
INTERRUPTED = timedelta(days=4)
"""Later after the last whole day than an interrupted one can have written: its fences stand."""
TETHERED = (sys.executable, "-I", str(TETHER))
DAY_PATIENCE = 600.0
"""Seconds after which a day that has not ended is lost, and the season is not worth going on with."""
ASK = timedelta(seconds=10)
PATIENCE = timedelta(minutes=1)

Handle = WorkflowHandle[object, messages.DayReport]


class WorkerProcess:
    """The worker, started again at once when it is killed."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        self._home, self._environ = home, environ
        self.orders = home / "orders.json"
        self.order({})
        self._start(doomed=False)

    def _start(self, *, doomed: bool) -> None:
        environ = {**self._environ, ORDERS: str(self.orders), **({DOOMED: "yes"} if doomed else {})}
        with (self._home / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*TETHERED, str(os.getpid()), sys.executable, "-m", "benchmarks.simulated_season_worker"],
                env=environ, stdout=log, stderr=log,
            )  # fmt: skip

    def doom(self) -> None:
        """Another one in its place, which may be killed."""
        self.stop()
        self._start(doomed=True)

    def kill(self, *, doomed: bool) -> None:
        """SIGKILL, and another one, which may be killed as well if it is doomed."""
        self.process.kill()
        self.process.wait()
        self._start(doomed=doomed)

    def order(self, orders: dict[str, object]) -> None:
        """What is to be broken from now on."""
        partial = self.orders.with_suffix(".partial")
        partial.write_text(json.dumps(orders))
        partial.replace(self.orders)

    def stop(self) -> None:
        """SIGTERM."""
        self.process.terminate()
        self.process.wait(timeout=60)


class Season:
    """The season as it is lived."""

    def __init__(
        self, server: servers.SkippingServer, worker: WorkerProcess, replay_url: str, seed: int
    ) -> None:
        self.server, self.worker, self.replay_url, self.seed = server, worker, replay_url, seed
        self._paused = False
        self._began: datetime | None = None

    async def live(self, day: date, games: list[Game], before: list[Game], *, calm: bool = False) -> Lived:
        """Lives one date to its end and says what became of it."""
        faults = DayFaults() if calm else faults_of(self.seed, day, before)
        lived = Lived(str(day), len(games), list(faults.kinds))
        began, since = time.monotonic(), await self._morning()
        for wish in faults.upstream:
            httpx.post(f"{self.replay_url}/faults", json=wish).raise_for_status()
        self.worker.order({"fail": faults.broken} if faults.broken else {})
        if faults.kills:
            self.worker.doom()
        handle = await self._start(day)
        acts = [asyncio.create_task(self._kill(faults.kills, lived))]
        acts.append(asyncio.create_task(self._disturb(faults, handle)))
        try:
            await self._to_its_end(handle, faults, lived)
            lived.events = await self._events(handle)
            if faults.asked_again:
                handle = await self._start(day, self._request(phase=faults.asked_again))
                lived.operator += 1
                await self._to_its_end(handle, faults, lived)
                lived.events += await self._events(handle)
        finally:
            await asyncio.gather(*acts)
            httpx.delete(f"{self.replay_url}/faults")
            self.worker.order({})
        await self._tell(handle, lived)
        now = await self.server.now()
        lived.seconds, lived.lived = time.monotonic() - began, (now - since).total_seconds()
        lived.ended = now.isoformat()
        return lived

    async def _morning(self) -> datetime:
        """Lets time go on to a day after the last one began: what it left behind has had its night."""
        now = await self.server.now()
        if self._began:
            await self.server.skip(self._began + timedelta(days=1) - now)
        self._began = await self.server.now()
        return self._began

    async def _start(self, day: date, retrigger: dict[str, object] | None = None) -> Handle:
        given = {"start_signal": "retrigger", "start_signal_args": [retrigger]} if retrigger else {}
        return await self.server.client.start_workflow(  # type: ignore[call-overload,no-any-return]
            names.DAILY_PIPELINE, messages.DailyPipelineInput(game_date=day), id=daily_workflow_id(day),
            task_queue=TASK_QUEUE, result_type=messages.DayReport, **given,
        )  # fmt: skip

    async def _to_its_end(self, handle: Handle, faults: DayFaults, lived: Lived) -> None:
        """Lets time go on in pulses until the day has ended; in between an operator looks at it."""
        ending = asyncio.create_task(_end_of(handle))
        until = time.monotonic() + DAY_PATIENCE
        pulse: asyncio.Task[None] | None = None
        while not ending.done() and time.monotonic() < until:
            if not pulse and not self._paused:
                pulse = asyncio.create_task(self.server.skip(PULSE))
            awaited = [ending, pulse] if pulse else [ending]
            await asyncio.wait(awaited, timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
            if pulse and pulse.done():
                pulse.result()
                pulse = None
                if faults.broken and not ending.done():
                    await self._mend(handle, faults, lived)
        if not ending.done():
            ending.cancel()
            raise SystemExit(f"{lived.day} has not ended within {DAY_PATIENCE:.0f} s")
        if pulse:
            await pulse
        lived.status, lived.message = await ending

    async def _mend(self, handle: Handle, faults: DayFaults, lived: Lived) -> None:
        """What an operator does about a processor that is broken: mends it and asks for its phase again."""
        try:
            report = await handle.query("status", result_type=messages.DayReport, rpc_timeout=ASK)
        except RPCError:
            return
        mine = [b for b in report.blockers if b.processor == faults.broken]
        if not mine:
            return
        self.worker.order({})
        faults.broken = ""
        request = self._request(phase=mine[0].phase)
        for _ in range(2):
            await handle.signal("retrigger", request)
        lived.operator += 1

    async def _kill(self, after: list[float], lived: Lived) -> None:
        begun = time.monotonic()
        for number, seconds in enumerate(after, 1):
            await asyncio.sleep(begun + seconds - time.monotonic())
            self.worker.kill(doomed=number < len(after))
            lived.kills += 1

    async def _disturb(self, faults: DayFaults, handle: Handle) -> None:
        """Refusals of the warehouse, and messages that contradict each other."""
        await asyncio.sleep(faults.at)
        if faults.refusals:
            orders: dict[str, object] = {"refuse": {"id": uuid4().hex, "calls": faults.refusals}}
            self.worker.order({**orders, "fail": faults.broken})
        if faults.messages:
            self._paused = True
            try:
                twice = self._request(phase="analytics")
                for name, payload in (
                    ("pause", self._request()), ("retrigger", twice), ("resume", self._request()),
                    ("retrigger", twice), ("skip", self._request(phase="scrape")),
                    ("pause", self._request()), ("retrigger", self._request(phase="analitics")),
                    ("skip", {"phase": "raw"}), ("resume", self._request()),
                ):  # fmt: skip
                    await handle.signal(name, payload)
            except RPCError:
                return  # It has ended already.
            finally:
                self._paused = False

    @staticmethod
    def _request(**fields: object) -> dict[str, object]:
        return {"request_id": uuid4().hex, "reason": "season", "requested_by": "operator", **fields}

    async def _tell(self, handle: Handle, lived: Lived) -> None:
        """What the day says of itself."""
        report = await handle.query(
            "status", result_type=messages.DayReport, rpc_timeout=timedelta(minutes=1)
        )
        lived.phases = {phase.name: str(phase.state) for phase in report.phases}
        timeline = await handle.query("timeline", result_type=list[messages.TimelineEntry])
        lived.waited = sum(" waits: " in entry.what for entry in timeline)

    async def _events(self, run: Handle) -> int:
        """How long the histories of a run of the day and of its phases are, in all."""
        events = events_of(self.server.client, run.id, run.result_run_id)
        return sum([1 async for _ in events])


async def _end_of(handle: Handle) -> tuple[str, str]:
    try:
        report = await handle.result()
    except WorkflowFailureError as error:
        cause = error.cause
        kind = cause.type if isinstance(cause, ApplicationError) else type(cause).__name__
        status = {"DayFailed": "failed", "DayAborted": "aborted"}.get(str(kind), f"lost: {kind}")
        return status, str(cause)
    return str(report.status), report.message


@dataclass(frozen=True)
class Calendar:
    """The dates to be lived, each with its games."""

    dates: tuple[date, ...]
    games: dict[date, list[Game]]

    @classmethod
    def of(cls, first: date | None, days: int) -> Calendar:
        """So many game days, what lies between them, and one more date, which brings in the last games."""
        league = SimulatedLeague(LEAGUE_SEED)
        season = league.season(season_of(first) if first else "2024-25")
        assert season
        playing = sorted(d for d in season.by_date if not first or d >= first)[:days]
        if len(playing) < days:
            raise SystemExit(f"--days: the season has only {len(playing)} game days from {first} on")
        dates = days_between(playing[0], playing[-1] + timedelta(days=1))
        return cls(tuple(dates), {d: season.by_date.get(d, []) for d in [playing[0] - timedelta(1), *dates]})


@dataclass(frozen=True)
class Options:
    """How a season is lived."""

    seed: int
    seasons: int = 1
    quiet: bool = False

    def tell(self, lived: Lived) -> None:
        """One line a date, on standard error."""
        if not self.quiet:
            sys.stderr.write(
                f"{lived.day} {lived.games:2d} games {lived.status:9} {lived.events:5d} events "
                f"{lived.seconds:5.1f} s {', '.join(lived.kinds)}\n"
            )


async def run(root: Path, address: str, replay_url: str, calendar: Calendar, options: Options) -> list[Lived]:
    """Lives all dates that are not lived yet."""
    home, book = root / "home", root / "days.jsonl"
    known = [Lived(**json.loads(line)) for line in book.read_text().splitlines()] if book.exists() else []
    server = await servers.connected(address)
    if known:
        await server.skip(datetime.fromisoformat(known[-1].ended) + INTERRUPTED - await server.now())
    environ = {
        **os.environ, "TIPOFF_HOME": str(home), "TIPOFF_SOURCE": "simulated", "TIPOFF_REPLAY_URL": replay_url,
        "TEMPORAL_ADDRESS": address, "TEMPORAL_CONFIG_FILE": os.devnull, "TIPOFF_HEALTH_PORT": "0",
        # Days of a season are over in seconds here, and look like several at once; what breaks a processor is
        # in the worker's own process.
        "TIPOFF_COMPUTE_PROCESSES": "0",
    }  # fmt: skip
    worker = WorkerProcess(home, environ)
    try:
        if not (root / "prepared").exists():
            await prepare(address, calendar.dates[0], options.seasons)
            (root / "prepared").write_text("")
        season = Season(server, worker, replay_url, options.seed)
        with book.open("a") as out:
            for day in calendar.dates[len(known) :]:
                last = day == calendar.dates[-1]
                before = calendar.games[day - timedelta(days=1)]
                lived = await season.live(day, calendar.games[day], before, calm=last)
                known.append(lived)
                out.write(json.dumps(asdict(lived)) + "\n")
                out.flush()
                options.tell(lived)
    finally:
        worker.stop()
    return known


def season(root: Path, days: int, options: Options, first: date | None = None) -> bool:
    """Lives a season and prints what came of it; whether all is as it should be.

    Raises:
        ServerMissingError: the time-skipping server can't be had.
    """
    calendar = Calendar.of(first, days)
    (root / "home").mkdir(parents=True, exist_ok=True)
    with servers.process(root / "server.log") as address, replay(root / "home", "simulated") as url:
        lived = asyncio.run(run(root, address, url, calendar, options))
    return show(root / "home", lived, calendar.games, options.seed)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=160, help="dates with games")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, help="not before this date")
    parser.add_argument("--seasons", type=int, default=1, help="full seasons of history before this one")
    parser.add_argument("--root", type=Path, required=True, help="a folder for the home; kept")
    parser.add_argument("--fresh", action="store_true", help="begin anew")
    given = parser.parse_args()
    if given.fresh:
        shutil.rmtree(given.root, ignore_errors=True)
    good = season(given.root, given.days, Options(given.seed, given.seasons), given.first)
    raise SystemExit(not good)


if __name__ == "__main__":
    main()
