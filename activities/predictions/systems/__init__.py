"""The prediction systems, by name. Static: a system that is not in this tuple does not exist."""

from __future__ import annotations

from activities.predictions.systems import moving_average, xgboost_system
from activities.predictions.systems.base import System, SystemSpec, Workshop

__all__ = ["SYSTEMS", "SYSTEM_IDS", "System", "SystemSpec", "Workshop"]

SYSTEMS: tuple[SystemSpec, ...] = (moving_average.SPEC, xgboost_system.SPEC)
SYSTEM_IDS = tuple(spec.system_id for spec in SYSTEMS)
