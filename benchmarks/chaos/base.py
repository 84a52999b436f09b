"""The home that every round begins with: a season's history and a model trained on it."""

from __future__ import annotations

import asyncio
import os
import shutil
from datetime import date
from pathlib import Path

from benchmarks.day import prepare, stack


def base_home(root: Path, source: str, first: date, seasons: int) -> Path:
    """Made once in a root; later calls find it."""
    home, done = root / "base", root / "base.done"
    if done.exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    os.environ["TIPOFF_SOURCE"] = source
    with stack(home, source) as info:
        asyncio.run(prepare(str(info["address"]), first, seasons))
    (home / "stack.json").unlink(missing_ok=True)
    done.write_text(f"{source} {first} {seasons}")
    return home


def copied(base: Path, home: Path) -> Path:
    """A copy of it."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(base, home)
    return home
