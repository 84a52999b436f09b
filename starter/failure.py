"""How a command fails: one line for the terminal and an exit code."""

from __future__ import annotations

from shared.errors import BadRequest, ConfigurationError, TipoffError

DONE = 0
FAILED = 1
BAD_USAGE = 2
WAITING = 3
INTERRUPTED = 130


class CommandError(TipoffError):
    """The command could not do what it was asked; the message says why and what helps."""


class UnreachableError(CommandError):
    """No Temporal server answers at the address."""


def exit_code_of(error: BaseException) -> int:
    """2 for what the caller got wrong, 1 for everything else."""
    return BAD_USAGE if isinstance(error, BadRequest | ConfigurationError) else FAILED


def one_line(error: BaseException) -> str:
    """The message of an error, and of what caused it in Temporal, without line breaks."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None:
        text = " ".join(str(current).split())
        if text and text not in parts:
            parts.append(text)
        current = getattr(current, "cause", None)
    return ": ".join(parts) or type(error).__name__
