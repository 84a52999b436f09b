"""Alerts, as log records of their own kind: one line that says what broke and what to run."""

from __future__ import annotations

import structlog
from temporalio import activity

from shared.messages import Alert
from shared.names import SEND_ALERT

log = structlog.get_logger("tipoff.alerts")


@activity.defn(name=SEND_ALERT)
def send_alert(alert: Alert) -> None:
    """Writes an alert to the log at its severity. Never fails: a dead channel must not stop a day."""
    level = "warning" if alert.severity == "info" else alert.severity
    getattr(log, level)(
        "alert", cause=alert.cause, title=alert.title, text=alert.text, command=alert.command,
        workflow_id=alert.workflow_id, severity=alert.severity,
    )  # fmt: skip
