"""A worker of the code that caused the outage."""

from __future__ import annotations

import sys

from tests.e2e import career_games

# Not only in the worker itself: a process that computes for it imports this module under another name.
career_games.append()
career_games.produce()

if __name__ == "__main__":
    from worker.main import main

    sys.exit(main())
