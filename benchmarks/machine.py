"""What a figure was measured on, and what ran beside it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import psutil


def processor() -> str:
    """The processor's name."""
    named = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return named[0].partition(":")[2].strip() if named else os.uname().machine


def described() -> str:
    """One line for below a table."""
    loads = " ".join(f"{load:.1f}" for load in os.getloadavg())
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {datetime.now(UTC):%Y-%m-%d}; load in "
        f"the last 1, 5 and 15 minutes, this included: {loads}"
    )
