"""What `tipoff demo` does on a running stack.

Every step is a workflow with an id that follows from the date: a demo that was killed finds what it had
started, or its result, and goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.client import WorkflowHandle

from shared.config import load_settings
from shared.ids import daily_workflow_id
from shared.jobs import (
    DaySummary,
    DaySummaryInput,
    HistoryProgress,
    LoadHistoryInput,
    TrainInput,
    TrainResult,
)
from shared.messages import DailyPipelineInput, DayReport, DayStatus, PhaseState, Retrigger
from shared.names import DAILY_PIPELINE, LOAD_HISTORY, TRAIN_MODEL
from starter.day import follow_day
from starter.demo_clock import ReplayClock, can_grade, check_day, default_day
from starter.failure import DONE, FAILED
from starter.home import StackInfo
from starter.options import requester
from starter.output import styled
from starter.predictions_view import (
    by_player,
    fetch_outcomes,
    fetch_predictions,
    outcome_summary,
    outcomes_table,
    predictions_table,
)
from starter.status_view import exit_code
from starter.temporal import Connection, ask_query, connect, patiently, result_of, start_or_attach
from starter.up import links
from starter.warehouse import Row, summarise
from worker.day_messages import DayMessages

GRADING_PHASES = ("scrape", "raw", "analytics", "grading")
"""What of the day after is run: enough to bring in the outcomes."""
POLL_SECONDS = 0.3


class DemoRun:
    """One demo. Progress goes to `notes`; tables go to `out`, or nowhere with --json."""

    def __init__(self, info: StackInfo, notes: Console, out: Console | None) -> None:
        self._info = info
        self._notes = notes
        self._out = out
        self._settings = load_settings(home=info.home)
        self._clock = ReplayClock(info.replay_url or "", self._settings.token)
        self._label = "SIMULATED league" if info.source == "simulated" else "recorded data"

    async def run(
        self, day: date | None, *, give_up_when_waiting: bool, began: float
    ) -> tuple[int, dict[str, Any]]:
        """Exit code, and the object that `--json` prints.

        Raises:
            BadRequest: the date is not in the data.
            CommandError: history, training or a query failed.
        """
        seasons = await self._clock.seasons()
        chosen = day or default_day(seasons)
        check_day(seasons, chosen)
        self._notes.print(f"[bold]{chosen}[/] from {self._label}", soft_wrap=True)
        connection = await connect(self._info.address, self._info.home)
        await self._load_history(connection, chosen)
        await self._train(connection, chosen)
        report = await self._run_day(connection, chosen, give_up_when_waiting)
        facts: dict[str, Any] = {
            "game_date": chosen.isoformat(),
            "status": str(report.status),
            "source": self._info.source,
        }
        if report.status is not DayStatus.COMPLETED:
            facts |= {
                "message": report.message,
                "blockers": [blocker.model_dump(mode="json") for blocker in report.blockers],
            }
            return exit_code(report.status) or FAILED, self._finished(facts, began)
        predictions = await fetch_predictions(connection, chosen)
        before = await summarise(connection, DaySummaryInput(game_date=chosen))
        self._show_predictions(chosen, predictions, before)
        code = DONE
        if can_grade(seasons, chosen):
            code, facts["outcomes"] = await self._grade(connection, chosen, predictions, give_up_when_waiting)
        else:
            facts["outcomes"] = None
            self._say(f"Not graded: {chosen + timedelta(days=1)} is not in the data.")
        # After the grading, and once: so a demo that was killed in between has the same hashes.
        summary = await summarise(connection, DaySummaryInput(game_date=chosen, hashes=True))
        facts |= summary.model_dump(mode="json", exclude={"game_date", "source"})
        return code, self._finished(facts, began)

    def _finished(self, facts: dict[str, Any], began: float) -> dict[str, Any]:
        return {**facts, "links": links(self._info), "wall_seconds": round(time.monotonic() - began, 3)}

    # ---- before the day

    async def _load_history(self, connection: Connection, day: date) -> None:
        clock = await self._clock.day(day)
        request = LoadHistoryInput(
            # Exclusive: the box scores of the day before are brought in by the day itself.
            until=day - timedelta(days=1),
            # An invented league teaches nothing more by a second season.
            seasons=min(self._settings.history_seasons, 1 if self._info.source == "simulated" else 10),
            as_of=clock.as_of,
        )
        handle, _ = await start_or_attach(
            connection, LOAD_HISTORY, request, f"history-{day}", HistoryProgress
        )
        ended = asyncio.ensure_future(result_of(handle, "history"))
        columns = (
            TextColumn("history"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("{task.description}"),
        )  # fmt: skip
        try:
            with Progress(*columns, console=self._notes, disable=not self._notes.is_terminal) as bar:
                task = bar.add_task("planning", total=None)
                while not ended.done():
                    await asyncio.wait({ended}, timeout=POLL_SECONDS)
                    progress = None if ended.done() else await ask_query(handle, "progress", HistoryProgress)
                    if progress:
                        bar.update(
                            task, completed=progress.done, total=progress.total or None,
                            description=progress.note,
                        )  # fmt: skip
                done = ended.result()
                bar.update(task, completed=done.total, total=done.total, description="done")
        finally:
            ended.cancel()
        self._notes.print(
            f"history: {done.games:,} games, {done.players:,} player games brought in"
            if done.games
            else "history: all there"
        )

    async def _train(self, connection: Connection, day: date) -> None:
        # Gradings and games up to D-2 only: a re-run may see nothing that the live day could not.
        through = day - timedelta(days=2)
        request = TrainInput(trained_through=through, as_champion=True)
        handle, _ = await start_or_attach(
            connection, TRAIN_MODEL, request, f"train-{request.system}-{through}", TrainResult
        )
        with self._notes.status(f"training {request.system} on games through {through}"):
            trained = await result_of(handle, "training")
        self._notes.print(f"model: {trained.model_id}, {trained.rows:,} rows", soft_wrap=True)

    # ---- the day

    async def _run_day(self, connection: Connection, day: date, give_up: bool) -> DayReport:
        request = DailyPipelineInput(game_date=day, requested_by=requester())
        handle = await self._day_handle(connection, request)
        report = await follow_day(handle, day, self._notes, give_up_when_waiting=give_up)
        skipped = [phase.name for phase in report.phases if phase.state is PhaseState.SKIPPED]
        if report.status is DayStatus.COMPLETED and skipped:
            # The demo of the day before has run this one in part, to grade its own predictions.
            await _messages(connection).reopen(day, _request(f"demo-{day}", skipped[0]))
            report = await follow_day(handle, day, self._notes, give_up_when_waiting=give_up)
        return report

    async def _day_handle(
        self, connection: Connection, request: DailyPipelineInput
    ) -> WorkflowHandle[Any, DayReport]:
        day = request.game_date
        await start_or_attach(connection, DAILY_PIPELINE, request, daily_workflow_id(day), DayReport)
        # Without a run id: a re-trigger opens a new run, and that is the one to follow.
        return connection.client.get_workflow_handle(daily_workflow_id(day), result_type=DayReport)

    def _show_predictions(self, day: date, rows: Sequence[Row], summary: DaySummary) -> None:
        if self._out is None:
            return
        lines = by_player(rows)
        with_line = [entry for entry in lines if entry.line is not None]
        self._out.print(predictions_table(with_line, f"Predictions for {day}, {self._label}"))
        rest = len(lines) - len(with_line)
        if rest:
            self._say(f"{rest} more without a line: tipoff predictions {day} --recommendation NO_LINE")
        if summary.withheld:
            self._say(f"Withheld, of {summary.players_with_line} players with a line:")
            for player in summary.withheld:
                self._say(f"  {player.player}: {player.reason}")
        boxes = summary.box_scores
        self._say(
            f"{summary.games} games; box scores brought in: {boxes.games} games, "
            f"{boxes.players} players, {boxes.points:,} points"
        )
        for game in boxes.completed_games:
            self._say(f"  completed: {game}")

    # ---- the day after

    async def _grade(
        self, connection: Connection, day: date, predictions: Sequence[Row], give_up: bool
    ) -> tuple[int, dict[str, Any]]:
        """Advance to the day after, which brings the outcomes in."""
        after = day + timedelta(days=1)
        self._notes.print(f"[bold]{after}[/]: the outcomes of {day}")
        request = DailyPipelineInput(game_date=after, phases=GRADING_PHASES, requested_by=requester())
        handle = await self._day_handle(connection, request)
        report = await follow_day(handle, after, self._notes, give_up_when_waiting=give_up)
        outcomes = await fetch_outcomes(connection, day)
        if report.status is DayStatus.COMPLETED and predictions and not outcomes:
            # That day was run before there was anything of this one to grade.
            await _messages(connection).reopen(after, _request(f"demo-grade-{day}", "grading"))
            report = await follow_day(handle, after, self._notes, give_up_when_waiting=give_up)
            outcomes = await fetch_outcomes(connection, day)
        summary = outcome_summary(outcomes)
        if self._out and outcomes:
            with_line = [e for e in by_player(predictions, outcomes) if e.line is not None]
            self._out.print()
            self._out.print(outcomes_table(with_line, f"Outcomes of {day}, {self._label}"))
            maes = ", ".join(f"{name} {value:.2f}" for name, value in summary["mae"].items())
            self._say(
                f"{summary['graded']} predictions graded, {summary['void']} void; "
                f"mean absolute error in points: {maes or 'none'}"
            )
        if report.status is DayStatus.COMPLETED:
            return DONE, summary
        self._notes.print(f"{after}: {styled(str(report.status))} {report.message}", soft_wrap=True)
        return exit_code(report.status) or FAILED, {**summary, "status": str(report.status)}

    def _say(self, text: str) -> None:
        if self._out:
            self._out.print(text, markup=False)


def _messages(connection: Connection) -> DayMessages:
    return DayMessages(connection.client, connection.task_queue, patiently)


def _request(request_id: str, phase: str) -> Retrigger:
    # The id follows from the date: killed and started again, the demo asks for the same thing once.
    return Retrigger(
        request_id=request_id,
        reason="the demo needs it",
        requested_by=requester(),
        phase=phase,
    )
