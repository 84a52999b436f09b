"""Who may ask a server of ours: everybody on this machine, or, beyond it, who has the token."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pydantic import SecretStr

from shared.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
SHORTEST_TOKEN = 16
TOKEN_HEADER = "X-Tipoff-Token"  # noqa: S105 - the name of a header

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own, reachable from nowhere else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_listen(host: str, token: SecretStr | None) -> None:
    """See that nothing listens beyond loopback without a token.

    Raises:
        ConfigurationError: it would, or the token is too short to be one; the message names the remedy.
    """
    if token is not None and len(token.get_secret_value()) < SHORTEST_TOKEN:
        msg = f"TIPOFF_TOKEN: shorter than {SHORTEST_TOKEN} characters; make one with `openssl rand -hex 32`"
        raise ConfigurationError(msg)
    if not is_loopback(host) and token is None:
        msg = (
            f"TIPOFF_LISTEN: {host!r} is reachable from other machines, and there is no token; set "
            f"TIPOFF_TOKEN or TIPOFF_TOKEN_FILE, or leave TIPOFF_LISTEN at {LOOPBACK}"
        )
        raise ConfigurationError(msg)


def token_header(token: SecretStr | None) -> dict[str, str]:
    """What a request to a server of ours carries."""
    return {TOKEN_HEADER: token.get_secret_value()} if token else {}


def from_here(host: str) -> str:
    """Where a server that listens at `host` is asked from this machine, as an address has it."""
    if host == "0.0.0.0":  # noqa: S104 - compared, not bound
        return LOOPBACK
    here = "::1" if host == "::" else host
    return f"[{here}]" if ":" in here else here


class Guard:
    """ASGI: lets requests through that carry the token, compared in constant time.

    The token comes as `Authorization: Bearer …`, as the password of HTTP Basic (a browser asks for it), or in
    `X-Tipoff-Token`. Without a token, which only a server on loopback may be, the request must name this
    machine as its host, and what changes something must not come from a page of another site: a browser here
    can be made to ask.
    """

    def __init__(self, app: App, token: SecretStr | None = None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http":
            headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
            if self._token is not None and not _carries(headers, self._token.get_secret_value()):
                await _refuse(send, 401, "a token is needed: Authorization: Bearer …")
                return
            if self._token is None and (said := _foreign(headers, scope["method"])):
                await _refuse(send, 403, said)
                return
        await self._app(scope, receive, send)


def _carries(headers: MutableMapping[str, str], token: str) -> bool:
    given = headers.get(TOKEN_HEADER.lower(), "")
    kind, _, value = headers.get("authorization", "").partition(" ")
    if not given and kind.lower() == "bearer":
        given = value.strip()
    if not given and kind.lower() == "basic":
        try:
            given = base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    return hmac.compare_digest(given.encode(), token.encode())


def _foreign(headers: MutableMapping[str, str], method: str) -> str:
    host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
    if host and not is_loopback(host):
        return f"host {host!r} is not this machine"
    origin = headers.get("origin", "")
    if method not in {"GET", "HEAD"} and origin:
        name = origin.partition("://")[2]
        if not is_loopback(name.rpartition(":")[0] or name):
            return f"a page of {origin!r} may not change anything here"
    return ""


async def _refuse(send: Send, status: int, said: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="tipoff"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{said}\n".encode()})
