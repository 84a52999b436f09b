"""What is wrong with a worker at the moment: told by a file in its home, read by the worker at each step."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

FILE = "chaos.json"


@dataclass(frozen=True)
class Ills:
    """Each until a Unix time; 0: not at all."""

    refuses_until: float = 0.0
    slow_until: float = 0.0
    ambiguous_until: float = 0.0
    quota_until: float = 0.0
    clock_until: float = 0.0
    clock_offset: float = 0.0
    """Seconds that the worker's clock is ahead."""


class Control:
    """The file, for whoever writes it and whoever reads it."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._read_at = 0
        self._ills = Ills()

    def now(self) -> Ills:
        """What it says; read again only where it was changed."""
        try:
            changed = self._path.stat().st_mtime_ns
        except OSError:
            return Ills()
        if changed != self._read_at:
            self._ills, self._read_at = Ills(**json.loads(self._path.read_text())), changed
        return self._ills

    def set(self, seconds: float, *names: str, **values: float) -> None:
        """These ills for so long, beside those that are set."""
        until = time.time() + seconds
        ills = replace(self.now(), **{f"{name}_until": until for name in names}, **values)
        partial = self._path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(ills)))
        partial.replace(self._path)
