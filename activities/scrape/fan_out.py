"""A few requests at once, the answers in the order of the questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from activities.scrape.http import Reply
from shared.errors import AuthenticationError, TipoffError

AT_ONCE = 4
"""Requests of one activity under way: enough to hide an upstream's latency. `limits` bounds those of all."""

Item = TypeVar("Item")


def ask_each(
    items: Iterable[Item], ask: Callable[[Item], Reply]
) -> Iterator[tuple[Item, Reply | TipoffError]]:
    """Asks for each item. A failure is an answer too.

    Raises:
        AuthenticationError: wrong credentials are wrong for all items.
        UpstreamUnavailable: the source is to be left alone for a while. What was not asked is not missing:
            the activity comes again.
    """
    wanted = list(items)

    def one(item: Item) -> Reply | TipoffError:
        try:
            return ask(item)
        except AuthenticationError:
            raise
        except TipoffError as error:
            if error.retry_after is not None:
                raise
            return error

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from zip(wanted, pool.map(one, wanted), strict=True)
