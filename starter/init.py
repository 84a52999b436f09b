"""`tipoff init`: everything that must be there before the first worker, made where it is missing."""

from __future__ import annotations

import os
import re
from typing import Annotated

import typer

from shared.config import Settings, load_settings
from shared.errors import BadRequest
from shared.predeploy import Finding
from starter.failure import DONE, FAILED
from starter.findings_view import findings_table
from starter.options import AddressOption, HomeOption, JsonOption
from starter.output import print_json, stdout_console
from starter.run import run

PROJECT_ID = re.compile(r"[a-z][a-z0-9:.-]{4,60}[a-z0-9]")
LOCATION = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,40}")


def init(
    project: Annotated[
        str | None, typer.Option("--project", help="BigQuery project. Default: TIPOFF_WAREHOUSE.")
    ] = None,
    location: Annotated[
        str | None, typer.Option("--location", help="Where its datasets are made, as EU or us-east1.")
    ] = None,
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make tables and search attributes. Again at any time: what is there is kept, new columns are added.

    Credentials are Google's application default ones, Temporal is found by
    TEMPORAL_* or temporal.toml. Without a project the embedded warehouse is made;
    its server registers the attributes by itself.
    """
    settings = load_settings(home=home, warehouse=warehouse_url(project, location))

    async def command() -> int:
        findings = await _findings(settings, address)
        failed = any(finding.status == "fail" for finding in findings)
        if as_json:
            print_json({"warehouse": settings.warehouse, "findings": [f.model_dump() for f in findings]})
        else:
            stdout_console().print(findings_table(findings))
            if project and not failed:
                stdout_console().print(
                    f"Workers and commands need: export TIPOFF_WAREHOUSE={settings.warehouse}", soft_wrap=True
                )
        return FAILED if failed else DONE

    raise typer.Exit(run(command()))


def warehouse_url(project: str | None, location: str | None) -> str | None:
    """The warehouse that the options name; None: the one of TIPOFF_WAREHOUSE.

    Raises:
        BadRequest: an option is no project or location.
    """
    if project is None:
        if location is not None:
            raise BadRequest("location: needs --project; TIPOFF_WAREHOUSE holds its own, as bigquery://p/EU")
        return None
    if not PROJECT_ID.fullmatch(project):
        raise BadRequest(f"project: {project!r} is not a project id, like my-project-123")
    if location is not None and not LOCATION.fullmatch(location):
        raise BadRequest(f"location: {location!r} is not a location, like EU or us-east1")
    return f"bigquery://{project}/{location}" if location else f"bigquery://{project}"


async def _findings(settings: Settings, address: str | None) -> list[Finding]:
    from worker.connection import configured_server  # noqa: PLC0415
    from worker.init import look_at_bucket, make_tables, register_attributes  # noqa: PLC0415

    if settings.warehouse == "duckdb":
        settings.home.mkdir(parents=True, exist_ok=True)
    findings = [make_tables(settings)]
    if settings.objects:
        findings.append(look_at_bucket(settings))
    if address or os.environ.get("TEMPORAL_ADDRESS") or settings.warehouse != "duckdb":
        findings.append(await register_attributes(configured_server(address=address)))
    return findings
