"""Secrets out of texts: the second net behind never putting them there.

Known values are replaced wherever they stand, in the spellings that addresses and JSON give them; what merely
looks like a secret (`apiKey=…`, a Slack webhook, a private key) is replaced in texts too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"
SHORTEST = 8
"""Shorter values are words, like the `replay` that stands in for a key of the replay server."""

_NAMED = re.compile(
    r"(?i)([\"']?\b(?:api[_-]?key|access[_-]?token|x-tipoff-token|authorization|password|secret)\b[\"']?"
    r"\s*[=:]\s*[\"']?(?:bearer |basic )?)([^\s&\"',;}\]]{8,})"
)
_SLACK = re.compile(r"https://hooks\.slack\.com/[^\s\"'\\]+")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL
)


class Redactor:
    """Replaces known secrets; the longest first, so that none leaves a rest."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spelt: set[str] = set()
        for secret in secrets:
            if len(secret) >= SHORTEST:
                spelt |= {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}
                spelt |= {json.dumps(one)[1:-1] for one in list(spelt)}
        self._known = sorted(spelt, key=len, reverse=True)

    def known(self, text: str) -> bool:
        """Whether a known secret stands in the text."""
        return any(secret in text for secret in self._known)

    def text(self, text: str) -> str:
        """The text without known secrets and without what looks like one."""
        for secret in self._known:
            text = text.replace(secret, REDACTED)
        text = _SLACK.sub(REDACTED, text)
        text = _PRIVATE_KEY.sub(REDACTED, text)
        return _NAMED.sub(rf"\g<1>{REDACTED}", text)

    def body(self, body: bytes) -> bytes:
        """A response as received, but for known secrets that its sender echoed."""
        for secret in self._known:
            body = body.replace(secret.encode(), REDACTED.encode())
        return body


_SECRET_VARIABLE = re.compile(r"(?:KEYS?|TOKEN|PASSWORD|SECRET|WEBHOOK|WEBHOOK_URL|API_KEY|ALERT_URLS)$")


def is_secret_variable(name: str) -> bool:
    """Whether an environment variable of tipoff's or Temporal's holds a secret, by its name."""
    return name.startswith(("TIPOFF_", "TEMPORAL_")) and bool(_SECRET_VARIABLE.search(name))


def secrets_of(environ: Mapping[str, str]) -> list[str]:
    """The secrets that an environment holds itself; those in files come with the settings."""
    return [value for name, value in environ.items() if value and is_secret_variable(name)]
