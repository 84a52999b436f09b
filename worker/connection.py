"""How every process of tipoff reaches Temporal: by the SDK's environment configuration, in one place.

`TEMPORAL_*` variables and the profile of `temporal.toml` (`TEMPORAL_CONFIG_FILE`, `TEMPORAL_PROFILE`) give
address, namespace, TLS, client certificate (mTLS) and API key, as they do for the `temporal` command line.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfigProfile
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError

from shared.config import Settings
from shared.errors import ConfigurationError, TemporalUnavailable

DEFAULT_ADDRESS = "127.0.0.1:7233"
DEFAULT_NAMESPACE = "default"
ONE_ATTEMPT = timedelta(seconds=3)
RETRY_SECONDS = 0.5


@dataclass(frozen=True)
class TemporalServer:
    """Where the server is, and what `Client.connect` is told besides."""

    address: str
    namespace: str
    options: Mapping[str, Any]
    """TLS, API key and metadata; empty for a server of our own."""
    configured: bool = True
    """Whether anything names the address; otherwise it is the default one."""


def embedded_server(address: str) -> TemporalServer:
    """A dev server that this machine runs for itself: no TLS and no key, whatever the environment says."""
    return TemporalServer(address, DEFAULT_NAMESPACE, {})


def configured_server(
    environ: Mapping[str, str] | None = None, *, address: str | None = None
) -> TemporalServer:
    """The server that `temporal.toml` and the environment name; `address` overrides theirs.

    Raises:
        ConfigurationError: the file, its profile or a certificate can't be read.
    """
    env = dict(os.environ if environ is None else environ)
    try:
        profile = ClientConfigProfile.load(override_env_vars=env)
        options: dict[str, Any] = dict(profile.to_client_connect_config())
    except (RuntimeError, ValueError, OSError) as error:
        where = env.get("TEMPORAL_CONFIG_FILE") or "temporal.toml"
        msg = f"TEMPORAL_*: {' '.join(str(error).split())}; correct the variables or {where}"
        raise ConfigurationError(msg) from error
    named = options.pop("target_host", None)
    return TemporalServer(
        address or named or DEFAULT_ADDRESS,
        options.pop("namespace", None) or DEFAULT_NAMESPACE,
        options,
        configured=bool(address or named),
    )


def converter_of(settings: Settings) -> DataConverter:
    """How messages become payloads: pydantic's JSON, encrypted where there are keys.

    Raises:
        ConfigurationError: a key is malformed.
    """
    if settings.payload_keys is None:
        return pydantic_data_converter
    # Who has no keys has no use for the cryptography library.
    from worker.encryption import encrypting_converter, parse_keys  # noqa: PLC0415

    return encrypting_converter(parse_keys(settings.payload_keys.get_secret_value()))


def core_log(level: str) -> LoggingConfig:
    """The SDK's core logs through Python's logging; by itself it writes to standard output, among answers."""
    return LoggingConfig(
        filter=TelemetryFilter(core_level=level, other_level="ERROR"),
        forwarding=LogForwardingConfig(logger=logging.getLogger("temporalio.core")),
    )


@functools.cache
def _client_runtime() -> Runtime:
    """Of who only asks: that a call is being tried again is no news."""
    return Runtime(telemetry=TelemetryConfig(logging=core_log("ERROR")))


async def connect_client(
    server: TemporalServer,
    *,
    converter: DataConverter = pydantic_data_converter,
    patience: float = 0.0,
    **options: Any,
) -> Client:
    """A client of the server, tried again for `patience` seconds; `options` go to `Client.connect`.

    Raises:
        TemporalUnavailable: nothing answers there, or it refuses us; the message names the variables.
    """
    until = time.monotonic() + patience
    options.setdefault("runtime", _client_runtime())
    while True:
        try:
            return await Client.connect(
                server.address, namespace=server.namespace, data_converter=converter,
                connect_timeout=ONE_ATTEMPT, **server.options, **options,
            )  # fmt: skip
        except (RuntimeError, RPCError) as error:
            if time.monotonic() > until:
                said = " ".join(str(error).split())[:200]
                msg = (
                    f"no Temporal server answers at {server.address}; see TEMPORAL_ADDRESS, "
                    f"TEMPORAL_NAMESPACE, TEMPORAL_TLS_* and TEMPORAL_API_KEY: {said}"
                )
                raise TemporalUnavailable(msg) from error
        await asyncio.sleep(RETRY_SECONDS)
