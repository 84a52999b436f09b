"""The process: opens the warehouse, connects, serves until told to stop, and stops in order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import httpx
import structlog
from temporalio.client import Client

from activities.compute import ComputePool
from activities.surroundings import Surroundings
from shared.access import token_header
from shared.build import build_id
from shared.config import Settings, load_settings, redactor
from shared.errors import TipoffError, WarehouseUnavailable
from shared.garbage import settle
from warehouse.connect import connect
from warehouse.writer import Writer
from worker.connection import TemporalServer, configured_server, connect_client, converter_of
from worker.console.app import console_app
from worker.console.surroundings import Console
from worker.health import Check, health_app
from worker.logs import configure_logs
from worker.serving import PageServer
from worker.state_metrics import StateMetrics
from worker.telemetry import metrics_runtime, tracing
from worker.wiring import new_worker

log = structlog.get_logger("tipoff.worker")

STAGING_KEPT = timedelta(hours=24)
SERVER_PATIENCE = 60.0
"""Seconds for which a starting worker looks for its server: both may have been started at once."""


def _checks(
    settings: Settings, server: TemporalServer, client: Client, surroundings: Surroundings
) -> dict[str, Check]:
    async def temporal() -> str:
        try:
            alive = await client.service_client.check_health(timeout=timedelta(seconds=3))
        except Exception as error:  # noqa: BLE001 - any reason is the reason
            return f"{server.address}: {error}"
        return "" if alive else f"{server.address}: not serving"

    async def warehouse() -> str:
        try:
            await asyncio.to_thread(surroundings.warehouse.ping)
        except WarehouseUnavailable as error:
            return str(error)
        return ""

    async def sources() -> str:
        if not settings.replay_url:
            return ""
        try:
            async with httpx.AsyncClient(timeout=3) as http:
                answer = await http.get(
                    f"{settings.replay_url.rstrip('/')}/healthz", headers=token_header(settings.token)
                )
        except httpx.HTTPError as error:
            return f"replay server: {error!r}"
        return "" if answer.is_success else f"replay server: {answer.status_code}"

    return {"temporal": temporal, "warehouse": warehouse, "sources": sources}


def identity_of(settings: Settings) -> dict[str, str]:
    """Who answers at this worker's address: an address may be another's than one thinks."""
    return {
        "service": "tipoff worker",
        "build": build_id(settings.build_id),
        "deployment": settings.deployment or "unversioned",
        "task_queue": settings.task_queue,
    }


async def serve(settings: Settings) -> None:
    """Runs one worker until SIGINT or SIGTERM.

    The order of stopping: no new work, what runs may finish within the grace, then the warehouse is closed.

    Raises:
        TipoffError: it can't start; the message says why.
    """
    server, converter = configured_server(), converter_of(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stop.set)
    runtime, metrics_address = metrics_runtime()
    loads = runtime.metric_meter.create_counter(
        "tipoff_loads", "loads into BigQuery's tables, staging included"
    )
    warehouse = connect(settings.warehouse, home=settings.home)
    compute = ComputePool(settings, settings.compute_processes) if settings.compute_processes else None
    try:
        changed = warehouse.ensure_tables()
        if changed:
            log.info("tables changed", tables=changed)
        surroundings = Surroundings(
            settings,
            warehouse,
            Writer(warehouse, loaded=lambda table: loads.add(1, {"table": table})),
            compute,
        )
        if surroundings.bucket:
            surroundings.bucket.check()
        swept = surroundings.writer.sweep_staging(STAGING_KEPT)
        client = await connect_client(
            server,
            converter=converter,
            patience=SERVER_PATIENCE,
            interceptors=list(tracing()),
            runtime=runtime,
        )
        threads = ThreadPoolExecutor(settings.worker_threads, thread_name_prefix="activity")
        app = health_app(
            _checks(settings, server, client, surroundings), metrics_address, identity_of(settings)
        )
        console = Console(surroundings, client)
        served = partial(PageServer, listen=settings.listen, token=settings.token)
        async with (
            new_worker(client, surroundings, threads),
            served(app, settings.health_port) as health,
            served(console_app(console), settings.console_port, or_another=True) as pages,
        ):
            log.info(
                "worker started", home=str(settings.home), source=settings.source,
                temporal=server.address, health_port=health.port, console_port=pages.port, swept=len(swept),
                build=build_id(settings.build_id), deployment=settings.deployment or "unversioned",
            )  # fmt: skip
            settle()
            watching = loop.create_task(StateMetrics(client, runtime.metric_meter).watch())
            await stop.wait()
            watching.cancel()
            log.info("worker stops")
            console.reader.close()
    finally:
        if compute:
            compute.close()
        warehouse.close()
    log.info("worker stopped")


def main() -> int:
    """Starts a worker from the environment. 0 stopped when told to, 1 could not start."""
    try:
        settings = load_settings()
    except TipoffError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    configure_logs(settings.log_level, redactor(settings))
    try:
        asyncio.run(serve(settings))
    except TipoffError as error:
        log.error("worker can't start", error=str(error), error_type=type(error).__name__)
        sys.stderr.write(f"{error}\n")
        return 1
    # Everything is closed and flushed. The interpreter's finalization sometimes aborts in native threads
    # (about one exit in twenty), which would make a clean stop look like a crash.
    logging.shutdown()
    sys.stderr.flush()
    os._exit(0)
