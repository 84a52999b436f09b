"""Whether a day is worth refreshing: completed this morning, and with games still to come."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.operations.status import completed_phases
from activities.surroundings import Surroundings
from shared.names import PLAN_REFRESH
from shared.refresh import REFRESHED_PHASES, RefreshPlan, RefreshPlanRequest

SCHEDULE = "nba_raw.schedule"


class RefreshPlanner:
    """The activity that plans a refresh."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=PLAN_REFRESH)
    def plan_refresh(self, request: RefreshPlanRequest) -> RefreshPlan:
        """By the day's own status and the schedule as the day last saw it."""
        with as_application_errors():
            done = completed_phases(self._surroundings, request.game_date)
            undone = [name for name in REFRESHED_PHASES if name not in done]
            if undone:
                return RefreshPlan(due=False, reason=f"not completed yet: {', '.join(undone)}")
            schedule = self._surroundings.warehouse.read(
                SCHEDULE, columns=["game_date", "tip_time", "is_postponed"], dates=[request.game_date]
            )
            played = (schedule["game_date"] == pd.Timestamp(request.game_date)) & ~schedule[
                "is_postponed"
            ].astype(bool)
            return by_tips(schedule.loc[played.to_numpy(dtype=bool), "tip_time"], request.now)


def by_tips(tips: pd.Series, now: datetime) -> RefreshPlan:
    """Due while a game has not begun; one without a time may begin at any."""
    if not len(tips):
        return RefreshPlan(due=False, reason="no games")
    coming = int((tips.isna() | (pd.to_datetime(tips, utc=True) > pd.Timestamp(now))).sum())
    if not coming:
        return RefreshPlan(due=False, reason=f"all {len(tips)} games have begun")
    return RefreshPlan(due=True, reason=f"{coming} of {len(tips)} games have not begun")
