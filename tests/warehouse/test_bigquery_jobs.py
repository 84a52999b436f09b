"""Jobs run once, and BigQuery's errors in our words; with a client made of a dictionary."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from shared.errors import (
    AuthenticationError,
    BadRequest,
    QuotaExceeded,
    SupersededWrite,
    WarehouseUnavailable,
)
from tests.warehouse.samples import D1, NOON, ROSTERS, rosters, sample_schemas
from warehouse.bigquery_jobs import errors_in_our_words, in_our_words, run_once
from warehouse.bigquery_sql import literal, write_script
from warehouse.frames import validated
from warehouse.protocol import Fence, WritePlan

CONFLICT = api.BadRequest(
    "Transaction is aborted due to concurrent update against table p:nba_raw.rosters. Transaction ID: x"
)


class FakeJob:
    def __init__(self, error: Exception | None) -> None:
        self.error, self.state, self.error_result = error, "RUNNING", None

    def result(self) -> None:
        self.state = "DONE"
        if self.error:
            self.error_result = {"message": str(self.error)}
            raise self.error


class FakeClient:
    """Jobs by id: `there` from an earlier attempt, `coming` when submitted now."""

    def __init__(self, there: dict[str, Any], coming: dict[str, Any]) -> None:
        self.there, self.coming = there, coming
        self.submitted: list[str] = []
        self.fetched: list[str] = []
        self.slept: list[float] = []

    def submit(self, job_id: str, _number: int) -> FakeJob:
        if job_id in self.there:
            raise api.Conflict("Already Exists: Job p:US." + job_id)
        self.submitted.append(job_id)
        return FakeJob(self.coming.get(job_id))

    def get_job(self, job_id: str, location: str | None) -> FakeJob:
        self.fetched.append(job_id)
        return FakeJob(self.there[job_id])

    def run(self, **options: Any) -> tuple[int, bool]:
        return run_once(self, "b", self.submit, location="US", sleep=self.slept.append, **options)


def test_a_new_job_is_number_zero_and_ours() -> None:
    client = FakeClient({}, {})
    assert client.run() == (0, True)
    assert client.submitted == ["b_0"]


def test_a_job_that_exists_is_fetched_and_waited_for() -> None:
    client = FakeClient({"b_0": None}, {})
    assert client.run() == (0, False)
    assert (client.submitted, client.fetched) == ([], ["b_0"])


def test_past_a_job_that_has_failed_the_number_rises() -> None:
    client = FakeClient({"b_0": api.InternalServerError("x"), "b_1": api.BadRequest("y")}, {})
    assert client.run() == (2, True)
    assert client.submitted == ["b_2"]


def test_a_job_of_ours_that_fails_raises_and_is_not_repeated_here() -> None:
    client = FakeClient({}, {"b_0": api.InternalServerError("x")})
    with pytest.raises(api.InternalServerError):
        client.run()
    assert client.submitted == ["b_0"]


def test_a_result_that_no_longer_stands_is_made_anew() -> None:
    client = FakeClient({"b_0": None}, {})
    assert client.run(stands=lambda _: False) == (1, True)


def test_a_conflicting_transaction_is_tried_again_after_a_pause() -> None:
    client = FakeClient({}, {"b_0": CONFLICT, "b_1": CONFLICT})
    assert client.run() == (2, True)
    assert len(client.slept) == 2
    assert all(0 < s <= 8 for s in client.slept)


def test_conflicts_without_end_become_temporals_business() -> None:
    client = FakeClient({}, {f"b_{n}": CONFLICT for n in range(100)})
    with pytest.raises(WarehouseUnavailable), errors_in_our_words():
        client.run()
    assert len(client.submitted) == 11


def forbidden(reason: str) -> Exception:
    return api.Forbidden("no", errors=[{"reason": reason}])


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (forbidden("quotaExceeded"), QuotaExceeded), (forbidden("rateLimitExceeded"), QuotaExceeded),
        (api.TooManyRequests("slow"), QuotaExceeded), (forbidden("accessDenied"), AuthenticationError),
        (api.Unauthorized("who"), AuthenticationError), (auth.DefaultCredentialsError(), AuthenticationError),
        (auth.RefreshError("old"), AuthenticationError), (auth.TransportError("x"), WarehouseUnavailable),
        (api.InternalServerError("x"), WarehouseUnavailable), (api.BadGateway("x"), WarehouseUnavailable),
        (api.ServiceUnavailable("x"), WarehouseUnavailable), (api.GatewayTimeout("x"), WarehouseUnavailable),
        (requests.exceptions.ConnectionError("x"), WarehouseUnavailable),
        (ConnectionResetError("x"), WarehouseUnavailable), (CONFLICT, WarehouseUnavailable),
        (api.BadRequest("Unrecognized name"), BadRequest), (api.NotFound("no table"), BadRequest),
        (api.BadRequest("Query error: SupersededWrite: t: later at [7:5]"), SupersededWrite),
    ],
)  # fmt: skip
def test_each_error_has_its_word_in_the_taxonomy(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected), errors_in_our_words():
        raise error


def test_a_quota_error_says_when_to_come_back() -> None:
    answer = SimpleNamespace(headers={"Retry-After": "7"})
    assert in_our_words(api.TooManyRequests("slow", response=answer)).retry_after == timedelta(seconds=7)
    assert in_our_words(forbidden("quotaExceeded")).retry_after == timedelta(minutes=1)


def test_a_script_holds_values_as_literals_that_cannot_break_out() -> None:
    assert literal('it\'s "x"; DROP\\\n@epoch') == '"it\'s \\"x\\"; DROP\\\\\\n@epoch"'
    assert literal([D1]) == "[DATE '2025-11-06']"
    assert literal(NOON.astimezone(dt.timezone(dt.timedelta(hours=5)))) == (
        "TIMESTAMP '2025-11-07 12:00:00.123456+00:00'"
    )
    with pytest.raises(BadRequest):
        literal(1.5)


def test_a_write_is_one_transaction_that_first_takes_the_lock_of_its_target() -> None:
    schema = sample_schemas()[ROSTERS]
    plan = WritePlan(
        schema,
        validated(rosters(1), schema),
        "replace",
        (D1,),
        (),
        "k@epoch",
        "hash",
        Fence(5, 1),
        "run",
        NOON,
    )
    script = write_script(plan, "tipoff_staging.x")
    steps = [line.strip() for line in script.strip().splitlines()]
    assert steps[0] == "BEGIN TRANSACTION;"
    assert steps[1].startswith("UPDATE `tipoff_fences.nba_raw_rosters` SET epoch")
    assert script.index("DELETE FROM `nba_raw.rosters`") < script.index("INSERT INTO `nba_raw.rosters`")
    assert script.index("INSERT INTO `nba_orchestration.write_ledger`") < script.index("COMMIT TRANSACTION")
    assert '"k@epoch"' in script
