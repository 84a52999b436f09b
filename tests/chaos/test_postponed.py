"""What was predicted of a game that is called off on its day: withdrawn, or void, and missed by nobody."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from activities.predictions.player_prop_predictions import WITHDRAWN
from benchmarks.chaos.worlds import EVERYBODY, WORLDS
from shared.clock import iso_utc
from tests.in_process import Morning
from tests.replay.conftest import Replay

DAY = date(2025, 11, 8)
PREDICTIONS = "nba_predictions.player_prop_predictions"
WORLD = next(world for world in WORLDS if world.name == "postponed_game")


def test_predictions_of_a_game_that_is_called_off_are_withdrawn_by_a_later_run_or_void(
    replay: Replay, tmp_path: Path
) -> None:
    morning = Morning(tmp_path / "home", replay.base, "simulated", DAY)
    morning.history(date(2025, 10, 21), DAY - timedelta(days=1))
    morning.train()
    off = morning.as_of + timedelta(minutes=30)
    games = replay.schedule(iso_utc(morning.as_of)).values()
    slate = sorted(g["gameCode"] for g in games if g["gameCode"].startswith(f"{DAY:%Y%m%d}"))
    in_the_evening, before = (f"{code[:8]}_{code[9:12]}_{code[12:]}" for code in slate[:2])
    for edit in WORLD.edits([DAY], replay.base):
        replay.http.post("/faults", json=edit).raise_for_status()
    replay.fault(EVERYBODY, "postponed_game", value={"called_off": iso_utc(off)}, match={"game_id": before})

    morning.run()
    assert {in_the_evening, before} <= set(active(morning)["game_id"])
    morning.as_of = off + timedelta(minutes=30)
    morning.run_phases("scrape", "raw", "analytics", "precompute", "predictions")
    made = morning.warehouse.read(PREDICTIONS, dates=[DAY])
    gone = made.loc[(made["game_id"] == before).to_numpy(dtype=bool)]
    assert (gone["is_active"].any(), gone["reason"].str.startswith(WITHDRAWN).all()) == (False, True)
    assert in_the_evening in set(active(morning)["game_id"])

    morning.advance_to(DAY + timedelta(days=1))
    morning.run_phases("scrape", "raw", "analytics", "grading")
    results = morning.warehouse.read("nba_predictions.prediction_results", dates=[DAY])
    broken = WORLD.promises(morning.warehouse, (DAY, morning.day))
    morning.warehouse.close()
    void = results.loc[(results["void_reason"] == "postponed").to_numpy(dtype=bool)]
    assert (list(broken), set(void["game_id"])) == ([], {in_the_evening})


def active(morning: Morning) -> pd.DataFrame:
    """The predictions of the date that stand."""
    made = morning.warehouse.read(PREDICTIONS, dates=[DAY])
    return made.loc[made["is_active"].to_numpy(dtype=bool)]
