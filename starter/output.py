"""Where words go: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import typer
from pydantic import BaseModel
from rich.console import Console

STYLES = {
    "completed": "green",
    "running": "cyan",
    "waiting": "yellow",
    "paused": "yellow",
    "failed": "red",
    "aborted": "red",
    "skipped": "dim",
    "pending": "dim",
}


def stdout_console() -> Console:
    """For tables and what the command was asked for."""
    return Console(highlight=False)


def stderr_console() -> Console:
    """For progress, notes and errors: `--json` keeps standard output to one object."""
    return Console(stderr=True, highlight=False)


def styled(state: str) -> str:
    """A state in its colour, as rich markup."""
    style = STYLES.get(state)
    return f"[{style}]{state}[/]" if style else state


def print_json(value: BaseModel | Mapping[str, Any]) -> None:
    """Print one JSON object."""
    data = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
