"""The command line of the code that caused the outage; `up` starts its worker."""

from __future__ import annotations

import dataclasses
import sys

from tests.e2e import career_games

WORKER = (sys.executable, "-m", "tests.e2e.worker_with_career_games")

if __name__ == "__main__":
    career_games.append()
    from starter import up
    from starter.cli import main
    from starter.embedded import Stack, StackOptions

    def grown(options: StackOptions) -> Stack:
        """The stack with that worker."""
        return Stack(dataclasses.replace(options, worker=WORKER))

    up.Stack = grown  # type: ignore[assignment,misc]
    main()
