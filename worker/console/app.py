"""The console's application: its pages, what every answer carries, and how an error looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.codec_server import codec_app
from worker.console.act import act, back_to_day
from worker.console.day import day_page, day_stream
from worker.console.days import days_page
from worker.console.health import health_page
from worker.console.player import player_page, players_page
from worker.console.predictions import predictions_csv, predictions_json, predictions_page
from worker.console.rendering import STATIC, page
from worker.console.surroundings import Console
from worker.console.truth import KeptTruth, truth_page

Handler = Callable[[Console, Request], Awaitable[Response]]

HEADERS = {
    # Nothing but what this server gives: no other host, no inline script, no frame around it.
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


class _Headers:
    """ASGI: what every answer carries. Files of ours may be kept, for their addresses name their content."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = scope.get("path", "").startswith("/static/")

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if kept:
                    headers["cache-control"] = "max-age=31536000, immutable"
            await send(message)

        await self._app(scope, receive, add)


def console_app(console: Console) -> Starlette:
    """Every page over one worker's warehouse and Temporal client."""

    def route(path: str, handler: Handler, **options: Any) -> Route:
        return Route(path, partial(handler, console), **options)

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for it only
        values = {
            **console.frame(request, "", f"Error {error.status_code}"),
            "status": error.status_code,
            "said": error.detail,
        }
        return page("error.html", values, error.status_code)

    codec = console.client.data_converter.payload_codec
    return Starlette(
        routes=[
            route("/", days_page),
            route("/days/{day}", day_page),
            route("/days/{day}/live", day_stream),
            route("/days/{day}/act", act, methods=["POST"]),
            route("/days/{day}/act", back_to_day, methods=["GET"]),
            route("/predictions", predictions_page),
            route("/predictions.csv", predictions_csv),
            route("/predictions.json", predictions_json),
            route("/players", players_page),
            route("/players/{player:int}", player_page),
            route("/truth", partial(truth_page, KeptTruth())),
            route("/health", health_page),
            Mount("/static", StaticFiles(directory=STATIC)),
            *([Mount("/codec", codec_app(codec, console.ui))] if codec else []),
        ],
        middleware=[Middleware(_Headers)],
        exception_handlers={HTTPException: failed},
    )
