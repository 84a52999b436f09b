"""Content hashes: the same rows have the same hash on either engine, in whichever order they came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.frames import arrow_schema, validated
from warehouse.protocol import Warehouse
from warehouse.schema import TableSchema


def content_hash(table: pa.Table, schema: TableSchema) -> str:
    """SHA-256, hexadecimal, of the rows in key order, columns in the table's order, volatile ones left out.

    Columnar: each column contributes its name, its NULLs and its values, in bytes that depend on the values
    alone (floats as IEEE 754 with one zero, times as UTC microseconds, texts and arrays with their lengths).
    """
    digest = hashlib.sha256(f"{schema.name}/{table.num_rows}".encode())
    if table.num_rows:
        order = pc.sort_indices(table, sort_keys=[(k, "ascending") for k in schema.key])
        table = table.take(order)
    for column, chunks in zip(schema.columns, table.columns, strict=True):
        if column.volatile:
            continue
        values = chunks.combine_chunks()
        digest.update(f"|{column.name}|{column.type}|".encode())
        digest.update(_nulls(values))
        for part in _parts(values):
            digest.update(part)
    return digest.hexdigest()


def _nulls(values: pa.Array) -> bytes | memoryview:
    """A bit for each value: whether it is NULL."""
    if not values.null_count:
        return bytes(-(-len(values) // 8))
    return np.packbits(np.asarray(values.is_null())).data


def _parts(values: pa.Array) -> Iterator[bytes | memoryview]:
    """The values in bytes, one part after the other."""
    kind = values.type
    if pa.types.is_floating(kind):
        # Adding zero makes one zero of the two.
        yield (np.asarray(_filled(values, 0.0)) + 0.0).astype("<f8", copy=False).data
    elif pa.types.is_boolean(kind):
        yield np.packbits(np.asarray(_filled(values, value=False))).data
    elif pa.types.is_string(kind):
        filled = _filled(values, "")
        # As Arrow holds them: one text after the other, and where each begins.
        _, places, texts = filled.buffers()
        begins = np.frombuffer(places, dtype="<i4")[filled.offset : filled.offset + len(filled) + 1]
        yield np.diff(begins).astype("<i4", copy=False).data
        yield memoryview(texts)[begins[0] : begins[-1]] if texts else b""
    elif pa.types.is_decimal(kind):
        yield from _parts(values.cast(pa.string()))
    elif pa.types.is_list(kind):
        yield np.asarray(_filled(values.value_lengths(), 0)).astype("<i4", copy=False).data
        yield from _parts(values.flatten())
    else:
        whole = values.cast(pa.int32()) if pa.types.is_date(kind) else values
        yield np.asarray(_filled(whole.cast(pa.int64()), 0)).astype("<i8", copy=False).data


def _filled(values: pa.Array, value: object) -> pa.Array:
    return values.fill_null(value) if values.null_count else values


def hash_table(warehouse: Warehouse, table: str) -> str:
    """The content hash of a whole table as it stands."""
    schema = warehouse.schemas[table]
    rows = validated(warehouse.read(table), schema)
    return content_hash(rows.cast(arrow_schema(schema)), schema)
