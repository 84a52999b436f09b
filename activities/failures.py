"""Our errors as Temporal's: the type name stays, and what can't be helped is not retried."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from shared.errors import DataNotReady, TipoffError
from shared.registry import RetrySpec

WAITED_HERE = timedelta(minutes=2)
"""A longer wait is the day's: it parks, says so, and alerts. Nobody sees an activity between two attempts."""


@contextmanager
def as_application_errors(retry: RetrySpec | None = None, attempt: int = 1) -> Iterator[None]:
    """Turns a `TipoffError` into an `ApplicationError` of the same type name.

    With `retry`, the policy by which the activity is retried, the next attempt is jittered (Temporal's own
    policies are not), and an error that asks for a longer wait than `WAITED_HERE` is the end of the activity.

    Everything else passes through untouched, a cancellation above all: the SDK raises it in the thread of a
    synchronous activity as an `Exception`.
    """
    try:
        yield
    except TipoffError as error:
        benign = isinstance(error, DataNotReady)
        wait = error.retry_after
        too_long = retry is not None and wait is not None and wait > WAITED_HERE
        if retry is not None and wait is None:
            wait = jittered(retry, attempt)
        raise ApplicationError(
            str(error),
            type=type(error).__name__,
            non_retryable=error.non_retryable or too_long,
            next_retry_delay=wait,
            category=ApplicationErrorCategory.BENIGN if benign else ApplicationErrorCategory.UNSPECIFIED,
        ) from error


def jittered(retry: RetrySpec, attempt: int) -> timedelta:
    """The pause after an attempt: from half of what the policy says to all of it, lest many come at once."""
    full = min(retry.initial * retry.backoff ** (attempt - 1), retry.maximum)
    return full * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret
