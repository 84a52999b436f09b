"""Heartbeats from a background thread, so that one long pandas call doesn't look like a dead worker."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import activity

BEAT_SECONDS = 1.0
"""Also how long an activity is silent at first: most are done by then, and each beat is billed."""


class Heartbeat:
    """How far an activity is. Calling it is cheap: the thread sends what was said last."""

    def __init__(self) -> None:
        self._last: tuple[int, int, str] = (0, 0, "")

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Says how far it is."""
        self._last = (done, total, note)

    def send(self) -> None:
        """Sends what was said last."""
        activity.heartbeat(*self._last)


@contextmanager
def heartbeating() -> Iterator[Heartbeat]:
    """Beats until the block ends. A hint for Temporal; exactness comes from the warehouse."""
    heartbeat = Heartbeat()
    stopped = threading.Event()
    context = contextvars.copy_context()

    def beat() -> None:
        while not stopped.wait(BEAT_SECONDS):
            heartbeat.send()

    thread = threading.Thread(target=context.run, args=(beat,), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield heartbeat
    finally:
        stopped.set()
        thread.join()
