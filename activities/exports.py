"""Published documents, below a folder or in a bucket: each is there whole, the old one or the new one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from activities.publishing.files import write_whole

if TYPE_CHECKING:
    from activities.bucket import Bucket


class FolderExports:
    """The embedded place."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, path: str, body: bytes) -> None:
        """Puts a document in place of the one that is there, if any."""
        write_whole(self._root / path, body)

    def read(self, path: str) -> bytes | None:
        """The document as it lies there; None if there is none."""
        try:
            return (self._root / path).read_bytes()
        except FileNotFoundError:
            return None

    def address(self, path: str) -> str:
        """Where a person finds it."""
        return str(self._root / path)


class BucketExports:
    """The same in the bucket that all workers share, below `exports/`."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def write(self, path: str, body: bytes) -> None:
        """Puts a document in place of the one that is there, if any."""
        self._bucket.replace(f"exports/{path}", body)

    def read(self, path: str) -> bytes | None:
        """The document as it lies there; None if there is none."""
        return self._bucket.get(f"exports/{path}")

    def address(self, path: str) -> str:
        """Where a person finds it."""
        return f"{self._bucket.url.rstrip('/')}/exports/{path}"
