"""Stored responses: content-addressed, gzip at rest, in a folder or in a bucket."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from shared.errors import DataNotReady

if TYPE_CHECKING:
    from activities.bucket import Bucket


def object_path(source: str, body: bytes) -> str:
    """Where a body is kept, below the root: `nba_cdn/ab/abcd….gz`."""
    digest = hashlib.sha256(body).hexdigest()
    return f"{source}/{digest[:2]}/{digest}.gz"


def packed(body: bytes) -> bytes:
    """The body as it lies there. No time in the header: the same body gives the same bytes."""
    return gzip.compress(body, compresslevel=3, mtime=0)


def _missing(path: str) -> DataNotReady:
    return DataNotReady(f"object {path} is not stored; run the scrape phase again")


class FolderObjectStore:
    """The embedded object store. The same bytes always have the same path, so a retry adds nothing."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, source: str, body: bytes) -> str:
        """Stores a body and returns its path."""
        path = object_path(source, body)
        target = self._root / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(packed(body))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        return path

    def get(self, path: str) -> bytes:
        """The body stored at a path.

        Raises:
            DataNotReady: it isn't there.
        """
        target = self._root / path
        if not target.is_file():
            raise _missing(path)
        return gzip.decompress(target.read_bytes())


class BucketObjectStore:
    """The same in a bucket that all workers share."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def put(self, source: str, body: bytes) -> str:
        """Stores a body and returns its path."""
        path = object_path(source, body)
        self._bucket.put(f"objects/{path}", packed(body))
        return path

    def get(self, path: str) -> bytes:
        """The body stored at a path.

        Raises:
            DataNotReady: it isn't there.
        """
        body = self._bucket.get(f"objects/{path}")
        if body is None:
            raise _missing(path)
        return gzip.decompress(body)
