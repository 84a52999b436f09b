"""BigQuery jobs that run once: ids derived from what they do, and their errors in our own words."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import requests
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from shared.errors import (
    AuthenticationError,
    BadRequest,
    CostLimitExceeded,
    QuotaExceeded,
    SupersededWrite,
    TipoffError,
    WarehouseUnavailable,
)
from shared.ids import content_digest

CONFLICT_RETRIES = 10
NUMBERS_TRIED = 100
SUPERSEDED = "SupersededWrite: "
"""What a script's RAISE begins with when its fence is lower than the standing one."""

_CONFLICTS = ("could not serialize", "concurrent update", "concurrent transaction")
_QUOTA_REASONS = frozenset({"quotaExceeded", "rateLimitExceeded", "jobRateLimitExceeded"})
_QUOTA_PAUSE = timedelta(seconds=60)
_TRANSIENT = (
    api.InternalServerError, api.BadGateway, api.ServiceUnavailable, api.GatewayTimeout, api.RetryError,
    auth.TransportError, requests.exceptions.ConnectionError, requests.exceptions.Timeout, ConnectionError,
    TimeoutError,
)  # fmt: skip


def is_conflict(error: BaseException) -> bool:
    """Whether a transaction was cancelled because another one mutated the same table."""
    text = str(error).lower()
    return any(words in text for words in _CONFLICTS)


def in_our_words(error: Exception) -> TipoffError:
    """The error of the taxonomy that a client's error means."""
    text = str(error)
    reasons = {e.get("reason") for e in getattr(error, "errors", None) or () if isinstance(e, dict)}
    if SUPERSEDED in text:
        return SupersededWrite(text.split(SUPERSEDED, 1)[1].split(" at [", 1)[0].splitlines()[0])
    if "bytesBilledLimitExceeded" in reasons or "limit for bytes billed" in text:
        return CostLimitExceeded(
            f"{text}; ask for fewer dates, or raise it: TIPOFF_WAREHOUSE=bigquery://…?maximum_bytes_billed=N"
        )
    if isinstance(error, api.TooManyRequests) or reasons & _QUOTA_REASONS:
        return QuotaExceeded(f"BigQuery's quota is used up: {text}", retry_after=_retry_after(error))
    if isinstance(error, api.Forbidden) and any(r in text for r in _QUOTA_REASONS):
        return QuotaExceeded(f"BigQuery's quota is used up: {text}", retry_after=_retry_after(error))
    if isinstance(error, _TRANSIENT) or is_conflict(error):
        return WarehouseUnavailable(f"BigQuery does not answer: {text}")
    if isinstance(error, api.Unauthorized | api.Forbidden | auth.GoogleAuthError):
        return AuthenticationError(f"BigQuery refused our credentials: {text}")
    if isinstance(error, api.BadRequest | api.NotFound):
        return BadRequest(f"sql: {text}")
    return WarehouseUnavailable(f"BigQuery: {type(error).__name__}: {text}")


def _retry_after(error: Exception) -> timedelta:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    said = str(headers.get("Retry-After", ""))
    return timedelta(seconds=int(said)) if said.isdigit() else _QUOTA_PAUSE


@contextmanager
def errors_in_our_words() -> Iterator[None]:
    """Turns whatever the client raises inside into an error of the taxonomy."""
    try:
        yield
    except TipoffError:
        raise
    except (api.GoogleAPIError, auth.GoogleAuthError, requests.exceptions.RequestException, OSError) as error:
        raise in_our_words(error) from error


def job_base(kind: str, *parts: str) -> str:
    """The beginning of a job id, derived from the work; the number of the try follows."""
    return f"tipoff_{kind}_{content_digest(*parts)}"


def run_once(
    client: Any,
    base: str,
    submit: Callable[[str, int], Any],
    *,
    location: str | None,
    stands: Callable[[int], bool] = lambda _number: True,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[int, bool]:
    """Runs a job exactly once, whoever else tries the same; returns its number, and whether it was ours.

    The id is `<base>_<number>`. If it exists already, that job is fetched and waited for. The number rises
    only past a job that has failed (its id can't be used again), past one that was cancelled by a conflicting
    transaction, and past one whose result no longer stands. A job of ours that fails raises.
    """
    conflicts = 0
    for number in range(NUMBERS_TRIED):
        job_id, ours = f"{base}_{number}", True
        try:
            job = submit(job_id, number)
        except api.Conflict:
            ours = False
            job = client.get_job(job_id, location=location)
        try:
            job.result()
        except (api.GoogleAPICallError, api.RetryError) as error:
            failed = job.state == "DONE" and job.error_result is not None
            if failed and is_conflict(error):
                conflicts += 1
                if conflicts <= CONFLICT_RETRIES:
                    # A conflict found in an old job says nothing about now; one of ours does.
                    if ours:
                        sleep(_pause(conflicts))
                    continue
            if ours or not failed:
                raise
        else:
            if ours or stands(number):
                return number, ours
    msg = f"{base}: {NUMBERS_TRIED} jobs of this id have failed"
    raise WarehouseUnavailable(msg)


def _pause(conflicts: int) -> float:
    """Seconds before a conflicting transaction is tried again: full jitter, doubling, at most 8."""
    return random.uniform(0.05, min(8.0, 0.25 * 2**conflicts))  # noqa: S311 - jitter, no secret
