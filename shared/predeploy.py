"""What `tipoff predeploy` asks a running worker, and is answered: does this code fit production?"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from shared.messages import Message, Name, Names, Text

FindingStatus = Literal["ok", "warn", "fail"]


class ProcessorPath(Message):
    """A processor of the registry that is about to be deployed."""

    name: Name
    path: Name
    """`module:function`."""


class Finding(Message):
    """One check: what is there, what the code needs, and the command that helps."""

    check: Text
    status: FindingStatus
    observed: Text
    expected: Text
    remedy: Text = ""


class TableColumn(Message):
    """A column as the DDL has it."""

    name: Name
    type: Name
    required: bool = False


class TableShape(Message):
    """A table of the code's DDL."""

    name: Name
    partition: str | None = Field(default=None, max_length=200)
    columns: tuple[TableColumn, ...] = Field(max_length=500)


class PredeployInput(Message):
    """The code that is about to be deployed, as it describes itself.

    What a later build says besides is ignored: the worker that answers is the older one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    feature_version: Name
    feature_names: Names
    contract_checksum: Name
    contract_fault: str = Field(default="", max_length=2_000)
    """What its own `check_contract` says; empty: nothing."""
    processors: tuple[ProcessorPath, ...] = Field(default=(), max_length=500)
    tables: tuple[TableShape, ...] = Field(default=(), max_length=500)
    own_findings: tuple[Finding, ...] = Field(default=(), max_length=50)
    """What it found of itself before it asked."""


class PredeployResult(Message):
    """Every check, in order."""

    findings: tuple[Finding, ...]

    def failed(self) -> bool:
        """Whether a finding forbids the deployment."""
        return any(finding.status == "fail" for finding in self.findings)
