"""Servers of ours answer this machine, or beyond it who has the token."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.access import Guard, check_listen, is_loopback
from shared.config import load_settings
from shared.errors import ConfigurationError
from worker import ready
from worker.health import health_app
from worker.serving import PageServer

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-more-than-16-characters"


async def _hello(_: Request) -> Response:
    return PlainTextResponse("hello")


def client(token: str | None, base: str = "http://127.0.0.1:1") -> httpx.AsyncClient:
    app = Guard(
        Starlette(routes=[Route("/", _hello, methods=["GET", "POST"])]), SecretStr(token) if token else None
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base)


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True), ("localhost", True),
        ("0.0.0.0", False), ("::", False), ("10.0.0.7", False), ("worker", False), ("", False),
    ],
)  # fmt: skip
def test_what_is_loopback(host, ours):
    assert is_loopback(host) is ours


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "worker-1"])
def test_a_worker_that_would_listen_beyond_loopback_without_a_token_does_not_start(host):
    with pytest.raises(ConfigurationError, match=r"TIPOFF_LISTEN.*TIPOFF_TOKEN_FILE"):
        load_settings({"TIPOFF_LISTEN": host})
    assert load_settings({"TIPOFF_LISTEN": host, "TIPOFF_TOKEN": TOKEN}).listen == host


def test_a_token_that_can_be_guessed_is_refused_without_being_shown():
    with pytest.raises(ConfigurationError) as refused:
        load_settings({"TIPOFF_TOKEN": "hunter2"})
    assert "16 characters" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_server_itself_checks_again():
    with pytest.raises(ConfigurationError):
        PageServer(health_app({}, ""), 0, listen="0.0.0.0")
    check_listen("127.0.0.1", None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::"])
async def test_wherever_a_worker_listens_its_own_health_check_finds_it(host, monkeypatch):
    async with PageServer(health_app({}, ""), 0, listen=host, token=SecretStr(TOKEN)) as health:
        for name, value in {"LISTEN": host, "HEALTH_PORT": str(health.port), "TOKEN": TOKEN}.items():
            monkeypatch.setenv(f"TIPOFF_{name}", value)
        assert await asyncio.to_thread(ready.main) == 0


def test_the_replay_server_refuses_to_be_reachable_without_a_token(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "replay", "--source", "simulated", "--listen", "0.0.0.0"],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert ended.returncode == 2
    assert "TIPOFF_TOKEN" in ended.stderr


async def test_the_token_opens_as_bearer_as_basic_password_and_in_its_own_header():
    async with client(TOKEN, "http://worker:8081") as http:
        basic = base64.b64encode(f"anyone:{TOKEN}".encode()).decode()
        for headers in (
            {"Authorization": f"Bearer {TOKEN}"}, {"Authorization": f"Basic {basic}"},
            {"X-Tipoff-Token": TOKEN},
        ):  # fmt: skip
            assert (await http.get("/", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": "Basic !!!"},
        {"X-Tipoff-Token": ""},
    ],
)
async def test_without_the_token_nothing_opens(headers):
    async with client(TOKEN) as http:
        refused = await http.get("/", headers=headers)
    assert refused.status_code == 401
    assert "Basic" in refused.headers["www-authenticate"]
    assert TOKEN not in refused.text


async def test_on_loopback_no_page_of_another_site_gets_in_through_a_browser_here():
    async with client(None) as http:
        assert (await http.get("/")).status_code == 200
        assert (await http.post("/", headers={"Origin": "http://127.0.0.1:1"})).status_code == 200
        assert (await http.post("/", headers={"Origin": "https://evil.example"})).status_code == 403
        rebound = await http.get("/", headers={"Host": "evil.example:8081"})
    assert rebound.status_code == 403
