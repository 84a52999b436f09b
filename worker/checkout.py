"""What this checkout is, in its own words: whether its parts agree, and the tables that it would work on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from temporalio import workflow

from activities.compute import load_processors
from shared import names
from shared.config import load_settings
from shared.errors import TipoffError
from shared.predeploy import Finding, TableColumn, TableShape
from warehouse.schema import load_schemas
from worker.served import WORKFLOWS


def tables() -> tuple[TableShape, ...]:
    """Every table of its DDL."""
    return tuple(
        TableShape(
            name=schema.name,
            partition=schema.partition,
            columns=tuple(TableColumn(name=c.name, type=c.type, required=c.required) for c in schema.columns),
        )
        for schema in load_schemas().values()
    )


def own_findings() -> tuple[Finding, ...]:
    """What can be known of it without production: settings, registry and wiring."""
    served = {workflow._Definition.must_from_class(served).name or "" for served in WORKFLOWS}
    return (
        _finding("settings", "TIPOFF_* and TEMPORAL_* as they may be", _refused(load_settings)),
        _finding("registry", "every processor's code is there", _refused(load_processors)),
        _finding("wiring", "a worker serves every workflow", unserved(served)),
    )


def unserved(served: Iterable[str]) -> Iterator[str]:
    """Workflows that have a name and that no worker would serve: who starts one would wait for ever."""
    named = {str(v) for k, v in vars(names).items() if k.isupper() and str(v).endswith("Workflow")}
    yield from (f"nobody serves {name}" for name in sorted(named - set(served)))


def _refused(check: Callable[[], object]) -> Iterator[str]:
    try:
        check()
    except TipoffError as error:
        yield str(error)


def _finding(check: str, expected: str, faults: Iterator[str]) -> Finding:
    found = list(faults)
    return Finding(
        check=check,
        status="fail" if found else "ok",
        observed="; ".join(found)[:2_000] or expected,
        expected=expected,
        remedy="mend it in this checkout, then tipoff predeploy again" if found else "",
    )
