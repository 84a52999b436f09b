"""`python -m worker`: one worker process."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    # Here and not above: a process that computes for the worker imports this module too, and nothing of it.
    from worker.main import main

    sys.exit(main())
