"""Temporal's codec server: lets the Temporal UI and the plain command line show what we have encrypted.

Their own protocol: `POST /codec/encode` and `/codec/decode`, payloads as protobuf JSON. Who may ask is
decided as for every page of the worker; a browser may from the page of the Temporal UI alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from shared.errors import ConfigurationError

LONGEST = 4 * 1024 * 1024
"""Bytes of a request: the most that Temporal takes in one message."""

Coding = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]


def codec_app(codec: PayloadCodec, ui: str) -> Starlette:
    """Both routes over a codec; `ui` is the address of the Temporal UI, empty where it is not known."""
    origins = ["/".join(ui.split("/", 3)[:3])] if ui else []
    return Starlette(
        routes=[
            Route("/encode", _coding(codec.encode), methods=["POST"]),
            Route("/decode", _coding(codec.decode), methods=["POST"]),
        ],
        middleware=[
            Middleware(
                CORSMiddleware, allow_origins=origins, allow_methods=["POST"], allow_headers=["*"],
                allow_credentials=True,
            )
        ],
    )  # fmt: skip


def _coding(code: Coding) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > LONGEST:
                return PlainTextResponse(f"more than {LONGEST:,} bytes", 413)
        try:
            asked = Parse(bytes(body), Payloads())
        except ParseError:
            return PlainTextResponse("the body is not Temporal's Payloads as JSON", 400)
        try:
            coded = await code(asked.payloads)
        except ConfigurationError as error:
            return PlainTextResponse(str(error), 400)
        return Response(MessageToJson(Payloads(payloads=coded)), media_type="application/json")

    return answer
