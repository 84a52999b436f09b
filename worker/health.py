"""`/health`, `/ready` and `/metrics`: on loopback, or beyond it for who has the token."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping

import httpx
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from shared.access import LOOPBACK, Guard, check_listen

Check = Callable[[], Awaitable[str]]
"""Empty when all is well, else the reason why not."""

CHECK_SECONDS = 5


async def _reason(check: Check) -> str:
    try:
        return await asyncio.wait_for(check(), CHECK_SECONDS)
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS} s"


def health_app(checks: Mapping[str, Check], metrics_address: str) -> Starlette:
    """The application: `checks` are what must be reachable for the worker to be ready."""

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        reasons = dict(zip(checks, await asyncio.gather(*(_reason(c) for c in checks.values())), strict=True))
        ok = not any(reasons.values())
        body = {
            "status": "ready" if ok else "not ready",
            "checks": {name: reason or "ok" for name, reason in reasons.items()},
        }
        return JSONResponse(body, status_code=200 if ok else 503)

    async def metrics(_: Request) -> Response:
        async with httpx.AsyncClient(timeout=CHECK_SECONDS) as client:
            answer = await client.get(f"http://{metrics_address}/metrics")
        return PlainTextResponse(answer.text, media_type="text/plain; version=0.0.4")

    return Starlette(routes=[Route("/health", health), Route("/ready", ready), Route("/metrics", metrics)])


class HealthServer:
    """Serves the application beside the worker, in its event loop."""

    def __init__(
        self, app: Starlette, port: int, *, listen: str = LOOPBACK, token: SecretStr | None = None
    ) -> None:
        check_listen(listen, token)
        family = socket.AF_INET6 if ":" in listen else socket.AF_INET
        self._socket = socket.create_server((listen, port), family=family, reuse_port=False)
        self.port: int = self._socket.getsockname()[1]
        # No signal handlers: the worker's own decide when it ends.
        config = uvicorn.Config(Guard(app, token), log_config=None, access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> HealthServer:
        self._task = asyncio.create_task(self._server._serve([self._socket]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        if self._task:
            await self._task
