"""What `tipoff health` asks the worker, and is answered."""

from __future__ import annotations

from shared.messages import Message
from shared.predeploy import Finding


class HealthInput(Message):
    """Asks how the warehouse, the sources and the quotas are."""


class HealthReport(Message):
    """Every finding, those that are well included."""

    findings: tuple[Finding, ...]
    live: bool = False
    """Days are made of the live upstreams, so something has to start them; False: of a replayed season."""
