"""`tipoff predeploy`: whether this code may replace what is running."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from shared.errors import FeatureContractViolation
from shared.features import FEATURE_NAMES, FEATURE_VERSION, check_contract, contract_checksum
from shared.messages import PREDEPLOY
from shared.phases import PHASES
from shared.predeploy import PredeployInput, PredeployResult, ProcessorPath
from starter.failure import DONE, FAILED, CommandError, deepest
from starter.findings_view import findings_table
from starter.options import AddressOption, JsonOption
from starter.output import print_json, stdout_console
from starter.run import run

if TYPE_CHECKING:
    from starter.temporal import Connection

ANSWER_SECONDS = 120.0


def predeploy(address: AddressOption = None, as_json: JsonOption = False) -> None:
    """Check this code against the models and rows in production, before it is deployed."""

    async def command() -> int:
        from starter.temporal import connect  # noqa: PLC0415

        result = await asked(await connect(address), this_code())
        if as_json:
            print_json(result)
        else:
            stdout_console().print(findings_table(result.findings))
        return FAILED if result.failed() else DONE

    raise typer.Exit(run(command()))


def this_code() -> PredeployInput:
    """What the code of this command is, for the worker to compare."""
    try:
        check_contract()
        fault = ""
    except FeatureContractViolation as violation:
        fault = str(violation)
    return PredeployInput(
        feature_version=FEATURE_VERSION,
        feature_names=FEATURE_NAMES,
        contract_checksum=contract_checksum(),
        contract_fault=fault,
        processors=tuple(
            ProcessorPath(name=p.name, path=p.path) for phase in PHASES for p in phase.processors
        ),
    )


async def asked(connection: Connection, request: PredeployInput) -> PredeployResult:
    """The running worker's findings.

    Raises:
        CommandError: it could not look, or nobody answered in time.
    """
    from temporalio.client import WorkflowFailureError  # noqa: PLC0415

    from starter.temporal import patiently  # noqa: PLC0415

    workflow_id = f"predeploy-{uuid.uuid4().hex}"
    client = connection.client
    try:
        handle = await patiently(
            lambda: client.start_workflow(
                PREDEPLOY,
                request,
                id=workflow_id,
                task_queue=connection.task_queue,
                result_type=PredeployResult,
                execution_timeout=timedelta(seconds=ANSWER_SECONDS),
            )
        )
        async with asyncio.timeout(ANSWER_SECONDS):
            result: PredeployResult = await patiently(handle.result)
    except WorkflowFailureError as error:
        raise CommandError(f"predeploy: {deepest(error)}") from error
    except TimeoutError:
        raise CommandError(
            f"predeploy: no answer after {ANSWER_SECONDS:g} s; is a worker running that knows it?"
        ) from None
    return result
