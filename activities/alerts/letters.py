"""How an alert reads: what broke, what it blocks, what tipoff does already, what to run, where to look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from activities.alerts.channels import Message
from shared.alerts import SEVERITIES, Severity

DATES_SHOWN = 10


@dataclass(frozen=True)
class Standing:
    """One row of the table of alerts."""

    game_date: date
    cause: str
    severity: Severity
    title: str
    text: str
    blocks: str
    doing: str
    command: str
    workflow_id: str
    occurrences: int
    first_seen: datetime
    last_seen: datetime
    first_sent: datetime | None = None
    last_sent: datetime | None = None
    sent_severity: Severity | None = None
    last_tried: datetime | None = None
    undelivered: tuple[str, ...] = ()
    failure: str = ""
    resolved_at: datetime | None = None
    resolution: str = ""
    resolution_sent: datetime | None = None

    @property
    def key(self) -> tuple[date, str]:
        """The key of the row."""
        return self.game_date, self.cause

    def is_of(self, causes: Iterable[str]) -> bool:
        """Whether it is one of the causes, or below one."""
        return any(f"{self.cause}/".startswith(f"{cause}/") for cause in causes)


@dataclass(frozen=True)
class Group:
    """Alerts of one cause, on one date or several, that are told together."""

    rows: tuple[Standing, ...]
    resolved: bool

    @property
    def severity(self) -> Severity:
        """The gravest of them."""
        return max((r.severity for r in self.rows), key=SEVERITIES.index)


def letter(group: Group, ui: str, namespace: str) -> Message:
    """The message for a group."""
    first = group.rows[0]
    others = [r.game_date.isoformat() for r in group.rows[1:]]
    more = f" (and {len(others)} more dates)" if others else ""
    if group.resolved:
        lines = [("Ended", first.resolution), ("It was", first.text)]
        title = f"[resolved] {first.title}{more}"
    else:
        lines = [
            ("Broke", first.text), ("Blocks", first.blocks or "nothing else"), ("tipoff", first.doing),
            ("Run", first.command),
        ]  # fmt: skip
        title = f"[{group.severity}] {first.title}{more}"
    lines.append(("Workflow", workflow_link(first.workflow_id, ui, namespace)))
    lines.append(("Also", ", ".join(others[:DATES_SHOWN]) + (" …" if len(others) > DATES_SHOWN else "")))
    seen = f"since {first.first_seen:%Y-%m-%d %H:%M} UTC"
    lines.append(("Seen", f"{first.occurrences} times {seen}" if first.occurrences > 1 else seen))
    body = "\n".join(f"{name + ':':<10}{text}" for name, text in lines if text)
    return Message(group.severity, title, body, group.resolved)


def digest(groups: Sequence[Group]) -> Message:
    """One message for many: every one of them in a line, the gravest first."""
    ordered = sorted(groups, key=lambda g: (g.resolved, -SEVERITIES.index(g.severity), g.rows[0].first_seen))
    lines = []
    for group in ordered:
        head: str = "resolved" if group.resolved else group.severity
        first = group.rows[0]
        more = f" (and {len(group.rows) - 1} more dates)" if len(group.rows) > 1 else ""
        lines.append(f"[{head}] {first.title}{more}")
        if not group.resolved and first.command:
            lines.append(f"    {first.command}")
    lines.append("All of it: tipoff alerts list")
    open_ones = [g for g in groups if not g.resolved]
    worst = max((g.severity for g in open_ones or groups), key=SEVERITIES.index)
    kind = worst if open_ones else "resolved"
    return Message(worst, f"[{kind}] {len(groups)} alerts of tipoff", "\n".join(lines), not open_ones)


def workflow_link(workflow_id: str, ui: str, namespace: str) -> str:
    """The workflow's page in the Temporal UI; its id alone where the UI's address isn't known."""
    if not workflow_id or not ui:
        return workflow_id
    return f"{ui.rstrip('/')}/namespaces/{quote(namespace, safe='')}/workflows/{quote(workflow_id, safe='')}"
