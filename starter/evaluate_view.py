"""The report of an evaluation in 80 columns.

Errors are in points: MAE of the predicted median, RMSE and bias of the predicted mean. Every system is in
every table, with a dash where the report has no number, and failed canaries are named first and last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from shared.evaluation_parts import (
    NOTHING,
    SOURCES,
    VOIDS,
    Report,
    canaries_of,
    count,
    interval,
    number,
    part,
    plain,
    predictors_of,
    refits_of,
    score,
    sees_line,
    segments_of,
    share,
    signed,
    signed_score,
    systems_of,
    voids_of,
)

LEADING = ("all", "rotation")
"""The segments that have a table of their own."""

HEADS = {"lined": "with\na line", "line_under_10": "line\n< 10", "line_10_to_20": "line\n10-20"}
HEADS |= {"line_over_20": "line\n> 20"}
ABREAST = 5
"""How many segments stand side by side."""

CALIBRATION = ("log_loss", "ece", "ece_limit", "spread", "uncalibrated_brier", "market_brier")

Cells = Callable[[Mapping[str, Any]], list[str]]


def evaluation_view(report: Report) -> RenderableType:
    """All tables of a report, one under the other."""
    parts = [_heading(report), *_errors(report), *_other_segments(report), _against_ewma(report)]
    parts += [*_market(report), _bets(report), _voids(report), _history(report), _canaries(report)]
    spaced: list[RenderableType] = []
    for shown in parts:
        spaced += [shown, Text()]
    return Group(*spaced[:-1])


def _heading(report: Report) -> RenderableType:
    """What was evaluated, and what is wrong with it."""
    rows, source = part(report, "rows"), plain(report.get("source"))
    said = Text(f"Evaluation {plain(report.get('start'))} to {plain(report.get('end'))}", style="bold")
    about = Text(
        f"{SOURCES.get(source, source)}; {count(report.get('dates'))} dates, {count(rows.get('all'))} rows, "
        f"{count(rows.get('rotation'))} of rotation players, {count(rows.get('lined'))} with a line; "
        f"{plain(report.get('seconds'))} s, {plain(report.get('peak_mib'))} MiB",
        style="dim",
    )
    return Group(said, about, _verdict(report), *_best(report), _lines(report))


def _verdict(report: Report) -> Text:
    canaries = canaries_of(report)
    failed = [canary.name for canary in canaries if canary.failed]
    if not canaries:
        return Text("No canary was run", style="bold red")
    if failed:
        return Text(
            f"{len(failed)} of {len(canaries)} canaries failed: {', '.join(failed)}", style="bold red"
        )
    return Text(f"All {len(canaries)} canaries pass", style="green")


def _best(report: Report) -> list[Text]:
    """The smallest errors, with the line and without it."""
    found = []
    for name, title in (("any", "Best"), ("without_line", "Best without a line used")):
        best = part(report, "best", name)
        if best:
            errors = f"MAE {number(best.get('all'))}, rotation {number(best.get('rotation'))}"
            found.append(Text(f"{title}: {plain(best.get('system'))}, {errors}"))
    return found


def _lines(report: Report) -> Text:
    """What became of the lines."""
    covered, void = part(report, "rows", "coverage"), part(report, "rows", "void")
    if not covered.get("lines"):
        return Text("No lines for these dates: nothing is said against the market")
    voids = ", ".join(f"{count(void.get(reason))} {title}" for reason, title in VOIDS.items())
    return Text(
        f"{count(covered.get('lines'))} lines: {count(covered.get('played'))} of players who played, "
        f"{count(covered.get('predicted'))} of those predicted; void {voids}"
    )


def _errors(report: Report) -> list[RenderableType]:
    titles = segments_of(report)
    heads = ("n", "MAE", "95% interval", "RMSE", "bias", "sees\nline")
    tables: list[RenderableType] = []
    for segment in LEADING:
        rows = []
        for kind, name in predictors_of(report):
            entry = part(report, kind, name, segment)
            rows.append(
                [
                    _label(kind, name),
                    count(entry.get("n")),
                    number(entry.get("mae")),
                    interval(entry, "mae_low", "mae_high"),
                    number(entry.get("rmse")),
                    signed(entry.get("bias")),
                    sees_line(report, kind, name),
                ]
            )
        title = f"Errors, {titles.get(segment, segment)}: MAE of the median, RMSE and bias of the mean"
        tables.append(_table(title, "predictor", heads, rows))
    return tables


def _label(kind: str, name: str) -> str:
    """A predictor as it stands in its row; what a system says without lines stands under it."""
    return "  no lines used" if kind == "no_lines_used" else name


def _other_segments(report: Report) -> list[RenderableType]:
    """MAE by segment, with the number of rows of whichever predictor has most."""
    predictors = predictors_of(report)
    others = [segment for segment in segments_of(report) if segment not in LEADING]
    tables: list[RenderableType] = []
    for first in range(0, len(others), ABREAST):
        segments = others[first : first + ABREAST]
        rows = [
            [
                _label(kind, name),
                *(number(part(report, kind, name, segment).get("mae")) for segment in segments),
            ]
            for kind, name in predictors
        ]
        sizes = [
            max((part(report, kind, name, segment).get("n") or 0 for kind, name in predictors), default=0)
            for segment in segments
        ]
        rows.append(["n, at most", *map(count, sizes)])
        heads = [HEADS.get(segment, segment.replace("_", "\n")) for segment in segments]
        tables.append(_table("MAE in other segments", "predictor", heads, rows))
    return tables


def _against_ewma(report: Report) -> RenderableType:
    def cells(entry: Mapping[str, Any]) -> list[str]:
        return [
            cell
            for segment in LEADING
            for cell in (
                signed(part(entry, segment).get("difference")),
                interval(part(entry, segment), "low", "high", signed),
            )
        ]

    heads = ("all", "95% interval", "rotation", "95% interval")
    return _by_system(report, "against_ewma", "MAE minus MAE of ewma: below zero is better", heads, cells)


def _market(report: Report) -> list[RenderableType]:
    market = part(report, "market")
    row = ["market", count(market.get("n")), count(market.get("n_priced")), number(market.get("mae"))]
    row += [score(market.get(name)) for name in ("brier", "log_loss", "ece", "ece_limit")]
    row.append(share(market.get("over_rate")))
    heads = ("n", "priced", "MAE", "Brier", "log\nloss", "ECE", "ECE\nlimit", "over\nrate")
    return [
        _table("The market on rows with a line", "", heads, [row]),
        _by_system(
            report,
            "against_line",
            "MAE against the line: a difference below zero is better",
            ("n", "MAE", "line\nMAE", "diff.", "95% interval", "median\ndistance"),
            lambda entry: [
                count(entry.get("n")),
                number(entry.get("mae")),
                number(entry.get("line_mae")),
                signed(entry.get("difference")),
                interval(entry, "low", "high", signed),
                number(entry.get("median_distance")),
            ],
        ),
        _by_system(
            report,
            "probability",
            "Brier score of P(over): differences below zero are better",
            ("Brier", "95% interval", "minus\n0.25", "minus\nmarket", "95% interval"),
            _brier,
        ),
        _by_system(
            report,
            "probability",
            "Calibration and spread of P(over): an ECE above its limit is more than chance",
            ("n", "log\nloss", "ECE", "ECE\nlimit", "spread\nof p", "uncal.\nBrier", "market\nBrier"),
            lambda entry: [count(entry.get("n")), *(score(entry.get(name)) for name in CALIBRATION)],
        ),
    ]


def _brier(entry: Mapping[str, Any]) -> list[str]:
    against, brier = part(entry, "against_market"), entry.get("brier")
    return [
        score(brier),
        interval(entry, "brier_low", "brier_high", score),
        signed_score(None if brier is None else brier - 0.25),
        signed_score(against.get("difference")),
        interval(against, "low", "high", signed_score),
    ]


def _bets(report: Report) -> RenderableType:
    return _by_system(
        report,
        "bets",
        "Recommendations: return is per unit staked",
        ("bets", "hits", "hit\nrate", "PASS\nrate", "return", "95% interval"),
        lambda entry: [
            count(entry.get("n")),
            count(entry.get("hits")),
            share(entry.get("hit_rate")),
            share(entry.get("pass_rate")),
            signed(entry.get("return")),
            interval(entry, "return_low", "return_high", signed),
        ],
    )


def _voids(report: Report) -> RenderableType:
    return _by_system(
        {**report, "voids": part(report, "rows", "by_system")},
        "voids",
        "Lines: of players who played, how many were predicted; predicted lines and bets void",
        ("covered", "share", "did not\nplay", "post-\nponed", "push", "bets\nvoid"),
        lambda entry: [
            count(entry.get("covered")),
            share(entry.get("coverage")),
            *map(count, voids_of(part(entry, "void"))),
            count(sum(n or 0 for n in voids_of(part(entry, "void_bets")))),
        ],
    )


def _history(report: Report) -> RenderableType:
    """What the fits have learned from."""
    history = part(report, "history")
    seasons = list(history.get("seasons") or ())
    of = f"{seasons[0]} to {seasons[-1]}" if seasons else NOTHING
    said = Text(
        f"History: {count(history.get('games'))} games of {len(seasons)} seasons, {of}, "
        f"from {plain(history.get('first'))}; run in from {plain(history.get('run_in_from'))}"
    )
    return Group(said, _table("Refits", "predicts", ("trained from", "through", "rows"), refits_of(report)))


def _canaries(report: Report) -> RenderableType:
    """Every canary, with the text below its numbers for those that failed."""
    shown = Table.grid(padding=(0, 4, 0, 0))
    for canary in canaries_of(report):
        state = Text(canary.state, style="bold red" if canary.failed else "green")
        said = f"{canary.name}: observed {canary.observed}, limit {canary.limit}, {canary.rows} rows" + (
            f"\n{canary.text}" if canary.failed else ""
        )
        shown.add_row(state, Text(said))
    return Group(Text("Canaries", style="italic"), shown)


def _by_system(report: Report, name: str, title: str, heads: Sequence[str], cells: Cells) -> RenderableType:
    """A table of one part of the report with a row for every system."""
    rows = ([system, *cells(part(report, name, system))] for system in systems_of(report))
    return _table(title, "system", heads, rows)


def _table(title: str, first: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> RenderableType:
    """A plain table under its title: the name folds if it must, the numbers never do."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column(first, overflow="fold")
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return Group(Text(title, style="italic"), table)
