"""Logs: one JSON object a line on standard error, with workflow, run, phase, processor and attempt."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from shared.redaction import Redactor


class RedactedJson:
    """The JSON renderer; secrets that got into a record get no further."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._render = structlog.processors.JSONRenderer(default=str)

    def __call__(self, logger: Any, name: str, event: structlog.typing.EventDict) -> str:
        """Render a record."""
        return self._redactor.text(str(self._render(logger, name, event)))


def configure_logs(level: str, redactor: Redactor) -> None:
    """Sends structlog and the standard library's loggers through the same JSON renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                RedactedJson(redactor),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # A client's request line holds the whole address, keys included.
    for noisy in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
