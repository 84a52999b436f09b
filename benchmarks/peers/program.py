"""What every system's program does: one day, timed from when everything is imported and open."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

DURABLE = "TIPOFF_PEER_DURABLE"
"""Set: the system's most durable setting instead of its defaults."""

BEGUN = "begun"
"""What a program says once its clock runs; a kill is timed from there."""


def durable() -> bool:
    """Whether the most durable setting is asked for."""
    return bool(os.environ.get(DURABLE))


def run(day: Callable[[], object]) -> None:
    """Runs the day and prints the seconds it took, as a line of standard output."""
    sys.stdout.write(f"{BEGUN}\n")
    sys.stdout.flush()
    began = time.monotonic()
    day()
    sys.stdout.write(json.dumps({"seconds": time.monotonic() - began}) + "\n")
    sys.stdout.flush()
