"""One round, from the copied home to its verdict, which is kept in the root."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.chaos.base import copied
from benchmarks.chaos.days import Course, Days
from benchmarks.chaos.histories import Figures, faults_of_replay, figures_of, histories
from benchmarks.chaos.invariants import ALERTS, Evidence, Finding, examine
from benchmarks.chaos.lived import Lived
from benchmarks.chaos.person import warnings_of
from benchmarks.chaos.plan import Round
from benchmarks.chaos.production import ProductionLived
from benchmarks.chaos.tables import Expected
from benchmarks.chaos.worlds import World
from shared.messages import DayReport


@dataclass(frozen=True)
class Setting:
    """What all rounds of a run share."""

    root: Path
    base: Path
    source: str
    days: tuple[date, ...]
    keep: bool = False
    """Whether the homes of rounds that kept every invariant are kept, too."""


@dataclass
class Verdict:
    """What one round came to, as it is kept in the root."""

    number: int
    plan: str
    """The round as it was planned: a verdict counts for that only."""
    world: str
    findings: list[dict[str, str]]
    struck: list[dict[str, Any]] = field(default_factory=list)
    """Each fault, with the seconds to the next progress: None where nothing was left to do."""
    missed: list[str] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    seconds: float = 0.0
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether every invariant held."""
        return not self.findings

    def save(self, file: Path) -> None:
        """Keeps it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(self), indent=1))


def known_verdict(root: Path, one: Round) -> Verdict | None:
    """A round's verdict of an earlier call; None: it was not lived yet, or was interrupted."""
    file = verdict_file(root, one)
    known = Verdict(**json.loads(file.read_text())) if file.exists() else None
    return known if known and known.plan == repr(one) else None


def verdict_file(root: Path, one: Round) -> Path:
    """Where it is kept."""
    return root / "rounds" / f"{one.number:02d}.json"


@dataclass(frozen=True)
class Baseline:
    """The undisturbed run of a world."""

    expected: Expected
    warnings: Mapping[str, Mapping[str, int]]
    """By date and processor."""
    alerts: frozenset[tuple[str, str]]


def _lived(setting: Setting, name: str, world: World, *, production: bool) -> Lived:
    home = setting.root / name
    if production:
        shutil.rmtree(home, ignore_errors=True)
        return ProductionLived(home, setting.source, world, setting.days)
    return Lived(copied(setting.base, home), setting.source, world, setting.days)


def baseline_of(setting: Setting, world: World, *, production: bool) -> Baseline:
    """Lived once a world; later calls find it."""
    name = f"{world.name}-production" if production else world.name
    folder = setting.root / "baselines" / name
    file = folder / "baseline.json"
    if not file.exists():
        lived = _lived(setting, f"undisturbed-{name}", world, production=production)
        home = lived.home
        course, _, wrong = asyncio.run(_lived_through(lived, (), {}, evenings=False))
        warehouse = lived.warehouse()
        Expected(folder).keep(warehouse, setting.days[0])
        found = examine(warehouse, home, None, _evidence(setting, lived, course, wrong, frozenset()))
        found += [Finding(f"the world {world.name}", one) for one in world.promises(warehouse, setting.days)]
        alerts = warehouse.read(ALERTS, dates=list(setting.days))
        warehouse.close()
        lived.close()
        # In a world where something is wrong of itself people are told of that; the rest must hold.
        broken = [one for one in found if "alerts" not in one.invariant]
        if broken:
            msg = f"the undisturbed run of {name}: {broken}"
            raise SystemExit(msg)
        reports = {day: warnings_of(DayReport.model_validate(r)) for day, r in course.reports.items()}
        told = [(f"{r.game_date:%Y-%m-%d}", str(r.cause)) for r in alerts.itertuples()]
        file.write_text(json.dumps({"warnings": reports, "alerts": told}))
        shutil.rmtree(home)
    known = json.loads(file.read_text())
    return Baseline(Expected(folder), known["warnings"], frozenset(map(tuple, known["alerts"])))


async def _lived_through(
    lived: Lived, injections: Sequence[Any], usual: Mapping[str, Mapping[str, int]], *, evenings: bool = True
) -> tuple[Course, Figures, list[str]]:
    """Runs the days; what happened, the figures of their histories, and which of these don't replay."""
    try:
        await lived.start()
        course = await Days(lived, tuple(injections), usual, evenings=evenings).run()
        (lived.home / "course.json").write_text(json.dumps(course.shown(), indent=1))
        written = await histories(await lived.client(), lived.days)
        return (
            course,
            await figures_of(written),
            await faults_of_replay(written, versioned=isinstance(lived, ProductionLived)),
        )
    finally:
        await lived.stop()


def _evidence(
    setting: Setting, lived: Lived, course: Course, wrong: Sequence[str], usual: frozenset[tuple[str, str]]
) -> Evidence:
    return Evidence(
        days=setting.days,
        reports=course.reports,
        titles=lived.receivers.titles(),
        deaf=frozenset(lived.receivers.down_until),
        warehouse_away=bool(course.warehouse_away),
        unfinished=tuple(course.unfinished),
        not_replaying=tuple(wrong),
        usual_alerts=usual,
    )


def live(setting: Setting, one: Round, world: World) -> Verdict:
    """Lives a round and examines what it left; the home of a broken one is kept."""
    baseline = baseline_of(setting, world, production=one.production)
    verdict = Verdict(one.number, repr(one), one.world, [])
    lived = _lived(setting, f"round-{one.number:02d}", world, production=one.production)
    home = lived.home
    began = time.monotonic()
    try:
        course, figures, wrong = asyncio.run(_lived_through(lived, one.injections, baseline.warnings))
        verdict.struck = [
            {**asdict(struck), "recovered": figures.until_progress(struck.at)} for struck in course.struck
        ]
        verdict.missed, verdict.acts = course.missed, course.acts
        verdict.figures = {k: v for k, v in figures.shown().items() if k != "progress"}
        warehouse = lived.warehouse()
        found = examine(
            warehouse, home, baseline.expected, _evidence(setting, lived, course, wrong, baseline.alerts)
        )
        warehouse.close()
    except Exception as error:  # noqa: BLE001 - a round that can't be lived is a broken round, whatever it was
        where = traceback.format_exc().splitlines()[-3:]
        found = [Finding("every day ends", f"{type(error).__name__}: {error} ({' '.join(where)})"[:600])]
    lived.close()
    verdict.seconds = round(time.monotonic() - began, 1)
    verdict.findings = [asdict(one) for one in found]
    verdict.save(verdict_file(setting.root, one))
    if verdict.kept and not setting.keep:
        shutil.rmtree(home)
    return verdict
