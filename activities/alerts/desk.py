"""The alert desk: records each cause of a date once, and decides what is told, when and with what."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from activities.alerts.book import AlertBook
from activities.alerts.channels import Channel, Message, send_all
from activities.alerts.deliveries import DeliveryBook, Telling, telling
from activities.alerts.letters import Group, Standing, digest, letter
from shared.alerts import SEVERITIES, Resolution, Severity
from shared.clock import utc_now
from shared.messages import Alert

TOGETHER = timedelta(minutes=30)
"""A cause that was told is not told again of another date within this; then of all of them in one message."""

TRY_AGAIN = timedelta(minutes=5)
REMIND = timedelta(hours=12)
"""An error or worse that keeps arising is told again after this."""

MOST_AT_ONCE = 5
"""More than these come in one message, with all of them in it."""


@dataclass(frozen=True)
class Delivered:
    """What came of telling what was due."""

    undelivered: int
    """Alerts that a channel has not taken yet."""
    held_for: timedelta | None
    """So long another attempt has yet to say what came of what it tells; None: no other tells anything."""


class AlertDesk:
    """One per worker. What the warehouse raises passes through: the activities see that no day fails."""

    def __init__(
        self,
        book: AlertBook,
        deliveries: DeliveryBook,
        channels: Sequence[Channel],
        *,
        ui: str = "",
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._book, self._deliveries, self.channels = book, deliveries, channels
        self._ui, self._now = ui, now
        self._one_at_a_time = threading.Lock()
        self._unrecorded: dict[str, datetime] = {}

    def note(self, alert: Alert, write_key: str) -> None:
        """Records an alert: a new row, or one more occurrence of an open one."""
        with self._one_at_a_time:
            now = self._now()
            day = alert.game_date or now.date()
            known = next((r for r in self._book.since(day, day) if r.cause == alert.cause), None)
            self._book.write([_noted(alert, known, now)], write_key)

    def resolve(self, resolution: Resolution, write_key: str) -> int:
        """Records that causes are gone; how many were open."""
        with self._one_at_a_time:
            now, day = self._now(), resolution.game_date
            ended = [
                replace(row, resolved_at=now, resolution=resolution.text, undelivered=(), failure="")
                for row in self._book.since(day, day)
                if row.resolved_at is None and row.is_of(resolution.causes)
            ]
            self._book.write(ended, write_key)
            return len(ended)

    def deliver(self, write_key: str, namespace: str) -> Delivered:
        """Tells what is due, with links into a namespace.

        Each channel of an alert is claimed under the write key, then told, then recorded: once, however many
        workers do this at a time. Who dies in between leaves it to the next who comes after the claim has
        lapsed; then it is told at least once (see `DeliveryBook`).
        """
        with self._one_at_a_time:
            now = self._now()
            rows = self._book.lately(now)
            groups = due(rows, now)
            wanted = {row.key: self._tellings(row, group) for group in groups for row in group.rows}
            claims = self._deliveries.claim([t for each in wanted.values() for t in each], write_key)
            outcome = self._send(
                {c: [part for g in groups if (part := _part(g, c, claims.mine))] for c in self.channels},
                namespace,
            )
            self._deliveries.settle({t: not outcome[t.channel] for t in claims.mine}, write_key)
            # As they stand now: another may have noted more of them while they were told.
            current = {r.key: r for r in self._book.lately(now)} if groups else {r.key: r for r in rows}
            told = []
            for group in groups:
                for row in group.rows:
                    said = {t.channel: outcome[t.channel] for t in wanted[row.key] if t in claims.mine}
                    said |= {t.channel: "" for t in wanted[row.key] if t in claims.sent}
                    known = current.get(row.key)
                    # What another still tells, it records itself.
                    if known and len(said) == len(wanted[row.key]) and _still(row, known, group.resolved):
                        told.append(_told(known, row.severity, said, now, resolved=group.resolved))
            self._book.write(told, write_key)
            current |= {r.key: r for r in told}
            held = max(claims.held.values(), default=None)
            return Delivered(
                undelivered=sum(bool(r.undelivered) for r in current.values()),
                held_for=held - now if held else None,
            )

    def tell_unrecorded(self, alert: Alert, namespace: str) -> None:
        """Sends an alert that the warehouse did not take: once a cause and half an hour, from each worker."""
        with self._one_at_a_time:
            now = self._now()
            if now - self._unrecorded.get(alert.cause, now - TOGETHER) < TOGETHER:
                return
            self._unrecorded[alert.cause] = now
            group = Group((_noted(alert, None, now),), resolved=False)
            self._send({c: [group] for c in self.channels if group.severity in c.severities}, namespace)

    def try_channels(self, severity: Severity) -> dict[str, str]:
        """Sends a test to the channels of a severity; what each said, empty where it took it."""
        body = "This is a test; nothing is wrong. An alert of this severity would have come here."
        message = Message(severity, f"[{severity}] test of tipoff's alerts", body)
        return send_all((c, [message]) for c in self.channels if severity in c.severities)

    def _tellings(self, row: Standing, group: Group) -> tuple[Telling, ...]:
        """The channels to be told of a row of a group: of a partly delivered alert only those that failed."""
        routed = [c.name for c in self.channels if group.severity in c.severities]
        lacking = [name for name in routed if not row.undelivered or name in row.undelivered]
        return tuple(telling(row, name, resolved=group.resolved) for name in lacking)

    def _send(self, groups: Mapping[Channel, Sequence[Group]], namespace: str) -> dict[str, str]:
        return send_all((c, self._messages(mine, namespace)) for c, mine in groups.items())

    def _messages(self, groups: Sequence[Group], namespace: str) -> list[Message]:
        if len(groups) > MOST_AT_ONCE:
            return [digest(groups)]
        # The gravest first: it is what a channel that takes only one should have.
        ordered = sorted(groups, key=lambda g: -SEVERITIES.index(g.severity))
        return [letter(g, self._ui, namespace) for g in ordered]


def _part(group: Group, channel: Channel, mine: Collection[Telling]) -> Group | None:
    """What of a group this desk has claimed for a channel."""
    rows = tuple(r for r in group.rows if telling(r, channel.name, resolved=group.resolved) in mine)
    return replace(group, rows=rows) if rows else None


def _noted(alert: Alert, known: Standing | None, now: datetime) -> Standing:
    fresh = Standing(
        game_date=alert.game_date or now.date(), cause=alert.cause, severity=alert.severity,
        title=alert.title, text=alert.text, blocks=alert.blocks, doing=alert.doing, command=alert.command,
        workflow_id=alert.workflow_id, occurrences=1, first_seen=now, last_seen=now,
    )  # fmt: skip
    if known is None:
        return fresh
    if known.resolved_at is not None:
        # It has come back: to be told again, with a past.
        return replace(
            fresh, occurrences=known.occurrences + 1, first_sent=known.first_sent, last_sent=known.last_sent
        )
    gravest = max(known.severity, alert.severity, key=SEVERITIES.index)
    return replace(
        known, severity=gravest, title=alert.title, text=alert.text, blocks=alert.blocks, doing=alert.doing,
        command=alert.command, workflow_id=alert.workflow_id, occurrences=known.occurrences + 1,
        last_seen=now,
    )  # fmt: skip


def due(rows: Sequence[Standing], now: datetime) -> list[Group]:
    """What is to be told now, a cause together.

    New and graver alerts, reminders, what a channel has not taken, and what has ended after it was told. A
    cause that was told of some date within half an hour waits, unless it has become graver: it comes later.
    """
    told: dict[str, tuple[datetime, int]] = {}
    for row in rows:
        if row.last_sent and row.sent_severity:
            known = told.get(row.cause)
            rank = SEVERITIES.index(row.sent_severity)
            if now - row.last_sent < TOGETHER:
                told[row.cause] = max((row.last_sent, rank), known or (row.last_sent, -1), key=lambda t: t[1])
    found: dict[tuple[str, bool], list[Standing]] = defaultdict(list)
    for row in rows:
        if row.last_tried and row.undelivered and now - row.last_tried < TRY_AGAIN:
            continue
        resolved = row.resolved_at is not None
        if resolved:
            if row.sent_severity and row.resolution_sent is None:
                found[row.cause, True].append(row)
            continue
        lately = told.get(row.cause)
        graver = lately is None or SEVERITIES.index(row.severity) > lately[1]
        new = row.sent_severity is None or SEVERITIES.index(row.severity) > SEVERITIES.index(
            row.sent_severity
        )
        if row.undelivered or (new and graver) or _reminder_due(row, now):
            found[row.cause, False].append(row)
    return [
        Group(tuple(sorted(members, key=lambda r: r.game_date)), resolved)
        for (_, resolved), members in sorted(found.items())
    ]


def _reminder_due(row: Standing, now: datetime) -> bool:
    if row.last_sent is None or row.severity not in ("error", "critical"):
        return False
    return now - row.last_sent >= REMIND and row.last_seen > row.last_sent


def _still(row: Standing, known: Standing, resolved: bool) -> bool:
    """Whether a row is as untold as it was when it was read, and what has ended has not come back."""
    untold = (known.last_sent, known.last_tried) == (row.last_sent, row.last_tried)
    return untold and not (resolved and known.resolved_at is None)


def _told(
    row: Standing, severity: Severity, said: Mapping[str, str], now: datetime, *, resolved: bool
) -> Standing:
    """The row after channels were tried, with what each said against it, empty where it took it.

    Without any channel for it, it is told by the log alone.
    """
    failed = tuple(name for name, why in said.items() if why)
    taken = len(failed) < len(said) or not said
    tried = replace(
        row, last_tried=now, undelivered=failed, failure="; ".join(f"{name}: {said[name]}" for name in failed)
    )
    if resolved:
        # One channel that knows is enough: an ended alert is not kept open for the others.
        return replace(tried, resolution_sent=now, undelivered=()) if taken else tried
    if row.resolved_at is not None:
        # It has ended while it was told: what is left to be told is the end.
        tried = replace(tried, undelivered=(), failure="")
    if not taken:
        return tried
    return replace(tried, first_sent=row.first_sent or now, last_sent=now, sent_severity=severity)
