"""Where things are: the project, the cache, the recorded data, and which source follows from that."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from shared.config import Source
from shared.errors import BadRequest

PROJECT = Path(__file__).resolve().parents[1]
SOURCES: tuple[str, ...] = get_args(Source)


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """`$XDG_CACHE_HOME/tipoff`, else `~/.cache/tipoff`."""
    env = os.environ if environ is None else environ
    base = env.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tipoff"


def find_data(given: Path | None, environ: Mapping[str, str] | None = None) -> Path | None:
    """The folder of recorded data: the one given, else TIPOFF_DATA, else `../shared/data`.

    Raises:
        BadRequest: a folder was named and is not one of recorded data.
    """
    env = os.environ if environ is None else environ
    named = given or (Path(env["TIPOFF_DATA"]) if env.get("TIPOFF_DATA") else None)
    folder = (named or PROJECT.parent / "shared" / "data").expanduser().absolute()
    if (folder / "box_scores").is_dir():
        return folder
    if named:
        raise BadRequest(f"data: {folder} is not a folder of recorded data (no box_scores/ in it)")
    return None


def choose_source(given: str | None, data: Path | None, environ: Mapping[str, str] | None = None) -> Source:
    """The source asked for, else recorded where its data is found, else simulated.

    Raises:
        BadRequest: there is no such source, or recorded is asked for without data.
    """
    env = os.environ if environ is None else environ
    wanted = given or env.get("TIPOFF_SOURCE")
    match wanted or ("recorded" if data else "simulated"):
        case "recorded" if data is None:
            raise BadRequest(
                "source: recorded data not found; name its folder with --data or TIPOFF_DATA, "
                "or use --source simulated"
            )
        case "recorded":
            return "recorded"
        case "simulated":
            return "simulated"
        case "live":
            return "live"
    raise BadRequest(f"source: there is no source {wanted!r}; possible: {', '.join(SOURCES)}")
