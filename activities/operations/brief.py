"""The brief of any date, written again on request from what the tables hold now."""

from __future__ import annotations

from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.status import PHASE_STATUS, latest_date
from activities.publishing import daily_brief
from activities.runner import read_frames, scope_of
from activities.stores import Moment
from activities.surroundings import Surroundings
from shared.brief import BriefInput, BriefResult
from shared.clock import utc_now
from shared.errors import BadRequest
from shared.names import WRITE_BRIEF
from shared.phases import processor_named

MOST_CHARACTERS = 60_000


class BriefWriter:
    """The activity behind `tipoff brief`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=WRITE_BRIEF)
    def write_brief(self, request: BriefInput) -> BriefResult:
        """Writes both files. The table of briefs is the day's own to write."""
        with as_application_errors(), heartbeating() as progress:
            warehouse, now = self._surroundings.warehouse, utc_now()
            day = request.game_date or latest_date(warehouse, PHASE_STATUS)
            if day is None:
                raise BadRequest("date: no day was run yet; `tipoff start DATE` runs one")
            scope = scope_of(warehouse, day)
            frames = read_frames(warehouse, processor_named("daily_brief").reads, day, scope)
            if frames["statuses"].empty:
                raise BadRequest(f"date: {day} was never run; `tipoff start {day}` runs it")
            run_id = activity.info().workflow_run_id or ""
            context = self._surroundings.context_at(Moment(day, now, now, scope, run_id))
            output = daily_brief.process(context, frames, progress)
            exports, written = context.exports, f"{day}/{daily_brief.MARKDOWN}"
            return BriefResult(
                game_date=day,
                waiting=int(output.frame["waiting"].max()),
                markdown=(exports.read(written) or b"").decode()[:MOST_CHARACTERS],
                markdown_path=exports.address(written),
                html_path=exports.address(f"{day}/{daily_brief.HTML}"),
            )
