"""The messages that a day takes from its operators.

A handler validates, enqueues and returns; the run loop acts. Signals come from the plain `temporal` command
too, so they take anything and show what they reject; updates reject in their validators and answer with what
will happen.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from shared.errors import BadRequest
    from shared.messages import Abort, Answer, OperatorRequest, Pause, Refresh, Resume, Retrigger, Skip
    from shared.names import REFRESH_SIGNAL
    from shared.phases import dependants, phase_named

MODELS: dict[str, type[OperatorRequest]] = {
    "retrigger": Retrigger,
    "skip": Skip,
    "pause": Pause,
    "resume": Resume,
    "abort": Abort,
    "refresh": Refresh,
}


def parse(action: str, payload: Any) -> OperatorRequest:
    """The request that a payload holds.

    Raises:
        BadRequest: it is malformed; the message names the field and what is possible.
    """
    if isinstance(payload, OperatorRequest):
        payload = payload.model_dump()
    if not isinstance(payload, dict):
        msg = f"{action}: needs a JSON object with request_id and reason, got {payload!r}"
        raise BadRequest(msg[:500])
    try:
        request = MODELS[action].model_validate(payload)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "payload"
        msg = f"{action}: {field}: {first['msg']}"
        raise BadRequest(msg[:500]) from None
    if isinstance(request, Retrigger | Skip):
        phase = phase_named(request.phase)
        if isinstance(request, Retrigger):
            names = [p.name for p in phase.processors]
            for name in request.processors:
                if name not in names:
                    msg = f"retrigger: phase {phase.name} has no processor {name!r}; it has " + (
                        ", ".join(names)
                    )
                    raise BadRequest(msg)
    return request


class OperatorMessages:
    """Inbox, rejections and the handlers. `DailyPipelineWorkflow` adds the loop that acts."""

    def __init__(self) -> None:
        self.inbox: deque[tuple[str, OperatorRequest]] = deque()
        self.seen: set[str] = set()
        self.rejected: list[str] = []

    def reject(self, text: str) -> None:
        """Keeps a rejection for `status`; the last twenty."""
        self.rejected = [*self.rejected, text][-20:]
        workflow.logger.warning("message rejected: %s", text)

    def _take(self, action: str, payload: Any) -> None:
        try:
            request = parse(action, payload)
        except BadRequest as error:
            self.reject(str(error))
            return
        self._enqueue(action, request)

    def _enqueue(self, action: str, request: OperatorRequest) -> bool:
        if request.request_id in self.seen:
            return False
        self.seen.add(request.request_id)
        self.inbox.append((action, request))
        return True

    def _check(self, action: str, payload: Any) -> None:
        try:
            parse(action, payload)
        except BadRequest as error:
            raise ApplicationError(str(error), type="BadRequest", non_retryable=True) from None

    def _answer(self, action: str, payload: Any) -> Answer:
        request = parse(action, payload)
        if not self._enqueue(action, request):
            return Answer(accepted=False, message=f"request {request.request_id} was taken before")
        return Answer(accepted=True, message=self.consequence(action, request))

    def consequence(self, action: str, request: OperatorRequest) -> str:
        """What a request will bring about, in words."""
        if isinstance(request, Retrigger):
            what = ", ".join(request.processors) or f"phase {request.phase}"
            follow = ", ".join(dependants(request.phase)) or "nothing"
            return f"{what} will run again, then what depends on it: {follow}"
        if isinstance(request, Skip):
            return f"the day will go on without phase {request.phase}"
        return {
            "pause": "nothing new will be started; what runs will finish",
            "resume": "the day will go on",
            "abort": "the day will end, what runs is cancelled",
        }[action]

    # Signals: `temporal workflow signal --name retrigger --input '{…}'`.

    @workflow.signal(name="retrigger")
    def retrigger_signal(self, payload: Any = None) -> None:
        """Run a phase again, and what depends on it."""
        self._take("retrigger", payload)

    @workflow.signal(name="skip")
    def skip_signal(self, payload: Any = None) -> None:
        """Go on without a phase."""
        self._take("skip", payload)

    @workflow.signal(name="pause")
    def pause_signal(self, payload: Any = None) -> None:
        """Start nothing new."""
        self._take("pause", payload)

    @workflow.signal(name="resume")
    def resume_signal(self, payload: Any = None) -> None:
        """Go on after a pause."""
        self._take("resume", payload)

    @workflow.signal(name="abort")
    def abort_signal(self, payload: Any = None) -> None:
        """End the day."""
        self._take("abort", payload)

    @workflow.signal(name=REFRESH_SIGNAL)
    def refresh_signal(self, payload: Any = None) -> None:
        """Fetch lines and injuries again, and what depends on them, for games that have not begun."""
        self._take("refresh", payload)

    # Updates of the same names: they answer.

    @workflow.update(name="retrigger")
    def retrigger_update(self, payload: dict[str, Any]) -> Answer:
        """Run a phase again, and what depends on it."""
        return self._answer("retrigger", payload)

    @retrigger_update.validator
    def _check_retrigger(self, payload: dict[str, Any]) -> None:
        self._check("retrigger", payload)

    @workflow.update(name="skip")
    def skip_update(self, payload: dict[str, Any]) -> Answer:
        """Go on without a phase."""
        return self._answer("skip", payload)

    @skip_update.validator
    def _check_skip(self, payload: dict[str, Any]) -> None:
        self._check("skip", payload)

    @workflow.update(name="pause")
    def pause_update(self, payload: dict[str, Any]) -> Answer:
        """Start nothing new."""
        return self._answer("pause", payload)

    @pause_update.validator
    def _check_pause(self, payload: dict[str, Any]) -> None:
        self._check("pause", payload)

    @workflow.update(name="resume")
    def resume_update(self, payload: dict[str, Any]) -> Answer:
        """Go on after a pause."""
        return self._answer("resume", payload)

    @resume_update.validator
    def _check_resume(self, payload: dict[str, Any]) -> None:
        self._check("resume", payload)

    @workflow.update(name="abort")
    def abort_update(self, payload: dict[str, Any]) -> Answer:
        """End the day."""
        return self._answer("abort", payload)

    @abort_update.validator
    def _check_abort(self, payload: dict[str, Any]) -> None:
        self._check("abort", payload)
