"""A webhook receiver and a mail server, real ones, on loopback."""

from __future__ import annotations

import json
import socket
import threading
import time
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


class Webhook:
    """Keeps what is posted to it. `status` and `pause` make it ill."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.status, self.pause = 200, 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(receiver.pause)
                if receiver.status == 200:
                    receiver.posts.append(json.loads(body))
                self.send_response(receiver.status)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def titles(self) -> list[str]:
        return [p["title"] for p in self.posts]


class Mailbox:
    """Keeps what is sent to it."""

    def __init__(self) -> None:
        self.letters: list[Message] = []
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    async def handle_DATA(  # noqa: N802 - the hook's name is aiosmtpd's
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        self.letters.append(message_from_bytes(envelope.content))
        return "250 taken"

    def close(self) -> None:
        self._controller.stop()
