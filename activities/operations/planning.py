"""The day's clock: fixed once, then everything derives from it."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
from temporalio import activity

from activities.alerts.book import ALERTS
from activities.failures import as_application_errors
from activities.operations.status import EXECUTION_LOG, completed_phases
from activities.scrape.http import trusted
from activities.surroundings import Surroundings
from shared.access import token_header
from shared.clock import MORNING, eastern, game_date_of, parse_instant
from shared.errors import BadRequest, UpstreamUnavailable, WarehouseUnavailable
from shared.messages import DayPlan, PlanRequest
from shared.names import PLAN_DAY
from shared.phases import PHASES
from warehouse.protocol import Warehouse

PUNCTUAL = timedelta(minutes=1)
"""Within this of its scheduled time a day counts as started on it."""


SHED_FOR = timedelta(seconds=60)
"""After the warehouse has refused a write, no past date is begun for so long."""


A_MONTH = timedelta(days=30)
UNKNOWN_SECONDS = 120.0
"""Taken for a phase that has never been run: more than any takes on recorded data."""


class DayPlanner:
    """The activity that plans a day."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=PLAN_DAY)
    def plan_day(self, request: PlanRequest) -> DayPlan:
        """Plans a date: from the replay server's clock for a recorded or simulated one, else live.

        `as_of` of a live day is its scheduled time, or the present; of a past one, 06:00 Eastern. A live day
        that starts late has the present: its sources show that, and its deadline is that of the tip-off.
        """
        settings = self._surroundings.settings
        with as_application_errors():
            today = game_date_of(request.started_at)
            live = not settings.replay_url and request.game_date == today
            if not live and self._surroundings.writer.refused_lately(SHED_FOR):
                # Begun, it would fetch what can't be written. Today's date is begun whatever is refused.
                msg = f"{request.game_date} is not begun: the warehouse has just refused a write"
                raise WarehouseUnavailable(msg, retry_after=SHED_FOR / 2)
            done = completed_phases(self._surroundings, request.game_date)
            alerted = self._alerted(request.game_date)
            if settings.replay_url:
                return self._replayed(request, done).model_copy(update={"alerted": alerted})
            planned = request.as_of or eastern(request.game_date, MORNING)
            if request.game_date == today and (
                request.as_of is None or request.started_at - request.as_of > PUNCTUAL
            ):
                planned = request.started_at
            return DayPlan(
                game_date=request.game_date,
                source=settings.source,
                as_of=planned,
                park_limit_seconds=settings.park_limit.total_seconds(),
                completed_phases=done,
                usual_seconds=usual_seconds(self._surroundings.warehouse, request.game_date),
                alerted=alerted,
            )

    def _alerted(self, game_date: date) -> bool:
        """Whether an alert of the date is open."""
        rows = self._surroundings.warehouse.read(ALERTS, columns=["resolved_at"], dates=[game_date])
        return bool(rows["resolved_at"].isna().any())

    def _replayed(self, request: PlanRequest, done: tuple[str, ...]) -> DayPlan:
        settings = self._surroundings.settings
        url = f"{(settings.replay_url or '').rstrip('/')}/clock/{request.game_date.isoformat()}"
        try:
            response = httpx.get(url, timeout=20, headers=token_header(settings.token), verify=trusted())
        except httpx.HTTPError as error:
            msg = f"the replay server does not answer at {settings.replay_url}: {error}"
            raise UpstreamUnavailable(msg, retry_after=timedelta(seconds=2)) from error
        if response.status_code in (404, 422):
            msg = (
                f"game_date: {request.game_date} is not in the {settings.source} data: {response.text[:200]}"
            )
            raise BadRequest(msg)
        if response.status_code != httpx.codes.OK:
            msg = f"the replay server answered {response.status_code} for {url}"
            raise UpstreamUnavailable(msg, retry_after=timedelta(seconds=2))
        clock = response.json()
        first_tip = parse_instant(clock["first_tip"]) if clock.get("first_tip") else None
        return DayPlan(
            game_date=request.game_date,
            source=settings.source,
            # Asked for as of a later instant, it is refreshed; never earlier than its lines.
            as_of=max(parse_instant(clock["as_of"]), request.as_of or parse_instant(clock["as_of"])),
            first_tip=first_tip,
            deadline=first_tip - settings.tip_lead if first_tip else None,
            snapshot_assumed=bool(clock.get("snapshot_assumed")),
            tip_assumed=bool(clock.get("tip_assumed")),
            games=int(clock.get("games", 0)),
            park_limit_seconds=settings.park_limit.total_seconds(),
            completed_phases=done,
            usual_seconds=usual_seconds(self._surroundings.warehouse, request.game_date),
        )


def usual_seconds(warehouse: Warehouse, day: date) -> dict[str, float]:
    """What each phase before the tip-off takes: nine in ten runs of the month before were as quick."""
    log = warehouse.read(
        EXECUTION_LOG, columns=["phase_name", "status", "duration_seconds"], since=day - A_MONTH, until=day
    )
    done = log.loc[(log["status"] == "completed").to_numpy(dtype=bool)].dropna(subset=["duration_seconds"])
    known = done.groupby("phase_name")["duration_seconds"].quantile(0.9).to_dict()
    return {p.name: round(float(known.get(p.name, UNKNOWN_SECONDS)), 1) for p in PHASES if p.before_tip}
