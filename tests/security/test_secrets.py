"""Secrets come from the environment or files, and are replaced wherever they turn up."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
import structlog
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.processor import Upstreams
from activities.scrape.http import UpstreamClient
from shared.config import SECRET_FIELDS, load_settings, redactor
from shared.errors import ConfigurationError, UpstreamUnavailable
from shared.redaction import Redactor, is_secret_variable
from tests.security.serving import served
from worker.logs import configure_logs
from worker.redaction import _again

KEY = 'k3y/with+odd "signs"=9f'


def test_every_secret_can_come_from_a_file(tmp_path):
    assert {"odds_api_key", "balldontlie_api_key", "token"} <= set(SECRET_FIELDS)
    for field in SECRET_FIELDS:
        assert is_secret_variable(f"TIPOFF_{field.upper()}"), "it is kept from processes that don't need it"
        file = tmp_path / field
        file.write_text(f"the secret of {field}\n")
        settings = load_settings({f"TIPOFF_{field.upper()}_FILE": str(file)})
        assert getattr(settings, field).get_secret_value() == f"the secret of {field}"
        assert f"the secret of {field}" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_a_secret_s_file_that_is_wrong_is_named_and_its_content_is_not(tmp_path):
    with pytest.raises(ConfigurationError, match=r"TIPOFF_ODDS_API_KEY_FILE: can't read .*/none"):
        load_settings({"TIPOFF_ODDS_API_KEY_FILE": str(tmp_path / "none")})
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(ConfigurationError, match="is empty"):
        load_settings({"TIPOFF_ODDS_API_KEY_FILE": str(tmp_path / "empty")})
    (tmp_path / "key").write_text("from the file")
    with pytest.raises(ConfigurationError, match="both set"):
        load_settings({"TIPOFF_ODDS_API_KEY_FILE": str(tmp_path / "key"), "TIPOFF_ODDS_API_KEY": "other"})


@pytest.mark.parametrize(
    "text",
    [
        f"GET /v4?apiKey={KEY}&x=1",
        "GET /v4?apiKey=k3y%2Fwith%2Bodd%20%22signs%22%3D9f&x=1",
        "GET /v4?apiKey=k3y%2Fwith%2Bodd+%22signs%22%3D9f",
        json.dumps({"echo": KEY}),
        "headers: {'Authorization': 'Bearer abcdef0123456789'}",
        "apiKey=somebodyelses",
        "posted to https://hooks.slack.com/services/T000/B000/abcdef",
        '{"private_key": "-----BEGIN PRIVATE KEY-----\\nMIIEabcdef\\n-----END PRIVATE KEY-----\\n"}',
    ],
)
def test_a_secret_is_replaced_in_every_spelling(text):
    said = Redactor([KEY]).text(text)
    assert "[redacted]" in said
    for part in ("k3y", "abcdef", "somebodyelses"):
        assert part not in said


def test_what_is_no_secret_stays():
    text = "the token is needed: authorization failed for key 12, see TIPOFF_TOKEN; source replay"
    assert Redactor(["replay", ""]).text(text) == text
    assert Redactor([KEY]).body(b'{"points": 20}') == b'{"points": 20}'


def test_variables_that_hold_secrets_are_known_by_name():
    for name in ("TIPOFF_ODDS_API_KEY", "TIPOFF_TOKEN", "TEMPORAL_API_KEY", "TIPOFF_SLACK_WEBHOOK_URL"):
        assert is_secret_variable(name)
    for name in ("TIPOFF_TOKEN_FILE", "TIPOFF_HOME", "PATH", "TEMPORAL_ADDRESS"):
        assert not is_secret_variable(name)


def test_logs_say_redacted_instead_of_a_secret_even_in_a_traceback(capfd):
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    try:
        configure_logs("INFO", redactor(load_settings({"TIPOFF_ODDS_API_KEY": KEY}), {}))
        structlog.get_logger("x").warning("asked", url=f"http://h/?apiKey={KEY}")
        try:
            raise ValueError(KEY)
        except ValueError:
            logging.getLogger("y").exception("failed with %s", KEY)
    finally:
        root.handlers, root.level = handlers, level
        structlog.reset_defaults()
    said = capfd.readouterr().err
    assert said.count("[redacted]") >= 3
    assert "k3y" not in said
    assert all(json.loads(line) for line in said.splitlines())


def test_a_failure_that_holds_a_secret_is_said_again_without_it_and_means_the_same():
    error = ApplicationError(
        f"odds-api: 500: {KEY}", KEY, type="UpstreamUnavailable", non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )  # fmt: skip
    again = _again(error, Redactor([KEY]))
    assert (again.message, again.type, again.non_retryable) == (
        "odds-api: 500: [redacted]", "UpstreamUnavailable", True,
    )  # fmt: skip
    assert again.category is ApplicationErrorCategory.BENIGN
    assert not again.details
    assert _again(RuntimeError(KEY), Redactor([KEY])).type == "RuntimeError"


class Echo(BaseHTTPRequestHandler):
    """An upstream that repeats what it was asked."""

    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, "key": self.headers.get("Authorization", "")}).encode()
        self.send_response(500 if "broken" in self.path else 200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def echo() -> Iterator[str]:
    with served(Echo) as address:
        yield address


def test_what_an_upstream_repeats_is_kept_without_the_keys(echo):
    upstreams = Upstreams(echo, "simulated", SecretStr(KEY), SecretStr("the-other-key"), SecretStr("t" * 32))
    with UpstreamClient(upstreams) as client:
        asked = {"secret": {"apiKey": KEY}, "headers": {"Authorization": "the-other-key"}}
        reply = client.get("odds-api", "/events", {"a": "b"}, **asked)
        with pytest.raises(UpstreamUnavailable) as refused:
            client.get("odds-api", "/broken", **asked)
    for said in (reply.body.decode(), str(refused.value), repr(upstreams)):
        assert "k3y" not in said
        assert "the-other-key" not in said
        assert "tttt" not in said
    assert reply.body.count(b"[redacted]") == 2
    assert json.loads(reply.body)["path"].startswith("/odds-api/events?a=b&apiKey=")
