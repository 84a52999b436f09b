"""`docs/schema.md`, written from the DDL: `python -m warehouse.schema_reference > docs/schema.md`."""

from __future__ import annotations

import sys

from shared.phases import PHASES
from warehouse.schema import VOLATILE, TableSchema, load_schemas

_DATASETS = {
    "nba_raw": "what the upstreams said, as typed rows",
    "nba_reference": "who the players are",
    "nba_analytics": "games that were played, and the context of the coming ones",
    "nba_precompute": "what the features are made of",
    "nba_predictions": "features, models, predictions and their results",
    "nba_orchestration": "what was run, written, asked and found",
}


def schema_reference() -> str:
    """The reference of every table, in Markdown."""
    schemas = load_schemas()
    datasets = sorted({name.partition(".")[0] for name in schemas})
    parts = [_HEAD]
    for dataset in datasets:
        of_dataset = [schemas[name] for name in sorted(schemas) if name.startswith(f"{dataset}.")]
        said = _DATASETS.get(dataset, "")
        parts.append(f"## {dataset}\n\n" + (f"{_capital(said)}.\n\n" if said else "") + _contents(of_dataset))
        parts += [_table(schema) for schema in of_dataset]
    return "\n".join(parts)


_HEAD = """# The tables

Written by `python -m warehouse.schema_reference > docs/schema.md` from `schemas/bigquery/`, the only definition of a
table: BigQuery gets these files as they are, the embedded engine their translation. A test fails when this page is
not current.

Every table is replaced by partition or merged on its key, never appended to; keys are checked before a write, since
BigQuery does not enforce them. *run* and *clock* mark what differs between two equal runs and is left out of content
hashes: ids of runs, and times of the wall clock. New columns are nullable and are added to live tables when a worker
starts.
"""


def _contents(schemas: list[TableSchema]) -> str:
    rows = [
        f"| [{s.name.partition('.')[2]}](#{_anchor(s.name)}) | {_cell(_plain(s.description))} |"
        for s in schemas
    ]
    return "\n".join(["| table | holds |", "|---|---|", *rows, ""])


def _table(schema: TableSchema) -> str:
    writers = [f"`{p.name}` ([{phase.name}](phases/{phase.name}.md))"
               for phase in PHASES for p in phase.processors if p.table == schema.name]  # fmt: skip
    facts = [f"{_capital(_plain(schema.description))}."]
    facts.append(f"Key: {', '.join(f'`{name}`' for name in schema.key)}.")
    if schema.partition:
        facts.append(f"Partitioned by `{schema.partition}`.")
    facts.append(
        f"Written by {', '.join(writers)}." if writers else "Written by tipoff itself, not by a processor."
    )
    rows = [
        f"| `{c.name}` | {c.type} | {'' if c.required else 'yes'} | {_mark(c.description)} | {_cell(_plain(c.description))} |"
        for c in schema.columns
    ]
    head = ["| column | type | nullable | differs | meaning |", "|---|---|---|---|---|"]
    return "\n".join([f"### {schema.name}", "", " ".join(facts), "", *head, *rows, ""])


def _mark(description: str) -> str:
    return next((mark[:-1] for mark in VOLATILE if description.startswith(mark)), "")


def _plain(description: str) -> str:
    for mark in VOLATILE:
        description = description.removeprefix(mark)
    return description.strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    return text.replace("|", "/")


def _anchor(name: str) -> str:
    return name.replace(".", "").lower()


if __name__ == "__main__":
    sys.stdout.write(schema_reference())
