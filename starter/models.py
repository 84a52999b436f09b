"""`tipoff models …`: train, compare, promote and roll back models."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import RenderableType

from shared.errors import BadRequest
from shared.messages import Message
from shared.models import (
    CompareInput,
    ListModelsInput,
    ModelComparison,
    ModelDecision,
    ModelList,
    PromoteInput,
    RollbackInput,
    ShadowInput,
    request_workflow_id,
)
from shared.names import COMPARE_MODELS, LIST_MODELS, PROMOTE_MODEL, ROLLBACK_MODEL, SHADOW_MODEL, TRAIN_MODEL
from starter.failure import DONE
from starter.options import (
    AddressOption,
    HomeOption,
    JsonOption,
    KeptReasonOption,
    check_reason,
    parse_day,
    requester,
)
from starter.output import print_json, stdout_console
from starter.run import run

R = TypeVar("R", bound=Message)
SYSTEM = "xgboost_v1"

ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help="Id of a model, as `list` shows it.")]
SystemOption = Annotated[str, typer.Option("--system", help="The prediction system.")]
WhyOption = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]
ByOption = Annotated[str | None, typer.Option("--by", help="Who decides. Default: user@machine.")]
FromOption = Annotated[
    str | None,
    typer.Option("--effective-from", metavar="DATE", help="First date. Default: the next unpredicted one."),
]

models = typer.Typer(
    name="models", help="Train, compare, promote and roll back models.", no_args_is_help=True
)


@models.command()
def train(
    through: Annotated[str, typer.Option("--through", metavar="DATE", help="Last date, included.")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First date. Default: three years before.")
    ] = None,
    system: SystemOption = SYSTEM,
    reason: KeptReasonOption = "",
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a challenger on the games of a range of dates."""
    from shared.jobs import TrainInput, TrainResult  # noqa: PLC0415
    from starter.models_view import trained_view  # noqa: PLC0415

    request = TrainInput(
        system=system,
        trained_through=parse_day(through),
        trained_from=_day(since),
        only_if_missing=False,
    )
    workflow_id = request_workflow_id("train", f"{system}-{request.trained_through}", request)
    kept = ("models train", f"{system} through {request.trained_through}", reason)
    _ask(TRAIN_MODEL, request, workflow_id, TrainResult, trained_view, address, home, as_json, kept)


@models.command(name="list")
def list_models(
    system: Annotated[str | None, typer.Option("--system", help="Of this system only.")] = None,
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the registered models and who serves."""
    from starter.models_view import list_view  # noqa: PLC0415

    request = ListModelsInput(system=system)
    workflow_id = request_workflow_id("models", "list", request)
    _ask(LIST_MODELS, request, workflow_id, ModelList, list_view, address, home, as_json)


@models.command()
def show(
    model_id: ModelArgument,
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one model: its training, its metrics, what was decided about it."""
    from starter.models_view import model_view  # noqa: PLC0415

    request = ListModelsInput(model_id=_named(model_id))
    workflow_id = request_workflow_id("models", model_id, request)
    _ask(LIST_MODELS, request, workflow_id, ModelList, model_view, address, home, as_json)


@models.command()
def compare(
    model_a: Annotated[str, typer.Argument(metavar="A", help="Id of a model.")],
    model_b: Annotated[str, typer.Argument(metavar="B", help="Id of another.")],
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two models on the games that neither has seen."""
    from starter.models_view import comparison_view  # noqa: PLC0415

    request = CompareInput(model_a=_named(model_a), model_b=_named(model_b))
    if model_a == model_b:
        raise BadRequest("model: give two different models to compare")
    workflow_id = request_workflow_id("compare", model_a, request)
    _ask(COMPARE_MODELS, request, workflow_id, ModelComparison, comparison_view, address, home, as_json)


@models.command()
def promote(
    model_id: ModelArgument,
    reason: WhyOption,
    by: ByOption = None,
    effective_from: FromOption = None,
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a model the champion from a date on; its artefact is checked first."""
    check_reason(reason)
    request = PromoteInput(
        model_id=_named(model_id), approved_by=_who(by), reason=reason, effective_from=_day(effective_from)
    )
    _decide(PROMOTE_MODEL, request, request_workflow_id("promote", model_id, request), address, home, as_json)


@models.command()
def rollback(
    reason: WhyOption,
    system: SystemOption = SYSTEM,
    by: ByOption = None,
    effective_from: FromOption = None,
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Return to the champion before the present one."""
    check_reason(reason)
    request = RollbackInput(
        system=system, approved_by=_who(by), reason=reason, effective_from=_day(effective_from)
    )
    _decide(ROLLBACK_MODEL, request, request_workflow_id("rollback", system, request), address, home, as_json)


@models.command()
def shadow(
    model_id: ModelArgument,
    on: Annotated[bool, typer.Option("--on/--off", help="Begin, or end it.")] = True,
    reason: WhyOption = "to see it beside the champion",
    by: ByOption = None,
    effective_from: FromOption = None,
    address: AddressOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mark a model as a shadow of the champion, or end that."""
    check_reason(reason)
    request = ShadowInput(
        model_id=_named(model_id),
        on=on,
        requested_by=_who(by),
        reason=reason,
        effective_from=_day(effective_from),
    )
    _decide(SHADOW_MODEL, request, request_workflow_id("shadow", model_id, request), address, home, as_json)


def _decide(
    workflow: str,
    request: Message,
    workflow_id: str,
    address: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    from starter.models_view import decision_view  # noqa: PLC0415

    _ask(workflow, request, workflow_id, ModelDecision, decision_view, address, home, as_json)


def _ask(
    workflow: str,
    request: Message,
    workflow_id: str,
    result: type[R],
    view: Callable[[R], RenderableType],
    address: str | None,
    home: Path | None,
    as_json: bool,
    kept: tuple[str, str, str] | None = None,
) -> None:
    """Run the workflow of a request, or wait for the one that runs already, and print its result.

    `kept`: action, subject and reason, of what has no record of its own.
    """

    async def command() -> int:
        from starter.recorded import record  # noqa: PLC0415
        from starter.temporal import connect, result_of, start_or_join  # noqa: PLC0415

        connection = await connect(address, home)
        if kept:
            await record(connection, *kept)
        handle = await start_or_join(connection, workflow, request, workflow_id, result)
        answer = await result_of(handle, "models")
        if as_json:
            print_json(answer)
        else:
            stdout_console().print(view(answer))
        return DONE

    raise typer.Exit(run(command()))


def _day(text: str | None) -> date | None:
    return parse_day(text) if text else None


def _named(model_id: str) -> str:
    if not 0 < len(model_id.strip()) <= 200:
        raise BadRequest("model: give the id of one; `tipoff models list` shows which there are")
    return model_id


def _who(by: str | None) -> str:
    who = requester() if by is None else by.strip()
    if not 0 < len(who) <= 200:
        raise BadRequest("by: say who decides, in 1 to 200 characters")
    return who
