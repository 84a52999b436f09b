"""Who serves a date: read from `model_decisions`, the only truth about it.

A serving decision (`bootstrap`, `promote`, `rollback`) names the champion from a date on; `shadow` has a
model predict beside the champion, unpublished, and `retire` ends that. No model may serve a date that it was
trained on, whatever was decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from shared.errors import DataNotReady

SERVING = ("bootstrap", "promote", "rollback")
_ORDER = ["effective_from", "decided_at", "decision_id"]


def _of_system(decisions: pd.DataFrame, system_id: str) -> pd.DataFrame:
    """The decisions about one system, in the order in which they hold."""
    if decisions.empty:
        return decisions
    rows = decisions.loc[(decisions["system_id"] == system_id).to_numpy(dtype=bool)]
    return rows.sort_values(_ORDER, ignore_index=True)


def _serving(decisions: pd.DataFrame, system_id: str) -> pd.DataFrame:
    rows = _of_system(decisions, system_id)
    return rows if rows.empty else rows.loc[rows["action"].isin(SERVING).to_numpy(dtype=bool)]


def _not_after(rows: pd.DataFrame, column: str, day: object) -> pd.DataFrame:
    if rows.empty:
        return rows
    return rows.loc[(pd.to_datetime(rows[column]) <= pd.Timestamp(str(day))).to_numpy(dtype=bool)]


def _trained_before(registered: pd.DataFrame, system_id: str, day: object) -> pd.DataFrame:
    if registered.empty:
        return registered
    return registered.loc[
        (registered["system_id"] == system_id).to_numpy(dtype=bool)
        & (pd.to_datetime(registered["trained_through"]) < pd.Timestamp(str(day))).to_numpy(dtype=bool)
    ]


def serving_decision(
    registered: pd.DataFrame, decisions: pd.DataFrame, system_id: str, day: object
) -> pd.Series | None:
    """The decision by which a model serves the day; None if no model may."""
    models = _trained_before(registered, system_id, day)
    rows = _not_after(_serving(decisions, system_id), "effective_from", day)
    if models.empty or rows.empty:
        return None
    rows = rows.loc[rows["model_id"].isin(models["model_id"]).to_numpy(dtype=bool)]
    return None if rows.empty else rows.iloc[-1]


def champion_row(registered: pd.DataFrame, decisions: pd.DataFrame, system_id: str, day: object) -> pd.Series:
    """The registered model that serves a system on a date.

    Args:
        registered: rows of `nba_predictions.ml_models`.
        decisions: rows of `nba_predictions.model_decisions`.
        system_id: the prediction system.
        day: the game date, as a date or its ISO text.

    Raises:
        DataNotReady: no model trained before the day was made champion; says what to run.
    """
    decision = serving_decision(registered, decisions, system_id, day)
    if decision is None:
        raise DataNotReady(
            f"no {system_id} champion trained before {day}; run `tipoff models train --system {system_id} "
            f"--through <date>` with a date before {day}, then `tipoff models promote`"
        )
    return registered.loc[(registered["model_id"] == decision["model_id"]).to_numpy(dtype=bool)].iloc[-1]


def shadow_rows(
    registered: pd.DataFrame, decisions: pd.DataFrame, system_id: str, day: object
) -> pd.DataFrame:
    """The registered models that shadow the champion of a system on a date, by model id.

    A shadow is a model whose own latest decision up to the day is `shadow`, that was trained before it and
    that does not serve it.
    """
    models = _trained_before(registered, system_id, day)
    rows = _not_after(_of_system(decisions, system_id), "effective_from", day)
    if models.empty or rows.empty or not (rows["action"] == "shadow").any():
        return models.iloc[:0]
    latest = rows.groupby("model_id")["action"].last()
    shadows = set(latest.index[(latest == "shadow").to_numpy(dtype=bool)])
    champion = serving_decision(registered, decisions, system_id, day)
    if champion is not None:
        shadows.discard(champion["model_id"])
    return models.loc[models["model_id"].isin(shadows).to_numpy(dtype=bool)].sort_values("model_id")


def latest_serving(decisions: pd.DataFrame, system_id: str) -> pd.Series | None:
    """The serving decision that holds last, be it for dates to come; None if there is none."""
    rows = _serving(decisions, system_id)
    return None if rows.empty else rows.iloc[-1]


def champion_before(decisions: pd.DataFrame, system_id: str) -> str | None:
    """The model to which a rollback of the last champion returns; None if there was none before it.

    A rollback takes back what came after the model it returned to: rolling back twice goes back two models
    and not to the one just left.
    """
    line: list[str] = []
    for row in _serving(decisions, system_id).itertuples(index=False):
        model = str(row.model_id)
        if row.action == "rollback" and model in line:
            while line[-1] != model:
                line.pop()
        elif not line or line[-1] != model:
            line.append(model)
    return line[-2] if len(line) > 1 else None


def statuses(registered: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, str]:
    """`ml_models.status` of every registered model, as the decisions have it.

    champion: named by the last serving decision of its system, effective or to come. shadow: its own latest
    decision. retired: it was champion or shadow before. challenger: nothing was decided about it.
    """
    found: dict[str, str] = {}
    for system_id, models in registered.groupby("system_id"):
        rows = _of_system(decisions, str(system_id))
        champion = latest_serving(decisions, str(system_id))
        latest = {} if rows.empty else rows.groupby("model_id")["action"].last().to_dict()
        for model_id in models["model_id"]:
            if champion is not None and model_id == champion["model_id"]:
                found[model_id] = "champion"
            elif model_id not in latest:
                found[model_id] = "challenger"
            else:
                found[model_id] = "shadow" if latest[model_id] == "shadow" else "retired"
    return found


def as_date(value: object) -> date:
    """A DATE of a frame as a date."""
    day: date = pd.Timestamp(str(value)).date()
    return day
