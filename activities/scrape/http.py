"""HTTP to an upstream: honest about who asks, bounded in time, its failures named."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from activities.processor import Upstreams
from shared.access import token_header
from shared.clock import utc_now
from shared.errors import (
    AuthenticationError,
    DataNotReady,
    UpstreamContractViolation,
    UpstreamUnavailable,
)
from shared.redaction import Redactor

HOSTS = {
    "nba-cdn": "https://cdn.nba.com",
    "stats-nba": "https://stats.nba.com",
    "odds-api": "https://api.the-odds-api.com",
    "espn": "https://site.api.espn.com",
    "balldontlie": "https://api.balldontlie.io",
}
USER_AGENT = "tipoff/0.1 (daily points predictions; one run a day)"
_OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")
_TOLD_TO_WAIT = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
TIMEOUT = httpx.Timeout(20.0, connect=5.0)
"""Longest silence of an upstream."""

PATIENCE = 45.0
"""Longest time in seconds that an answer may take as a whole: one that dribbles is never silent."""

Wire = TypeVar("Wire", bound=BaseModel)


@cache
def trusted() -> ssl.SSLContext:
    """The certificates that are trusted, read once a process: each processor has a client of its own."""
    return httpx.create_ssl_context()


@dataclass(frozen=True)
class Reply:
    """A body as received, and the real address it came from, without keys."""

    body: bytes
    url: str


class UpstreamClient:
    """Asks upstreams, the real ones or a replay of them. Safe for several threads."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        keys = (upstreams.odds_api_key, upstreams.balldontlie_api_key, upstreams.token)
        # An upstream may echo what it was asked, in an error as in a body that is kept.
        self._redact = Redactor(key.get_secret_value() for key in keys if key)
        ours = token_header(upstreams.token) if upstreams.base else {}
        upstreams.guard.refresh()
        self._http = httpx.Client(
            timeout=TIMEOUT,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", **ours},
            follow_redirects=True,
            verify=trusted(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    @property
    def upstreams(self) -> Upstreams:
        """Addresses and keys."""
        return self._upstreams

    def get(
        self,
        upstream: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        secret: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One GET. `secret` parameters are sent and left out of the address that is kept.

        Raises:
            AuthenticationError: 401, or 403 from an upstream that wants a key.
            DataNotReady: 404, or the CDN's 403 for something that isn't there yet.
            SourceOnHold: the source is left alone for now, and was not asked.
            UpstreamUnavailable: any other failure; carries `Retry-After`.
        """
        base = self._upstreams.base
        root = f"{base}/{upstream}" if base else HOSTS[upstream]
        shown = str(httpx.URL(f"{HOSTS[upstream]}{path}", params=dict(params or {})))
        with self._upstreams.guard.call(upstream) as call:
            try:
                asked = {**(params or {}), **(secret or {})}
                answer = self._whole(f"{root}{path}", asked, dict(headers or {}))
            except httpx.HTTPError as error:
                msg = f"{upstream}: {type(error).__name__} for {shown}"
                call.failed(msg)
                hold = self._upstreams.guard.hold_left(upstream)
                raise UpstreamUnavailable(msg, retry_after=hold) from None
            wait = _retry_after(answer)
            if wait is not None and answer.status_code in _TOLD_TO_WAIT:
                call.told_to_wait(wait)
            elif answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                call.failed(f"{upstream}: {answer.status_code}")
            else:
                call.answered()
        if answer.is_success:
            return Reply(self._redact.body(answer.content), shown)
        code = answer.status_code
        msg = f"{upstream}: {code} for {shown}: {self._redact.text(answer.text)[:120]}"
        missing_on_cdn = upstream == "nba-cdn" and code == httpx.codes.FORBIDDEN
        if code == httpx.codes.NOT_FOUND or missing_on_cdn:
            raise DataNotReady(f"{upstream}: not there yet ({code}): {shown}")
        if code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise AuthenticationError(msg)
        raise UpstreamUnavailable(msg, retry_after=wait or self._upstreams.guard.hold_left(upstream))

    def _whole(self, address: str, params: Mapping[str, str], headers: Mapping[str, str]) -> httpx.Response:
        """The answer with its body. Raises `httpx.ReadTimeout` when it takes longer than `PATIENCE`."""
        until = time.monotonic() + PATIENCE
        with self._http.stream("GET", address, params=params, headers=headers) as answer:
            body = bytearray()
            for part in answer.iter_bytes():
                body += part
                if time.monotonic() > until:
                    raise httpx.ReadTimeout(f"not whole after {PATIENCE:g} s", request=answer.request)
        kept = [(name, value) for name, value in answer.headers.multi_items() if name not in _OF_THE_WIRE]
        return httpx.Response(answer.status_code, headers=kept, content=bytes(body), request=answer.request)


def _retry_after(answer: httpx.Response) -> timedelta | None:
    """Either form that the header has: seconds, or a date."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return timedelta(seconds=int(value))
    try:
        return max(parsedate_to_datetime(value) - utc_now(), timedelta())
    except (ValueError, TypeError):
        return None


def parse(model: type[Wire], body: bytes, what: str) -> Wire:
    """A body as its wire model.

    Raises:
        UpstreamContractViolation: it is not that format; the message names the field.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        msg = f"{what}: {field}: {first['msg']}"
        raise UpstreamContractViolation(msg) from None
