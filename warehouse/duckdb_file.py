"""The one DuckDB file: its lock, a cursor for each thread, and opening it anew after a fatal error."""

from __future__ import annotations

import fcntl
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa

from shared.clock import iso_utc, utc_now
from shared.errors import WarehouseLocked, WarehouseUnavailable

FATAL = (duckdb.FatalException, duckdb.InternalException)
"""After one of these (a disk full at a checkpoint, say) DuckDB answers nothing until it is reopened."""


STATEMENTS = 1_000
"""As many are kept parsed; then all are forgotten. What names a staging table, and what people ask, is new
each time, and would else be kept for ever."""


class Cursor:
    """A thread's own connection. It parses a statement once: that is a fifth of what a small one takes."""

    def __init__(self, connection: Any, parsed: dict[str, Any]) -> None:
        self._connection = connection
        self._parsed = parsed

    def execute(self, sql: str, params: object = None) -> Any:
        """What the connection answers to one statement."""
        return self._connection.execute(self._statement(sql), params)

    def fetch(self, sql: str, params: object = None) -> pa.Table:
        """All rows that one statement answers."""
        return self._connection.sql(self._statement(sql), params=params).to_arrow_table()

    def register(self, name: str, rows: pa.Table) -> None:
        """Shows rows as a view of this name."""
        self._connection.register(name, rows)

    def unregister(self, name: str) -> None:
        """Takes the view away."""
        self._connection.unregister(name)

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _statement(self, sql: str) -> Any:
        statement = self._parsed.get(sql)
        if statement is None:
            [statement] = self._connection.extract_statements(sql)
            if len(self._parsed) >= STATEMENTS:
                self._parsed.clear()
            self._parsed[sql] = statement
        return statement


class DuckDBFile:
    """Holds the file for this process and hands out cursors.

    Raises:
        WarehouseLocked: another process holds it.
        WarehouseUnavailable: it can't be opened.
    """

    def __init__(self, path: Path, *, memory: str, threads: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._config = {
            "memory_limit": memory,
            "threads": threads,
            "enable_external_access": False,
            "python_enable_replacements": False,
            "preserve_insertion_order": True,
            "temp_directory": str(path.parent / "duckdb.tmp"),
        }
        self._guard = threading.Lock()
        self._local = threading.local()
        self._connection: Any = None
        self._cursors: list[Cursor] = []
        self._parsed: dict[str, Any] = {}
        self._users = 0
        self._broken = False
        self._closed = False
        self._lock_file = _hold(path.with_suffix(".lock"))
        try:
            self._open()
        except WarehouseUnavailable:
            self._lock_file.close()
            raise

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """This thread's own cursor: a DuckDB connection is not for two threads at once.

        After a fatal error inside, the file is opened anew once the last user has left, because DuckDB gives
        a new connection the old, broken instance for as long as one cursor of it is open. Whoever comes in
        between gets `WarehouseUnavailable` and may try again.
        """
        with self._guard:
            cursor = self._enter()
            self._users += 1
        try:
            yield cursor
        except FATAL:
            self._broken = True
            raise
        finally:
            with self._guard:
                self._users -= 1

    def close(self) -> None:
        """Checkpoints, closes the file and lets go of the lock."""
        with self._guard:
            self._closed = True
            self._shut()
        self._lock_file.close()

    def _enter(self) -> Cursor:
        if self._closed:
            msg = f"{self._path} is closed"
            raise WarehouseUnavailable(msg)
        if self._broken:
            if self._users:
                msg = f"{self._path} is about to be opened anew after a fatal error"
                raise WarehouseUnavailable(msg)
            self._shut()
            self._open()
            self._broken = False
        connection, cursor = getattr(self._local, "mine", (None, None))
        if cursor is None or connection is not self._connection:
            cursor = Cursor(self._connection.cursor(), self._parsed)
            self._cursors.append(cursor)
            self._local.mine = (self._connection, cursor)
        return cursor

    def _open(self) -> None:
        try:
            self._connection = duckdb.connect(str(self._path), config=self._config)
        except duckdb.Error as error:
            msg = f"{self._path} can't be opened: {error}"
            raise WarehouseUnavailable(msg) from error

    def _shut(self) -> None:
        # DuckDB keeps the file until the last cursor of the last thread is closed.
        for cursor in self._cursors:
            cursor.close()
        self._cursors.clear()
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _hold(path: Path) -> IO[str]:
    """Takes the lock beside the file, or says who has it. It goes with the process, however that ends."""
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "another process"
        file.close()
        msg = f"{path.parent}: the warehouse is held by {holder}; stop it or use another --home"
        raise WarehouseLocked(msg) from None
    file.truncate(0)
    file.write(f"worker pid {os.getpid()} on {socket.gethostname()} since {iso_utc(utc_now())}")
    file.flush()
    return file
