"""Metrics by the SDK's own Prometheus endpoint; traces where the standard `OTEL_*` variables ask for them."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from temporalio.client import Interceptor
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from worker.connection import core_log


def metrics_runtime() -> tuple[Runtime, str]:
    """A runtime that serves its metrics on loopback, and the address it serves them at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    metrics = PrometheusConfig(bind_address=address)
    return Runtime(telemetry=TelemetryConfig(logging=core_log("WARN"), metrics=metrics)), address


def tracing() -> Sequence[Interceptor]:
    """The SDK's tracing interceptor, if an exporter is configured; nothing otherwise."""
    asked = any(os.environ.get(f"OTEL_EXPORTER_OTLP_{kind}ENDPOINT") for kind in ("", "TRACES_"))
    if not asked or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return ()
    provider = TracerProvider(resource=Resource.create({"service.name": "tipoff"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return (TracingInterceptor(),)
