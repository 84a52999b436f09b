"""The command line whose `up` starts the worker that can be made ill."""

from __future__ import annotations

import dataclasses
import sys

WORKER = (sys.executable, "-m", "benchmarks.chaos.worker")

if __name__ == "__main__":
    from starter import up
    from starter.cli import main
    from starter.embedded import Stack, StackOptions

    def with_ills(options: StackOptions) -> Stack:
        """The stack with that worker."""
        return Stack(dataclasses.replace(options, worker=WORKER))

    up.Stack = with_ills  # type: ignore[assignment,attr-defined]
    main()
