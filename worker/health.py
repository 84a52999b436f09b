"""`/health`, `/ready` and `/metrics`: on loopback, or beyond it for who has the token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

Check = Callable[[], Awaitable[str]]
"""Empty when all is well, else the reason why not."""

CHECK_SECONDS = 5


async def _reason(check: Check) -> str:
    try:
        return await asyncio.wait_for(check(), CHECK_SECONDS)
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS} s"


def health_app(
    checks: Mapping[str, Check], metrics_address: str, identity: Mapping[str, str] | None = None
) -> Starlette:
    """The application.

    Args:
        checks: what must be reachable for the worker to be ready.
        metrics_address: where the SDK's own metrics are.
        identity: what `/health` tells of who answers: which build of what, for which queue.
    """

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "alive", **(identity or {})})

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
