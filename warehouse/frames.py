"""Between pandas and the tables: what is checked before any write, and what a read gives back."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from itertools import pairwise
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.errors import SchemaViolation
from shared.ids import GAME_KEY
from warehouse.schema import Column, TableSchema

ROWS_SHOWN = 5
WHOLE_IN_FLOAT = 2**53
"""Up to here every whole number is a FLOAT64."""

ARROW_TYPES: dict[str, pa.DataType] = {
    "STRING": pa.string(),
    "INT64": pa.int64(),
    "FLOAT64": pa.float64(),
    "NUMERIC": pa.decimal128(38, 9),
    "BOOL": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
    "ARRAY<FLOAT64>": pa.list_(pa.float64()),
    "ARRAY<STRING>": pa.list_(pa.string()),
}


def arrow_schema(schema: TableSchema) -> pa.Schema:
    """The Arrow schema of a table."""
    return pa.schema([(c.name, ARROW_TYPES[c.type]) for c in schema.columns])


def validated(frame: pd.DataFrame, schema: TableSchema) -> pa.Table:
    """A frame as an Arrow table of exactly the table's columns and types, in its order.

    NaN in a nullable column is NULL, and a missing array an empty one, because BigQuery knows no other. An
    empty frame needs no columns.

    Raises:
        SchemaViolation: missing or unknown columns, a value of the wrong type or infinite, NULL where it is
            required, a `game_id` that is no canonical key, or a key twice. The message names table, column
            and up to five rows.
    """
    if frame.empty:
        return arrow_schema(schema).empty_table()
    names = schema.column_names
    missing = [c for c in names if c not in frame.columns]
    unknown = [str(c) for c in frame.columns if c not in names]
    if missing or unknown:
        msg = f"{schema.name}: missing columns {missing}, unknown columns {unknown}"
        raise SchemaViolation(msg)
    if frame.columns.has_duplicates:
        twice = sorted({str(c) for c in frame.columns[frame.columns.duplicated()]})
        msg = f"{schema.name}: columns that are there twice: {twice}"
        raise SchemaViolation(msg)
    series = dict(frame.items())
    arrays = [_column(series[c.name], c, schema) for c in schema.columns]
    rows = pa.Table.from_arrays(arrays, schema=arrow_schema(schema))
    # Looked for among the converted values: a date and a midnight are one key.
    keys = pa.table({name: _one_zero(rows.column(name)) for name in schema.key})
    if keys.group_by(list(schema.key), use_threads=False).aggregate([]).num_rows < rows.num_rows:
        keys = keys.to_pandas()
        duplicated = keys.duplicated(keep=False)
        shown = keys[duplicated].head(ROWS_SHOWN).astype(str).to_dict("index")
        msg = f"{schema.name}: {int(duplicated.sum())} rows share their key {schema.key}: {shown}"
        raise SchemaViolation(msg)
    return rows


def _one_zero(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Arrow takes the two zeros of a float for two values; no table does."""
    return pc.add(column, 0.0) if pa.types.is_floating(column.type) else column


def _column(series: pd.Series, column: Column, schema: TableSchema) -> pa.Array:
    def fail(why: str, rows: list[int]) -> SchemaViolation:
        shown = {int(i): repr(series.iloc[i])[:80] for i in rows[:ROWS_SHOWN]}
        return SchemaViolation(f"{schema.name}.{column.name} ({column.type}): {why}: rows {shown}")

    try:
        array = _converted(series, column)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        bad = [i for i, v in enumerate(series) if not _fits(v, column)]
        raise fail(f"wrong type: {error}"[:200], bad) from error
    if column.required and array.null_count:
        raise fail("required but missing", [i for i, v in enumerate(array.is_null()) if v.as_py()])
    if column.name == "game_id":
        # A source's own id of a game would be a text like any other, and would join with nothing.
        foreign = {v for v in array.unique().to_pylist() if v is not None and not GAME_KEY.match(v)}
        if foreign:
            rows = [i for i, v in enumerate(array.to_pylist()) if v in foreign]
            raise fail("not the canonical key of a game, as 20251106_LAC_PHX", rows)
    if column.type == "FLOAT64" and pc.any(pc.is_inf(array)).as_py():
        raise fail("infinite", [i for i, v in enumerate(pc.is_inf(array).to_pylist()) if v])
    if column.type == "ARRAY<FLOAT64>" and not _all_finite(array.flatten()):
        odd = [
            i for i, v in enumerate(array.to_pylist()) if any(x is None or not math.isfinite(x) for x in v)
        ]
        raise fail("an array may hold neither NULL nor NaN nor an infinity", odd)
    if column.type == "ARRAY<STRING>" and array.flatten().null_count:
        odd = [i for i, v in enumerate(array.to_pylist()) if None in v]
        raise fail("an array may not hold NULL", odd)
    return array


def _all_finite(values: pa.Array) -> bool:
    return values.null_count == 0 and pc.all(pc.is_finite(values), min_count=0).as_py() is True


def _fits(value: Any, column: Column) -> bool:
    try:
        _converted(pd.Series([value], dtype=object), column)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return False
    return True


def _converted(series: pd.Series, column: Column) -> pa.Array:
    kind, target = column.type, ARROW_TYPES[column.type]
    if kind == "DATE":
        if series.dtype.kind != "M":
            values = [None if pd.isna(v) else v for v in series]
            for v in values:
                if v is not None and (not isinstance(v, dt.date) or _has_time(v)):
                    msg = f"{v!r} is not a date"
                    raise TypeError(msg)
            return pa.array([v.date() if isinstance(v, dt.datetime) else v for v in values], target)
        moments = None if isinstance(series.dtype, pd.DatetimeTZDtype) else series.to_numpy()
        if moments is None or ((moments != moments.astype("M8[D]")) & ~np.isnat(moments)).any():
            msg = "a date must be naive and without a time of day"
            raise TypeError(msg)
        return pa.array(moments, from_pandas=True).cast(target)
    if kind == "TIMESTAMP":
        return _instants(series).cast(target)
    if kind == "STRING":
        if isinstance(series.dtype, pd.StringDtype):
            return pa.array(series, from_pandas=True).cast(target)
        # Inferred first: asked for texts, Arrow would take bytes for them.
        texts = pa.array(series.to_numpy(dtype=object), from_pandas=True)
        if not (pa.types.is_string(texts.type) or pa.types.is_null(texts.type)):
            msg = f"{texts.type} is not STRING"
            raise TypeError(msg)
        return texts.cast(target)
    if kind in ("INT64", "BOOL"):
        return _whole(series, kind, target)
    if kind.startswith("ARRAY"):
        return pa.array([[] if _absent(v) else _items(v, kind) for v in series], target)
    if kind == "FLOAT64":
        return _floats(series).cast(target)
    _numbers(series)
    return pa.array(series, from_pandas=True).cast(target)


def _instants(series: pd.Series) -> pa.Array:
    stamps = series if _aware(series) else pd.to_datetime(series, utc=True)
    if stamps.dtype.unit != "us":
        stamps = stamps.dt.as_unit("us")
    # In UTC, as they lie there: to go through the zone takes three times as long.
    return pa.array(stamps.array.view("i8").view("M8[us]"), from_pandas=True)


def _whole(series: pd.Series, kind: str, target: pa.DataType) -> pa.Array:
    plain = isinstance(series.dtype, np.dtype)
    source = pa.array(series.to_numpy() if plain else series, from_pandas=True)
    if source.type == pa.null() or source.type == target:
        return source.cast(target)
    if kind == "BOOL" or not (pa.types.is_integer(source.type) or pa.types.is_floating(source.type)):
        msg = f"{source.type} is not {kind}"
        raise TypeError(msg)
    return source.cast(target, safe=True)


def _floats(series: pd.Series) -> pa.Array:
    if series.dtype == np.float64:
        return pa.array(series.to_numpy(), from_pandas=True)
    _numbers(series)
    if pd.api.types.is_integer_dtype(series.dtype):
        # The cast refuses what a float can't hold to the unit.
        return pa.array(series, from_pandas=True).cast(pa.float64())
    if series.dtype == object:
        large = [v for v in series if isinstance(v, Integral) and abs(int(v)) > WHOLE_IN_FLOAT]
        if large:
            msg = f"{large[0]} is not a FLOAT64 to the unit"
            raise ValueError(msg)
    return pa.array(series.to_numpy(dtype="float64", na_value=math.nan), from_pandas=True)


def _numbers(series: pd.Series) -> None:
    """Refuses what is no real number: a text or a time would be converted without a word."""
    kinds = pd.api.types
    if series.dtype == object:
        plain = all(_absent(v) or (isinstance(v, Real | Decimal) and not isinstance(v, bool)) for v in series)
    else:
        plain = kinds.is_numeric_dtype(series.dtype) and not kinds.is_bool_dtype(series.dtype)
    if not plain or kinds.is_complex_dtype(series.dtype):
        msg = "texts, times and truth values are not numbers"
        raise TypeError(msg)


def _absent(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _items(value: Any, kind: str) -> list[Any]:
    if isinstance(value, str | bytes | dict | set | frozenset):
        msg = f"{value!r} is not {kind}"
        raise TypeError(msg)
    return list(value)


def _aware(series: pd.Series) -> bool:
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        return True
    if series.dtype.kind == "M":
        msg = "a timestamp needs a time zone"
        raise TypeError(msg)
    for value in series:
        if isinstance(value, dt.datetime) and value is not pd.NaT and value.tzinfo is None:
            msg = f"{value!r} has no time zone"
            raise TypeError(msg)
        day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
        if day or (isinstance(value, str | int | float) and not pd.isna(value)):
            msg = f"{value!r} is not a timestamp"
            raise TypeError(msg)
    return False


def _has_time(value: dt.date) -> bool:
    return isinstance(value, dt.datetime) and (
        value.tzinfo is not None or value != value.replace(hour=0, minute=0, second=0, microsecond=0)
    )


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """An Arrow result as processors get it.

    DATE → datetime64[us], TIMESTAMP → datetime64[us, UTC], NUMERIC → float64; INT64 and BOOL stay themselves
    without NULLs and become Int64 and boolean with; ARRAY → lists, a NULL one empty.
    """
    columns = {name: _plain(column) for name, column in zip(table.column_names, table.columns, strict=True)}
    # One conversion for all of them: pandas makes a block of each type, not an object of each column.
    together = {name: column for name, column in columns.items() if not _alone(column)}
    frame = pa.table(together).to_pandas() if together else pd.DataFrame(index=pd.RangeIndex(table.num_rows))
    for place, (name, column) in enumerate(columns.items()):
        if name not in together:
            frame.insert(place, name, _by_itself(column))
    return frame


_INSTANT = pa.timestamp("us", tz="UTC")
_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column in the one Arrow type that its kind has in pandas."""
    kind = column.type
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("us"))
    if pa.types.is_timestamp(kind):
        return column if kind == _INSTANT else column.cast(_INSTANT)
    if pa.types.is_decimal(kind):
        # DuckDB sums INT64 into HUGEINT; in BigQuery a sum of INT64 is an INT64.
        return column.cast(pa.float64() if kind.scale else pa.int64())
    return column.cast(pa.int64()) if pa.types.is_integer(kind) and kind != pa.int64() else column


def _alone(column: pa.ChunkedArray) -> bool:
    """Whether pandas has it in an object of its own: arrays, and NULLs among whole numbers or booleans."""
    return pa.types.is_list(column.type) or (column.type in _NULLABLE and column.null_count > 0)


def _lists(column: pa.ChunkedArray) -> list[list[Any]]:
    """The lists of a column, a NULL one empty."""
    held = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    items = held.flatten()
    # Of numbers and texts numpy makes objects ten times as fast as Arrow does, one by one.
    plain = items.null_count == 0 and (pa.types.is_float64(items.type) or pa.types.is_string(items.type))
    values = items.to_numpy(zero_copy_only=False).tolist() if plain else items.to_pylist()
    ends = np.cumsum(held.value_lengths().fill_null(0).to_numpy(), dtype=np.int64).tolist()
    return [values[begin:end] for begin, end in pairwise([0, *ends])]


def _by_itself(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_list(column.type):
        return pd.Series(_lists(column), dtype=object)
    return column.to_pandas(types_mapper=_NULLABLE.get)
