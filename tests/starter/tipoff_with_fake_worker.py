"""The command line with the fake worker in place of the real one."""

from __future__ import annotations

import dataclasses
import sys

from starter import up
from starter.cli import main
from starter.embedded import Stack, StackOptions

FAKE = (sys.executable, "-m", "tests.starter.fake_worker")


def fake(options: StackOptions) -> Stack:
    """The stack with the fake worker."""
    return Stack(dataclasses.replace(options, worker=FAKE))


if __name__ == "__main__":
    up.Stack = fake  # type: ignore[assignment,misc]
    main()
