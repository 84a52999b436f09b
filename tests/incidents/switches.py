"""How fixes are taken out that several incidents share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest

from shared import phases
from shared.registry import Processor, Read, Window

FixOut = Callable[[pytest.MonkeyPatch], None]


def without_check(gate: ModuleType, name: str) -> FixOut:
    """Takes a check out of a gate."""
    kept = tuple(check for check in gate.CHECKS if check.name != name)
    assert len(kept) == len(gate.CHECKS) - 1, f"{gate.__name__} has no check {name}"
    return lambda patch: patch.setattr(gate, "CHECKS", kept)


def forgiven(*names: str) -> FixOut:
    """A failure of these processors, whatever it is, holds their phase no more."""
    return lambda patch: _registered(
        patch, lambda p: replace(p, required=False) if p.name in names else p, set(names)
    )


def window_of(processor: str, read: str, window: Window, days: int = 0) -> FixOut:
    """A processor is given other partitions of an input."""

    def changed(one: Read) -> Read:
        return replace(one, window=window, days=days) if one.name == read else one

    return lambda patch: _registered(
        patch,
        lambda p: replace(p, reads=tuple(map(changed, p.reads))) if p.name == processor else p,
        {processor},
    )


def _registered(
    patch: pytest.MonkeyPatch, changed: Callable[[Processor], Processor], names: set[str]
) -> None:
    """Another registry, for whoever asks it from now on; a workflow asks when it begins."""
    assert names <= set(phases.PROCESSOR_NAMES)
    made = tuple(replace(one, processors=tuple(map(changed, one.processors))) for one in phases.PHASES)
    patch.setattr(phases, "PHASES", made)
    for phase in made:
        patch.setitem(phases._PHASES, phase.name, phase)
        for processor in phase.processors:
            patch.setitem(phases._PROCESSORS, processor.name, (phase, processor))
