"""The generated pages are what the code says."""

from __future__ import annotations

from activities.operations.phase_reference import phase_pages
from activities.quality.reference import quality_reference
from shared import errors
from shared.phases import PHASES
from tests.docs.shown import ROOT
from tests.incidents.page import incidents_page
from warehouse.schema import load_schemas
from warehouse.schema_reference import schema_reference


def test_the_page_of_the_tables_is_current_and_names_every_column():
    remedy = "run `python -m warehouse.schema_reference > docs/schema.md`"
    page = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")
    assert page == schema_reference(), remedy
    for schema in load_schemas().values():
        section = page.partition(f"### {schema.name}\n")[2].partition("\n### ")[0]
        assert all(f"| `{column}` |" in section for column in schema.column_names), schema.name


def test_the_page_of_the_gates_is_current():
    remedy = "run `python -m activities.quality.reference > docs/quality.md`"
    assert (ROOT / "docs" / "quality.md").read_text(encoding="utf-8") == quality_reference(), remedy


def test_the_page_of_the_incidents_is_current():
    remedy = "run `python -m tests.incidents.page > docs/incidents.md`"
    assert (ROOT / "docs" / "incidents.md").read_text(encoding="utf-8") == incidents_page(), remedy


def test_the_pages_of_the_phases_are_current_and_name_every_processor():
    remedy = "run `python -m activities.operations.phase_reference docs/phases`"
    folder = ROOT / "docs" / "phases"
    written = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.md")}
    assert written == phase_pages(), remedy
    for phase in PHASES:
        assert all(f"## {p.name}\n" in written[f"{phase.name}.md"] for p in phase.processors)


def test_troubleshooting_has_a_row_for_every_type_of_error():
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    raised = [
        name
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, errors.TipoffError) and one is not errors.TipoffError
    ]
    assert len(raised) > 10
    assert [name for name in raised if f"`{name}" not in page] == []
