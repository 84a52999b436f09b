"""The page of an evaluation: whole without the network, and nothing bad below the fold."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from activities.evaluation.html import evaluation_html
from activities.svg import Scale, value_range
from tests.evaluation.report import BASELINES, SYSTEMS, report

HOSTILE = '<script>alert("x")</script>&\'"'


class Outline(HTMLParser):
    """The tags of a page, checked to close in order, and the attributes that fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.fetched += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")
        ]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def outline(page: str) -> Outline:
    parsed = Outline()
    parsed.feed(page)
    assert parsed.open == []
    return parsed


def test_the_page_fetches_nothing_and_runs_nothing():
    page = evaluation_html(report())
    parsed = outline(page)
    assert parsed.fetched == []
    assert not {"script", "link", "iframe", "img"} & set(parsed.tags)
    assert "http" not in page
    assert "url(" not in page
    assert "@import" not in page


def test_every_table_has_a_row_for_every_system():
    page = evaluation_html(report(bets={}))
    for caption in ("Errors in points: all players", "Probability of over", "Recommended bets"):
        shown = next(t for t in re.findall(r"<table>.*?</table>", page) if f"<caption><span>{caption}" in t)
        assert all(f">{system}</th>" in shown for system in SYSTEMS)
    errors = next(
        t for t in re.findall(r"<table>.*?</table>", page) if "<caption><span>Errors in points" in t
    )
    assert all(f">{baseline}</th>" in errors for baseline in BASELINES)


def test_a_system_that_uses_a_line_stands_beside_itself_with_no_lines_used():
    page = evaluation_html(report())
    errors = next(
        t for t in re.findall(r"<table>.*?</table>", page) if "<caption><span>Errors in points" in t
    )
    rows = [re.findall(r">([^<>]+)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", errors)]
    at = next(i for i, row in enumerate(rows) if row[0] == "ensemble_v1")
    assert rows[at][-2:] == ["system", "yes"]
    assert (rows[at + 1][0], rows[at + 1][-2:]) == ("ensemble_v1, no lines used", ["system", "no"])


def test_voids_are_counted_for_every_system_and_the_history_is_told():
    page = evaluation_html(report())
    voids = next(t for t in re.findall(r"<table>.*?</table>", page) if "<caption><span>Lines predicted" in t)
    row = re.search(r">similarity_v1</th>(.*?)</tr>", voids)
    assert row
    assert re.findall(r"<td>([^<]*)</td>", row[1]) == (
        ["8,611", "8,600", "99.1%", "11", "0", "31", "2", "0", "5"]
    )
    assert "8,289 games of the seasons 2023-24, 2024-25" in page
    assert "2024-10-22 to 2024-11-30</th><td>2018-10-16</td><td>2024-10-21</td><td>152,031</td>" in page


def test_every_table_has_a_caption_and_scoped_column_heads_and_its_own_scrolling_box():
    page = evaluation_html(report())
    tables = re.findall(r"<table>.*?</table>", page)
    assert all(table.startswith("<table><caption><span>") for table in tables)
    assert all(
        "<th" not in re.sub(r'<th scope="(col|row)"', "", table).replace("<thead", "") for table in tables
    )
    assert len(re.findall(r'<div class="scroll"[^>]*><table>', page)) == len(tables)


def test_every_chart_is_described_and_has_its_table():
    page = evaluation_html(report())
    figures = re.findall(r"<figure>.*?</figure>", page)
    assert len(figures) == 5 * len(SYSTEMS) == page.count("<svg")
    for figure in figures:
        assert re.search(r"<svg[^>]*><title id=[^>]*>[^<]+</title><desc id=[^>]*>[^<]+</desc>", figure)
        assert "<table>" in figure
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_a_hostile_string_is_only_ever_text():
    found = report(evaluation_id=HOSTILE, code_version=HOSTILE, source=HOSTILE)
    sections = (
        "systems", "baselines", "calibration_curve", "residuals", "by_month", "bets_by_month", "bets_by_line",
        "canaries",
    )  # fmt: skip
    for section in sections:
        found[section] = {HOSTILE: next(iter(found[section].values()))}
    found["canary_details"] = {HOSTILE: {"observed": HOSTILE, "limit": HOSTILE, "rows": 1, "text": HOSTILE}}
    found["history"]["refits"][0]["trained_through"] = HOSTILE
    page = evaluation_html(found)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    outline(page)


def test_failed_canaries_stand_before_everything_else():
    page = evaluation_html(report())
    body = page[page.index("<body>") :]
    assert body.index("1 of 3 canaries failed") < body.index("<h1>")
    assert body.index("shuffled_target_is_useless") < body.index("<h1>") < body.index("future_does_not_leak")
    assert "a model of shuffled points is too good" in body[: body.index("<h1>")]


def test_canaries_that_all_pass_leave_no_alarm_and_none_at_all_does():
    assert 'class="alarm"' not in evaluation_html(report(canaries={"one": "pass"}, canary_details={}))
    assert "No canary was run" in evaluation_html(report(canaries={}, canary_details={}))


def test_a_canary_in_an_unknown_state_counts_as_failed():
    page = evaluation_html(report(canaries={"one": None}, canary_details={}))
    assert "1 of 1 canaries failed" in page


def test_what_is_not_known_is_a_dash():
    page = evaluation_html({"systems": {"one_v1": {"all": {"n": None, "mae": None}}}})
    outline(page)
    assert "None" not in page
    assert "<td>-</td>" in page


def test_simulated_games_are_said_to_be_simulated():
    assert "say nothing about real ones" in evaluation_html(report(source="simulated"))


def test_bins_without_numbers_are_not_drawn():
    page = evaluation_html(
        report(
            calibration_curve={"one": [{"p": None, "observed": None, "n": 0}]},
            residuals={"one": [{"predicted": 5.0, "bias": None, "mae": None, "n": 0}]},
            by_month={"one": []},
        )
    )
    outline(page)
    assert page.count("<polyline") == 0


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [([4.61, 5.12], 4.6, 5.2), ([0.42, 0.58], 0.4, 0.6), ([3.0, 3.0], 3.0, 3.5), ([], 0.0, 1.0)],
)
def test_ranges_hold_their_values_and_end_on_round_numbers(values, low, high):
    assert value_range(values) == (low, high)
    ticks = Scale(low, high, 0, 100).ticks()
    assert ticks[0] == low
    assert ticks[-1] == high
