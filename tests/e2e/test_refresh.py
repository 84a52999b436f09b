"""A day refreshed in the evening on real processes: moved lines, games begun and games to come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import httpx
from temporalio.client import Client

from shared import names
from shared.config import TASK_QUEUE
from shared.messages import DailyPipelineInput, DayReport, DayStatus
from shared.refresh import RefreshInput, RefreshResult
from tests.e2e.conftest import DAY, connect
from tests.e2e.stack import RunningStack

MOVED = 2.0


async def refresh(client: Client, at: datetime) -> RefreshResult:
    """What the schedule starts, as of an instant of the day's own time; waits for the day."""
    result: RefreshResult = await client.execute_workflow(
        names.REFRESH_DAY, RefreshInput(game_date=DAY, as_of=at), id=f"refresh-{at:%H%M}",
        task_queue=TASK_QUEUE, result_type=RefreshResult,
    )  # fmt: skip
    report: DayReport = await client.get_workflow_handle(result.workflow_id, result_type=DayReport).result()
    assert report.status is DayStatus.COMPLETED, report.message
    return result


def published(stack: RunningStack) -> dict[str, Any]:
    """The day's document."""
    document: dict[str, Any] = json.loads(
        (stack.home / "exports" / str(DAY) / "predictions.json").read_text()
    )
    return document


def rows_of(stack: RunningStack, sql: str) -> list[tuple[Any, ...]]:
    """What the warehouse of a stopped stack says."""
    with duckdb.connect(str(stack.home / "warehouse.duckdb"), read_only=True) as warehouse:
        return warehouse.execute(sql, [DAY]).fetchall()


async def test_a_refresh_supersedes_predictions_of_games_to_come_and_touches_none_that_has_begun(
    new_stack: Callable[[str], RunningStack],
) -> None:
    stack = new_stack("refreshed")
    client = await connect(stack)
    await client.execute_workflow(
        names.DAILY_PIPELINE, DailyPipelineInput(game_date=DAY), id=f"daily-{DAY}", task_queue=TASK_QUEUE
    )
    morning = published(stack)
    tips = sorted({datetime.fromisoformat(game["tip_time"]) for game in morning["games"]})
    assert len(tips) > 1, "some games begin before others"
    evening = tips[0] + timedelta(minutes=1)
    begun = {g["game_id"] for g in morning["games"] if datetime.fromisoformat(g["tip_time"]) < evening}

    first = await refresh(client, tips[0] - timedelta(hours=3))
    games = len(morning["games"])
    assert (first.asked, first.reason) == (True, f"{games} of {games} games have not begun")
    untouched = published(stack)
    assert untouched["games"] == morning["games"], "lines that nobody has moved change nothing"

    fault = {"route": "odds-api/event-odds", "kind": "moved_line", "value": MOVED}
    async with httpx.AsyncClient() as http:
        (await http.post(f"{stack.info['replay_url']}/faults", json=fault)).raise_for_status()
    assert (await refresh(client, evening)).asked
    after = published(stack)
    over = await client.execute_workflow(
        names.REFRESH_DAY, RefreshInput(game_date=DAY, as_of=tips[-1]), id="refresh-late",
        task_queue=TASK_QUEUE, result_type=RefreshResult,
    )  # fmt: skip
    assert (over.asked, over.reason) == (False, f"all {games} games have begun")
    await asyncio.to_thread(stack.stop)

    old, new = ({g["game_id"]: g["players"] for g in d["games"]} for d in (morning, after))
    assert {game: new[game] for game in begun} == {game: old[game] for game in begun}
    coming = sorted(set(old) - begun)
    lines = {p["player_id"]: p["points_line"] for game in coming for p in old[game] if p["points_line"]}
    moved = {p["player_id"]: p["points_line"] for game in coming for p in new[game] if p["points_line"]}
    assert moved == {player: line + MOVED for player, line in lines.items()}

    made = rows_of(
        stack,
        "SELECT game_id, prediction_id, points_line, is_active, superseded_by, created_at, tip_time "
        "FROM nba_predictions.player_prop_predictions WHERE game_date = ?",
    )
    assert all(created < tip for *_, created, tip in made), "none was made after its tip-off"
    inactive = {one: (game, by) for game, one, _, active, by, *_ in made if not active}
    active = {one: game for game, one, _, active, *_ in made if active}
    assert {game for game, _ in inactive.values()} == set(coming)
    assert all(by in active for _, by in inactive.values()), "each names what came after it"
    before = {s["prediction_id"]: game for game in old for p in old[game] for s in p["systems"].values()
              if s["has_prop_line"] and game in coming}  # fmt: skip
    assert set(before) <= set(inactive), "every superseded row is kept"
    features = rows_of(
        stack,
        "SELECT game_id, features[26] FROM nba_predictions.ml_feature_store_v2 "
        "WHERE game_date = ? AND features[29] = 1 ORDER BY player_id",
    )
    of_begun = {line for game, line in features if game in begun}
    assert of_begun <= {p["points_line"] for game in begun for p in old[game]}, "features of the afternoon"
    fetched = rows_of(
        stack,
        "SELECT MIN(fetched_at), MAX(fetched_at) FROM nba_raw.scrape_log "
        "WHERE game_date = ? AND request LIKE 'event_odds/%'",
    )
    assert fetched[0][0].replace(tzinfo=UTC) < evening < fetched[0][1].replace(tzinfo=UTC)
