"""The console of a home, served by a real worker at a port of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import httpx
from temporalio.client import Client

from activities.surroundings import Surroundings
from shared.config import Source
from tests.operations.lived_days import queue_of, surroundings
from worker.console.app import console_app
from worker.console.surroundings import Console
from worker.serving import PageServer
from worker.wiring import new_worker


@dataclass(frozen=True)
class Served:
    """A console that answers."""

    base: str
    around: Surroundings
    client: Client

    def http(self, **options: object) -> httpx.AsyncClient:
        """A client of it."""
        return httpx.AsyncClient(base_url=self.base, timeout=30, trust_env=False, **options)  # type: ignore[arg-type]


@asynccontextmanager
async def served(
    client: Client, home: Path, replay_url: str | None, source: Source = "simulated"
) -> AsyncIterator[Served]:
    """A worker of a home with its console, as the worker's process has both."""
    with (
        surroundings(home, replay_url, queue_of(source), source) as around,
        ThreadPoolExecutor(around.settings.worker_threads) as threads,
    ):
        async with new_worker(client, around, threads), pages(client, around) as running:
            yield running


@asynccontextmanager
async def pages(client: Client, around: Surroundings) -> AsyncIterator[Served]:
    """The console alone."""
    console = Console(around, client)
    async with PageServer(console_app(console), 0) as server:
        yield Served(f"http://127.0.0.1:{server.port}", around, client)
    console.reader.close()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.addresses: list[tuple[str, str]] = []
        self.ids: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "action", "data-live", "srcset", "poster"):
                self.addresses.append((tag, value or ""))
            elif name == "id":
                self.ids.append(value or "")


def parsed(html: str) -> _Words:
    """A page's words, ids and addresses."""
    parser = _Words()
    parser.feed(html)
    return parser


def words(html: str) -> str:
    """What a page says, in a line."""
    return " ".join(parsed(html).words)
