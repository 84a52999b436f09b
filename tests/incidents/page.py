"""Writes docs/incidents.md from the incident tests: `python -m tests.incidents.page > docs/incidents.md`."""

from __future__ import annotations

import sys

from tests.incidents.incident import Incident, declared

_HEAD = """# Incidents

Written by `python -m tests.incidents.page > docs/incidents.md` from `tests/incidents/`; a test keeps both
equal.

What went wrong in the system that tipoff replaces, and what prevents or names it here. Each has one test, run
twice: on tipoff as it is, and with its fix taken out, when it must fail.
Of one incident: `pytest tests/incidents -k incident_23_`.
"""


def incidents_page() -> str:
    """The page, in Markdown."""
    found = declared()
    rows = [f"| {one.number} | {_row(one)}" for one in found if one.number is not None]
    defects = [f"| {_row(one)}" for one in found if one.number is None]
    parts = [
        _HEAD,
        "| | what happened then | what prevents or names it here | test |",
        "|---|---|---|---|",
        *rows,
    ]
    if defects:
        parts += [
            "", "## Defects that lay in its code", "",
            "| what was wrong | what prevents or names it here | test |", "|---|---|---|", *defects,
        ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _row(one: Incident) -> str:
    file, _, test = one.test.partition("::")
    return f"{one.failure} | {one.prevented} | [`{test}`](../tests/incidents/{file}) |"


if __name__ == "__main__":
    sys.stdout.write(incidents_page())
