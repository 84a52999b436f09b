"""Forms that change something: only ours are taken, from a page of ours, with who asks and why.

A form carries a seal: an HMAC, under a key of this process, of the visitor's cookie and the form's purpose.
A page of another site can make a browser send the cookie, but can't know the seal.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "tipoff-console"
LARGEST = 8_192
"""Bytes of a form."""

STALE = "This form is not one of this console's, or is from before it was started; load the page again."


class Seals:
    """Makes and checks the seals of one process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def visitor(self, request: Request) -> str:
        """The visitor's cookie, or a new one."""
        return request.cookies.get(COOKIE) or secrets.token_hex(16)

    def seal(self, visitor: str, what: str) -> str:
        """The seal of a form for one visitor."""
        return hmac.new(self._key, f"{visitor}\0{what}".encode(), "sha256").hexdigest()

    def check(self, request: Request, form: Mapping[str, str], what: str) -> None:
        """See that a form was asked for by this visitor, on a page of ours.

        Raises:
            HTTPException: 403, it was not.
        """
        origin = request.headers.get("origin", "")
        if origin and urlsplit(origin).netloc != request.headers.get("host", ""):
            raise HTTPException(403, f"A page of {origin[:100]} may not change anything here.")
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise HTTPException(403, "A page of another site may not change anything here.")
        visitor = request.cookies.get(COOKIE, "")
        if not visitor or not hmac.compare_digest(form.get("seal", ""), self.seal(visitor, what)):
            raise HTTPException(403, STALE)


def remember(response: Response, visitor: str) -> Response:
    """Gives the visitor the cookie: for this browser's session, never readable by a script."""
    response.set_cookie(COOKIE, visitor, httponly=True, samesite="strict", path="/")
    return response


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a small form, the last of each name.

    Raises:
        HTTPException: 413 or 415, it is too large or no form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "A form is expected: application/x-www-form-urlencoded.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413, f"A form has at most {LARGEST} bytes.")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=30)
    return {name: values[-1].strip() for name, values in fields.items()}


def user_of(request: Request) -> str:
    """The name that the browser was given with the token, if any."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0][:100]
    except (binascii.Error, UnicodeDecodeError):
        return ""
