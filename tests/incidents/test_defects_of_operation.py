"""Defects of the old code that lost, doubled or froze work: in keys, locks, gates and checks."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from temporalio.client import Client

from activities.operations import reconcile
from activities.operations.disagreements import disagreements
from activities.precompute import player_daily_cache
from activities.quality import predictions as prediction_gate
from activities.runner import read_frames
from shared import build
from shared.errors import SupersededWrite
from shared.messages import DayStatus
from shared.phases import PHASE_NAMES, processor_named
from shared.registry import Window
from tests.incidents.days import settled
from tests.incidents.hand import DATES, D, games, hand_schedule
from tests.incidents.incident import latent_defect
from tests.incidents.switches import forgiven, window_of, without_check
from tests.operations.test_reconcile import ran
from tests.predictions.tables import (
    DAY,
    FEATURE_STORE,
    PREDICTIONS,
    context,
    feature_row,
    frame,
    predictions,
    silent,
    upcoming_row,
)
from tests.workflows.world import World, running_worker
from warehouse import duckdb_writes
from warehouse.protocol import Warehouse, WritePlan
from warehouse.writer import Fence, Writer


def _matched_rows_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    right = duckdb_writes.write_rows

    def write(cursor: Any, plan: WritePlan) -> None:
        if plan.mode != "merge":
            right(cursor, plan)
            return
        key = list(plan.schema.key)
        known = set(cursor.execute(f"SELECT {', '.join(key)} FROM {plan.schema.name}").fetchall())
        new = [tuple(row[k] for k in key) not in known for row in plan.rows.select(key).to_pylist()]
        with duckdb_writes.registered(cursor, plan.rows.filter(pa.array(new))):
            duckdb_writes.insert(cursor, plan.schema.name, plan.schema)

    monkeypatch.setattr(duckdb_writes, "write_rows", write)


@latent_defect(
    "WHEN MATCHED gave a row its new prediction_id and left the old line in it",
    prevented="A MERGE replaces the whole row of a key, every column of it, or nothing",
    fix_out=_matched_rows_stay, fails_with="[24.5]",
)  # fmt: skip
def test_defect_a_row_that_is_merged_again_is_the_new_one_in_every_column(warehouse: Warehouse) -> None:
    writer = Writer(warehouse)
    first = predictions([upcoming_row(1, line=24.5)])
    again = predictions([upcoming_row(1, line=25.0)], prediction_id=first["prediction_id"].iloc[0])
    for number, rows in enumerate((first, again)):
        writer.merge(PREDICTIONS, rows, write_key=f"k{number}", fence=Fence(1), run_id="r")
    stored = warehouse.read(PREDICTIONS)
    assert stored["points_line"].tolist() == [25.0]
    for column in ("predicted_points", "prob_over", "reason"):
        assert stored[column].tolist() == again[column].tolist()


@latent_defect(
    "Two systems wrote under the key xgboost, and the later one stood for both",
    prevented="A system has one name, and two answers under one name are refused by the gate of phase 5",
    fix_out=without_check(prediction_gate, "one_per_player_system_and_line"), fails_with="assert None",
)  # fmt: skip
def test_defect_two_answers_under_one_system_s_name_are_refused() -> None:
    rows = predictions([upcoming_row(1)], system_id="xgboost_v1")
    staged = pd.concat([rows, rows.assign(predicted_points=20.0)], ignore_index=True)
    features = frame(FEATURE_STORE, [feature_row(1)])
    found = prediction_gate.process(context(staged=staged), {"features": features}, silent).frame
    blocked = dict(zip(found["check_name"], found["blocked"], strict=True))
    assert blocked.get("one_per_player_system_and_line") == ["1"]


@latent_defect(
    "The cache of injuries never expired: who was out once stayed out",
    prevented="A morning reads the injury report of its own date, and no report means unknown",
    fix_out=window_of("upcoming_player_game_context", "injuries", Window.UP_TO, 30),
    fails_with="assert ['out'] == []",
)  # fmt: skip
def test_defect_yesterday_s_injuries_are_not_today_s(warehouse: Warehouse) -> None:
    yesterday = pd.DataFrame(
        [{"report_date": D - timedelta(days=1), "player_id": 1, "player_name": "Player 1", "team_abbr": "BOS",
          "status": "out", "detail": None, "reported_at": None}]
    )  # fmt: skip
    Writer(warehouse).merge("nba_raw.injury_report", yesterday, write_key="k", fence=Fence(1), run_id="r")
    reads = processor_named("upcoming_player_game_context").reads
    seen = read_frames(warehouse, reads, D, ())["injuries"]
    assert seen["status"].tolist() == []


@latent_defect(
    "A lock lived exactly as long as a MERGE could take, so two could hold it",
    prevented="No lock expires: a write with a lower fence than its target's is refused as it commits",
    fix_out=lambda patch: patch.setattr(duckdb_writes, "raise_fences", lambda cursor, plan: None),
    fails_with="DID NOT RAISE",
)  # fmt: skip
def test_defect_an_attempt_that_was_frozen_can_not_overwrite_its_successor(warehouse: Warehouse) -> None:
    writer = Writer(warehouse)
    for fence, line in ((2, 25.0), (1, 24.5)):
        rows = predictions([upcoming_row(1, line=line)])
        if fence == 2:
            writer.merge(PREDICTIONS, rows, write_key="late", fence=Fence(fence), run_id="r")
            continue
        with pytest.raises(SupersededWrite, match="written since by a later run"):
            writer.merge(PREDICTIONS, rows, write_key="frozen", fence=Fence(fence), run_id="r")
    assert warehouse.read(PREDICTIONS)["points_line"].tolist() == [25.0]


@latent_defect(
    "A consolidation that failed was reported as a success",
    prevented="A required processor's failure parks its phase, and nothing that needs the phase begins",
    fix_out=forgiven("player_prop_predictions"), fails_with="<DayStatus.COMPLETED",
)  # fmt: skip
async def test_defect_a_consolidation_that_fails_is_no_success(client: Client) -> None:
    world = World()
    world.fails("player_prop_predictions")
    async with running_worker(client, world) as day:
        handle = await day.start()
        status = (await settled(handle)).status
    assert status is DayStatus.WAITING
    assert world.runs["published_documents"] == 0
    assert [a.cause for a in world.alerts] == ["predictions/player_prop_predictions/SchemaViolation"]


@latent_defect(
    "The gate from phase 3 to 4 asked for today's box scores in the morning, and never opened by itself",
    prevented="What a morning reads of games lies before its date",
    fix_out=window_of("player_daily_cache", "player_games", Window.DAY), fails_with="assert 0 == 16",
)  # fmt: skip
def test_defect_a_morning_needs_no_game_of_its_own_date(warehouse: Warehouse) -> None:
    writer, known = Writer(warehouse), games()
    for name, rows in (
        ("player_game_summary", "player_games"),
        ("team_offense_game_summary", "team_offense"),
    ):
        writer.replace(
            f"nba_analytics.{name}", known[rows], partitions=DATES, write_key=name, fence=Fence(1), run_id="r"
        )
    processor = processor_named("player_daily_cache")
    frames = read_frames(warehouse, processor.reads, D, (D - timedelta(days=1),))
    slate = hand_schedule().iloc[1]
    upcoming = known["player_games"].drop_duplicates("player_id")[["player_id", "team_abbr", "opponent_abbr"]]
    frames["upcoming_players"] = upcoming.assign(game_date=slate["game_date"], season="2024-25")
    made = player_daily_cache.process(context(game_date=D), frames, silent).frame
    assert int((made["games_in_sample"] == 10).sum()) == 16


@latent_defect(
    "The flag that a gate had fired was set before it was judged, and its exception swallowed",
    prevented="A gate is a processor: where it breaks, its phase waits as if it had refused",
    fix_out=forgiven("feature_store_quality"), fails_with="<DayStatus.COMPLETED",
)  # fmt: skip
async def test_defect_a_gate_that_breaks_does_not_let_the_day_through(client: Client) -> None:
    world = World()
    world.fails("feature_store_quality", "ZeroDivisionError")
    async with running_worker(client, world) as day:
        handle = await day.start()
        status = (await settled(handle)).status
    assert status is DayStatus.WAITING
    assert world.runs["prediction_chunk"] == 0


@latent_defect(
    "Self-healing looked into the wrong tables, and healed what was well",
    prevented="What the reconciler counts is named once, by table, and a date that is well has no finding",
    fix_out=lambda patch: patch.setitem(
        reconcile.COUNTED, "documents", ("nba_orchestration.briefs", "game_date", "TRUE")
    ),
    fails_with="there is no published document",
)  # fmt: skip
def test_defect_a_date_that_is_well_is_not_healed(warehouse: Warehouse) -> None:
    ran(warehouse, DAY, dict.fromkeys(PHASE_NAMES, "completed"))
    document = {
        "game_date": DAY, "document": "predictions", "path": f"{DAY}/predictions.json", "sha256": "0",
        "size_bytes": 1, "row_count": 1, "published_at": pd.Timestamp("2025-11-07T18:05:00Z"),
    }  # fmt: skip
    rows = {
        FEATURE_STORE: frame(FEATURE_STORE, [feature_row(1)]),
        PREDICTIONS: predictions([upcoming_row(1)]),
        "nba_orchestration.published_documents": pd.DataFrame([document]),
    }
    for table, made in rows.items():
        Writer(warehouse).merge(table, made, write_key=table, fence=Fence(1), run_id="r")
    evening = pd.Timestamp("2025-11-07T22:00:00Z").to_pydatetime()
    found = disagreements(reconcile.standing_of(warehouse, DAY, DAY), DAY, DAY, evening)
    assert [one.what for one in found] == []


@latent_defect(
    "The checker of drift compared folders that no longer existed, and found no drift",
    prevented="A build's digest covers every folder that a worker runs code or tables from",
    fix_out=lambda patch: patch.setattr(build, "ROOMS", ("data_processors", "orchestration", "predictions")),
    fails_with="activities",
)  # fmt: skip
def test_defect_a_change_in_any_folder_that_a_worker_runs_makes_another_build(tmp_path: Path) -> None:
    project = tomllib.loads((build.PROJECT / "pyproject.toml").read_text())
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    for room in sorted(packages - {"replay", "starter"} | {"schemas"}):
        assert (build.PROJECT / room).is_dir(), room
        before = build.code_digest(tmp_path)
        (tmp_path / room).mkdir()
        (tmp_path / room / "a.py").write_text("changed = True\n")
        assert build.code_digest(tmp_path) != before, room
