"""Whether a source may be asked now: circuit breaker, Retry-After, rate limit, calls at once, daily budget.

One guard for all sources of a worker, shared by its threads. What must outlive the process (an open breaker,
a Retry-After) goes through a `StateStore`, so other workers and the next process obey it too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from activities.scrape.limits import LIMITS, SourceLimits
from shared.clock import utc_now
from shared.errors import SourceOnHold

LONGEST_HOLD = timedelta(hours=24)
PATIENCE = 15.0
"""Seconds a call waits for its turn; then its activity gives its slot back and comes again."""

PROBE_TIME = timedelta(seconds=60)
"""A probe is over by then: longer than the timeouts of a call."""

SKEW = timedelta(minutes=1)
"""By so much the clocks of two workers may differ."""

SAVED_EVERY = 10
FRESH_SECONDS = 5.0


class BreakerState(StrEnum):
    """The states of a circuit breaker."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class SourceState:
    """What is known of a source. Times are UTC, of the wall clock: no upstream lives in a replayed day."""

    source: str
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    """Failed calls in a row."""
    openings: int = 0
    """Openings of the breaker in a row."""
    not_before: datetime | None = None
    """It is not asked before this."""
    reason: str = ""
    failed_on: date | None = None
    failed_today: int = 0
    """Failed calls of the UTC date `failed_on`."""
    changed_at: datetime | None = None


class StateStore(Protocol):
    """Where states outlive the process."""

    def load(self) -> list[SourceState]:
        """All that is known; none when the store does not answer."""

    def save(self, state: SourceState) -> None:
        """Keeps a state. Never raises: a source can be asked without its state being kept."""


@dataclass
class _Traffic:
    """What goes on at a source now, in this process."""

    under_way: int = 0
    next_start: float = 0.0


class Call:
    """One call that was let through. What came of it is said once, by one of its methods."""

    def __init__(self, guard: SourceGuard, source: str) -> None:
        self._guard, self._source = guard, source

    def answered(self) -> None:
        """The source is there, whatever it said."""
        self._guard.note_answer(self._source)

    def failed(self, why: str) -> None:
        """No answer, or one that says that the source is broken."""
        self._guard.note_failure(self._source, why)

    def told_to_wait(self, wait: timedelta) -> None:
        """It answered, and with a Retry-After."""
        self._guard.note_wait(self._source, wait)


class SourceGuard:
    """Lets calls through or raises `SourceOnHold`. Safe for several threads."""

    def __init__(
        self,
        store: StateStore | None = None,
        limits: Mapping[str, SourceLimits] = LIMITS,
        *,
        paced: bool = True,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._limits = limits
        self._paced = paced
        self._now = now
        self._states: dict[str, SourceState] = {}
        self._traffic: dict[str, _Traffic] = {}
        self._changed = threading.Condition()
        self._loaded = -FRESH_SECONDS

    def refresh(self) -> None:
        """Learns what other processes have found out, at most every few seconds."""
        if self._store is None or time.monotonic() - self._loaded < FRESH_SECONDS:
            return
        self._loaded = time.monotonic()
        for found in self._store.load():
            with self._changed:
                known = self._states.get(found.source)
                newer = known is None or (found.changed_at or _LONG_AGO) > (known.changed_at or _LONG_AGO)
                if newer:
                    self._states[found.source] = found
        for ahead in self._ahead():
            with self._changed:
                left = ahead.not_before - ahead.changed_at if ahead.not_before and ahead.changed_at else None
                until = self._now() + left if left else None
                mended = self._set(replace(ahead, not_before=until, failed_on=None, failed_today=0))
            self._save(mended)

    def _ahead(self) -> list[SourceState]:
        """States noted by a clock that was ahead of the present one: a source must not be shut out for it."""
        with self._changed:
            limit = self._now() + SKEW
            return [s for s in self._states.values() if s.changed_at and s.changed_at > limit]

    def on_hold(self) -> list[str]:
        """The sources that are not to be asked now, in words."""
        with self._changed:
            return [
                _why(s) for _, s in sorted(self._states.items()) if (s.not_before or _LONG_AGO) > self._now()
            ]

    def hold_left(self, source: str) -> timedelta | None:
        """How long a source is not to be asked from now on; None: it may be."""
        with self._changed:
            state = self._states.get(source)
            left = state.not_before - self._now() if state and state.not_before else timedelta()
            return left if left > timedelta() else None

    @contextmanager
    def call(self, source: str) -> Iterator[Call]:
        """A call to a source, when its turn has come.

        Raises:
            SourceOnHold: it is not to be asked now; carries how long.
        """
        self._admit(source)
        try:
            yield Call(self, source)
        finally:
            with self._changed:
                self._traffic[source].under_way -= 1
                self._changed.notify_all()

    # ---- before a call

    def _admit(self, source: str) -> None:
        given_up = time.monotonic() + PATIENCE
        claimed = None
        with self._changed:
            limits = self._limits[source]
            traffic = self._traffic.setdefault(source, _Traffic())
            while True:
                state = self._states.setdefault(source, SourceState(source))
                self._refuse_on_hold(state)
                if state.state is not BreakerState.CLOSED:
                    # The time is over: one call finds out. The claim keeps other workers from asking too.
                    claimed = self._set(
                        replace(
                            state,
                            state=BreakerState.HALF_OPEN,
                            not_before=self._now() + PROBE_TIME,
                            reason="it is being asked once, after failures",
                        )
                    )
                    break
                # A source that has just failed is asked one at a time: four failures at once are one outage.
                most = 1 if state.failures else limits.at_once
                wait = traffic.next_start - time.monotonic() if self._paced else 0.0
                if traffic.under_way < most and wait <= 0:
                    break
                left = given_up - time.monotonic()
                if left <= 0:
                    msg = f"{source}: {traffic.under_way} calls are under way and slow; none more is begun"
                    raise SourceOnHold(msg, retry_after=timedelta(seconds=2))
                self._changed.wait(min(left, wait) if wait > 0 else left)
            traffic.under_way += 1
            traffic.next_start = time.monotonic() + 1 / limits.per_second
        self._save(claimed)

    def _refuse_on_hold(self, state: SourceState) -> None:
        now = self._now()
        if state.not_before and now < state.not_before:
            raise SourceOnHold(_why(state), retry_after=state.not_before - now)
        if state.failed_on == now.date() and state.failed_today >= self._limits[state.source].failed_a_day:
            midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
            self._set(
                replace(
                    state,
                    not_before=midnight,
                    reason=f"{state.failed_today} calls have failed today, its budget",
                )
            )
            raise SourceOnHold(_why(self._states[state.source]), retry_after=midnight - now)

    # ---- after a call

    def note_answer(self, source: str) -> None:
        """The source is there: its breaker closes."""
        with self._changed:
            state = self._states[source]
            if state.state is BreakerState.CLOSED and not state.failures:
                return
            mended = self._set(
                replace(
                    state,
                    state=BreakerState.CLOSED,
                    failures=0,
                    openings=0,
                    not_before=None if state.state is not BreakerState.CLOSED else state.not_before,
                    reason="",
                )
            )
        self._save(mended if state.state is not BreakerState.CLOSED else None)

    def note_failure(self, source: str, why: str) -> None:
        """A call failed: after several in a row, or a failed probe, the breaker opens."""
        with self._changed:
            state, limits, now = self._states[source], self._limits[source], self._now()
            today = state.failed_today if state.failed_on == now.date() else 0
            counted = replace(
                state, failures=state.failures + 1, failed_on=now.date(), failed_today=today + 1
            )
            probe = state.state is BreakerState.HALF_OPEN
            opens = probe or (state.state is BreakerState.CLOSED and counted.failures >= limits.failures)
            if opens:
                openings = state.openings + 1
                counted = self._set(
                    replace(
                        counted,
                        state=BreakerState.OPEN,
                        openings=openings,
                        not_before=now + limits.open_for(openings),
                        reason=f"{counted.failures} calls in a row failed, the last: {why}"[:300],
                    )
                )
            else:
                self._states[source] = counted
        self._save(counted if opens or counted.failed_today % SAVED_EVERY == 0 else None)

    def note_wait(self, source: str, wait: timedelta) -> None:
        """The upstream said when to come again: nobody asks it before."""
        with self._changed:
            state, now = self._states[source], self._now()
            until = max(now + min(wait, LONGEST_HOLD), state.not_before or now)
            # It is there; a breaker that was half open has its answer.
            told = self._set(
                replace(
                    state,
                    state=BreakerState.CLOSED,
                    failures=0,
                    openings=0,
                    not_before=until,
                    reason=f"it asked to be left alone for {wait.total_seconds():.0f} s",
                )
            )
        self._save(told)

    def close(self, source: str) -> None:
        """A person knows that the source is back: it is asked at once, and its day's budget begins anew."""
        with self._changed:
            told = self._set(SourceState(source))
        self._save(told)

    def _set(self, state: SourceState) -> SourceState:
        changed = self._states[state.source] = replace(state, changed_at=self._now())
        self._changed.notify_all()
        return changed

    def _save(self, state: SourceState | None) -> None:
        if state is not None and self._store is not None:
            self._store.save(state)


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _why(state: SourceState) -> str:
    until = f"{state.not_before:%Y-%m-%d %H:%M:%S} UTC" if state.not_before else "now"
    return f"{state.source}: not asked before {until}: {state.reason}"
