"""An evaluation in 80 columns."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from starter.evaluate_view import evaluation_view
from tests.evaluation.report import BASELINES, SYSTEMS, report


def shown(found, width=80):
    console = Console(file=io.StringIO(), width=width)
    console.print(evaluation_view(found))
    return console.file.getvalue()


def test_the_tables_fit_80_columns_and_cut_nothing_off():
    text = shown(report())
    assert all(len(line.rstrip()) <= 80 for line in text.splitlines())
    assert "…" not in text
    assert text.split() == shown(report(), width=200).split()


def test_every_system_is_in_every_table_and_every_baseline_in_those_of_errors():
    text = shown(report(bets={}))
    tables = 9
    assert all(sum(line.startswith(system) for line in text.splitlines()) == tables for system in SYSTEMS)
    assert all(sum(line.startswith(name + " ") for line in text.splitlines()) == 3 for name in BASELINES)


def test_a_system_that_uses_a_line_stands_beside_itself_with_no_lines_used():
    lines = shown(report()).splitlines()
    above = [lines[i - 1].split()[0] for i, line in enumerate(lines) if line.startswith("  no lines used")]
    assert above == ["ensemble_v1"] * 3
    assert sum(line.startswith("  no lines used") and "4.770" in line for line in lines) == 1


def test_voids_coverage_and_the_history_that_taught_are_told():
    text = shown(report())
    row = next(
        line for line in text[text.index("Lines: of players") :].splitlines() if "similarity_v1" in line
    )
    assert row.split() == ["similarity_v1", "8,600", "99.1%", "11", "0", "31", "7"]
    assert "8,289 games of 2 seasons" in text
    refit = next(line for line in text.splitlines() if line.startswith("2024-10-22 to 2024-11-30"))
    assert refit.split()[3:] == ["2018-10-16", "2024-10-21", "152,031"]


def test_every_canary_is_listed_and_the_failed_ones_are_named_first():
    lines = shown(report()).splitlines()
    assert any(line.startswith("1 of 3 canaries failed: shuffled_target_is_useless") for line in lines[:5])
    listed = lines[lines.index(next(line for line in lines if line.startswith("Canaries"))) :]
    assert [line.split()[0] for line in listed[1:] if line[:1].strip()] == ["fail", "pass", "pass"]
    assert any("a model of shuffled points is too good" in line for line in listed)
    assert "observed 4.91 [4.8, 5.02], limit 5.6" in " ".join(" ".join(listed).split())


@pytest.mark.parametrize("found", [{}, {"systems": {"one_v1": {"all": {"n": None, "mae": None}}}}])
def test_what_is_not_known_is_a_dash(found):
    text = shown(found)
    assert "None" not in text
    assert "No canary was run" in text


def test_a_system_that_recommended_nothing_has_a_pass_rate_and_no_return():
    text = shown(report())
    bets = text[text.index("Recommendations") :]
    row = next(line for line in bets.splitlines() if line.startswith("similarity_v1"))
    assert row.split() == ["similarity_v1", "0", "0", "-", "100.0%", "-", "-"]


def test_names_are_text_and_never_markup():
    assert "[red]x[/]" in shown(report(canaries={"[red]x[/]": "fail"}, canary_details={}))
