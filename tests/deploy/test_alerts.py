"""Alert rules and dashboards: valid, firing when they should, and telling who is on call what to run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from starter.cli import app
from tests.deploy.alert_cases import CASES, HEALTHY, Case, Fired
from tests.deploy.queries import DASHBOARDS, DEPLOY, RULES, every_query

VERBS = set(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus's own checker."""
    found = shutil.which("promtool")
    if not found:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    return found


def run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_configuration_and_rules_are_valid(promtool: str) -> None:
    run(promtool, "check", "config", "--syntax-only", str(DEPLOY / "prometheus" / "prometheus.yml"))
    run(promtool, "check", "rules", str(DEPLOY / "prometheus" / "alerts.yml"))


def test_every_query_of_the_dashboards_is_promql(promtool: str, tmp_path: Path) -> None:
    rules = [{"record": f"query_{n}", "expr": expr} for n, (_, expr) in enumerate(every_query())]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    run(promtool, "check", "rules", str(file))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_when_something_is_wrong_its_alert_fires_and_no_other(
    promtool: str, tmp_path: Path, case: Case
) -> None:
    series = {**HEALTHY, **case.series}
    minutes = case.hour * 60
    test = {
        "interval": "1m",
        "input_series": [
            {"series": name, "values": f"{values}x{minutes}"} for name, values in series.items() if values
        ],
        "alert_rule_test": [
            {
                "eval_time": f"{case.hour}h",
                "alertname": rule["alert"],
                "exp_alerts": [_expected(rule, case.fires[rule["alert"]])]
                if rule["alert"] in case.fires
                else [],
            }
            for rule in RULES
        ],
    }
    rules = str(DEPLOY / "prometheus" / "alerts.yml")
    file = tmp_path / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [rules], "evaluation_interval": "1m", "tests": [test]}))
    run(promtool, "test", "rules", str(file))


def _expected(rule: dict[str, Any], fired: Fired) -> dict[str, Any]:
    """Its labels, and its texts with the value and the labels of the case put in."""
    texts = {}
    for name, text in rule["annotations"].items():
        filled = re.sub(r"\{\{ \$value[^}]*\}\}", fired.value, text)
        texts[name] = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda m: fired.labels[m[1]], filled)
    return {"exp_labels": {**rule["labels"], **fired.labels}, "exp_annotations": texts}


def test_every_alert_is_seen_to_fire() -> None:
    assert {name for case in CASES for name in case.fires} == {rule["alert"] for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_what_to_run(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "warn"}
    assert set(rule["annotations"]) == {"summary", "description", "command"}
    for command in rule["annotations"]["command"].split(" && "):
        words = command.split()
        if words[0] == "tipoff":
            assert words[1] in VERBS, command
        else:
            assert words[:4] == ["docker", "compose", "-f", "docker-compose.temporal.yml"], command


def test_dashboards_have_ids_titles_and_panels_that_do_not_overlap() -> None:
    assert len({d["uid"] for d in DASHBOARDS.values()}) == len(DASHBOARDS) == 2
    for name, dashboard in DASHBOARDS.items():
        taken: set[tuple[int, int]] = set()
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not cells & taken, f"{name}: {panel['title']}"
            assert place["x"] + place["w"] <= 24
            assert panel["datasource"]["uid"] == "prometheus"
            taken |= cells
