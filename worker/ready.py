"""`python -m worker.ready`: whether the worker on this machine is ready, for a container's health check."""

from __future__ import annotations

import sys

import httpx

from shared.access import from_here, token_header
from shared.config import load_settings
from shared.errors import TipoffError

PATIENCE = 8.0
"""Seconds."""


def main() -> int:
    """0 ready; 1 not, and standard error says why."""
    try:
        settings = load_settings()
        answer = httpx.get(
            f"http://{from_here(settings.listen)}:{settings.health_port}/ready",
            headers=token_header(settings.token), timeout=PATIENCE, trust_env=False,
        )  # fmt: skip
    except (TipoffError, httpx.HTTPError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not answer.is_success:
        sys.stderr.write(f"{answer.text}\n")
    return int(not answer.is_success)


if __name__ == "__main__":
    sys.exit(main())
