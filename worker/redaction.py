"""Failures of activities without secrets: what an activity raises goes into the history for good."""

from __future__ import annotations

import traceback
from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from shared.redaction import Redactor


class RedactedFailures(Interceptor):
    """Every other failure passes untouched; one that holds a known secret is said again without it."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Between the SDK and each activity."""
        return _Redacted(next, self._redactor)


class _Redacted(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, redactor: Redactor) -> None:
        super().__init__(following)
        self._redactor = redactor

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        try:
            return await self.next.execute_activity(input)
        except Exception as error:
            said = "".join(traceback.format_exception(error))
            if isinstance(error, ApplicationError):
                said += repr(error.details)
            if not self._redactor.known(said):
                raise
            raise _again(error, self._redactor) from None


def _again(error: Exception, redactor: Redactor) -> ApplicationError:
    text = redactor.text(str(error))
    if isinstance(error, ApplicationError):
        # Its details are left out: nobody reads them, and they may be anything.
        return ApplicationError(
            redactor.text(error.message),
            type=error.type,
            non_retryable=error.non_retryable,
            next_retry_delay=error.next_retry_delay,
            category=error.category,
        )
    return ApplicationError(text, type=type(error).__name__)
