"""What BigQuery's jobs are labelled with, guarded by and counted as: by the client against the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions as api

from shared.errors import ConfigurationError, CostLimitExceeded
from tests.warehouse.conftest import Hand
from tests.warehouse.samples import D1, ROSTERS, rosters, sample_schemas
from warehouse.bigquery_engine import MAXIMUM_BYTES_BILLED, BigQueryWarehouse
from warehouse.bigquery_jobs import in_our_words
from warehouse.work import label, work


@pytest.fixture
def bigquery(emulator_address: str) -> Iterator[Any]:
    """A warehouse of its own on the emulator, and the jobs that it submits, in order."""
    made = BigQueryWarehouse.from_url(f"bigquery://costs/US?endpoint={emulator_address}", sample_schemas())
    made.ensure_tables()
    jobs: list[Any] = []
    for name in ("query", "load_table_from_file"):
        submit = getattr(made._client, name)

        def kept(*given: Any, submit: Any = submit, **options: Any) -> Any:
            jobs.append(submit(*given, **options))
            return jobs[-1]

        setattr(made._client, name, kept)
    made.jobs = jobs
    yield made
    made.close()


def test_every_job_says_whose_it_is(bigquery: Any) -> None:
    with work(phase="raw", processor="Player_Box.Scores", game_date="2025-11-06"):
        Hand(bigquery).replace(ROSTERS, rosters(1), D1, key="labels")
        bigquery.read(ROSTERS)
    ours = {"app": "tipoff", "phase": "raw", "processor": "player_box-scores", "game_date": "2025-11-06"}
    assert len(bigquery.jobs) >= 4
    for job in bigquery.jobs:
        assert ours.items() <= job.labels.items(), job.job_type
    assert {job.labels.get("table") for job in bigquery.jobs} == {None, "nba_raw-rosters"}
    bigquery.ping()
    assert bigquery.jobs[-1].labels == {"app": "tipoff"}


def test_every_query_is_guarded_and_the_guard_can_be_set(bigquery: Any, emulator_address: str) -> None:
    Hand(bigquery).replace(ROSTERS, rosters(1), D1, key="guard")
    queries = [job for job in bigquery.jobs if job.job_type == "query"]
    assert {job.maximum_bytes_billed for job in queries} == {MAXIMUM_BYTES_BILLED}
    url = f"bigquery://costs/US?endpoint={emulator_address}&maximum_bytes_billed=1000"
    assert BigQueryWarehouse.from_url(url, {})._config({}).maximum_bytes_billed == 1000
    with pytest.raises(ConfigurationError, match="maximum_bytes_billed"):
        BigQueryWarehouse.from_url("bigquery://p?maximum_bytes_billed=0", {})


def test_what_the_guard_stops_says_what_helps_and_is_not_repeated() -> None:
    refused = api.InternalServerError(
        "Query exceeded limit for bytes billed: 1000. 10485760 or higher required.",
        errors=[{"reason": "bytesBilledLimitExceeded"}],
    )
    error = in_our_words(refused)
    assert isinstance(error, CostLimitExceeded)
    assert error.non_retryable
    assert "maximum_bytes_billed=N" in str(error)


def test_work_counts_its_own_jobs_and_no_others(bigquery: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # The emulator bills nothing; the client's own job says what the server would have.
    monkeypatch.setattr("google.cloud.bigquery.QueryJob.total_bytes_billed", 10)
    monkeypatch.setattr("google.cloud.bigquery.QueryJob.total_bytes_processed", 7)
    bigquery.ping()
    with work(processor="a") as outer:
        bigquery.read(ROSTERS)
        with work(processor="b") as inner:
            bigquery.ping()
            bigquery.ping()
    assert (outer.jobs, outer.bytes_processed, outer.bytes_billed) == (1, 7, 10)
    assert (inner.jobs, inner.bytes_processed, inner.bytes_billed) == (2, 14, 20)


def test_a_label_is_what_bigquery_takes() -> None:
    assert label("Nba_Raw.Player Box") == "nba_raw-player-box"
    assert len(label("x" * 100)) == 63
