"""Ports on loopback: the usual one where it is free, else any that is."""

from __future__ import annotations

import fcntl
import socket
from pathlib import Path
from typing import IO

from starter.places import cache_folder

HOST = "127.0.0.1"


class Ports:
    """Hands out free ports and keeps them leased until this process ends.

    A bind test alone races: of two stacks starting at once both find 7233 free, and the one that
    loses would take the other's server for its own. The lease is a lock on a file in the cache.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_folder() / "ports"
        self._leases: dict[int, IO[str]] = {}

    def take(self, preferred: int | None) -> int:
        """The preferred port if free and not leased, else another."""
        if preferred and self._lease(preferred):
            return preferred
        while True:
            port = _any_free()
            if self._lease(port):
                return port

    def release(self) -> None:
        """Give all leases back."""
        for lease in self._leases.values():
            lease.close()
        self._leases.clear()

    def _lease(self, port: int) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle = (self._folder / str(port)).open("a")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return False
        if not is_free(port):
            handle.close()
            return False
        self._leases[port] = handle
        return True


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As Go and uvicorn do: a port in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _any_free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
