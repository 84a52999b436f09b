"""The HTTP server: the upstreams under /as-of/<time>/, and our own admin routes beside them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route as HttpRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from replay.asof import iso, parse_instant
from replay.changes import ChangedLeague, ChangedSeasons
from replay.clock import clock, morning_of, seasons
from replay.fault_edits import edited
from replay.fault_shapes import reshaped
from replay.faults import BadFaultError, Fault, Faults
from replay.league import League
from replay.reply import Ask, Reply
from replay.routes import EVERYBODY, ROUTES, Route

#: The Odds API's monthly allowance that the quota headers count down from.
QUOTA = 100_000
KEPT_REQUESTS = 200
PIECES = 20

Endpoint = Callable[[Request], Awaitable[Response]]


class Requests:
    """Counts every upstream request by route and keeps the last ones, for tests to look at."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget every request."""
        with self._lock:
            self._counts: Counter[str] = Counter()
            self._last: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)

    def note(self, route: str, as_of: datetime, status: int, path: str, faults: list[str]) -> None:
        """Record one answered request."""
        entry = {
            "route": route,
            "as_of": iso(as_of),
            "status": status,
            "time": datetime.now().astimezone().isoformat(),
            "path": path,
            "faults": faults,
        }
        with self._lock:
            self._counts[route] += 1
            self._last.append(entry)

    def shown(self) -> dict[str, Any]:
        """Return the counts by route and the last requests, oldest first."""
        with self._lock:
            return {"counts": dict(self._counts), "last": list(self._last)}


class _SourceHeader:
    """Says on every answer, errors too, whether the league is recorded or simulated."""

    def __init__(self, app: ASGIApp, source: str) -> None:
        self._app, self._source = app, source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Tipoff-Source"] = self._source
            await send(message)

        await self._app(scope, receive, marked)


class Upstreams:
    """Answers the upstream routes out of a league, with the faults that are set."""

    def __init__(self, league: League) -> None:
        self.league = league
        self.faults = Faults()
        self.requests = Requests()
        self._seasons = ChangedSeasons()
        self._used = 0

    def told(self, name: str, as_of: datetime) -> League:
        """Return the league as the route of that name, or everybody, tells of it at `as_of`."""
        changes = self.faults.told_on(name)
        return ChangedLeague(self.league, changes, as_of, self._seasons) if changes else self.league

    def endpoint(self, route: Route) -> Endpoint:
        """Return the HTTP endpoint of one upstream route."""

        async def answer(request: Request) -> Response:
            try:
                as_of = parse_instant(request.path_params["as_of"])
            except ValueError as error:
                return JSONResponse({"message": f"as-of: {error}"}, status_code=400)
            ask = _ask(request, as_of)
            reply, met = await run_in_threadpool(self._reply, route, ask)
            for fault in met:
                if fault.kind == "latency":
                    await asyncio.sleep(fault.number)
            self.requests.note(route.name, as_of, reply.status, request.url.path, [fault.id for fault in met])
            pauses = sum(fault.number for fault in met if fault.kind == "drip")
            return self._response(request, reply, pauses)

        return answer

    def _reply(self, route: Route, ask: Ask) -> tuple[Reply, list[Fault]]:
        """Return the answer and the faults it met; an edit that finds nothing isn't met."""
        reply = route.handler(self.told(route.name, ask.as_of), ask)
        met: list[Fault] = []
        changes = self.faults.told_on(route.name)
        if changes and route.handler(self.league, ask).body != reply.body:
            met += [change for change in changes if self.faults.spend(change)]
        for fault in sorted(self.faults.on(route.name), key=lambda it: _ORDER.index(it.kind)):
            if not fault.concerns(reply):
                continue
            changed = self._changed(route, ask, reply, fault)
            if changed is not None and self.faults.spend(fault):
                reply = changed
                met.append(fault)
        return reply, met

    def _changed(self, route: Route, ask: Ask, reply: Reply, fault: Fault) -> Reply | None:
        if fault.kind == "stale_copy":
            before = ask.as_of - timedelta(seconds=fault.number)
            old = Ask(before, ask.path, ask.query, ask.headers)
            return route.handler(self.told(route.name, before), old)
        if fault.kind == "truncated":
            body = reply.body[: int(len(reply.body) * fault.number)]
            return Reply(body, reply.status, reply.media_type, reply.headers, reply.about)
        if fault.kind == "status":
            return _refusal(fault, reply)
        if fault.kind == "echo":
            asked = {name: ask.query[name] for name in reversed(list(ask.query))}
            said = json.dumps({"asked": asked, "headers": dict(ask.headers)})
            return Reply(said.encode(), int(fault.value), about=reply.about)
        if fault.kind in RESHAPES:
            return reshaped(reply, fault)
        return (
            reply
            if fault.kind in ("latency", "drip")
            else edited(reply, fault, self.told(route.name, ask.as_of))
        )

    def _response(self, request: Request, reply: Reply, pauses: float) -> Response:
        headers = dict(reply.headers)
        if "x-requests-last" in headers:
            self._used += int(headers["x-requests-last"])
            headers["x-requests-used"] = str(self._used)
            headers["x-requests-remaining"] = str(max(0, QUOTA - self._used))
        if reply.status == 200:
            headers["etag"] = f'"{hashlib.sha256(reply.body).hexdigest()[:32]}"'
            if request.headers.get("if-none-match") == headers["etag"]:
                return Response(status_code=304, headers=headers)
        if pauses:
            return StreamingResponse(_drip(reply.body, pauses), reply.status, headers, reply.media_type)
        return Response(reply.body, reply.status, headers, reply.media_type)


async def _drip(body: bytes, pause: float) -> AsyncIterator[bytes]:
    """Give the body in twenty pieces, each after a pause: a source that is slow and never silent."""
    size = max(1, -(-len(body) // PIECES))
    for at in range(0, len(body), size):
        await asyncio.sleep(pause)
        yield body[at : at + size]


#: The kinds that change an answer's form.
RESHAPES = ("unknown_field", "removed_field", "wrong_json")
#: Older bodies first, then their edits, then what happens to them on the way.
_ORDER = (
    "stale_copy",
    "missing_game",
    "missing_player",
    "wrong_total",
    "no_score",
    "moved_line",
    "duplicate_row",
    *RESHAPES,
    "truncated",
    "status",
    "echo",
    "latency",
    "drip",
)


def _refusal(fault: Fault, reply: Reply) -> Reply:
    value = fault.value if isinstance(fault.value, dict) else {"code": fault.value}
    headers = {"retry-after": str(value["retry_after"])} if "retry_after" in value else {}
    body = json.dumps({"message": f"fault {fault.id}: status {value['code']} on demand"})
    return Reply(body.encode(), value["code"], headers=headers, about=reply.about)


def _ask(request: Request, as_of: datetime) -> Ask:
    query: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        query.setdefault(name, []).append(value)
    return Ask(as_of, request.path_params, query, dict(request.headers))


class Admin:
    """Our own routes: what can be run, when a day is, which faults are set, what was asked."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._league = upstreams.league

    def routes(self) -> list[HttpRoute]:
        """Return the admin routes."""
        return [
            HttpRoute("/healthz", self._healthz, methods=["GET"]),
            HttpRoute("/clock/{game_date}", self._clock, methods=["GET"]),
            HttpRoute("/seasons", self._seasons, methods=["GET"]),
            HttpRoute("/faults", self._faults, methods=["GET", "POST", "DELETE"]),
            HttpRoute("/faults/{fault_id}", self._one_fault, methods=["DELETE"]),
            HttpRoute("/requests", self._requests, methods=["GET", "DELETE"]),
        ]

    async def _healthz(self, request: Request) -> Response:
        del request
        return JSONResponse({"status": "ok", "source": self._league.source})

    async def _clock(self, request: Request) -> Response:
        try:
            day = date.fromisoformat(request.path_params["game_date"])
        except ValueError as error:
            return JSONResponse({"message": f"game_date: {error}"}, status_code=400)
        league = self._upstreams.told(EVERYBODY, morning_of(day))
        return JSONResponse(await run_in_threadpool(clock, league, day))

    async def _seasons(self, request: Request) -> Response:
        del request
        return JSONResponse(await run_in_threadpool(seasons, self._league))

    async def _faults(self, request: Request) -> Response:
        faults = self._upstreams.faults
        if request.method == "POST":
            try:
                return JSONResponse({"id": faults.add(await request.json()).id}, status_code=201)
            except BadFaultError as error:
                return JSONResponse(error.body, status_code=422)
            except json.JSONDecodeError as error:
                return JSONResponse(BadFaultError("body", str(error), "JSON").body, status_code=422)
        if request.method == "DELETE":
            return JSONResponse({"removed": faults.remove(None, request.query_params)})
        shown = [fault.shown() for fault in faults.listed()]
        return JSONResponse({"faults": shown, "changes": faults.changes()})

    async def _one_fault(self, request: Request) -> Response:
        removed = self._upstreams.faults.remove(request.path_params["fault_id"], request.query_params)
        return JSONResponse({"removed": removed}, status_code=200 if removed else 404)

    async def _requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._upstreams.requests.clear()
        return JSONResponse(self._upstreams.requests.shown())


def build_app(league: League) -> ASGIApp:
    """Return the ASGI application that serves `league`."""
    upstreams = Upstreams(league)
    routes = [
        HttpRoute("/as-of/{as_of}" + route.path, upstreams.endpoint(route), methods=["GET"])
        for route in ROUTES
    ]
    app = Starlette(routes=[*Admin(upstreams).routes(), *routes])
    return _SourceHeader(app, league.source)
