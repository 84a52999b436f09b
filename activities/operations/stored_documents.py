"""Published documents as they are on the disk, beside what the warehouse says of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd

from activities.publishing.document import differences


def documents(
    published: pd.DataFrame, exports: Path, predictions: pd.DataFrame, withheld: pd.DataFrame
) -> pd.DataFrame:
    """The rows of `published_documents` with `found`, the SHA-256 on the disk, and `differences`.

    `found` is empty where there is no such file; `differences` names the first three from the rows.
    """
    active = predictions.loc[predictions["is_active"].to_numpy(dtype=bool)]
    seen = [_seen(exports / str(path), active, withheld) for path in published["path"]]
    return published.assign(found=[digest for digest, _ in seen], differences=[said for _, said in seen])


def _seen(path: Path, active: pd.DataFrame, withheld: pd.DataFrame) -> tuple[str, str]:
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return "", ""
    digest = hashlib.sha256(body).hexdigest()
    try:
        return digest, "; ".join(differences(json.loads(body), active, withheld)[:3])
    except (ValueError, KeyError, TypeError) as error:
        return digest, f"it can't be read: {type(error).__name__}: {error}"
