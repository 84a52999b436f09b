"""The command line `tipoff`: which verbs there are, and how an error ends."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any, NoReturn

import typer

from shared.config import redactor
from shared.errors import TipoffError
from starter.abort import abort
from starter.alerts import alerts
from starter.backfill import backfill
from starter.brief import brief
from starter.check_drift import check_drift
from starter.demo import demo
from starter.deploy import deploy
from starter.evaluate import evaluate
from starter.failure import BAD_USAGE, DONE, FAILED, INTERRUPTED, exit_code_of, one_line
from starter.health import health
from starter.init import init
from starter.models import models
from starter.pause import pause
from starter.predeploy import predeploy
from starter.predictions import predictions
from starter.reconcile import reconcile
from starter.resume import resume
from starter.retrigger import retrigger
from starter.schedule import schedule
from starter.schema import app as schema
from starter.skip import skip
from starter.sources import sources
from starter.spot_check import spot_check
from starter.sql import sql
from starter.start import start
from starter.status import status
from starter.up import up
from starter.validate import app as validate
from starter.worker import worker

app = typer.Typer(
    name="tipoff",
    help="NBA player points predictions every day before the first tip-off, durably.",
    epilog="Exit codes: 0 done, 1 failed, 2 bad usage, 3 waiting for an operator.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for verb in (
    init, up, demo, worker, start, status, predictions, retrigger, skip, pause, resume, abort, sql, predeploy,
    deploy, evaluate, health, brief, check_drift, backfill, reconcile,
    spot_check,
):  # fmt: skip
    app.command()(verb)
app.add_typer(models)
app.add_typer(schedule)
app.add_typer(validate)
app.add_typer(schema)
app.add_typer(alerts)
app.add_typer(sources)


def main() -> NoReturn:
    """Run the command of this process and end it with its exit code."""
    try:
        code = invoke()
    except Exception:  # noqa: BLE001 - shown in full, and the exit below must be reached
        sys.stderr.write(redactor().text(traceback.format_exc()))
        code = FAILED
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        # Whoever read us has heard enough.
        code = code or FAILED
    # All is stopped and flushed. The interpreter's own end sometimes crashes in the Temporal client's
    # native threads, which would turn exit code 0 into 139.
    os._exit(code)


def invoke(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code; an error is one line on standard error."""
    try:
        code = app(args=arguments, prog_name="tipoff", standalone_mode=False)
    except typer.Exit as left:
        return left.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except TipoffError as error:
        return _fail(one_line(error), exit_code_of(error))
    except Exception as error:
        usage = _usage(error)
        if usage is not None:
            return _fail(usage, BAD_USAGE) if usage else BAD_USAGE
        if type(error).__module__.startswith("temporalio"):
            return _fail(f"Temporal: {one_line(error)}", FAILED)
        raise
    return code if isinstance(code, int) else DONE


def _usage(error: Any) -> str | None:
    """What the command line's parser has to say; None if the error isn't the parser's.

    Empty where help was printed instead.
    """
    if not hasattr(error, "format_message") or not hasattr(error, "exit_code"):
        return None
    context = getattr(error, "ctx", None)
    said = " ".join(str(error.format_message()).split())
    if type(error).__name__ == "NoArgsIsHelpError":
        return ""
    path = context.command_path if context else "tipoff"
    return f"{said} (see `{path} --help`)"


def _fail(message: str, code: int) -> int:
    typer.echo(redactor().text(f"tipoff: {message}"), err=True)
    return code
