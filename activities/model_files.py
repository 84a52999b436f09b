"""Model artefacts in the bucket, and this worker's copies of them.

A copy is checked against the registered checksum whenever it is loaded, like any artefact.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from activities.predictions.artefacts import METADATA_FILE, MODEL_FILE

if TYPE_CHECKING:
    from activities.bucket import Bucket

FILES = (MODEL_FILE, METADATA_FILE)


def keep_model(bucket: Bucket, models: Path, model_id: str) -> None:
    """Puts an artefact into the bucket: before its row is registered, so that a registered one is there."""
    for name in FILES:
        bucket.put(f"models/{model_id}/{name}", (models / model_id / name).read_bytes())


def fetch_models(bucket: Bucket, models: Path, model_ids: Iterable[str]) -> None:
    """Copies artefacts that this worker lacks. One that the bucket lacks too is named by who loads it."""
    for model_id in model_ids:
        if (models / model_id).exists():
            continue
        bodies = {name: bucket.get(f"models/{model_id}/{name}") for name in FILES}
        if any(body is None for body in bodies.values()):
            continue
        models.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{model_id}-", dir=models))
        try:
            for name, body in bodies.items():
                (made / name).write_bytes(body or b"")
            made.chmod(0o755)
            made.rename(models / model_id)
        except OSError:
            # Another thread of this worker was quicker.
            if not (models / model_id).exists():
                raise
        finally:
            shutil.rmtree(made, ignore_errors=True)
