"""The page of truth: its figures are the gradings', its plots have their tables, nothing is hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.console.serving import Served, parsed, words
from tests.evaluation.report import report as stored_report
from worker.console.truth_figures import PERFORMANCE, RESULTS, read_truth


async def test_errors_against_the_line_are_those_of_every_graded_row(console: Served) -> None:
    warehouse = console.around.warehouse
    truth = read_truth(warehouse)
    rows = warehouse.read(RESULTS, since=truth.first)
    lined = rows.loc[(rows["points_line"].notna() & rows["actual_points"].notna()).to_numpy(dtype=bool)]
    daily = warehouse.read(PERFORMANCE, since=truth.first)
    for system in truth.systems:
        mine = daily.loc[(daily["system_id"] == system["system"]).to_numpy(dtype=bool)]
        assert system["lined"] == mine["lined"].sum()
        errors = lined.loc[(lined["system_id"] == system["system"]).to_numpy(dtype=bool)]
        exact = float(errors["absolute_error"].mean())
        assert system["lined_mae"] == pytest.approx(exact, abs=0.05), "voids aside, the same rows"
        assert system["behind"] == pytest.approx(system["lined_mae"] - system["line_mae"], abs=1e-6)
    async with console.http() as http:
        said = words((await http.get("/truth")).text)
    for system in truth.systems:
        assert f"{system['lined_mae']:.3f}" in said
        assert f"{system['line_mae']:.3f}" in said


async def test_each_plot_has_its_table_and_drift_is_of_every_feature(console: Served) -> None:
    async with console.http() as http:
        page = (await http.get("/truth")).text
    figures = page.partition('id="evaluation"')[0].split("<figure>")[1:]
    for figure in figures:
        assert "<svg" in figure
        assert "<table>" in figure.partition("</figure>")[0]
    truth = read_truth(console.around.warehouse)
    assert len(figures) == 2 * len(truth.systems) + len(truth.bets_by_month) + len(truth.bets_by_line)
    for held in (truth.bets_by_month, truth.bets_by_line):
        for system, groups in held.items():
            shown = next(s for s in truth.systems if s["system"] == system)
            assert sum(group["n"] for group in groups) == shown["bets"], "each bet is in one group"
    assert truth.drift_date is not None
    assert len(truth.drift) == 33


async def test_canaries_that_fail_stand_before_any_figure_of_the_evaluation(console: Served) -> None:
    folder: Path = console.around.evaluations / "2025-11-01_2025-11-10"
    async with console.http() as http:
        before = words((await http.get("/truth")).text)
        folder.mkdir(parents=True)
        report = stored_report()
        report["canaries"] = {**report["canaries"], "last_5_correlation": "fail"}
        (folder / "report.json").write_text(json.dumps(report))
        page = (await http.get("/truth")).text
        unknown = await http.get("/truth", params={"evaluation": "../../secrets"})
    assert "no canary has been run here" in before
    said = words(page.partition('id="evaluation"')[2])
    assert "canaries failed" in said
    assert said.index("canaries failed") < said.index("The smallest errors")
    assert unknown.status_code == 404
    ids = parsed(page).ids
    assert len(ids) == len(set(ids))
