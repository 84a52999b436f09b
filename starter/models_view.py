"""Models, comparisons and decisions, in tables of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from shared.jobs import TrainResult
from shared.models import Metrics, ModelComparison, ModelDecision, ModelEntry, ModelList

WIDTH = 80
ID_WIDTH = 36
"""That of `xgboost_v1-20251105-0123456789abcdef`."""
STYLES = {"champion": "green", "shadow": "cyan", "challenger": "yellow", "retired": "dim"}
NUMBERS = ("mae", "rmse", "bias")


def list_view(found: ModelList) -> RenderableType:
    """Every model with its status, and the decisions about who serves."""
    if not found.models:
        return Text("no models; `tipoff models train --through DATE` trains one")
    table = _bare()
    table.add_column("model", overflow="fold", width=ID_WIDTH)
    table.add_column("status", width=10)
    table.add_column("trained through", width=10)
    table.add_column("rows", justify="right", width=7)
    table.add_column("held-out MAE", justify="right", width=8)
    for model in found.models:
        mae = "" if model.validation_mae is None else f"{model.validation_mae:.3f}"
        table.add_row(
            escape(model.model_id), _status(model.status), str(model.trained_through), f"{model.rows:,}", mae
        )
    parts: list[RenderableType] = [table, ""]
    if found.omitted:
        parts.append(Text(f"{found.omitted} more; --system narrows them down"))
    return Group(*parts, *_decisions(found.decisions))


def model_view(found: ModelList) -> RenderableType:
    """One model in full."""
    model = found.models[0]
    table = Table(show_header=False, width=WIDTH)
    table.add_column(style="bold", width=16)
    table.add_column(overflow="fold", ratio=1)
    for name, value in _facts(model):
        table.add_row(name, value)
    parts: list[RenderableType] = [table]
    if model.metrics:
        parts.append(_metrics_table({"held out": model.metrics}))
    return Group(*parts, *_decisions(found.decisions))


def comparison_view(found: ModelComparison) -> RenderableType:
    """Two models' metrics by segment, and on which rows they are."""
    table = _metrics_table({"A": found.metrics_a, "B": found.metrics_b})
    where = f"{found.first} to {found.last}: {found.note}" if found.same_rows else found.note
    style = "" if found.same_rows else "yellow"
    names = Text(f"A {found.model_a}\nB {found.model_b}")
    return Group(names, table, Text(where, style=style), Text("points; bias is predicted less actual"))


def decision_view(decision: ModelDecision) -> RenderableType:
    """What was decided, in a sentence."""
    about = escape(decision.model_id)
    text = {
        "promote": f"[green]promoted[/] {about}: champion",
        "rollback": f"[green]rolled back[/] to {about}: champion",
        "shadow": f"[green]shadowing[/] {about}: beside the champion",
        "retire": f"[green]retired[/] {about}: no longer a shadow",
    }.get(decision.action, f"{decision.action} {about}")
    text += f" from {decision.effective_from} on"
    if decision.previous_model_id:
        text += f", after {escape(decision.previous_model_id)}"
    return Text.from_markup(text)


def trained_view(result: TrainResult) -> RenderableType:
    """What a training has brought."""
    mae = "" if result.validation_mae is None else f", held-out MAE {result.validation_mae:.3f}"
    there = "registered already" if result.existed else "registered"
    return Text(
        f"{result.model_id}: {result.rows:,} rows through {result.trained_through}{mae}; "
        f"{there}, {result.status}"
    )


def _facts(model: ModelEntry) -> Iterable[tuple[str, RenderableType]]:
    yield "model", Text(model.model_id)
    yield "system", Text(model.system)
    yield "status", _status(model.status)
    yield "trained on", Text(f"{model.rows:,} rows, {model.trained_from} to {model.trained_through}")
    yield "contract", Text(model.feature_version)
    yield "checksum", Text(model.checksum)
    if model.shadow:
        record = model.shadow
        yield (
            "in shadow",
            Text(
                f"MAE {record.mae:.3f}, the champion's {record.champion_mae:.3f} on the same {record.n:,} "
                f"player-games, {record.first} to {record.last}"
            ),
        )
    yield "registered", Text(f"{model.created_at:%Y-%m-%d %H:%M} UTC by tipoff {model.code_version}")
    if model.approved_at:
        yield "approved", Text(f"{model.approved_at:%Y-%m-%d %H:%M} UTC by {model.approved_by}")
        yield "because", Text(model.approved_reason)


def _metrics_table(columns: dict[str, dict[str, Metrics]]) -> Table:
    table = Table(header_style="bold")
    table.add_column("segment")
    table.add_column("")
    for name in ("n", *NUMBERS):
        table.add_column(name, justify="right")
    segments = list(dict.fromkeys(segment for metrics in columns.values() for segment in metrics))
    for segment in segments:
        for name, metrics in columns.items():
            values = metrics.get(segment, {})
            shown = [f"{values[key]:.3f}" if key in values else "" for key in NUMBERS]
            table.add_row(segment, name, f"{values.get('n', 0):,.0f}", *shown)
    return table


def _decisions(decisions: Iterable[ModelDecision]) -> list[RenderableType]:
    rows = list(decisions)
    if not rows:
        return []
    table = _bare()
    table.add_column("from", width=10)
    table.add_column("decision", width=9)
    table.add_column("model", overflow="fold", width=ID_WIDTH)
    table.add_column("by whom and why", overflow="fold", ratio=1)
    for row in rows:
        table.add_row(
            str(row.effective_from),
            row.action,
            escape(row.model_id),
            escape(f"{row.decided_by}: {row.reason}"),
        )
    return [table]


def _bare() -> Table:
    """Without lines: an id of the usual length stays whole, to be copied."""
    return Table(header_style="bold", width=WIDTH, box=None, pad_edge=False, padding=(0, 2, 0, 0))


def _status(status: str) -> Text:
    return Text(status, style=STYLES.get(status, ""))
