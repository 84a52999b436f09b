"""The prediction systems, in the order in which they predict: the ensemble needs the others.

Static: a system that is not in this tuple does not exist.
"""

from __future__ import annotations

from activities.predictions.systems import (
    ensemble,
    moving_average,
    similarity,
    xgboost_system,
    zone_matchup,
)
from activities.predictions.systems.base import System, SystemSpec, Workshop

__all__ = ["SYSTEMS", "SYSTEM_IDS", "System", "SystemSpec", "Workshop"]

SYSTEMS: tuple[SystemSpec, ...] = (
    moving_average.SPEC, zone_matchup.SPEC, similarity.SPEC, xgboost_system.SPEC, ensemble.SPEC,
)  # fmt: skip
SYSTEM_IDS = tuple(spec.system_id for spec in SYSTEMS)
