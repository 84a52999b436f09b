"""Fills an empty warehouse with the games before a date, in chunks of consecutive dates."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.steps import BOOKKEEPING, HEARTBEAT_TIMEOUT

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.jobs import (
        HistoryChunkRequest,
        HistoryChunkResult,
        HistoryPlan,
        HistoryProgress,
        LoadHistoryInput,
    )
    from shared.names import LOAD_HISTORY, LOAD_HISTORY_CHUNK, PLAN_HISTORY


@workflow.defn(name=LOAD_HISTORY, failure_exception_types=[ValidationError])
class LoadHistoryWorkflow:
    """Loads what is missing, in order, since a player is registered by the first date that saw him."""

    def __init__(self) -> None:
        self._progress = HistoryProgress(done=0, total=0, note="planning")

    @workflow.run
    async def run(self, request: LoadHistoryInput) -> HistoryProgress:
        """One activity a chunk; a crash resumes at the chunk that was under way."""
        epoch = int(workflow.info().start_time.timestamp() * 1_000_000)
        plan: HistoryPlan = await workflow.execute_activity(
            PLAN_HISTORY,
            request,
            result_type=HistoryPlan,
            start_to_close_timeout=timedelta(minutes=2),
            retry_policy=BOOKKEEPING,
        )
        games = players = 0
        for done, chunk in enumerate(plan.chunks):
            self._progress = HistoryProgress(
                done=done,
                total=len(plan.chunks),
                games=games,
                players=players,
                note=f"{chunk.season}: {chunk.first} to {chunk.last}",
            )
            result: HistoryChunkResult = await workflow.execute_activity(
                LOAD_HISTORY_CHUNK,
                HistoryChunkRequest(chunk=chunk, as_of=request.as_of, epoch=epoch),
                result_type=HistoryChunkResult,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
                retry_policy=BOOKKEEPING,
                summary=f"{chunk.first} to {chunk.last}",
            )
            games += result.games
            players += result.players
        total = len(plan.chunks)
        self._progress = HistoryProgress(done=total, total=total, games=games, players=players, note="done")
        return self._progress

    @workflow.query
    def progress(self) -> HistoryProgress:
        """How far it is."""
        return self._progress
