"""What every page of the console is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from temporalio.client import Client

from activities.surroundings import Surroundings
from shared.build import build_id
from shared.config import Settings
from warehouse.protocol import Warehouse
from worker.console.day_status import EndedRuns
from worker.console.forms import Seals
from worker.console.reading import Reader


@dataclass(frozen=True)
class Console:
    """One per worker."""

    surroundings: Surroundings
    client: Client
    reader: Reader = field(default_factory=Reader)
    seals: Seals = field(default_factory=Seals)
    ended_runs: EndedRuns = field(default_factory=EndedRuns)

    @property
    def settings(self) -> Settings:
        """The worker's settings."""
        return self.surroundings.settings

    @property
    def warehouse(self) -> Warehouse:
        """The worker's warehouse."""
        return self.surroundings.warehouse

    @property
    def ui(self) -> str:
        """Where the Temporal UI is; empty: not known."""
        return (self.settings.temporal_ui or "").rstrip("/")

    def frame(self, request: Request, tab: str, title: str) -> dict[str, Any]:
        """What stands around every page."""
        return {
            "title": title,
            "tab": tab,
            "path": request.url.path,
            "source": self.settings.source,
            "warehouse": self.settings.warehouse,
            "build": build_id(self.settings.build_id),
            "ui": self.ui,
            "namespace": self.client.namespace,
        }
