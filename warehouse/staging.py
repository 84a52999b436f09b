"""Staging tables: their names, and which table a name belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shared.errors import BadRequest
from shared.ids import content_digest
from warehouse.schema import TableSchema

STAGING = "tipoff_staging"
"""The dataset of staging tables."""

_NAME = re.compile(rf"{STAGING}\.(\w+?)__\w+", re.ASCII)


def staging_name(table: str, chunk: str, write_key: str) -> str:
    """The name of a chunk's staging table. It derives from the write key, so a retry repeats it."""
    if not re.fullmatch(r"\w*", chunk, re.ASCII):
        msg = f"chunk: {chunk!r} is not made of letters, digits and underscores"
        raise BadRequest(msg)
    return f"{table.replace('.', '_')}__{chunk}_{content_digest(write_key)}"


def staged_schema(names: Sequence[str], schemas: Mapping[str, TableSchema]) -> TableSchema:
    """The one table that these staging tables were made for.

    Raises:
        BadRequest: a name is not a staging table's, or they belong to different tables.
    """
    tables = {name.replace(".", "_"): schema for name, schema in schemas.items()}
    found = set()
    for name in names:
        match = _NAME.fullmatch(name)
        if not match or match[1] not in tables:
            msg = f"staged: {name!r} is not a staging table"
            raise BadRequest(msg)
        found.add(match[1])
    if len(found) != 1:
        msg = f"staged: these belong to different tables: {sorted(found)}"
        raise BadRequest(msg)
    return tables[found.pop()]
