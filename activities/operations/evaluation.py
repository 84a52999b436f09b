"""The activities behind `tipoff evaluate`: features, one segment, the report. Each leaves a file behind, so
that a crash repeats only the one that was running."""

from __future__ import annotations

import io
import json
import resource
from collections.abc import Sequence
from datetime import date, timedelta
from importlib.metadata import version

import pandas as pd
from temporalio import activity

from activities.evaluation import canaries
from activities.evaluation.html import evaluation_html
from activities.evaluation.report import (
    ROTATION_GAMES,
    ROTATION_MINUTES,
    build_report,
)
from activities.evaluation.voids import absent_players, outcomes, outcomes_of_lines
from activities.evaluation.walk_forward import (
    EARLIER_GAMES,
    Segment,
    earlier_games,
    error_variance,
    finish,
    history_needed,
    market_rows,
    predict_segment,
    segments,
)
from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.precompute.training_features import training_features
from activities.surroundings import Surroundings
from shared.errors import BadRequest, DataNotReady
from shared.evaluation import (
    EvaluateInput,
    EvaluationPlan,
    EvaluationResult,
    EvaluationSegment,
    ReportRequest,
    SegmentRequest,
)
from shared.ids import content_digest
from shared.names import EVALUATE_SEGMENT, PREPARE_EVALUATION, REPORT_EVALUATION

KIND = "evaluation"
"""The folder of the object store."""

_GAMES = ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary")
_PROPS = "nba_raw.player_points_props"

Games = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
"""Summaries of player-games, and of teams' offence and defence."""


class Evaluator:
    """The activities, over one warehouse and its object store."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=PREPARE_EVALUATION)
    def prepare_evaluation(self, request: EvaluateInput) -> EvaluationPlan:
        """Features of every morning of the range and of the history before it."""
        with as_application_errors(), heartbeating() as progress:
            if request.end < request.start:
                raise BadRequest(f"end: {request.end} is before {request.start}")
            progress(0, 1, "reading games")
            frames = self._games(request)
            if frames[0].empty:
                raise DataNotReady(f"no games up to {request.end} in the warehouse; load history first")
            progress(0, 1, "features of past mornings")
            first = history_needed(request.start, request.seasons)
            props = self._props(request.start, request.end)
            absent = absent_players(market_rows(props), props, frames[0])
            rows = training_features(*frames, first, request.end, absent)
            rows["earlier_games"] = earlier_games(frames[0], rows, request.start)
            return EvaluationPlan(
                rows=self._put(rows),
                segments=tuple(
                    EvaluationSegment(first=s.first, last=s.last)
                    for s in segments(rows, request.start, request.end)
                ),
            )

    @activity.defn(name=EVALUATE_SEGMENT)
    def evaluate_segment(self, request: SegmentRequest) -> str:
        """Fits on the games before a segment and predicts it; the object path of the forecasts."""
        with as_application_errors(), heartbeating() as progress:
            rows = self._get([request.rows])
            variance = error_variance(self._get(request.earlier), rows)
            segment = Segment(request.segment.first, request.segment.last)
            return self._put(predict_segment(rows, segment, variance, progress))

    @activity.defn(name=REPORT_EVALUATION)
    def report_evaluation(self, request: ReportRequest) -> EvaluationResult:
        """Weights, calibration and recommendations date by date; then the figures, the page and the file."""
        asked = request.request
        with as_application_errors(), heartbeating() as progress:
            rows = self._get([request.plan.rows])
            played = rows.loc[rows["points"].notna().to_numpy(dtype=bool)]
            predicted = self._get(request.predicted)
            progress(0, 1, "the market's lines")
            since = request.plan.segments[0].first
            props = self._props(since, asked.end)
            market = market_rows(props)
            joined = rows.merge(predicted, on=["game_date", "player_id", "game_id"], validate="1:1").merge(
                market, on=["game_id", "player_id"], how="left", validate="1:1"
            )
            finished = finish(joined, progress)
            progress(0, 1, "the report")
            frames = self._games(asked)
            report = build_report(finished, asked.start, asked.end)
            since_start = (props["game_date"] >= pd.Timestamp(asked.start)).to_numpy(dtype=bool)
            report["rows"] |= outcomes_of_lines(outcomes(market, props.loc[since_start], frames[0]), finished)
            report |= {
                "source": self._surroundings.settings.source,
                "code_version": version("tipoff"),
                "history": {
                    "first": f"{played['game_date'].min():%Y-%m-%d}", "run_in_from": since.isoformat(),
                    "seasons": sorted(played["season"].unique()), "games": int(played["game_id"].nunique()),
                    "refits": [_refit(played["game_date"], s) for s in request.plan.segments],
                },
            }  # fmt: skip
            verdicts = self._canaries(asked, frames, played, finished)
            report["canaries"] = {name: state for name, (state, _) in verdicts.items()}
            report["canary_details"] = {name: detail for name, (_, detail) in verdicts.items()}
            return self._write(report)

    def _props(self, first: date, last: date) -> pd.DataFrame:
        return self._surroundings.warehouse.read(_PROPS, since=first, until=last + timedelta(days=1))

    def _games(self, request: EvaluateInput) -> Games:
        # Three years before the first row are read for its windows.
        since = history_needed(request.start, request.seasons) - timedelta(days=1_100)
        until = request.end + timedelta(days=1)
        warehouse = self._surroundings.warehouse
        player_games, offense, defense = (
            warehouse.read(f"nba_analytics.{name}", since=since, until=until) for name in _GAMES
        )
        return player_games, offense, defense

    def _canaries(
        self, asked: EvaluateInput, frames: Games, rows: pd.DataFrame, finished: pd.DataFrame
    ) -> dict[str, canaries.Verdict]:
        played = finished["points"].notna()
        judged = finished.loc[(played & (finished["earlier_games"] >= EARLIER_GAMES)).to_numpy(dtype=bool)]
        rotation = judged.loc[
            (
                (judged["minutes_avg_last_10"] >= ROTATION_MINUTES)
                & (judged["games_played_season"] >= ROTATION_GAMES)
            ).to_numpy(dtype=bool)
        ]
        asked_for = rows.loc[(rows["game_date"] >= pd.Timestamp(asked.start)).to_numpy(dtype=bool)]
        days = sorted(asked_for["game_date"].unique())
        day = pd.Timestamp(days[len(days) // 2]).date()
        return {
            "last_5_correlation": canaries.correlation(rotation),
            "rotation_mae": canaries.rotation_mae(rotation),
            "target_day_unchanged": canaries.target_day(*frames, day),
            "truncated_history": canaries.truncated_history(*frames, rows, day),
            "shuffled_labels": canaries.shuffled_labels(*frames, rows["game_date"], asked.start, asked.end),
        }

    def _write(self, report: dict[str, object]) -> EvaluationResult:
        name = f"{report['start']}_{report['end']}"
        digest = content_digest(json.dumps(report, sort_keys=True))
        report["evaluation_id"] = f"evaluation-{name}-{digest}"
        folder = self._surroundings.evaluations / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(
            json.dumps(report, allow_nan=False, indent=1) + "\n", encoding="utf-8"
        )
        (folder / "report.html").write_text(evaluation_html(report), encoding="utf-8")
        rows, states = report["rows"], report["canaries"]
        assert isinstance(rows, dict)  # noqa: S101 - built above
        assert isinstance(states, dict)  # noqa: S101
        return EvaluationResult(
            evaluation_id=str(report["evaluation_id"]),
            json_path=str(folder / "report.json"),
            html_path=str(folder / "report.html"),
            rows=int(rows["all"]),
            canaries=states,
            peak_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        )

    def _put(self, frame: pd.DataFrame) -> str:
        body = io.BytesIO()
        frame.to_parquet(body, index=False)
        return self._surroundings.objects.put(KIND, body.getvalue())

    def _get(self, paths: Sequence[str]) -> pd.DataFrame:
        parts = [pd.read_parquet(io.BytesIO(self._surroundings.objects.get(path))) for path in paths]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _refit(days: pd.Series, segment: EvaluationSegment) -> dict[str, object]:
    """What the fit of a segment has learned from, and what it predicts."""
    past = days[days < pd.Timestamp(segment.first)]
    return {
        "trained_from": f"{past.min():%Y-%m-%d}", "trained_through": f"{past.max():%Y-%m-%d}",
        "rows": len(past), "from": segment.first.isoformat(), "to": segment.last.isoformat(),
    }  # fmt: skip
