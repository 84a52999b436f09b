"""Promises of BigQuery that the engine builds on. Only a real project can vouch for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest
from google.api_core import exceptions as api

from shared.errors import CostLimitExceeded
from tests.warehouse.conftest import EMULATOR_CANNOT, PROJECT, Hand, drop_everything, real_project
from tests.warehouse.samples import D1, ROSTERS, rosters, sample_schemas
from warehouse.bigquery_engine import BigQueryWarehouse
from warehouse.bigquery_jobs import is_conflict
from warehouse.bigquery_sql import fence_table
from warehouse.frames import validated
from warehouse.work import work

pytestmark = pytest.mark.project


@pytest.fixture
def real(request: Any) -> Iterator[Any]:
    """The warehouse of a real project; skips without one, saying what stays unproven."""
    if not PROJECT:
        reason = EMULATOR_CANNOT[request.node.originalname]
        pytest.skip(f"TIPOFF_TEST_PROJECT is not set, and the emulator can't vouch for it: {reason}")
    made = BigQueryWarehouse.from_url(f"bigquery://{real_project()}", sample_schemas())
    made.ensure_tables()
    yield made
    drop_everything(made)
    made.close()


def test_a_job_id_is_used_once(real: Any) -> None:
    job_id = f"tipoff_test_{uuid.uuid4().hex}"
    real._client.query("SELECT 1", job_id=job_id).result()
    with pytest.raises(api.Conflict):
        real._client.query("SELECT 1", job_id=job_id)


def test_a_load_refuses_null_in_a_required_column(real: Any) -> None:
    schema = real.schemas[ROSTERS]
    rows = validated(rosters(1), schema)
    broken = rows.set_column(4, "player_name", pa.nulls(1, pa.string()))
    with pytest.raises(api.GoogleAPICallError):
        real._load_job("tipoff_staging.broken", schema, broken, job_id=None).result()


def test_a_query_over_the_guard_is_refused(real: Any) -> None:
    Hand(real).replace(ROSTERS, rosters(1), D1, key="guard")
    real._maximum_bytes_billed = 1
    with pytest.raises(CostLimitExceeded):
        real.read(ROSTERS)


def test_a_query_says_what_it_was_billed_for(real: Any) -> None:
    with work(processor="test") as spent:
        Hand(real).replace(ROSTERS, rosters(1), D1, key="billed")
        real.read(ROSTERS)
    assert spent.bytes_billed >= spent.bytes_processed > 0


def test_two_transactions_on_one_target_conflict(real: Any) -> None:
    fences = fence_table(real.schemas[ROSTERS])
    script = (
        f"BEGIN TRANSACTION; UPDATE `{fences}` SET epoch = epoch + 1 WHERE slice = '#lock'; "
        "SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 5000)) AS b; "
        "COMMIT TRANSACTION;"
    )

    def run(_: int) -> Exception | None:
        try:
            real._client.query(script).result()
        except api.GoogleAPICallError as error:
            return error
        return None

    with ThreadPoolExecutor(2) as pool:
        errors = [e for e in pool.map(run, range(2)) if e]
    assert errors
    assert all(is_conflict(e) for e in errors)
