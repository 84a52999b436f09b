"""docs/chaos.md names what there is."""

from __future__ import annotations

from benchmarks.chaos.kinds import KINDS
from benchmarks.chaos.worlds import CALM, WORLDS
from tests.docs.shown import ROOT


def test_the_page_names_every_fault_and_every_world_and_what_they_are() -> None:
    page = (ROOT / "docs" / "chaos.md").read_text(encoding="utf-8")
    named = [(kind.name, kind.about) for kind in KINDS]
    named += [(world.name, world.about) for world in WORLDS if world != CALM]
    rows = [f"| `{name}` | {about} |" for name, about in named]
    assert [row for row in rows if row not in page] == []
