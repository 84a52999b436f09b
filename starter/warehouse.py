"""The warehouse, asked through a workflow: it works while the worker holds it, on either engine."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.client import WorkflowFailureError

from shared.errors import deepest
from shared.jobs import DaySummary, DaySummaryInput, QueryInput, QueryResult
from shared.messages import Message
from shared.names import DAY_SUMMARY, QUERY
from starter.failure import CommandError
from starter.temporal import Connection, patiently

M = TypeVar("M", bound=Message)

Row = dict[str, Any]
PAGE = 100
AT_ONCE = 4
ANSWER_SECONDS = 300.0


async def answer(
    connection: Connection,
    workflow: str,
    request: Message,
    result: type[M],
    what: str,
    seconds: float | None = ANSWER_SECONDS,
) -> M:
    """What a read-only workflow says, asked afresh each time; `what` names it in its id and in an error.

    Raises:
        CommandError: it failed, or nobody answered within `seconds`; None waits for ever.
    """
    client = connection.client
    try:
        handle = await patiently(
            lambda: client.start_workflow(
                workflow,
                request,
                id=f"{what.replace(' ', '-')}-{uuid.uuid4().hex}",
                task_queue=connection.task_queue,
                result_type=result,
                execution_timeout=None if seconds is None else timedelta(seconds=seconds),
            )
        )
        async with asyncio.timeout(seconds):
            found: M = await patiently(handle.result)
    except WorkflowFailureError as error:
        raise CommandError(f"{what}: {deepest(error)}") from error
    except TimeoutError:
        raise CommandError(
            f"{what}: no answer after {seconds:g} s; is a worker running that knows it? "
            "(`tipoff up` runs one)"
        ) from None
    return found


async def ask(connection: Connection, sql: str, **parameters: object) -> QueryResult:
    """The first rows of one SELECT with its `@parameters`. Raises `CommandError` as `answer` does."""
    values = {name: str(value) for name, value in parameters.items()}
    return await answer(connection, QUERY, QueryInput(sql=sql, parameters=values), QueryResult, "sql")


async def select_all(connection: Connection, sql: str, **parameters: object) -> list[Row]:
    """Every row of a SELECT with an ORDER BY that is total, fetched in pages."""
    first = await ask(connection, sql, **parameters)
    rows = _rows(first)
    if not rows or len(rows) >= first.total_rows:
        return rows
    limit = asyncio.Semaphore(AT_ONCE)

    async def page(offset: int, count: int) -> list[Row]:
        found: list[Row] = []
        while len(found) < count:
            paged = f"{sql} LIMIT {count - len(found)} OFFSET {offset + len(found)}"
            async with limit:
                got = _rows(await ask(connection, paged, **parameters))
            if not got:
                break
            # A page may come short: it holds at most 64 kB.
            found += got
        return found

    size = min(PAGE, len(rows))
    offsets = range(len(rows), first.total_rows, size)
    counts = [min(size, first.total_rows - offset) for offset in offsets]
    for more in await asyncio.gather(*map(page, offsets, counts)):
        rows += more
    return rows


async def summarise(connection: Connection, request: DaySummaryInput) -> DaySummary:
    """A day's figures."""
    return await answer(connection, DAY_SUMMARY, request, DaySummary, f"summary of {request.game_date}", None)


def _rows(result: QueryResult) -> list[Row]:
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]
