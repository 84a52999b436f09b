"""Our errors as Temporal's: the type name stays, and what can't be helped is not retried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from shared.errors import DataNotReady, TipoffError


@contextmanager
def as_application_errors() -> Iterator[None]:
    """Turns a `TipoffError` into an `ApplicationError` of the same type name.

    Everything else passes through untouched, a cancellation above all: the SDK raises it in the thread of a
    synchronous activity as an `Exception`.
    """
    try:
        yield
    except TipoffError as error:
        benign = isinstance(error, DataNotReady)
        raise ApplicationError(
            str(error),
            type=type(error).__name__,
            non_retryable=error.non_retryable,
            next_retry_delay=error.retry_after,
            category=ApplicationErrorCategory.BENIGN if benign else ApplicationErrorCategory.UNSPECIFIED,
        ) from error
