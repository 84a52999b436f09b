"""A worker of the code that caused the outage."""

from __future__ import annotations

import sys

from tests.e2e import career_games

if __name__ == "__main__":
    career_games.append()
    career_games.produce()
    from worker.main import main

    sys.exit(main())
