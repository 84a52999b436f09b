"""Stored responses: content-addressed, gzip at rest, in a folder."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from pathlib import Path

from shared.errors import DataNotReady


class FolderObjectStore:
    """The embedded object store. The same bytes always have the same path, so a retry adds nothing."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, source: str, body: bytes) -> str:
        """Stores a body and returns its path below the root: `nba_cdn/ab/abcd….gz`."""
        digest = hashlib.sha256(body).hexdigest()
        path = f"{source}/{digest[:2]}/{digest}.gz"
        target = self._root / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent)
            with os.fdopen(handle, "wb") as file:
                # No time in the header: the same body gives the same file.
                file.write(gzip.compress(body, compresslevel=3, mtime=0))
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
            msg = f"object {path} is not stored; run the scrape phase again"
            raise DataNotReady(msg)
        return gzip.decompress(target.read_bytes())
