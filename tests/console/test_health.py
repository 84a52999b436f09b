"""The page of health says what `tipoff health` says."""

from __future__ import annotations

import re

from activities.operations.health import findings_of
from shared.clock import utc_now
from tests.console.serving import Served, words


async def test_health_shows_every_finding_with_its_remedy(console: Served) -> None:
    async with console.http() as http:
        said = words((await http.get("/health")).text)
    for finding in findings_of(console.around, utc_now()):
        if not finding.check.startswith("day"):
            assert finding.check in said
    assert "Temporal server" in said
    assert f"1 on task queue {console.around.settings.task_queue}" in said
    assert "schedules" in said
    assert "build of this worker" in said


async def test_what_is_wrong_stands_before_what_is_well(console: Served) -> None:
    async with console.http() as http:
        page = (await http.get("/health")).text
    states = re.findall(r'<span class="chip (failed|warn|ok)">', page.partition("<tbody>")[2])
    assert states == sorted(states, key=["failed", "warn", "ok"].index)
    assert "ok" in states
