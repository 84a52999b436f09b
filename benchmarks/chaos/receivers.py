"""Where the alerts of a round go: a webhook as Slack's and a mail server, on loopback, each can be down."""

from __future__ import annotations

import time
from email.header import decode_header, make_header

from aiosmtpd.controller import Controller

from tests.alerts.receivers import Mailbox, Webhook


class Receivers:
    """Both, open from the beginning."""

    def __init__(self) -> None:
        self.webhook, self.mailbox = Webhook(), Mailbox()
        self.down_until: dict[str, float] = {}
        """By channel, the Unix time until which it was down last."""
        self._mail_down = False

    @property
    def urls(self) -> str:
        """For `TIPOFF_ALERT_URLS`."""
        return (
            f"json://127.0.0.1:{self.webhook.port}/ "
            f"mailto://127.0.0.1:{self.mailbox.port}/?from=tipoff@example.com&to=oncall@example.com"
        )

    def slack_down(self, seconds: float) -> None:
        """The webhook answers 503 for so long."""
        self.webhook.status = 503
        self.down_until["json"] = time.time() + seconds

    def smtp_down(self, seconds: float) -> None:
        """Nobody listens at the mail server's port for so long."""
        if not self._mail_down:
            self.mailbox.close()
            self._mail_down = True
        self.down_until["e-mail"] = time.time() + seconds

    def mend(self) -> None:
        """Brings up what has been down for its time; called again and again."""
        now = time.time()
        if self.webhook.status != 200 and now > self.down_until["json"]:
            self.webhook.status = 200
        if self._mail_down and now > self.down_until["e-mail"]:
            self.mailbox._controller = Controller(self.mailbox, hostname="127.0.0.1", port=self.mailbox.port)
            self.mailbox._controller.start()
            self._mail_down = False

    def titles(self) -> dict[str, list[str]]:
        """What each channel was told, in order."""
        letters = [str(make_header(decode_header(one["Subject"]))) for one in self.mailbox.letters]
        return {"json": self.webhook.titles(), "e-mail": letters}

    def close(self) -> None:
        """Both."""
        self.webhook.close()
        if not self._mail_down:
            self.mailbox.close()
