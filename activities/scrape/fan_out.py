"""Questions to an upstream: once more where that may help; a few at once, answered in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from activities.scrape.http import Reply
from shared.errors import AuthenticationError, DataNotReady, TipoffError

AT_ONCE = 4
"""Requests of one activity under way: enough to hide an upstream's latency. `limits` bounds those of all."""

Item = TypeVar("Item")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Asked(Generic[Value]):
    """What came of a question. An unreadable response is there with its error, and has no value."""

    reply: Reply | None = None
    value: Value | None = None
    error: TipoffError | None = None


def asked(ask: Callable[[], Reply], read: Callable[[bytes], Value]) -> Asked[Value]:
    """Asks and reads; a single refusal or half a body is asked for once more.

    What is not there yet, or is to be left alone for a while, is not.

    Raises:
        AuthenticationError: no asking mends wrong credentials.
    """
    found = _once(ask, read)
    if found.error is None or isinstance(found.error, DataNotReady) or found.error.retry_after is not None:
        return found
    return _once(ask, read)


def _once(ask: Callable[[], Reply], read: Callable[[bytes], Value]) -> Asked[Value]:
    reply = None
    try:
        reply = ask()
        return Asked(reply, read(reply.body))
    except AuthenticationError:
        raise
    except TipoffError as error:
        return Asked(reply, error=error)


def ask_each(
    items: Iterable[Item], ask: Callable[[Item], Reply], read: Callable[[bytes], Value]
) -> Iterator[tuple[Item, Asked[Value]]]:
    """Asks for each item. A failure is an answer too.

    Raises:
        AuthenticationError: wrong credentials are wrong for all items.
        UpstreamUnavailable: the source is to be left alone for a while. What was not asked is not missing:
            the activity comes again.
    """
    wanted = list(items)

    def one(item: Item) -> Asked[Value]:
        found = asked(lambda: ask(item), read)
        if found.error is not None and found.error.retry_after is not None:
            raise found.error
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from zip(wanted, pool.map(one, wanted), strict=True)
