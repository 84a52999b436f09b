"""What a new installation needs before its first worker: tables, and search attributes on the server."""

from __future__ import annotations

from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from shared.config import Settings
from shared.errors import AuthenticationError, TemporalUnavailable, TipoffError, WarehouseLocked
from shared.names import SEARCH_ATTRIBUTES
from shared.predeploy import Finding
from warehouse.connect import connect
from worker.connection import TemporalServer, connect_client

CALL = timedelta(seconds=10)
_NOT_OURS = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED)


def make_tables(settings: Settings) -> Finding:
    """Creates datasets and tables that are missing, adds new columns, and leaves every row as it is."""
    try:
        warehouse = connect(settings.warehouse, home=settings.home)
        try:
            changed = warehouse.ensure_tables()
            tables = len(warehouse.schemas)
        finally:
            warehouse.close()
    except WarehouseLocked as held:
        return Finding(
            check="tables", status="ok", expected="",
            observed=f"made by the worker when it started ({held})"[:400],
        )  # fmt: skip
    except TipoffError as error:
        remedy = (
            "gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS; the account needs "
            "roles/bigquery.dataEditor and roles/bigquery.jobUser"
            if isinstance(error, AuthenticationError)
            else "correct what it names, then tipoff init again: what is done already is left as it is"
        )
        return Finding(
            check="tables", status="fail", observed=f"{type(error).__name__}: {error}"[:500],
            expected="every table as its DDL", remedy=remedy,
        )  # fmt: skip
    said = f"{len(changed)} made or grown" if changed else "nothing to change"
    return Finding(check="tables", status="ok", observed=f"{tables} tables, {said}", expected="")


def look_at_bucket(settings: Settings) -> Finding:
    """Whether the bucket for responses and models is there and ours to use."""
    # The client library takes a second to import.
    from activities.bucket import Bucket  # noqa: PLC0415

    try:
        Bucket(settings.objects).check()
    except TipoffError as error:
        return Finding(
            check="bucket", status="fail", observed=f"{type(error).__name__}: {error}"[:500],
            expected=settings.objects,
            remedy="make it (gcloud storage buckets create gs://BUCKET), and give the account "
            "roles/storage.objectUser on it",
        )  # fmt: skip
    return Finding(check="bucket", status="ok", observed=f"{settings.objects} answers", expected="")


async def register_attributes(server: TemporalServer) -> Finding:
    """Registers the search attributes that the server lacks, where it lets us."""
    expected = ", ".join(SEARCH_ATTRIBUTES)
    try:
        client = await connect_client(server)
        missing = await _missing(client)
        if missing:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(
                    namespace=client.namespace,
                    search_attributes=dict.fromkeys(missing, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD),
                ),
                timeout=CALL,
            )
    except TemporalUnavailable as error:
        return Finding(
            check="search attributes", status="fail", observed=str(error), expected=expected,
            remedy="start the server or name it with TEMPORAL_ADDRESS, then tipoff init again",
        )  # fmt: skip
    except RPCError as error:
        by_hand = error.status in _NOT_OURS
        each = " ".join(f"--name {name} --type Keyword" for name in SEARCH_ATTRIBUTES)
        return Finding(
            check="search attributes", status="warn" if by_hand else "fail",
            observed=f"{server.address}, namespace {server.namespace}: {error.message}", expected=expected,
            remedy=f"temporal operator search-attribute create {each}"
            + ("; on Temporal Cloud in the namespace's settings" if by_hand else ""),
        )  # fmt: skip
    done = f"registered {', '.join(missing)}" if missing else "all are there"
    return Finding(
        check="search attributes", status="ok",
        observed=f"{done} ({server.address}, namespace {server.namespace})", expected=expected,
    )  # fmt: skip


async def _missing(client: Client) -> list[str]:
    there = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=CALL
    )
    return [name for name in SEARCH_ATTRIBUTES if name not in there.custom_attributes]
