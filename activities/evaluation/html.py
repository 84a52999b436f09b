"""The report of an evaluation as one page that needs no network and no script.

What is bad is on top: the canaries that failed stand before any number. Every system has its row in
every table, with dashes where the report has nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from itertools import chain
from typing import Any

from activities.evaluation.charts import charts
from activities.markup import page, paragraph, section, table
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

Cells = Callable[[Mapping[str, Any]], list[str]]

PROBABILITY_HEADS = (
    "n", "Brier", "95% interval", "minus 0.25", "uncalibrated Brier", "market Brier", "minus market",
    "95% interval of that",
)  # fmt: skip
CALIBRATION = {"log_loss": "log loss", "ece": "ECE", "ece_limit": "ECE limit", "spread": "spread of p"}


def evaluation_html(report: Mapping[str, Any]) -> str:
    """The page of a report."""
    title = title_of(report)
    return page(title, (_alarm(report), f"<h1>{escape(title)}</h1>", *_figures(report)))


def evaluation_parts(report: Mapping[str, Any]) -> str:
    """The same without its heading, as part of another page: what is bad first, then every figure."""
    return "".join((_alarm(report), *_figures(report)))


def title_of(report: Mapping[str, Any]) -> str:
    """What was evaluated."""
    return f"Evaluation {plain(report.get('start'))} to {plain(report.get('end'))}"


def _figures(report: Mapping[str, Any]) -> tuple[str, ...]:
    source = plain(report.get("source"))
    return (
        paragraph(f"Source: {SOURCES.get(source, source)}."),
        paragraph(
            f"Evaluation {plain(report.get('evaluation_id'))}, code "
            f"{plain(report.get('code_version'))}: {count(report.get('dates'))} dates.",
            "soft",
        ),
        _best(report),
        _rows(report),
        _errors(report),
        _against_ewma(report),
        _market(report),
        _bets(report),
        _voids(report),
        charts(report),
        _canaries(report),
        _history(report),
    )


def _alarm(report: Report) -> str:
    """The canaries that failed, before anything else."""
    canaries = canaries_of(report)
    failed = [canary for canary in canaries if canary.failed]
    if not canaries:
        return f'<div class="alarm" role="alert">{section("No canary was run")}</div>'
    if not failed:
        return paragraph(f"All {len(canaries)} canaries pass.", "good")
    listed = "".join(
        f"<li><strong>{escape(canary.name)}</strong>: {escape(canary.state)}; observed "
        f"{escape(canary.observed)}, limit {escape(canary.limit)}, {escape(canary.rows)} rows. "
        f"{escape(canary.text)}</li>"
        for canary in failed
    )
    said = paragraph("The numbers on this page cannot be relied on until these are explained.")
    heading = f"{len(failed)} of {len(canaries)} canaries failed"
    return f'<div class="alarm" role="alert">{section(heading, said, f"<ul>{listed}</ul>")}</div>'


def _best(report: Report) -> str:
    """The smallest errors, with the line and without it."""
    found = []
    for name, title in (("any", "any input"), ("without_line", "no line used")):
        best = part(report, "best", name)
        if best:
            found.append(
                [title, plain(best.get("system")), number(best.get("all")), number(best.get("rotation"))]
            )
    heads = ("systems with", "best", "MAE, all", "MAE, rotation")
    return section("Best", table("The smallest errors, points", heads, found, frozenset({1})))


def _rows(report: Report) -> str:
    rows = part(report, "rows")
    names = {"all": "predicted and played", "rotation": "of them rotation players", "lined": "with a line"}
    found = [[names[name], count(rows.get(name))] for name in names]
    found += [[f"void: {name.replace('_', ' ')}", count(n)] for name, n in part(rows, "void").items()]
    found += [[f"coverage: {name.replace('_', ' ')}", count(n)] for name, n in part(rows, "coverage").items()]
    return section("What was evaluated", table("Rows evaluated, void and covered", ("rows", "n"), found))


def _errors(report: Report) -> str:
    heads = (
        "predictor",
        "n",
        "MAE",
        "95% interval",
        "RMSE",
        "bias",
        "bias of median",
        "kind",
        "sees the line",
    )
    tables = []
    for segment, title in segments_of(report).items():
        rows = []
        for kind, name in predictors_of(report):
            entry = part(report, kind, name, segment)
            rows.append(
                [
                    f"{name}, no lines used" if kind == "no_lines_used" else name,
                    count(entry.get("n")),
                    number(entry.get("mae")),
                    interval(entry, "mae_low", "mae_high"),
                    number(entry.get("rmse")),
                    signed(entry.get("bias")),
                    signed(entry.get("median_bias")),
                    "baseline" if kind == "baselines" else "system",
                    sees_line(report, kind, name),
                ]
            )
        tables.append(table(f"Errors in points: {title}", heads, rows, frozenset({7, 8})))
    return section(
        "Errors by system and baseline",
        paragraph(
            "MAE is of the predicted median; RMSE and bias are of the predicted mean. "
            "A bias above zero means that too many points were predicted."
        ),
        *tables,
    )


def _against_ewma(report: Report) -> str:
    def cells(segment: str) -> Cells:
        return lambda entry: [
            signed(part(entry, segment).get("difference")),
            interval(part(entry, segment), "low", "high", signed),
        ]

    found = part(report, "against_ewma")
    segments = dict.fromkeys(chain(("all", "rotation"), *(part(found, name) for name in found)))
    titles = segments_of(report)
    return section(
        "Against the ewma baseline",
        paragraph("Difference in MAE on the same rows, in points: below zero is better than the baseline."),
        *(
            _by_system(
                report,
                "against_ewma",
                f"MAE minus MAE of ewma, points: {titles.get(segment, segment)}",
                ("difference", "95% interval"),
                cells(segment),
            )
            for segment in segments
        ),
    )


def _market(report: Report) -> str:
    market = part(report, "market")
    heads = ("market", "n", "n priced", "MAE of line", "Brier", "log loss", "ECE", "ECE limit", "over rate")
    row = ["market", count(market.get("n")), count(market.get("n_priced")), number(market.get("mae"))]
    row += [score(market.get(name)) for name in ("brier", "log_loss", "ece", "ece_limit")]
    row.append(share(market.get("over_rate")))
    return section(
        "Against the market",
        paragraph(
            "Differences below zero are better than the line or the market. A Brier score of 0.25 is what "
            "saying 0.5 every time scores. ECE above its limit is more than chance explains."
        ),
        table("The market itself", heads, [row]),
        _by_system(
            report,
            "against_line",
            "Predicted median against the line, points",
            ("n", "MAE", "MAE of line", "difference", "95% interval", "median distance from the line"),
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
            "Probability of over",
            PROBABILITY_HEADS,
            _probability,
        ),
        _by_system(
            report,
            "probability",
            "Calibration and spread of the probability",
            ("n", *CALIBRATION.values()),
            lambda entry: [count(entry.get("n")), *(score(entry.get(name)) for name in CALIBRATION)],
        ),
    )


def _probability(entry: Mapping[str, Any]) -> list[str]:
    against, brier = part(entry, "against_market"), entry.get("brier")
    return [
        count(entry.get("n")),
        score(brier),
        interval(entry, "brier_low", "brier_high", score),
        signed_score(None if brier is None else brier - 0.25),
        score(entry.get("uncalibrated_brier")),
        score(entry.get("market_brier")),
        signed_score(against.get("difference")),
        interval(against, "low", "high", signed_score),
    ]


def _bets(report: Report) -> str:
    return section(
        "Recommendations",
        _by_system(
            report,
            "bets",
            "Recommended bets; return is per unit staked",
            ("bets", "hits", "hit rate", "PASS rate", "return", "95% interval"),
            lambda entry: [
                count(entry.get("n")),
                count(entry.get("hits")),
                share(entry.get("hit_rate")),
                share(entry.get("pass_rate")),
                signed(entry.get("return")),
                interval(entry, "return_low", "return_high", signed),
            ],
        ),
    )


def _voids(report: Report) -> str:
    """What became of the lines, by system: those who did not play are predicted too."""
    heads = ("predicted", "of who played", "coverage", *(f"void: {reason}" for reason in VOIDS.values()))
    heads = (*heads, *(f"bets void: {reason}" for reason in VOIDS.values()))
    return section(
        "Voids and coverage",
        paragraph(
            "Coverage is the share of the lines of players who played that were predicted. A line is void if "
            "its player did not play, its game was postponed, or the points were the line (a push)."
        ),
        _by_system(
            {**report, "voids": part(report, "rows", "by_system")},
            "voids",
            "Lines predicted, and void",
            heads,
            lambda entry: [
                count(entry.get("predicted")),
                count(entry.get("covered")),
                share(entry.get("coverage")),
                *map(count, voids_of(part(entry, "void"))),
                *map(count, voids_of(part(entry, "void_bets"))),
            ],
        ),
    )


def _by_system(report: Report, name: str, caption: str, heads: tuple[str, ...], cells: Cells) -> str:
    """A table of one part of the report with a row for every system."""
    rows = [[system, *cells(part(report, name, system))] for system in systems_of(report)]
    return table(caption, ("system", *heads), rows)


def _canaries(report: Report) -> str:
    rows = [
        [c.name, "FAIL" if c.state == "fail" else c.state, c.observed, c.limit, c.rows, c.text]
        for c in canaries_of(report)
    ]
    heads = ("canary", "state", "observed", "limit", "rows", "what it checks")
    return section("Canaries", table("Every canary, failed ones first", heads, rows, frozenset({1, 5})))


def _history(report: Report) -> str:
    history = part(report, "history")
    heads = ("predicts", "trained from", "through", "rows")
    seasons = ", ".join(history.get("seasons") or ()) or NOTHING
    return section(
        "What was known when",
        paragraph(
            f"History from {plain(history.get('first'))}: {count(history.get('games'))} games of "
            f"the seasons {seasons}; run in from {plain(history.get('run_in_from'))}. "
            "Each refit has seen only what was before the dates it predicts."
        ),
        table("Refits", heads, refits_of(report)),
    )
