"""SQL in BigQuery's dialect: an allow-list of constructs that both engines answer alike.

Anything else is refused, because a transpiler can be silently wrong (measured: `WITH OFFSET` 1-based,
`EXTRACT(DAYOFWEEK)` one off, `CAST(2.5 AS INT64)` 2 instead of 3).
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from shared.errors import UnsupportedSql

ALLOWED: tuple[type[exp.Expression], ...] = (
    exp.Select, exp.Subquery, exp.From, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit,
    exp.Offset, exp.With, exp.CTE, exp.Join, exp.Union, exp.Intersect, exp.Except, exp.Distinct,
    exp.Table, exp.TableAlias, exp.Column, exp.Identifier, exp.Star, exp.Alias, exp.Paren, exp.Tuple,
    exp.Literal, exp.Boolean, exp.Null, exp.Parameter, exp.Var, exp.Placeholder,
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In,
    exp.Between, exp.Like, exp.Exists, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Case, exp.If,
    exp.Coalesce, exp.Count, exp.CountIf, exp.Sum, exp.Min, exp.Max, exp.Abs, exp.Round, exp.Avg,
    exp.Lower, exp.Upper, exp.Length, exp.Concat, exp.Cast, exp.DataType, exp.DataTypeParam, exp.Date,
    exp.SafeDivide, exp.Unnest, exp.ArraySize, exp.Window, exp.RowNumber, exp.Rank, exp.CurrentDate,
)  # fmt: skip

CAST_TARGETS = frozenset({"STRING", "TEXT", "FLOAT64", "DOUBLE", "DATE", "VARCHAR"})


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
        if isinstance(node, exp.Cast) and node.to.sql(dialect="bigquery") not in CAST_TARGETS:
            msg = "sql: CAST to INT64 and NUMERIC round differently on the two engines; use ROUND"
            raise UnsupportedSql(msg)
        if isinstance(node, exp.Unnest) and (node.args.get("offset") or node.args.get("alias") is None):
            msg = "sql: UNNEST needs an alias, and WITH OFFSET counts differently on the two engines"
            raise UnsupportedSql(msg)
    return statement


def select_only(sql: str) -> str:
    """The same text, if it is exactly one SELECT of the allow-list. Raises `UnsupportedSql`."""
    parsed(sql)
    return sql


def to_duckdb(sql: str) -> str:
    """The statement in DuckDB's dialect, `@name` parameters as `$name`. Raises `UnsupportedSql`."""
    statement = parsed(sql)
    for table in statement.find_all(exp.Table):
        # `nba_raw.schedule` quoted as one name is BigQuery's habit.
        if not table.db and "." in table.name:
            dataset, _, name = table.name.rpartition(".")
            table.set("this", exp.to_identifier(name))
            table.set("db", exp.to_identifier(dataset.split(".")[-1]))
    return statement.sql(dialect="duckdb")
