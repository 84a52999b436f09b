"""What `retrigger`, `skip`, `pause`, `resume` and `abort` have in common."""

from __future__ import annotations

from datetime import date

import typer
from rich.markup import escape

from shared.messages import OperatorRequest
from starter.failure import DONE, FAILED
from starter.output import print_json, stdout_console
from starter.run import run


def operate(day: date, action: str, request: OperatorRequest, address: str | None, as_json: bool) -> None:
    """Send the request, print the answer, exit 0 if it was accepted and 1 if not."""

    async def command() -> int:
        from starter.temporal import connect, patiently  # noqa: PLC0415
        from worker.day_messages import DayMessages  # noqa: PLC0415

        connection = await connect(address)
        messages = DayMessages(connection.client, connection.task_queue, patiently)
        sent = await messages.send(day, action, request)
        if as_json:
            print_json(
                {
                    "game_date": day.isoformat(),
                    "action": action,
                    "accepted": sent.accepted,
                    "message": sent.message,
                    "how": sent.how,
                    "request_id": request.request_id,
                }
            )
        else:
            word = "[green]accepted[/]" if sent.accepted else "[red]refused[/]"
            text = f"{word} {escape(sent.message)} [dim](request {escape(request.request_id)})[/]"
            stdout_console().print(text, soft_wrap=True)
        return DONE if sent.accepted else FAILED

    raise typer.Exit(run(command()))
