"""Arguments that several verbs share, and what a wrong one is answered with."""

from __future__ import annotations

import getpass
import re
import socket
import uuid
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from shared.errors import BadRequest
from shared.phases import phase_named, processor_named

DayArgument = Annotated[str, typer.Argument(metavar="DATE", help="Game date, US/Eastern, as 2025-11-07.")]
AddressOption = Annotated[
    str | None, typer.Option("--address", help="Temporal server; default: that of the home.")
]
HomeOption = Annotated[
    Path | None, typer.Option("--home", help="State of the stack. [TIPOFF_HOME, else ./.tipoff]")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
PhaseOption = Annotated[str, typer.Option("--phase", help="Name of the phase, as `predictions`.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the day.")]
KeptReasonOption = Annotated[
    str, typer.Option("--reason", help="Why; kept in operator_actions, with who asked.")
]
RequestIdOption = Annotated[
    str | None,
    typer.Option("--request-id", help="Acts once per id, across runs. Default: a new one."),
]
SourceOption = Annotated[
    str | None, typer.Option("--source", help="recorded, simulated or live. Default: what is there.")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="Recorded data. [TIPOFF_DATA, else ../shared/data]")
]


def parse_day(text: str) -> date:
    """A game date.

    Raises:
        BadRequest: it isn't one; the message says how one is written.
    """
    why = ""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            why = f" ({error})"
    raise BadRequest(f"date: {text!r} is not a date{why}; write it as YYYY-MM-DD, like 2025-11-07")


def check_phase(phase: str, processors: tuple[str, ...] = ()) -> None:
    """See that the phase exists and has these processors.

    Raises:
        BadRequest: not so; the message says what is possible.
    """
    known = [processor.name for processor in phase_named(phase).processors]
    for name in processors:
        processor_named(name)
        if name not in known:
            raise BadRequest(f"processor: {name} is not in phase {phase}; possible: {', '.join(known)}")


def check_reason(reason: str) -> None:
    """A reason has 1 to 500 characters. Raises `BadRequest` otherwise."""
    if not 0 < len(reason.strip()) <= 500:
        raise BadRequest("reason: give one of 1 to 500 characters; it is kept with the day")


def requester() -> str:
    """Who asks, as `user@machine`."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"[:200]


def new_request_id() -> str:
    """An id for one request."""
    return f"cli-{uuid.uuid4().hex[:16]}"
