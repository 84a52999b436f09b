"""Reads for pages: on threads of their own, two at a time, and never for longer than a person waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from starlette.exceptions import HTTPException

from shared.errors import WarehouseUnavailable

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 2
"""A page must not take the warehouse from the day that runs."""

PATIENCE = 10.0
"""Seconds."""


class Reader:
    """Runs what blocks away from the worker's event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="console")

    async def __call__(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `read` gives back.

        Raises:
            HTTPException: 503, the warehouse did not answer in time or can't.
        """
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(
                loop.run_in_executor(self._threads, lambda: read(*args, **kwargs)), PATIENCE
            )
        except TimeoutError:
            raise HTTPException(503, f"The warehouse did not answer within {PATIENCE:g} s.") from None
        except WarehouseUnavailable as error:
            raise HTTPException(503, f"The warehouse does not answer: {error}") from None

    def close(self) -> None:
        """Begins nothing new; what reads already ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)
