"""The breakers of the sources, for a person to see, and to close once he knows that a source is back."""

from __future__ import annotations

from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.scrape.limits import LIMITS
from activities.source_states import WarehouseStates
from activities.surroundings import Surroundings
from shared.clock import utc_now
from shared.errors import BadRequest
from shared.names import LOOK_AT_SOURCES
from shared.sources import SourceRow, SourcesInput, SourcesReport


class SourceDesk:
    """The activity behind `tipoff sources`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=LOOK_AT_SOURCES)
    def look_at_sources(self, request: SourcesInput) -> SourcesReport:
        """How each stands, after one was closed if that is asked for; closed again, it stays so."""
        around = self._surroundings
        with as_application_errors(), heartbeating(), activity.shield_thread_cancel_exception():
            if request.close:
                if request.close not in LIMITS:
                    msg = f"source: {request.close!r} is none; possible: {', '.join(sorted(LIMITS))}"
                    raise BadRequest(msg)
                around.guard.close(request.close)
            states = WarehouseStates(around.warehouse, around.writer).read()
        known = {state.source: state for state in states}
        today = utc_now().date()
        rows = []
        for source, limits in sorted(LIMITS.items()):
            state = known.get(source)
            rows.append(
                SourceRow(
                    source=source,
                    state=str(state.state) if state else "closed",
                    not_before=state.not_before if state else None,
                    failed_today=state.failed_today if state and state.failed_on == today else 0,
                    failed_a_day=limits.failed_a_day,
                    reason=state.reason if state else "",
                )
            )
        return SourcesReport(sources=tuple(rows))
