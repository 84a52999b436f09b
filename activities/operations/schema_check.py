"""The live tables against their DDL: what is missing, unknown, of another type, mode or partition."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.quality_book import findings_of, record
from activities.quality.checks import NONE_MAY, Check, Limit, Outcome, count_of, judge
from activities.surroundings import Surroundings
from shared.clock import game_date_of, utc_now
from shared.names import SCHEMA_CHECK_ACTIVITY
from shared.validation import CheckReport, SchemaCheckInput
from warehouse.protocol import Warehouse
from warehouse.schema import LiveTable, TableSchema

OWNER = "schema_check"
MADE_AT_START = "tipoff init: it makes missing tables and nullable columns"
LATER_BUILD = "none if a later build made it; else drop the column by hand"
BY_HAND = "change the table back, or its file below schemas/bigquery; rows of another shape are moved by hand"


class SchemaChecker:
    """The activity behind `tipoff schema check`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=SCHEMA_CHECK_ACTIVITY)
    def check_schema(self, request: SchemaCheckInput) -> CheckReport:
        """One finding a table. It changes none."""
        today = game_date_of(utc_now())
        with as_application_errors(), heartbeating():
            judged = judged_tables(self._surroundings.warehouse)
            dated = [(today, outcome) for _, outcome in judged]
            record(self._surroundings, {OWNER: dated}, {OWNER: (today,)})
        return CheckReport(
            validator="schema check",
            subject=f"{len(judged) // 2} tables on {self._surroundings.settings.warehouse}",
            judged=len(judged),
            findings=findings_of([check for check, _ in judged], dated),
        )


def judged_tables(warehouse: Warehouse) -> list[tuple[Check, Outcome]]:
    """Two checks a table of the DDL: that it is as defined, and that it has no more columns."""
    found = []
    for name, schema in sorted(warehouse.schemas.items()):
        live = warehouse.live_table(name)
        wrong = differences(schema, live)
        remedy = MADE_AT_START if all(w.startswith("missing") for w in wrong) else BY_HAND
        more = [f"{c} {k}" for c, k in (live.types if live else {}).items() if c not in schema.column_names]
        for check in (
            _check("the_table_is_as_defined", name, wrong, remedy, error_if=NONE_MAY),
            _check("no_column_is_unknown", name, more, LATER_BUILD, warn_if=NONE_MAY),
        ):
            found.append((check, judge(check, {})))
    return found


def _check(
    name: str,
    table: str,
    found: Sequence[str],
    remedy: str,
    *,
    error_if: Limit | None = None,
    warn_if: Limit | None = None,
) -> Check:
    return Check(name, table, lambda _: count_of(found), remedy, error_if, warn_if)


def differences(schema: TableSchema, live: LiveTable | None) -> Sequence[str]:
    """What a live table lacks or has otherwise than its DDL says; nothing if they agree."""
    if live is None:
        return ["missing"]
    found = []
    for column in schema.columns:
        if column.name not in live.columns:
            absent = "missing column" if not column.required else "no required column"
            found.append(f"{absent} {column.name} {column.type}")
            continue
        kind, required = live.columns[column.name]
        if kind != column.type:
            found.append(f"{column.name} is {kind}, not {column.type}")
        elif required != column.required and not column.type.startswith("ARRAY"):
            mode, instead = ("REQUIRED", "NULLABLE") if required else ("NULLABLE", "REQUIRED")
            found.append(f"{column.name} is {mode}, not {instead}")
    required_more = sorted(live.required - set(schema.column_names))
    found += [f"{name} is REQUIRED and unknown: no row can be written" for name in required_more]
    if live.has_partitions and live.partition != schema.partition:
        found.append(f"partitioned by {live.partition or 'nothing'}, not {schema.partition or 'nothing'}")
    return found
