"""The day's document equals the warehouse's rows."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from activities import exports
from activities.processor import Output, Upstreams
from activities.publishing import published_documents
from activities.publishing.document import differences
from shared.errors import SchemaViolation
from tests.predictions.tables import (
    DAY,
    GAME,
    PREDICTIONS,
    TIP,
    UPCOMING,
    context,
    fits,
    frame,
    predictions,
    prop_row,
    silent,
    upcoming_row,
)  # fmt: skip

WITHHELD = "nba_predictions.withheld_players"


def frames(**changes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    upcoming = [upcoming_row(1), upcoming_row(2, line=None)]
    withheld = {
        "game_date": pd.Timestamp(DAY), "game_id": GAME, "player_id": 3, "player_name": "Player 3",
        "team_abbr": None, "has_prop_line": True, "systems_missing": ["moving_average_v1"],
        "stage": "eligibility", "reason": "out (reported)",
    }  # fmt: skip
    game = {
        "snapshot_date": pd.Timestamp(DAY), "game_id": GAME, "game_date": pd.Timestamp(DAY),
        "tip_time": TIP, "tip_assumed": False, "is_postponed": False,
    }  # fmt: skip
    other = {**game, "game_id": "20251108_BOS_NYK", "game_date": pd.Timestamp("2025-11-08")}
    return {
        "predictions": predictions(upcoming, [prop_row(1)]), "withheld": frame(WITHHELD, [withheld]),
        "schedule": frame("nba_raw.schedule", [game, other]),
        "upcoming_players": frame(UPCOMING, upcoming), **changes,
    }  # fmt: skip


def publish(home: Path, given: dict[str, pd.DataFrame] | None = None, **changes: Any) -> Output:
    output = published_documents.process(context(home, **changes), given or frames(), silent)
    assert fits(output.frame, "nba_orchestration.published_documents")
    return output


def document(home: Path, day: date = DAY) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "exports" / str(day) / "predictions.json").read_text())
    return found


def test_the_published_json_equals_the_frames(tmp_path: Path) -> None:
    given = frames()
    row = publish(tmp_path, given).frame.iloc[0]
    found = document(tmp_path)
    assert [g["game_id"] for g in found["games"]] == [GAME]
    players = {p["player_id"]: p for p in found["games"][0]["players"]}
    for made in given["predictions"].to_dict("records"):
        entry = players[made["player_id"]]["systems"][made["system_id"]]
        for name in ("prediction_id", "predicted_points", "recommendation", "reason"):
            assert entry[name] == made[name]
    assert players[2]["points_line"] is None
    assert found["withheld"][0]["reason"] == "out (reported)"
    assert (found["source"], found["simulated"], found["as_of"]) == (
        "recorded",
        False,
        "2025-11-07T18:01:00Z",
    )
    body = (tmp_path / "exports" / row["path"]).read_bytes()
    assert (row["sha256"], row["size_bytes"]) == (hashlib.sha256(body).hexdigest(), len(body))
    assert (row["document"], row["path"], row["row_count"]) == (
        "predictions",
        "2025-11-07/predictions.json",
        2,
    )
    assert row["published_at"] == pd.Timestamp(context().now)


def test_publishing_again_gives_the_same_bytes_and_leaves_nothing_behind(tmp_path: Path) -> None:
    first = publish(tmp_path).frame["sha256"].iloc[0]
    later = context().now + pd.Timedelta(hours=1)
    assert publish(tmp_path, now=later).frame["sha256"].iloc[0] == first
    names = sorted(p.name for p in (tmp_path / "exports").rglob("*") if p.is_file())
    assert names == ["latest.json", "predictions.json"]


def test_only_active_predictions_are_published(tmp_path: Path) -> None:
    made = predictions([upcoming_row(1)])
    old = predictions([upcoming_row(1, line=25.0)], is_active=False)
    publish(tmp_path, frames(predictions=pd.concat([made, old], ignore_index=True)))
    assert document(tmp_path)["counts"]["predictions"] == 1


def test_two_active_predictions_of_one_player_are_not_published(tmp_path: Path) -> None:
    both = pd.concat([predictions([upcoming_row(1, line=x)]) for x in (24.5, 25.0)], ignore_index=True)
    with pytest.raises(SchemaViolation, match="more than one active"):
        publish(tmp_path, frames(predictions=both))
    assert not (tmp_path / "exports").exists()


def test_every_number_that_differs_is_found(tmp_path: Path) -> None:
    given = frames()
    publish(tmp_path, given)
    found = document(tmp_path)
    assert differences(found, given["predictions"], given["withheld"]) == []
    found["games"][0]["players"][0]["systems"]["moving_average_v1"]["predicted_points"] += 0.01
    assert "differs in predicted_points" in differences(found, given["predictions"], given["withheld"])[0]
    found["games"][0]["players"].pop()
    assert "1 predictions published, 2 in" in differences(found, given["predictions"], given["withheld"])[0]


def test_a_file_that_reads_back_differently_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = exports.write_whole
    monkeypatch.setattr(exports, "write_whole", lambda path, body: real(path, body.replace(b"PASS", b"OVER")))
    with pytest.raises(SchemaViolation, match="does not say what the warehouse says"):
        publish(tmp_path)
    assert not (tmp_path / "exports" / "latest.json").exists()


def test_a_simulated_day_says_so(tmp_path: Path) -> None:
    publish(tmp_path, upstreams=Upstreams(None, "simulated"))
    found = document(tmp_path)
    assert (found["source"], found["simulated"]) == ("simulated", True)
    assert found["notice"].startswith("Simulated")


def test_latest_never_moves_back(tmp_path: Path) -> None:
    publish(tmp_path)
    empty = {"predictions": frame(PREDICTIONS, []), "withheld": frame(WITHHELD, [])}
    publish(tmp_path, frames(**empty), game_date=date(2025, 11, 6))
    latest = json.loads((tmp_path / "exports" / "latest.json").read_text())
    assert (latest["game_date"], latest["path"]) == ("2025-11-07", "2025-11-07/predictions.json")


def test_latest_moves_forward(tmp_path: Path) -> None:
    empty = {"predictions": frame(PREDICTIONS, []), "withheld": frame(WITHHELD, [])}
    publish(tmp_path, frames(**empty), game_date=date(2025, 11, 6))
    row = publish(tmp_path).frame.iloc[0]
    latest = json.loads((tmp_path / "exports" / "latest.json").read_text())
    assert (latest["game_date"], latest["sha256"]) == ("2025-11-07", row["sha256"])


def test_a_damaged_pointer_is_written_anew(tmp_path: Path) -> None:
    publish(tmp_path)
    pointer = tmp_path / "exports" / "latest.json"
    whole = pointer.read_bytes()
    for damage in (b"", b"{", b"[]", b"{}", b'{"game_date": "soon"}'):
        pointer.write_bytes(damage)
        publish(tmp_path)
        assert pointer.read_bytes() == whole


def test_a_pointer_that_cannot_be_read_is_not_taken_for_missing(tmp_path: Path) -> None:
    (tmp_path / "exports" / "latest.json").mkdir(parents=True)
    with pytest.raises(OSError, match="latest"):
        publish(tmp_path)


def test_a_full_disk_leaves_the_old_document_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path)
    before = document(tmp_path)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("activities.publishing.files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        publish(tmp_path, upstreams=Upstreams(None, "simulated"))
    assert document(tmp_path) == before
    names = sorted(p.name for p in (tmp_path / "exports").rglob("*") if p.is_file())
    assert names == ["latest.json", "predictions.json"]


def test_a_day_without_games_is_published_as_one(tmp_path: Path) -> None:
    given = {
        "predictions": frame(PREDICTIONS, []), "withheld": frame(WITHHELD, []),
        "schedule": frame("nba_raw.schedule", []), "upcoming_players": frame(UPCOMING, []),
    }  # fmt: skip
    assert publish(tmp_path, given).frame["row_count"].iloc[0] == 0
    assert document(tmp_path)["games"] == []
