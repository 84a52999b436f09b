"""The activities around the alert desk. None of them fails a day: what can't be told now is told later."""

from __future__ import annotations

from datetime import timedelta

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.alerts.book import AlertBook
from activities.alerts.channels import channels_of
from activities.alerts.deliveries import DeliveryBook
from activities.alerts.desk import AlertDesk
from activities.alerts.letters import Standing
from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.status import PHASE_STATUS
from activities.surroundings import Surroundings
from shared.alerts import (
    AbsenceCheck,
    AbsenceResult,
    AlertRow,
    AlertsInput,
    AlertsReport,
    ChannelReport,
    Resolution,
)
from shared.clock import utc_now
from shared.errors import DataNotReady, TipoffError
from shared.messages import Alert
from shared.names import CHECK_ABSENCE, LOOK_AT_ALERTS, RESOLVE_ALERTS, SEND_ALERT

log = structlog.get_logger("tipoff.alerts")

ABSENT = "absent"


class AlertActivities:
    """One per worker.

    Raises:
        ConfigurationError: a channel that can't be; found when the worker starts.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        settings = surroundings.settings
        self._warehouse = surroundings.warehouse
        self._book = AlertBook(surroundings.warehouse, surroundings.writer)
        self._desk = AlertDesk(
            self._book,
            DeliveryBook(surroundings.warehouse, surroundings.writer),
            channels_of(settings),
            ui=settings.temporal_ui or "",
        )

    @activity.defn(name=SEND_ALERT)
    def send_alert(self, alert: Alert) -> None:
        """Logs an alert, records it and tells whoever is to be told.

        Never fails: an attempt after one that may have died while it told waits until its claim has lapsed.
        """
        level = "warning" if alert.severity == "info" else alert.severity
        getattr(log, level)(
            "alert", cause=alert.cause, title=alert.title, text=alert.text, blocks=alert.blocks,
            doing=alert.doing, command=alert.command, workflow_id=alert.workflow_id, severity=alert.severity,
        )  # fmt: skip
        try:
            with activity.shield_thread_cancel_exception():
                self._desk.note(alert, f"{_key()}/noted")
        except TipoffError as error:
            log.error("alert not recorded", cause=alert.cause, error=str(error))
            self._desk.tell_unrecorded(alert, activity.info().namespace)
            return
        self._deliver()

    @activity.defn(name=RESOLVE_ALERTS)
    def resolve_alerts(self, resolution: Resolution) -> None:
        """Records what has ended and tells it to who knows the beginning. As `send_alert`, never fails."""
        log.info("resolved", **resolution.model_dump(mode="json"))
        try:
            with activity.shield_thread_cancel_exception():
                self._desk.resolve(resolution, f"{_key()}/resolved")
        except TipoffError as error:
            log.error("resolution not recorded", causes=resolution.causes, error=str(error))
            return
        self._deliver()

    @activity.defn(name=LOOK_AT_ALERTS)
    def look_at_alerts(self, request: AlertsInput) -> AlertsReport:
        """The channels and the alerts; a test is sent first if it is asked for."""
        with as_application_errors(), heartbeating():
            said = self._desk.try_channels(request.severity) if request.test else {}
            channels = tuple(
                ChannelReport(
                    name=c.name, severities=c.severities, tried=c.name in said, error=said.get(c.name, "")
                )
                for c in self._desk.channels
            )
            rows = self._book.lately(utc_now(), timedelta(days=request.days))
            rows.sort(key=lambda r: (r.resolved_at is None, r.last_seen), reverse=True)
            return AlertsReport(channels=channels, alerts=tuple(map(_shown, rows[:100])))

    @activity.defn(name=CHECK_ABSENCE)
    def check_absence(self, check: AbsenceCheck) -> AbsenceResult:
        """Whether the day has left a trace by its time; alerts if not, and tells what was not told before."""
        with as_application_errors(), heartbeating():
            traces = self._warehouse.read(PHASE_STATUS, columns=["phase_name"], dates=[check.game_date])
            absent = traces.empty and check.now >= check.due
            with activity.shield_thread_cancel_exception():
                if absent:
                    self._desk.note(_absence(check), f"{_key()}/noted")
                elif len(traces):
                    ended = Resolution(game_date=check.game_date, causes=(ABSENT,), text="the day has begun")
                    self._desk.resolve(ended, f"{_key()}/resolved")
                left = self._tell()
            return AbsenceResult(game_date=check.game_date, absent=absent, undelivered=left)

    def _deliver(self) -> None:
        try:
            with as_application_errors(), activity.shield_thread_cancel_exception():
                left = self._tell()
        except ApplicationError as error:
            if error.type == DataNotReady.__name__:
                raise
            log.error("alerts not told", error=error.message)
            return
        if left:
            log.warning("alerts undelivered, tried again later", alerts=left)

    def _tell(self) -> int:
        """Tells what is due; how many alerts a channel has not taken.

        Raises:
            DataNotReady: an attempt before this one may have died with what it was to tell.
        """
        info = activity.info()
        delivered = self._desk.deliver(f"{_key()}/told/{info.attempt}", info.namespace)
        if delivered.held_for is not None and info.attempt > 1:
            msg = "an alert is held by an attempt that has not said yet whether it was sent"
            raise DataNotReady(msg, retry_after=max(delivered.held_for, timedelta(seconds=1)))
        return delivered.undelivered


def _key() -> str:
    info = activity.info()
    return f"{info.workflow_run_id}/{info.activity_id}"


def _absence(check: AbsenceCheck) -> Alert:
    return Alert(
        cause=ABSENT,
        severity="critical",
        title=f"{check.game_date}: the day has not begun",
        text=f"Nothing of {check.game_date} was begun by {check.due:%Y-%m-%d %H:%M} UTC: the schedule is "
        "paused or gone, no worker runs its tasks, or the warehouse refuses",
        blocks="all predictions of the date",
        doing="looks again every 15 minutes, and says so when the day has begun",
        command=f"tipoff health; tipoff start {check.game_date}",
        workflow_id=check.workflow_id,
        game_date=check.game_date,
    )


def _shown(row: Standing) -> AlertRow:
    return AlertRow(
        game_date=row.game_date, cause=row.cause, severity=row.severity, title=row.title, text=row.text,
        command=row.command, occurrences=row.occurrences, first_seen=row.first_seen,
        last_seen=row.last_seen, last_sent=row.last_sent, undelivered=row.undelivered, failure=row.failure,
        resolved_at=row.resolved_at,
    )  # fmt: skip
