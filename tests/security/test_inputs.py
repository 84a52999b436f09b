"""Whatever somebody can send to a workflow is bounded: every text and every list has a longest."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from temporalio import workflow

from shared.backfill import Release, Watch
from shared.messages import DailyPipelineInput, Retrigger
from shared.predeploy import PredeployInput
from worker.served import WORKFLOWS
from workflows.operator_messages import MODELS

BOUNDED_TEXT = {"enum", "const", "format", "maxLength"}


def inputs() -> list[type[BaseModel]]:
    """The models that workflows are started with and signals carry."""
    found: dict[str, type[BaseModel]] = {m.__name__: m for m in (*MODELS.values(), Watch, Release)}
    for one in WORKFLOWS:
        definition = workflow._Definition.must_from_class(one)
        for hint in typing.get_type_hints(definition.run_fn).values():
            if isinstance(hint, type) and issubclass(hint, BaseModel) and hint is not definition.ret_type:
                found[hint.__name__] = hint
    return [found[name] for name in sorted(found)]


def unbounded(schema: Any, where: str = "") -> Iterator[str]:
    """Texts, lists and objects of a JSON schema without a longest; nested models are followed."""
    definitions = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    seen: set[str] = set()

    def walk(node: Any, path: str) -> Iterator[str]:
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            if name not in seen:
                seen.add(name)
                yield from walk(definitions[name], path)
            return
        for branch in (*node.get("anyOf", ()), *node.get("allOf", ()), *node.get("oneOf", ())):
            yield from walk(branch, path)
        kind = node.get("type")
        if kind == "string" and not BOUNDED_TEXT & set(node):
            yield path
        if kind == "array" and "maxItems" not in node:
            yield f"{path} (list)"
        if kind == "object" and isinstance(node.get("additionalProperties"), dict):
            if "maxProperties" not in node:
                yield f"{path} (dict)"
            yield from walk(node["additionalProperties"], f"{path}.*")
        for name, field in node.get("properties", {}).items():
            yield from walk(field, f"{path}.{name}" if path else name)
        if isinstance(node.get("items"), dict):
            yield from walk(node["items"], f"{path}[]")

    yield from walk(schema, where)


def test_the_inputs_of_all_workflows_are_looked_at():
    assert {"DailyPipelineInput", "BackfillInput", "QueryInput", "Retrigger"} <= {
        m.__name__ for m in inputs()
    }


@pytest.mark.parametrize("model", inputs(), ids=lambda model: model.__name__)
def test_every_text_and_list_of_an_input_has_a_longest(model):
    found = list(unbounded(model.model_json_schema()))
    assert not found, f"{model.__name__}: {', '.join(found)}: say max_length"


@pytest.mark.parametrize("model", inputs(), ids=lambda model: model.__name__)
def test_an_input_refuses_what_it_does_not_know(model):
    # What a later build says of itself is read by an older worker: it ignores what is new there.
    expected = "ignore" if model is PredeployInput else "forbid"
    assert model.model_config.get("extra") == expected


def test_a_message_that_is_too_long_is_refused_by_name():
    with pytest.raises(ValidationError, match="processors"):
        Retrigger(request_id="1", reason="x", phase="raw", processors=tuple(map(str, range(1_000))))
    with pytest.raises(ValidationError, match="reason"):
        Retrigger(request_id="1", reason="x" * 501, phase="raw")
    with pytest.raises(ValidationError, match="phases"):
        DailyPipelineInput.model_validate({"game_date": "2025-11-07", "phases": ["raw"] * 1_000})
