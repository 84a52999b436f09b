"""The tables, read from their BigQuery DDL: the files below `schemas/bigquery` are the only definition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp

from shared.errors import ConfigurationError, SchemaViolation

TYPES = frozenset(
    {
        "STRING", "INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "TIMESTAMP",
        "ARRAY<FLOAT64>", "ARRAY<STRING>",
    }
)  # fmt: skip

VOLATILE = ("clock:", "run:")
"""A description that begins with one of these marks what differs between two equal runs."""


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    type: str
    required: bool
    description: str

    @property
    def volatile(self) -> bool:
        """Whether it is left out of content hashes."""
        return self.description.startswith(VOLATILE)


@dataclass(frozen=True)
class TableSchema:
    """One table: `dataset.table`, its columns in order, its key and its partition column."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition: str | None
    description: str
    ddl: str

    @property
    def volatile(self) -> bool:
        """Whether the table as a whole is left out of table hashes."""
        return self.description.startswith("run:")

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(c.name for c in self.columns)


@dataclass(frozen=True)
class LiveTable:
    """A table as it really is: columns in order, with their types and whether they are required."""

    columns: dict[str, tuple[str, bool]]
    partition: str | None
    """The column it is partitioned by; None if by none."""
    has_partitions: bool = True
    """Whether the engine knows partitions at all."""

    @property
    def types(self) -> dict[str, str]:
        """The columns' types."""
        return {name: kind for name, (kind, _) in self.columns.items()}

    @property
    def required(self) -> frozenset[str]:
        """The columns that take no NULL."""
        return frozenset(name for name, (_, required) in self.columns.items() if required)


def default_schema_root() -> Path:
    """`schemas/bigquery` beside the packages, in a checkout and in an installed wheel alike."""
    return Path(__file__).resolve().parent.parent / "schemas" / "bigquery"


def load_schemas(root: Path | None = None) -> dict[str, TableSchema]:
    """Every table by its name.

    Raises:
        ConfigurationError: a file does not hold exactly one well-formed table; the message names the file.
    """
    folder = root or default_schema_root()
    files = sorted(folder.glob("*/*.sql"))
    if not files:
        msg = f"no table definitions below {folder}"
        raise ConfigurationError(msg)
    schemas = {}
    for file in files:
        schema = parse_table(file.read_text(encoding="utf-8"), f"{file.parent.name}/{file.name}")
        if schema.name != f"{file.parent.name}.{file.stem}":
            msg = f"{file.parent.name}/{file.name} defines {schema.name}; name file and table alike"
            raise ConfigurationError(msg)
        schemas[schema.name] = schema
    return schemas


def parse_table(ddl: str, where: str) -> TableSchema:
    """The table that a DDL text defines.

    Raises:
        ConfigurationError: the message names `where` and what is wrong.
    """
    try:
        statement = sqlglot.parse_one(ddl, dialect="bigquery")
    except sqlglot.errors.ParseError as error:
        msg = f"{where}: {error}"
        raise ConfigurationError(msg) from error
    if not isinstance(statement, exp.Create) or not isinstance(statement.this, exp.Schema):
        msg = f"{where}: expected one CREATE TABLE"
        raise ConfigurationError(msg)
    body = statement.this
    table = body.this
    columns = tuple(_column(d, where) for d in body.expressions if isinstance(d, exp.ColumnDef))
    keys = [e for e in body.expressions if isinstance(e, exp.PrimaryKey)]
    key = tuple(e.name for e in keys[0].expressions) if keys else ()
    partitions = list(statement.find_all(exp.PartitionedByProperty))
    partition = partitions[0].this.name if partitions else None
    names = {c.name for c in columns}
    for column in (*key, *((partition,) if partition else ())):
        if column not in names:
            msg = f"{where}: key or partition column {column!r} is not a column"
            raise ConfigurationError(msg)
    if not key:
        msg = f"{where}: PRIMARY KEY (…) NOT ENFORCED is missing"
        raise ConfigurationError(msg)
    properties = statement.args.get("properties")
    options = [p for p in (properties.expressions if properties else []) if isinstance(p, exp.Property)]
    return TableSchema(
        name=f"{table.db}.{table.name}",
        columns=columns,
        key=key,
        partition=partition,
        description=_description(options),
        ddl=ddl,
    )


def new_columns(schema: TableSchema, live: LiveTable) -> list[Column]:
    """The columns that a live table lacks and that can be added to it, data or not.

    A nullable column that the DDL doesn't know is a later build's, and no harm: the older one names what it
    reads and writes, so both can run while a deployment is under way, and either can be gone back to.

    Args:
        schema: the table as the DDL defines it.
        live: the table as it is.

    Raises:
        SchemaViolation: a live column has another type, an unknown one is required, or a required one is new.
    """
    unknown = sorted(name for name in live.required if name not in schema.column_names)
    if unknown:
        msg = f"{schema.name} has required columns that the DDL doesn't know: {unknown}"
        raise SchemaViolation(msg)
    new = [column for column in schema.columns if column.name not in live.columns]
    for column in schema.columns:
        if column.name in live.columns and live.types[column.name] != column.type:
            msg = f"{schema.name}.{column.name} is {live.types[column.name]}, the DDL says {column.type}"
            raise SchemaViolation(msg)
    for column in new:
        if column.required:
            msg = f"{schema.name}.{column.name} is new and required; add it as nullable first"
            raise SchemaViolation(msg)
    return new


def _column(definition: exp.ColumnDef, where: str) -> Column:
    kind = definition.args["kind"].sql(dialect="bigquery")
    if kind not in TYPES:
        msg = f"{where}: column {definition.name}: type {kind} is not one of {', '.join(sorted(TYPES))}"
        raise ConfigurationError(msg)
    constraints = [c.kind for c in definition.args.get("constraints") or []]
    options: list[exp.Expression] = []
    for constraint in constraints:
        if isinstance(constraint, exp.Properties):
            options += constraint.expressions
    required = any(isinstance(c, exp.NotNullColumnConstraint) for c in constraints)
    return Column(definition.name, kind, required, _description(options))


def _description(options: list[exp.Expression]) -> str:
    for option in options:
        if option.name == "description":
            value = option.args.get("value")
            return str(value.name) if value is not None else ""
    return ""
