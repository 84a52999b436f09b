"""`tipoff predeploy`: whether this code may replace what is running."""

from __future__ import annotations

import typer

from shared.errors import FeatureContractViolation
from shared.features import FEATURE_NAMES, FEATURE_VERSION, check_contract, contract_checksum
from shared.names import PREDEPLOY
from shared.phases import PHASES
from shared.predeploy import PredeployInput, PredeployResult, ProcessorPath
from starter.failure import DONE, FAILED
from starter.findings_view import findings_table
from starter.options import AddressOption, JsonOption
from starter.output import print_json, stdout_console
from starter.run import run

ANSWER_SECONDS = 120.0


def predeploy(address: AddressOption = None, as_json: JsonOption = False) -> None:
    """Check this code against the models and rows in production, before it is deployed."""

    async def command() -> int:
        from starter.temporal import connect  # noqa: PLC0415
        from starter.warehouse import answer  # noqa: PLC0415

        connection = await connect(address)
        result = await answer(
            connection, PREDEPLOY, this_code(), PredeployResult, "predeploy", ANSWER_SECONDS
        )
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
    # The checkout's worker code is heavy to import, and only this command needs it.
    from worker.checkout import own_findings, tables  # noqa: PLC0415

    return PredeployInput(
        tables=tables(),
        own_findings=own_findings(),
        feature_version=FEATURE_VERSION,
        feature_names=FEATURE_NAMES,
        contract_checksum=contract_checksum(),
        contract_fault=fault,
        processors=tuple(
            ProcessorPath(name=p.name, path=p.path) for phase in PHASES for p in phase.processors
        ),
    )
