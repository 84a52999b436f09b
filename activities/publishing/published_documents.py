"""Phase 7, `published_documents`: the day's JSON, checked back against the warehouse's rows.

Writes `<date>/predictions.json` below the export folder or bucket, reads it back and compares every number;
and moves `latest.json`, the pointer to the newest date. A backfilled date moves it back never.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pandas as pd

from activities.analytics.windows import shaped
from activities.processor import Exports, Fact, Frames, Output, ProcessorContext, Progress
from activities.publishing.document import differences, document_of, encoded
from shared.errors import SchemaViolation

COLUMNS = {
    "game_date": "datetime64[us]", "document": "str", "path": "str", "sha256": "str",
    "size_bytes": "int64", "row_count": "int64", "published_at": "datetime64[us, UTC]",
}  # fmt: skip

DOCUMENT = "predictions"
FILE = "predictions.json"
LATEST = "latest.json"

_ONE_ACTIVE = ["game_id", "player_id", "system_id"]


def active_predictions(predictions: pd.DataFrame) -> pd.DataFrame:
    """The active rows.

    Raises:
        SchemaViolation: two active predictions of one game, player and system: nothing is published.
    """
    active = predictions.loc[predictions["is_active"].to_numpy(dtype=bool)].reset_index(drop=True)
    twice = active.duplicated(_ONE_ACTIVE, keep=False)
    if twice.any():
        shown = active.loc[twice, _ONE_ACTIVE].head(5).to_dict("records")
        raise SchemaViolation(
            f"nba_predictions.player_prop_predictions: more than one active prediction: {shown}"
        )
    return active


def _read_back(
    exports: Exports, path: str, body: bytes, active: pd.DataFrame, withheld: pd.DataFrame
) -> None:
    """Checks what is stored against the bytes meant and the rows they were made of.

    Raises:
        SchemaViolation: they differ; the first five differences are named.
    """
    stored = exports.read(path) or b""
    found = []
    try:
        found += differences(json.loads(stored), active, withheld)
    except ValueError as error:
        found.append(f"it is no JSON: {error}")
    if stored != body:
        found.insert(0, f"{len(stored)} bytes stored, {len(body)} written")
    if found:
        where = exports.address(path)
        raise SchemaViolation(f"{where} does not say what the warehouse says: {'; '.join(found[:5])}")


def move_latest(exports: Exports, day: date, path: str, sha256: str) -> bool:
    """Points `latest.json` at a date unless it points at a later one already; whether it moved."""
    try:
        pointed = date.fromisoformat(json.loads(exports.read(LATEST) or b"")["game_date"])
    except (ValueError, KeyError, TypeError):
        # Missing or damaged: it holds nothing that can't be written again. One that can't be read at the
        # moment is neither: taken for missing, it could move back.
        pointed = day
    if pointed > day:
        return False
    exports.write(LATEST, encoded({"game_date": day.isoformat(), "path": path, "sha256": sha256}))
    return True


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Publishes the day and records it.

    Raises:
        SchemaViolation: the predictions contradict each other, or what was read back is not what the
            warehouse holds. `latest.json` then stays where it was.
    """
    day = context.game_date
    active = active_predictions(frames["predictions"])
    schedule = frames["schedule"]
    slate = schedule.loc[(schedule["game_date"] == pd.Timestamp(day)).to_numpy(dtype=bool)]
    document = document_of(
        day, context.upstreams.source, context.as_of, active, frames["withheld"], slate,
        frames["upcoming_players"],
    )  # fmt: skip
    body = encoded(document)
    relative = f"{day.isoformat()}/{FILE}"
    context.exports.write(relative, body)
    progress(1, 2, "written")
    _read_back(context.exports, relative, body, active, frames["withheld"])
    digest = hashlib.sha256(body).hexdigest()
    moved = move_latest(context.exports, day, relative, digest)
    progress(2, 2, "read back")
    row = {
        "game_date": pd.Timestamp(day),
        "document": DOCUMENT,
        "path": relative,
        "sha256": digest,
        "size_bytes": len(body),
        "row_count": len(active),
        "published_at": pd.Timestamp(context.now),
    }
    facts: dict[str, Fact] = {
        "predictions": len(active),
        "bytes": len(body),
        "sha256": digest,
        "latest": moved,
    }
    return Output(shaped(pd.DataFrame([row]), COLUMNS), (day,), facts=facts)
