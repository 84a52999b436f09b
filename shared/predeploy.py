"""What `tipoff predeploy` asks a running worker, and is answered: does this code fit production?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.messages import Message, Name, Names, Text

FindingStatus = Literal["ok", "warn", "fail"]


class ProcessorPath(Message):
    """A processor of the registry that is about to be deployed."""

    name: Name
    path: Name
    """`module:function`."""


class PredeployInput(Message):
    """The code that is about to be deployed, as it describes itself."""

    feature_version: Name
    feature_names: Names
    contract_checksum: Name
    contract_fault: str = Field(default="", max_length=2_000)
    """What its own `check_contract` says; empty: nothing."""
    processors: tuple[ProcessorPath, ...] = Field(default=(), max_length=500)


class Finding(Message):
    """One check: what is there, what the code needs, and the command that helps."""

    check: Text
    status: FindingStatus
    observed: Text
    expected: Text
    remedy: Text = ""


class PredeployResult(Message):
    """Every check, in order."""

    findings: tuple[Finding, ...]

    def failed(self) -> bool:
        """Whether a finding forbids the deployment."""
        return any(finding.status == "fail" for finding in self.findings)
