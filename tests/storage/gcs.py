"""Google Cloud Storage's JSON API over real HTTP, as much of it as the real client asks of it here."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class FakeStorage(ThreadingHTTPServer):
    """Its buckets, and how it misbehaves."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.buckets: dict[str, dict[str, bytes]] = {"tipoff": {}}
        self.loses_half = False
        """Whether of what it is given it keeps the first half only."""
        self.refuses = 0
        """A status that every request is answered with; 0: none."""


class _Handler(BaseHTTPRequestHandler):
    server: FakeStorage

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        words = [unquote(word) for word in parts.path.strip("/").split("/")]
        bucket = self._bucket(words)
        if bucket is None:
            return
        if words[-1] == "o":
            self._answer(200, {"items": [{"name": name} for name in bucket][:1]})
        elif words[-1] in bucket:
            self._answer(200, bucket[words[-1]])
        else:
            self._answer(404, f"No such object: {words[-1]}".encode())

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        bucket = self._bucket([unquote(word) for word in parts.path.strip("/").split("/")])
        if bucket is None:
            return
        boundary = self.headers["Content-Type"].split("boundary=")[1].strip("'\"").encode()
        described, content = (part.split(b"\r\n\r\n", 1)[1] for part in body.split(b"--" + boundary)[1:3])
        name = json.loads(described)["name"]
        if self.server.loses_half:
            content = content[: len(content) // 2]
        if parse_qs(parts.query).get("ifGenerationMatch") == ["0"] and name in bucket:
            self._answer(412, {"error": {"code": 412, "message": "conditionNotMet"}})
            return
        bucket[name] = content.removesuffix(b"\r\n")
        self._answer(200, {"name": name, "bucket": "tipoff", "generation": "1"})

    def _bucket(self, words: list[str]) -> dict[str, bytes] | None:
        if self.server.refuses:
            self._answer(self.server.refuses, {"error": {"code": self.server.refuses, "message": "no"}})
            return None
        found = self.server.buckets.get(words[words.index("b") + 1])
        if found is None:
            self._answer(404, {"error": {"code": 404, "message": "The specified bucket does not exist."}})
        return found

    def _answer(self, status: int, body: Any) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing."""


@contextmanager
def fake_storage() -> Iterator[FakeStorage]:
    """A running one."""
    server = FakeStorage()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
