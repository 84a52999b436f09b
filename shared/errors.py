"""The errors that tipoff raises, each with an exact type name.

Retryable by default; `non_retryable` where trying again can't help. Activities turn them into Temporal
`ApplicationError`s of the same type name, so a retry policy, a history and a log all say the same word.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar


class TipoffError(Exception):
    """Base of all errors of ours. The message names what is wrong and what to do about it."""

    non_retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BadRequest(TipoffError):
    """The caller asked for something that doesn't exist or can't be."""

    non_retryable = True


class ConfigurationError(TipoffError):
    """A setting is missing or wrong; the message names it."""

    non_retryable = True


class SchemaViolation(TipoffError):
    """A frame does not fit its table: the message names table, column and rows."""

    non_retryable = True


class FeatureContractViolation(TipoffError):
    """A feature vector or a model does not match the feature contract in force."""

    non_retryable = True


class ModelIntegrityError(TipoffError):
    """A model artefact does not match its own checksum or description."""

    non_retryable = True


class QualityGateFailed(TipoffError):
    """A check that blocks its phase found an error; its results are written, with the failing rows."""

    non_retryable = True


class AuthenticationError(TipoffError):
    """An upstream or the warehouse refused our credentials."""

    non_retryable = True


class SupersededWrite(TipoffError):
    """A write with a lower fence than its target's: a later run has written since."""

    non_retryable = True


class UnsupportedSql(TipoffError):
    """SQL outside the allow-list that both engines answer alike."""

    non_retryable = True


class WarehouseLocked(TipoffError):
    """Another process holds the embedded warehouse; the message names it."""

    non_retryable = True


class DataNotReady(TipoffError):
    """An input is not there yet. Benign; carries when to look again."""


class UpstreamUnavailable(TipoffError):
    """An upstream did not answer, or answered with an error of its own."""


class SourceOnHold(UpstreamUnavailable):
    """A source is not asked now: its breaker is open, it asked for a pause, or it is slow and busy."""


class UpstreamContractViolation(TipoffError):
    """An upstream answered with something that is not its wire format."""


class TemporalUnavailable(TipoffError):
    """No Temporal server answers at the address, or it refuses us."""


class WarehouseUnavailable(TipoffError):
    """The warehouse did not take the call; the same call may go through later."""


class CostLimitExceeded(TipoffError):
    """A query would have been billed for more bytes than the guard lets through; it was not run."""

    non_retryable = True


class ComputeLost(TipoffError):
    """The process in which a processor computed ended before it answered; nothing was written."""


class QuotaExceeded(TipoffError):
    """The warehouse's quota is used up for now; back off, never drop."""


def deepest(error: BaseException) -> str:
    """The innermost message of a Temporal failure: what the activity or the handler said."""
    current: Any = error
    while getattr(current, "cause", None) is not None:
        current = current.cause
    return " ".join(str(current).split()) or type(current).__name__
