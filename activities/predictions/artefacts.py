"""Model artefacts: a folder with `model.ubj` and `metadata.json`, checked whenever it is loaded.

Training writes them, phase 5 reads them. What serving depends on (contract, names, spread) is also stored
inside the model file, so the file's checksum covers it and a doctored metadata.json is found out.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb

from shared.errors import FeatureContractViolation, ModelIntegrityError
from shared.features import FEATURE_NAMES, check_names, contract_checksum
from shared.inputs import MODEL_INPUT_NAMES, inputs_checksum

MODEL_FILE = "model.ubj"
METADATA_FILE = "metadata.json"
SERVED = "tipoff"
"""The attribute inside the model file that repeats what serving depends on."""

UNUSED = (
    "injury_risk", "vegas_points_line", "vegas_opening_line", "vegas_line_move", "has_vegas_line",
    "pct_paint", "pct_mid_range",
)  # fmt: skip
"""Features that a model sees as missing, in training and serving alike.

History has no lines, no injury reports and no points in the paint: a model trained on the stand-ins (the
season average as the line) would be served the real thing and shift towards it in a way nobody measured.
Without the two shares it loses nothing (measured on three ranges of 2023-24 and 2024-25: RMSE 0.001-0.004
smaller).
"""


@dataclass(frozen=True)
class Artefact:
    """A loaded, checked model."""

    model_id: str
    booster: xgb.Booster
    metadata: dict[str, Any]

    @property
    def residual_std(self) -> float:
        """Standard deviation of the held-out errors, points."""
        return float(self.metadata["served"]["residual_std"])

    @property
    def nthread(self) -> int:
        """Threads it was trained with and is served with."""
        return int(self.metadata["served"]["nthread"])

    @property
    def variance(self) -> tuple[float, float]:
        """(a, b) of the held-out error variance a + b x predicted points, points squared."""
        a, b = self.metadata["served"]["variance"]
        return float(a), float(b)


MODEL_COLUMNS = (*FEATURE_NAMES, *MODEL_INPUT_NAMES)
"""What a model sees, in order: the contract's features, then the declared inputs."""


def model_matrix(inputs: pd.DataFrame) -> np.ndarray[Any, np.dtype[Any]]:
    """Features and declared inputs as a model sees them: float32, `MODEL_COLUMNS`, `UNUSED` missing."""
    matrix: np.ndarray[Any, np.dtype[Any]] = inputs[list(MODEL_COLUMNS)].to_numpy(dtype=np.float32, copy=True)
    matrix[:, [MODEL_COLUMNS.index(name) for name in UNUSED]] = np.nan
    return matrix


def model_data(inputs: pd.DataFrame, nthread: int) -> xgb.DMatrix:
    """The matrix as XGBoost reads it, its columns named."""
    return xgb.DMatrix(model_matrix(inputs), feature_names=list(MODEL_COLUMNS), nthread=nthread)


def predicted_points(artefact: Artefact, rows: pd.DataFrame) -> np.ndarray[Any, np.dtype[Any]]:
    """What a model predicts for rows of features, mean points: float64, unbounded, one per row."""
    if rows.empty:
        return np.zeros(0)
    data = model_data(rows, artefact.nthread)
    points: np.ndarray[Any, np.dtype[Any]] = artefact.booster.predict(data).astype(np.float64)
    return points


def sha256_of(body: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys: the same value is always the same text."""
    return json.dumps(value, sort_keys=True, allow_nan=False)


def write_artefact(models: Path, model_id: str, body: bytes, metadata: dict[str, Any]) -> Path:
    """Writes an artefact whole or not at all; one that is there already, with this checksum, is kept.

    Raises:
        ModelIntegrityError: a different artefact has the id already.
    """
    models.mkdir(parents=True, exist_ok=True)
    final = models / model_id
    if final.exists():
        return _kept(final, metadata)
    temporary = Path(tempfile.mkdtemp(prefix=f".{model_id}-", dir=models))
    try:
        for name, content in (
            (MODEL_FILE, body),
            (METADATA_FILE, (json.dumps(metadata, sort_keys=True, indent=2) + "\n").encode()),
        ):
            with (temporary / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        temporary.chmod(0o755)
        try:
            temporary.rename(final)
        except OSError:
            if not final.exists():
                raise
            return _kept(final, metadata)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return final


def _kept(final: Path, metadata: dict[str, Any]) -> Path:
    found = sha256_of(_bytes(final / MODEL_FILE))
    if found != metadata["checksum"]:
        raise ModelIntegrityError(
            f"{final.name}: an artefact with checksum {found[:12]} is there already, expected "
            f"{str(metadata['checksum'])[:12]}; move {final} away and train again"
        )
    return final


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelIntegrityError(
            f"model {path.parent.name}: {path} can't be read ({error.strerror}); restore it or train again"
        ) from error


def load_artefact(models: Path, model_id: str, checksum: str) -> Artefact:
    """Loads a registered model, or refuses it.

    Raises:
        ModelIntegrityError: the artefact is missing or does not match the registered checksum, or its own.
        FeatureContractViolation: it was made under another feature contract; both are named.
    """
    folder = models / model_id
    body = _bytes(folder / MODEL_FILE)
    try:
        metadata: dict[str, Any] = json.loads(_bytes(folder / METADATA_FILE))
        claimed, served = str(metadata["checksum"]), metadata["served"]
        version, names = str(served["feature_version"]), list(served["feature_names"])
        contract = str(served["contract_checksum"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelIntegrityError(f"model {model_id}: {METADATA_FILE} is damaged: {error!r}") from error
    found = sha256_of(body)
    if found != checksum or claimed != checksum:
        raise ModelIntegrityError(
            f"model {model_id}: {MODEL_FILE} has checksum {found[:12]}, {METADATA_FILE} says {claimed[:12]}, "
            f"registered is {checksum[:12]}; restore the artefact or train again"
        )
    try:
        check_names(names, version)
    except FeatureContractViolation as violation:
        raise FeatureContractViolation(f"model {model_id}: {violation}") from violation
    if contract != contract_checksum():
        raise FeatureContractViolation(
            f"model {model_id}: trained under {version} with contract {contract[:12]}, in force is "
            f"{contract_checksum()[:12]}; train it again"
        )
    if served.get("inputs_checksum") != inputs_checksum():
        raise FeatureContractViolation(
            f"model {model_id}: trained with other declared inputs than {', '.join(MODEL_INPUT_NAMES)}; "
            f"train it again"
        )
    if served.get("unused_features") != list(UNUSED):
        raise FeatureContractViolation(
            f"model {model_id}: trained with other features left out than {', '.join(UNUSED)}; train it again"
        )
    booster = xgb.Booster()
    booster.load_model(bytearray(body))
    booster.set_param({"nthread": int(served["nthread"])})
    if booster.attr(SERVED) != canonical(served):
        raise ModelIntegrityError(
            f"model {model_id}: {METADATA_FILE} does not agree with what {MODEL_FILE} carries"
        )
    return Artefact(model_id, booster, metadata)
