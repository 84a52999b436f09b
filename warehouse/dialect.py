"""SQL in BigQuery's dialect: an allow-list of constructs that both engines answer alike.

Anything else is refused, because a transpiler can be silently wrong (measured: `WITH OFFSET` 1-based,
`EXTRACT(DAYOFWEEK)` one off, `CAST(2.5 AS INT64)` 2 instead of 3, `CAST(1.0 AS STRING)` '1.0' instead of '1',
a backslash in LIKE, CURRENT_DATE in the session's zone).

A parser knows no column's type, so one rule is left to the author: SUM and AVG over INT64 and NUMERIC only.
A sum of floats depends on the order in which an engine's threads meet them; it belongs into a processor.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import sqlglot
from sqlglot import exp

from shared.errors import BadRequest, UnsupportedSql

ALLOWED: tuple[type[exp.Expression], ...] = (
    exp.Select, exp.Subquery, exp.From, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit,
    exp.Offset, exp.With, exp.CTE, exp.Join, exp.Union, exp.Intersect, exp.Except, exp.Distinct,
    exp.Table, exp.TableAlias, exp.Column, exp.Identifier, exp.Star, exp.Alias, exp.Paren,
    exp.Literal, exp.Boolean, exp.Null, exp.Parameter, exp.Var,
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In,
    exp.Between, exp.Like, exp.Exists, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Case, exp.If,
    exp.Coalesce, exp.Count, exp.CountIf, exp.Sum, exp.Min, exp.Max, exp.Abs, exp.Round, exp.Avg,
    exp.Lower, exp.Upper, exp.Length, exp.Concat, exp.Cast, exp.DataType, exp.Date,
    exp.SafeDivide, exp.Unnest, exp.ArraySize, exp.Window, exp.RowNumber, exp.Rank,
)  # fmt: skip

CAST_TARGETS = frozenset({"FLOAT64", "DATE"})

# In this order: a bool is an int, and a datetime a date.
_PARAMETERS: tuple[tuple[type, str], ...] = (
    (bool, "BOOL"), (int, "INT64"), (float, "FLOAT64"), (Decimal, "NUMERIC"), (str, "STRING"),
    (datetime, "TIMESTAMP"), (date, "DATE"),
)  # fmt: skip


def parameter_type(name: str, value: object) -> str:
    """The BigQuery type of a query parameter, or of the elements of one that is a list.

    Raises:
        BadRequest: a value that has no type there: None, an empty list, a numpy scalar.
    """
    if isinstance(value, list | tuple):
        if not value:
            msg = f"params: {name} is empty, and an empty array has no type; leave the condition out"
            raise BadRequest(msg)
        value = value[0]
    for kind, sql in _PARAMETERS:
        if isinstance(value, kind):
            return sql
    msg = f"params: {name} is a {type(value).__name__}, which is no query parameter"
    raise BadRequest(msg)


def parsed(sql: str) -> exp.Expression:
    """One statement of the allow-list.

    Raises:
        UnsupportedSql: not one SELECT, or a construct outside the list; the message names it.
    """
    try:
        statements = [s for s in sqlglot.parse(sql, dialect="bigquery") if s is not None]
    except sqlglot.errors.SqlglotError as error:
        msg = f"sql: {str(error).splitlines()[0]}"
        raise UnsupportedSql(msg) from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        msg = "sql: exactly one SELECT is accepted"
        raise UnsupportedSql(msg)
    statement = statements[0]
    for node in statement.walk():
        if not isinstance(node, ALLOWED):
            msg = f"sql: {node.key.upper()} is not on the list of constructs that both engines answer alike"
            raise UnsupportedSql(f"{msg}: {node.sql(dialect='bigquery')[:80]}")
        _alike(node)
    _tables_of_ours(statement)
    return statement


def _tables_of_ours(statement: exp.Expression) -> None:
    """Refuses tables that are an engine's own: its catalogue, or a name without a dataset."""
    named = {cte.alias.lower() for cte in statement.find_all(exp.CTE)}
    for table in statement.find_all(exp.Table):
        # A table quoted as one name has its dots inside.
        parts = ".".join(p for p in (table.catalog, table.db, table.name) if p).lower().split(".")
        if "information_schema" in parts or (len(parts) == 1 and parts[0] not in named):
            msg = (
                f"sql: {'.'.join(parts)}: a table is named dataset.table, and a catalogue is the engine's own"
            )
            raise UnsupportedSql(msg)


def _alike(node: exp.Expression) -> None:
    """Refuses the uses of a construct on the list that the engines answer differently."""
    if isinstance(node, exp.Cast) and node.to.sql(dialect="bigquery") not in CAST_TARGETS:
        target = node.to.sql(dialect="bigquery")
        msg = (
            f"sql: CAST to {target} differs between the engines; to round use ROUND, and format in the reader"
        )
        raise UnsupportedSql(msg)
    bare = isinstance(node, exp.Unnest) and (node.args.get("offset") or node.args.get("alias") is None)
    if bare and not isinstance(node.parent, exp.In):
        msg = "sql: UNNEST needs an alias, and WITH OFFSET counts differently on the two engines"
        raise UnsupportedSql(msg)
    if isinstance(node, exp.Select) and node.args.get("kind"):
        msg = f"sql: SELECT AS {node.args['kind']} gives other columns on each engine"
        raise UnsupportedSql(msg)
    if isinstance(node, exp.With) and node.args.get("recursive"):
        msg = "sql: WITH RECURSIVE is not on the list of constructs that both engines answer alike"
        raise UnsupportedSql(msg)
    if isinstance(node, exp.Like) and "\\" in node.expression.sql(dialect="bigquery"):
        msg = "sql: LIKE with a backslash escapes on one engine only"
        raise UnsupportedSql(msg)


def select_only(sql: str) -> str:
    """The same text, if it is exactly one SELECT of the allow-list. Raises `UnsupportedSql`."""
    parsed(sql)
    return sql


@lru_cache(maxsize=256)
def to_duckdb(sql: str) -> str:
    """The statement in DuckDB's dialect, `@name` parameters as `$name`. Raises `UnsupportedSql`.

    Kept: the same few hundred texts are asked again and again, and parsing takes longer than many answers.
    """
    statement = parsed(sql)
    for table in statement.find_all(exp.Table):
        # `project.nba_raw.schedule`, also quoted as one name, is BigQuery's habit. One file is one project.
        *_, dataset, name = ["", *table.name.split(".")] if not table.db else ["", table.db, table.name]
        table.set("this", exp.to_identifier(name))
        table.set("db", exp.to_identifier(dataset.split(".")[-1]) if dataset else None)
        table.set("catalog", None)
    for rounded in list(statement.find_all(exp.Round)):
        # ROUND of an INT64 is a FLOAT64 in BigQuery and stays an integer in DuckDB.
        rounded.replace(exp.cast(rounded.copy(), "DOUBLE"))
    return str(statement.sql(dialect="duckdb"))
