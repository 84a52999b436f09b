"""Which builds of tipoff run, which should, and what a deployment did with the days under way."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from shared.messages import Message
from shared.predeploy import Finding

DEPLOYMENT = "tipoff"
"""The worker deployment's name, unless TIPOFF_DEPLOYMENT gives another."""

BuildStatus = Literal["current", "ramping", "draining", "drained", "inactive", "unversioned"]


class RunningWorker(Message):
    """A worker that asks the server for work."""

    identity: str
    """`pid@machine`."""
    build_id: str
    """Empty: a build from before workers told theirs."""
    versioned: bool


class BuildState(Message):
    """One build of a deployment."""

    build_id: str
    status: BuildStatus
    workers: tuple[str, ...] = ()
    """Identities of those that poll."""
    days: tuple[date, ...] = ()
    """Days under way that are pinned to it."""


class DayMoved(Message):
    """What became of a day that another build had begun."""

    game_date: date
    build_id: str
    """The build that it was on."""
    outcome: Literal["moved", "finishes", "kept"]
    """moved: parked, goes on on the new build. finishes: has work under way, ends on its own build. kept:
    parked, and its history does not replay on the new build."""
    why: str = ""


class DeployReport(Message):
    """A deployment after `tipoff deploy`."""

    deployment: str
    build_id: str
    previous: str
    """The build that was current before; empty: none was."""
    builds: tuple[BuildState, ...]
    days: tuple[DayMoved, ...] = ()


class DriftReport(Message):
    """What `tipoff check-drift` found."""

    deployment: str
    expected: str
    """The build that should run."""
    expected_by: Literal["deployment", "checkout", "argument"]
    workers: tuple[RunningWorker, ...]
    findings: tuple[Finding, ...]
    commits: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By build: the commits between it and the expected one, newest first, as `<commit> <subject>`."""

    def failed(self) -> bool:
        """Whether something runs that should not."""
        return any(finding.status == "fail" for finding in self.findings)


class DriftInput(Message):
    """Findings to be kept in the warehouse."""

    findings: tuple[Finding, ...] = Field(max_length=500)
    checked_for: date


class DriftKept(Message):
    """How many rows were written."""

    rows: int
