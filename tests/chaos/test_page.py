"""docs/chaos.md names what there is."""

from __future__ import annotations

from benchmarks.chaos.kinds import KINDS
from benchmarks.chaos.worlds import CALM, WORLDS
from tests.docs.shown import ROOT


def test_the_page_names_every_fault_and_every_world_and_what_they_are() -> None:
    page = (ROOT / "docs" / "chaos.md").read_text(encoding="utf-8")
    rows = [f"| `{one.name}` | {one.about} |" for one in (*KINDS, *WORLDS) if one != CALM]
    assert [row for row in rows if row not in page] == []
