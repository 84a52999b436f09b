"""Findings as a table of 80 columns, each with its remedy beside it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from shared.predeploy import Finding

STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


def findings_table(findings: Iterable[Finding]) -> Table:
    """Each finding with its remedy beside it, in 80 columns."""
    table = Table(header_style="bold", show_lines=True)
    table.add_column("check", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("found", overflow="fold", ratio=1)
    table.add_column("remedy", overflow="fold", ratio=1)
    for finding in findings:
        found = escape(finding.observed)
        if finding.status != "ok":
            found += f"\n[dim]expected: {escape(finding.expected)}[/]"
        status = f"[{STYLES[finding.status]}]{finding.status}[/]"
        table.add_row(finding.check, status, found, escape(finding.remedy))
    return table
