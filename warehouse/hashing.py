"""Content hashes: the same rows have the same hash on either engine, in whichever order they came."""

from __future__ import annotations

import hashlib

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
    for column in schema.columns:
        if column.volatile:
            continue
        values = table.column(column.name).combine_chunks()
        digest.update(f"|{column.name}|{column.type}|".encode())
        digest.update(np.packbits(np.asarray(values.is_null())).tobytes())
        digest.update(_bytes(values))
    return digest.hexdigest()


def _bytes(values: pa.Array) -> bytes:
    kind = values.type
    if pa.types.is_floating(kind):
        # Adding zero makes one zero of the two.
        return bytes((np.asarray(values.fill_null(0.0)) + 0.0).astype("<f8").tobytes())
    if pa.types.is_boolean(kind):
        return bytes(np.packbits(np.asarray(values.fill_null(False))).tobytes())
    if pa.types.is_string(kind):
        filled = values.fill_null("")
        # As Arrow holds them: one text after the other, and where each begins.
        _, places, texts = filled.buffers()
        begins = np.frombuffer(places, dtype="<i4")[filled.offset : filled.offset + len(filled) + 1]
        held = memoryview(texts)[begins[0] : begins[-1]] if texts else b""
        return bytes(np.diff(begins).astype("<i4").tobytes()) + bytes(held)
    if pa.types.is_date(kind):
        values = values.cast(pa.int32())
    if pa.types.is_decimal(kind):
        values = values.cast(pa.string())
        return _bytes(values)
    if pa.types.is_list(kind):
        lengths = np.asarray(values.value_lengths().fill_null(0)).astype("<i4")
        return bytes(lengths.tobytes()) + _bytes(values.flatten())
    return bytes(np.asarray(values.cast(pa.int64()).fill_null(0)).astype("<i8").tobytes())


def hash_table(warehouse: Warehouse, table: str) -> str:
    """The content hash of a whole table as it stands."""
    schema = warehouse.schemas[table]
    rows = validated(warehouse.read(table), schema)
    return content_hash(rows.cast(arrow_schema(schema)), schema)
