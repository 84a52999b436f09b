"""Where alerts go: Apprise URLs, each for the severities that it is told of. The URLs are secrets."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import apprise

from shared.alerts import SEVERITIES, Severity
from shared.config import Settings
from shared.errors import ConfigurationError

SECONDS = 20.0
"""What sending may take, however many channels are dead."""

WARNING_AND_UP: tuple[Severity, ...] = SEVERITIES[1:]

_ENTRY = re.compile(r"^(?:(?P<tags>[a-z]+(?:,[a-z]+)*)=)?(?P<url>[A-Za-z][\w+.-]*://.+)$")
_KINDS = {
    "info": apprise.NotifyType.INFO, "warning": apprise.NotifyType.WARNING,
    "error": apprise.NotifyType.FAILURE, "critical": apprise.NotifyType.FAILURE,
}  # fmt: skip

_LOGGER = logging.getLogger("apprise")
# What Apprise logs may hold addresses, which are secrets; what went wrong is recorded with the alert.
_LOGGER.propagate = False
_LOGGER.setLevel(logging.WARNING)


class _Said(logging.Handler):
    """What Apprise says in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps it."""
        if record.thread == self._thread:
            self.text += record.getMessage() + "\n"


@dataclass(frozen=True)
class Message:
    """What is sent: a line and a text. `severity` chooses the channels."""

    severity: Severity
    title: str
    body: str
    resolved: bool = False


@dataclass(frozen=True)
class Channel:
    """One place, named by its kind and its number among the URLs."""

    name: str
    severities: tuple[Severity, ...]
    service: apprise.NotifyBase

    def send(self, message: Message) -> str:
        """Sends it; why not, or empty. Never raises."""
        kind = apprise.NotifyType.SUCCESS if message.resolved else _KINDS[message.severity]
        said = _Said()
        _LOGGER.addHandler(said)
        try:
            taken = self.service.notify(body=message.body, title=message.title, notify_type=kind)
        except Exception as error:  # noqa: BLE001 - a channel's failure is never the day's
            return type(error).__name__
        finally:
            _LOGGER.removeHandler(said)
        return "" if taken else _reason(said.text)


def _reason(said: str) -> str:
    """What a service said went wrong: a status, or the kind of error. Its lines may hold addresses."""
    status = re.search(r"error=(\d{3})", said)
    if status:
        return f"refused with {status.group(1)}"
    return "not reached" if "onnection error" in said else "not taken"


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """The channels of `TIPOFF_ALERT_URLS`, or of the file that `TIPOFF_ALERT_URLS_FILE` names.

    An entry is an Apprise URL, `mailto://…` or `https://hooks.slack.com/…`, with the severities before it
    that it is for: `error,critical=mailto://…`. Without any: warning, error and critical.

    Raises:
        ConfigurationError: an entry that can't be; the message names the variable and its number, no more.
    """
    text = settings.alert_urls.get_secret_value() if settings.alert_urls else ""
    lines = [line for line in text.splitlines() if not line.strip().startswith("#")]
    entries = [entry for line in lines for entry in line.split()]
    return tuple(_channel(number, entry) for number, entry in enumerate(entries, 1))


def _channel(number: int, text: str) -> Channel:
    place = f"TIPOFF_ALERT_URLS: entry {number}"
    found = _ENTRY.match(text)
    if not found:
        msg = f"{place}: not an Apprise URL like mailto://… or error,critical=https://hooks.slack.com/…"
        raise ConfigurationError(msg)
    tags = tuple((found["tags"] or "").split(",")) if found["tags"] else WARNING_AND_UP
    unknown = sorted(set(tags) - set(SEVERITIES))
    if unknown:
        msg = f"{place}: {', '.join(unknown)} is no severity; possible: {', '.join(SEVERITIES)}"
        raise ConfigurationError(msg)
    service = apprise.Apprise.instantiate(found["url"], suppress_exceptions=True)
    if service is None:
        msg = f"{place}: Apprise does not know or understand this {found['url'].split(':')[0]} URL"
        raise ConfigurationError(msg)
    # A text stays a text: commands are copied from it.
    service.notify_format = apprise.NotifyFormat.TEXT
    scheme = str(getattr(service, "service_name", None) or "channel").split()[0].lower()
    severities = tuple(s for s in SEVERITIES if s in tags)
    return Channel(f"{scheme}#{number}", severities, service)


def send_all(work: Iterable[tuple[Channel, Sequence[Message]]]) -> dict[str, str]:
    """Sends to all channels at once: why each did not take all of it, empty where it did.

    Bounded in time. A channel that fails gets none of its further messages.
    """
    todo = [(channel, list(messages)) for channel, messages in work if messages]
    if not todo:
        return {}
    pool = ThreadPoolExecutor(len(todo), thread_name_prefix="alert")
    sending = {pool.submit(_send_until_failed, c, m): c.name for c, m in todo}
    done, late = wait(sending, timeout=SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    return {
        **{sending[one]: one.result() for one in done},
        **{sending[one]: f"no answer within {SECONDS:g} s" for one in late},
    }


def _send_until_failed(channel: Channel, messages: list[Message]) -> str:
    return next((error for m in messages if (error := channel.send(m))), "")
