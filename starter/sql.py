"""`tipoff sql "SELECT …"`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from shared.errors import BadRequest
from starter.failure import DONE
from starter.options import AddressOption, JsonOption
from starter.output import print_json, stderr_console, stdout_console
from starter.run import run

MOST = 20_000


def sql(
    query: Annotated[str, typer.Argument(metavar="SELECT", help="One SELECT in BigQuery's dialect.")],
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the warehouse, through the worker that holds it; the first 100 rows."""
    if not query.strip() or len(query) > MOST:
        raise BadRequest(f"sql: give one SELECT of at most {MOST:,} characters")

    async def command() -> int:
        from starter.temporal import connect  # noqa: PLC0415
        from starter.warehouse import ask  # noqa: PLC0415

        result = await ask(await connect(address), query)
        if as_json:
            print_json(result)
            return DONE
        table = Table(header_style="bold")
        for column in result.columns:
            table.add_column(column, overflow="fold")
        for row in result.rows:
            table.add_row(*("[dim]NULL[/]" if value is None else escape(str(value)) for value in row))
        stdout_console().print(table)
        note = f"{len(result.rows)} of {result.total_rows:,} rows"
        if result.truncated:
            note += f"; all of them: {result.reference}" if result.reference else "; cut off"
        stderr_console().print(note, style="dim", soft_wrap=True)
        return DONE

    raise typer.Exit(run(command()))
