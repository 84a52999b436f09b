"""Incidents of a worker that started although it could not work, or was another one than it should be."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
import zoneinfo
from abc import ABC, abstractmethod
from datetime import UTC, date, datetime
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from temporalio import activity

from activities import runner
from activities.analytics import upcoming_team_game_context
from activities.operations import history
from activities.operations.validation import Validator
from activities.surroundings import Surroundings
from shared import clock
from shared.build import PROJECT
from shared.config import load_settings
from shared.deployments import RunningWorker
from shared.errors import ConfigurationError
from shared.phases import phase_named
from starter.check_drift import drift
from starter.deployments import Deployed
from tests.incidents.hand import hand_morning
from tests.incidents.incident import incident
from tests.workflows.world import World
from worker import main, wiring
from worker.health import health_app
from worker.served import WORKFLOWS
from worker.serving import PageServer


def _packages() -> set[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def _looked_up_when_called(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (runner, history):
        monkeypatch.setattr(module, "load_processors", dict)


@incident(
    28, "The image lacked a module, and the coordinator was down for 27 minutes; then again",
    prevented="The image holds every package, and a worker that can't load a processor does not start",
    fix_out=_looked_up_when_called, fails_with="DID NOT RAISE",
)  # fmt: skip
def test_incident_28_a_worker_without_one_of_its_modules_does_not_start(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = (PROJECT / "deploy" / "worker" / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^COPY (\w+) \1$", recipe, re.MULTILINE)) == _packages() | {"schemas"}
    monkeypatch.setitem(sys.modules, "activities.precompute.ml_feature_store_v2", None)
    with pytest.raises(ConfigurationError, match=r"ml_feature_store_v2:process can't be loaded"):
        wiring.activities_of(around)


def _undeclared(monkeypatch: pytest.MonkeyPatch) -> None:
    right = tomllib.loads

    def loads(text: str) -> dict[str, Any]:
        found = right(text)
        kept = [d for d in found["project"]["dependencies"] if not d.startswith("google-cloud-storage")]
        return {**found, "project": {**found["project"], "dependencies": kept}}

    monkeypatch.setattr(tomllib, "loads", loads)


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


@incident(
    29, "A client library of Firestore was missing where it ran: 37 hours of outage",
    prevented="What the code imports, the project declares, and the image is made of the locked declarations",
    fix_out=_undeclared, fails_with="'google.cloud.storage'",
)  # fmt: skip
def test_incident_29_every_library_that_is_imported_is_declared() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[\[<>=~ ]", d)[0].lower() for d in project["dependencies"]}
    files = [path for package in _packages() for path in (PROJECT / package).rglob("*.py")]
    imported = set().union(*map(_imports, files))
    known, ours = packages_distributions(), _packages() | set(sys.stdlib_module_names) | {"tests"}
    lacking = set()
    for module in imported:
        top = module.split(".")[0]
        if top in ours:
            continue
        # Several libraries share the package `google`; they are named after what is below it.
        wanted = {f"google-cloud-{module.split('.')[2]}"} if module.startswith("google.cloud.") else set()
        if not (wanted or {d.lower() for d in known.get(top, ())}) & declared:
            lacking.add(".".join(module.split(".")[:3]))
    assert lacking == set()


@incident(
    31, "Phase 4 answered 404: another service's image was deployed at its address",
    prevented="A worker tells its service, build and queue at /health, and check-drift names a wrong build",
    fix_out=lambda patch: patch.setattr(main, "identity_of", lambda settings: {}),
    fails_with="assert None == 'b1'",
)  # fmt: skip
async def test_incident_31_a_worker_tells_who_it_is_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    settings = load_settings({"TIPOFF_BUILD_ID": "b1"}, home=tmp_path, source="simulated")
    app = health_app({}, "127.0.0.1:1", main.identity_of(settings))
    async with PageServer(app, 0) as health, httpx.AsyncClient() as http:
        told = (await http.get(f"http://127.0.0.1:{health.port}/health")).json()
    assert told.get("build") == "b1"
    assert (told["service"], told["task_queue"]) == ("tipoff worker", settings.task_queue)
    workers = (RunningWorker(identity="1@a", build_id=told["build"], versioned=False),)
    report = drift("tipoff", Deployed("b2", {"b2": "current"}), workers, ours="b2")
    assert report.failed()
    assert report.findings[0].observed.startswith("build b1")


@incident(
    39, "A slim image had no time zones; UTC stood in, 'today' was another date, and 84 % was lost",
    prevented="Without the league's time zone nothing starts, and it is said what to install",
    fix_out=lambda patch: patch.setattr(clock, "league_zone", lambda: UTC), fails_with="DID NOT RAISE",
)  # fmt: skip
def test_incident_39_without_time_zone_data_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock.game_date_of(datetime(2025, 11, 8, 2, tzinfo=UTC)) == date(2025, 11, 7)
    for name in ("tzdata", *(n for n in sys.modules if n.startswith("tzdata."))):
        monkeypatch.setitem(sys.modules, name, None)
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache(only_keys=[clock.LEAGUE_ZONE])
    try:
        with pytest.raises(ConfigurationError, match=r"New_York is not known here; .* tzdata"):
            clock.league_zone()
    finally:
        zoneinfo.reset_tzpath()


def _logged_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the fault itself back: what finds it is that everything is run once before it lands."""
    right, log = upcoming_team_game_context.team_mornings, structlog.get_logger()

    def team_mornings(*arguments: Any) -> Any:
        log.info("known teams", teams=len(known))  # noqa: F821 - as it was
        known = right(*arguments)
        return known  # noqa: RET504 - the line above needs the name

    monkeypatch.setattr(upcoming_team_game_context, "team_mornings", team_mornings)


@incident(
    50, "A line of logging used a variable before it was set, and all of phase 3 stood",
    prevented="The linter names it, and every processor is run before a change lands, on a small day too",
    fix_out=_logged_too_early, fails_with=UnboundLocalError,
)  # fmt: skip
def test_incident_50_every_processor_of_phases_3_and_4_runs_on_a_small_day() -> None:
    frames = hand_morning()
    made = {name for name, rows in frames.items() if len(rows)}
    summaries = {"player_games", "team_offense", "team_defense"}
    assert summaries | {"upcoming_teams", "upcoming_players"} <= made
    processors = [p for p in phase_named("analytics").processors if not p.gate]
    assert len(processors) == len(summaries) + 2
    assert {"player_cache", "shot_zones", "defense_zones", "composite", "features"} <= made


class Unfinished(Validator, ABC):
    """As a refactor left it."""

    @abstractmethod
    def validated(self) -> None:
        """What nobody wrote."""


@incident(
    51, "A refactor left a class abstract, and what ran in the night could not be made",
    prevented="A worker makes everything it serves before it asks for work, and so does this test",
    fix_out=lambda patch: patch.setattr(wiring, "Validator", Unfinished), fails_with=TypeError,
)  # fmt: skip
def test_incident_51_all_that_a_worker_serves_can_be_made(around: Surroundings) -> None:
    served = {activity._Definition.must_from_callable(one).name for one in wiring.activities_of(around)}
    scripted = [getattr(World, name) for name in dir(World) if hasattr(getattr(World, name), _DEFINED)]
    assert served == {getattr(one, _DEFINED).name for one in scripted}
    assert len(WORKFLOWS) == len({one.__name__ for one in WORKFLOWS})


_DEFINED = "__temporal_activity_definition"
