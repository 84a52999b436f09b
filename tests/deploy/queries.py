"""The PromQL of dashboards and alerts, and the metrics that it names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARDS = {
    path.name: json.loads(path.read_text()) for path in (DEPLOY / "grafana/dashboards").glob("*.json")
}
_METRIC = re.compile(r"(?<![\w\"])(?:up|(?:tipoff|temporal|service|persistence)_\w+)(?![\w\"]*=)")


def every_query() -> list[tuple[str, str]]:
    """Where a query stands, and the query."""
    found = [(f"alert {rule['alert']}", str(rule["expr"])) for rule in RULES]
    for name, dashboard in DASHBOARDS.items():
        found += [
            (f"{name}: {panel['title']}", target["expr"])
            for panel in dashboard["panels"]
            for target in panel["targets"]
        ]
    return found


def metrics_of(query: str) -> set[str]:
    """The metrics that a query names, without its labels and their values."""
    bare = re.sub(r'"[^"]*"', '""', query)
    bare = re.sub(r"\b(by|without)\s*\([^)]*\)", "", bare)
    return set(_METRIC.findall(bare))
