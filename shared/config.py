"""Settings, read once from the environment; each error names the variable and the remedy."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from shared.access import LOOPBACK, check_listen
from shared.errors import ConfigurationError
from shared.redaction import Redactor, secrets_of

Source = Literal["recorded", "simulated", "live"]

TASK_QUEUE = "tipoff"


class Settings(BaseModel):
    """What a process of tipoff needs to know. Environment names are the field names, prefixed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Path(".tipoff")
    """State of the embedded stack: warehouse file, responses, models, server database, exports."""
    data: Path | None = None
    """Recorded NBA data; default `../shared/data` beside the project where it exists."""
    source: Source = "recorded"
    replay_url: str | None = None
    """Base URL of the replay server; upstreams are below `/as-of/<time>/`. None: the real upstreams."""
    warehouse: str = "duckdb"
    """`duckdb`, or `bigquery://project[/location][?endpoint=http://…]`."""
    objects: str = ""
    """`gs://bucket[/prefix]` for stored responses and models; empty: folders of the home."""
    temporal_ui: str | None = None
    task_queue: str = TASK_QUEUE
    deployment: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$")
    """Name of the worker deployment, as `tipoff`: days are then pinned to the build that began them. Empty:
    unversioned, as the embedded stack is."""
    build_id: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,127})?$")
    """What this build is called; empty: see `shared.build.build_id`."""
    worker_threads: int = Field(default=8, ge=2, le=64)
    compute_processes: int = Field(default=1, ge=0, le=16)
    """Processes beside a worker in which its processors compute, 400 MiB each; 0: its own threads do."""
    health_port: int = Field(default=8081, ge=0, le=65535)
    console_port: int = Field(default=8082, ge=0, le=65535)
    """Where the console's pages are served; where that is taken, at any port that is free."""
    listen: str = LOOPBACK
    """Where `/health`, `/ready`, `/metrics` and the console are served. Beyond loopback a token is needed."""
    token: SecretStr | None = None
    """Who asks a server of ours must have it; 16 characters or more."""
    payload_keys: SecretStr | None = None
    """`id:base64 …`, 32 bytes each: the first encrypts what is sent to Temporal, all of them decrypt."""
    odds_api_key: SecretStr = SecretStr("replay")
    balldontlie_api_key: SecretStr = SecretStr("replay")
    tip_lead: timedelta = timedelta(minutes=10)
    """How long before the first tip-off everything must stand."""
    park_limit: timedelta = timedelta(hours=12)
    """How long a historical day waits for an operator before its gates decide."""
    history_seasons: int = Field(default=2, ge=0, le=10)
    """Full seasons before the current one that a new warehouse is filled with."""
    prediction_chunk: int = Field(default=300, ge=1, le=500)
    alert_urls: SecretStr | None = None
    """Where alerts go: Apprise URLs, by spaces or lines, each with its severities before it, if any; # begins
    a comment line."""
    log_level: str = "INFO"

    def secrets(self) -> list[str]:
        """The values that must not be seen anywhere."""
        held = [getattr(self, name) for name in type(self).model_fields]
        whole = [one.get_secret_value() for one in held if isinstance(one, SecretStr)]
        # Of several keys in one setting each is a secret of its own.
        return [*whole, *(part for one in whole for part in re.split(r"[,\s:]+", one) if len(part) > 15)]


SECRET_FIELDS = tuple(
    name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
)
"""Settings that are secrets: `TIPOFF_X_FILE` names a file that holds the value of `TIPOFF_X`."""


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the `TIPOFF_*` variables; `overrides` win.

    The `TEMPORAL_*` variables are read in `worker/connection.py`.

    Raises:
        ConfigurationError: a variable has a value that can't be; the message names it.
    """
    env = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for field in Settings.model_fields:
        given = env.get(f"TIPOFF_{field.upper()}")
        if given:
            values[field] = given
    for field in SECRET_FIELDS:
        if file := env.get(f"TIPOFF_{field.upper()}_FILE"):
            if field in values:
                msg = f"TIPOFF_{field.upper()} and TIPOFF_{field.upper()}_FILE are both set; unset one"
                raise ConfigurationError(msg)
            values[field] = read_secret(f"TIPOFF_{field.upper()}_FILE", file)
    values.update({k: v for k, v in overrides.items() if v is not None})
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = "TIPOFF_" + str(first["loc"][0]).upper() if first["loc"] else "settings"
        secret = bool(first["loc"]) and first["loc"][0] in SECRET_FIELDS
        got = "" if secret else f" (got {first.get('input')!r})"
        message = f"{where}: {first['msg']}{got}; correct or unset it"
        raise ConfigurationError(message) from None
    check_listen(settings.listen, settings.token)
    return settings.model_copy(update={"home": settings.home.expanduser().absolute()})


def read_secret(variable: str, file: str) -> str:
    """The one line that a secret's file holds.

    Raises:
        ConfigurationError: it can't be read or is empty; the message never holds its content.
    """
    try:
        value = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        msg = f"{variable}: can't read {file}: {reason}"
        raise ConfigurationError(msg) from None
    if not value:
        msg = f"{variable}: {file} is empty"
        raise ConfigurationError(msg)
    return value


def redactor(settings: Settings | None = None, environ: Mapping[str, str] | None = None) -> Redactor:
    """Knows the secrets of the settings and of the environment."""
    held = settings.secrets() if settings else []
    return Redactor([*held, *secrets_of(os.environ if environ is None else environ)])
