"""The locked packages have no known vulnerability, where the advisory database can be asked."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.security.serving import served

ROOT = Path(__file__).resolve().parents[2]
UNREACHABLE = 75
FOUND = {
    "id": "TEST-2026-1", "modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z",
    "summary": "planted by a test",
    "affected": [
        {
            "package": {"name": "httpx", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
        }
    ],
}  # fmt: skip


def audit(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the audit as CI does."""
    return subprocess.run(
        [str(ROOT / "bin" / "audit.sh"), *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def test_no_locked_package_has_a_known_vulnerability():
    ended = audit()
    if ended.returncode == UNREACHABLE:
        pytest.skip(f"the advisory database can't be asked: {ended.stdout.strip().splitlines()[-1]}")
    assert ended.returncode == 0, ended.stdout + ended.stderr


class Advisories(BaseHTTPRequestHandler):
    """osv.dev with one advisory, about httpx."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        self._answer(
            {
                "results": [
                    {"vulns": [{"id": FOUND["id"], "modified": FOUND["modified"]}]}
                    if query["package"]["name"] == "httpx"
                    else {}
                    for query in asked
                ]
            }
        )

    def do_GET(self) -> None:
        self._answer(FOUND)

    def _answer(self, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def advisories() -> Iterator[str]:
    with served(Advisories) as address:
        yield f"{address}/"


def test_a_known_vulnerability_fails_the_audit_and_is_named(advisories):
    ended = audit("--service-url", advisories)
    if ended.returncode == UNREACHABLE:
        pytest.skip("this uv has no audit")
    assert ended.returncode == 1, ended.stdout
    assert "TEST-2026-1" in ended.stdout
    assert "httpx" in ended.stdout
