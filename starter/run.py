"""Runs a command's coroutine, and ends it in order when told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from starter.failure import DONE, INTERRUPTED

if TYPE_CHECKING:
    from starter.embedded import Stack

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(command: Coroutine[Any, Any, int]) -> int:
    """The exit code of a command that only talks to a server."""
    try:
        return asyncio.run(command)
    except KeyboardInterrupt:
        return INTERRUPTED


def run_stack(stack: Stack, work: Callable[[Stack], Coroutine[Any, Any, int | None]]) -> int:
    """Start the stack, do the work, stop the stack; the exit code.

    Work that returns None asks to stay up until told to stop. The first signal stops in order, the second
    at once.
    """
    return asyncio.run(_run_stack(stack, work))


async def _run_stack(stack: Stack, work: Callable[[Stack], Coroutine[Any, Any, int | None]]) -> int:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()

    def tell(number: int) -> None:
        if told.is_set():
            stack.kill()
            os._exit(128 + number)
        told.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, tell, number)
    running = loop.create_task(_work(stack, work))
    waiting = loop.create_task(told.wait())
    try:
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            running.cancel()
            try:
                await running
            except asyncio.CancelledError:
                return INTERRUPTED
        code = running.result()
        if code is not None:
            return code
        await waiting
        return DONE
    finally:
        waiting.cancel()
        await stack.stop()


async def _work(stack: Stack, work: Callable[[Stack], Coroutine[Any, Any, int | None]]) -> int | None:
    await stack.start()
    return await work(stack)
