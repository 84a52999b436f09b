"""Serves an application in the worker's event loop: on loopback, or beyond it for who has the token."""

from __future__ import annotations

import asyncio
import errno
import socket

import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from shared.access import LOOPBACK, Guard, check_listen

LAST_SECONDS = 2
"""How long answers that are under way, an endless one too, hold up the worker's stop."""


class PageServer:
    """One application at one port, as long as the block it is entered for.

    With `or_another`, where the port is taken, at any that is free: a second worker on a machine must not
    fail for its pages.
    """

    def __init__(
        self,
        app: Starlette,
        port: int,
        *,
        listen: str = LOOPBACK,
        token: SecretStr | None = None,
        or_another: bool = False,
    ) -> None:
        check_listen(listen, token)
        family = socket.AF_INET6 if ":" in listen else socket.AF_INET
        try:
            self._socket = socket.create_server((listen, port), family=family, reuse_port=False)
        except OSError as error:
            if not or_another or error.errno != errno.EADDRINUSE:
                raise
            self._socket = socket.create_server((listen, 0), family=family, reuse_port=False)
        self.port: int = self._socket.getsockname()[1]
        # No signal handlers: the worker's own decide when it ends.
        config = uvicorn.Config(
            Guard(app, token), log_config=None, access_log=False, lifespan="off",
            timeout_graceful_shutdown=LAST_SECONDS,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> PageServer:
        self._task = asyncio.create_task(self._server._serve([self._socket]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        if self._task:
            await self._task
