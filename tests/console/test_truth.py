"""The page of truth: its figures are the gradings', its plots have their tables, nothing is hidden."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.console.serving import Served, parsed, words
from tests.evaluation.report import report as stored_report
from worker.console.truth_figures import PERFORMANCE, RESULTS, calibration, clustered, read_truth


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
    figures = page.split("<figure>")[1:]
    assert len(figures) >= 10, "two plots a system"
    for figure in figures:
        assert "<svg" in figure
        assert "<table>" in figure.partition("</figure>")[0]
    truth = read_truth(console.around.warehouse)
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


def test_an_interval_is_as_wide_as_its_dates_differ() -> None:
    mean, half = clustered(np.array([4.0, 6.0]), np.array([10.0, 10.0]))
    assert mean == 5.0
    assert half == pytest.approx(1.96, abs=1e-9), "two dates, one point either side"
    assert clustered(np.array([4.0]), np.array([3.0])) == (4.0, None)
    assert clustered(np.array([4.0, np.nan]), np.array([3.0, 9.0])) == (4.0, None)


def test_bins_of_calibration_hold_equally_many_rows() -> None:
    counts = pd.DataFrame(
        {"system_id": "a", "p": np.arange(100) / 100, "n": np.full(100, 7), "overs": np.arange(100) % 8}
    )
    bins = calibration(counts)["a"]
    assert [b["n"] for b in bins] == [70] * 10
    assert bins[0]["p"] == pytest.approx(0.045)
    assert sum(b["observed"] * b["n"] for b in bins) == pytest.approx(counts["overs"].sum())
