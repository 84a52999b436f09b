"""What a page is asked for, in its address; what can't be is a page that says so."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request

LONGEST = 100


def parsed_day(text: str) -> date:
    """A date written as 2025-11-07.

    Raises:
        HTTPException: 404, it is none.
    """
    with suppress(ValueError):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return date.fromisoformat(text)
    raise HTTPException(404, f"{text[:LONGEST]!r} is not a date; write it as YYYY-MM-DD, like 2025-11-07.")


def day_parameter(request: Request, name: str) -> date | None:
    """A date, or none where it isn't given."""
    text = request.query_params.get(name, "")
    return parsed_day(text) if text else None


def number_parameter(request: Request, name: str, default: int, low: int, high: int) -> int:
    """A whole number within bounds; what isn't one is the default."""
    text = request.query_params.get(name, "")
    return min(max(int(text), low), high) if text.isascii() and text.isdigit() and len(text) < 9 else default
