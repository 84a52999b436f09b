"""The compose file of the production topology, by its schema and by what it promises; no engine is needed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.production_server import VERSION
from shared.config import SECRET_FIELDS, Settings
from worker.wiring import GRACE

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.temporal.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "deploy" / "worker" / "Dockerfile").read_text()
ONCE = {"temporal-schema", "temporal-namespace", "init"}
EXACT_TAG = re.compile(r"[\w./-]+:v?\d+\.\d+[\w.-]*")


def test_it_is_a_compose_file_by_the_specification_s_own_schema() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_every_image_is_pinned_by_an_exact_tag() -> None:
    images = [s["image"] for s in SERVICES.values() if "build" not in s]
    images += re.findall(r"^FROM (\S+)|--from=(\S+/\S+)", DOCKERFILE, re.MULTILINE)
    flat = [part for image in images for part in (image if isinstance(image, tuple) else (image,)) if part]
    assert len(flat) >= 12
    assert [image for image in flat if not EXACT_TAG.fullmatch(image)] == []


def test_the_server_is_the_one_that_the_topology_was_proven_with() -> None:
    for name in ("temporal", "temporal-schema", "temporal-namespace"):
        assert re.search(rf":{re.escape(VERSION)}(-|$)", SERVICES[name]["image"]), name


def test_what_is_published_is_published_on_loopback() -> None:
    ports = {name: s.get("ports", []) for name, s in SERVICES.items()}
    assert [p for listed in ports.values() for p in listed if not str(p).startswith("127.0.0.1:")] == []
    assert not ports["worker"]
    assert not ports["postgresql"]


def test_the_console_of_one_worker_is_published_to_who_has_the_token() -> None:
    console, worker = SERVICES["console"], SERVICES["worker"]
    port = Settings.model_fields["console_port"].default
    assert console["ports"] == [f"127.0.0.1:{port}:{port}"]
    apart = {"ports", "deploy"}
    assert {k: v for k, v in console.items() if k not in apart} == {
        k: v for k, v in worker.items() if k not in apart
    }
    # In a container loopback is the container's own, so it listens beyond it: never without the token.
    assert console["environment"]["TIPOFF_LISTEN"] == "0.0.0.0"
    assert console["environment"]["TIPOFF_TOKEN_FILE"] == "/run/secrets/token"
    assert "token" in console["secrets"]
    published = SERVICES["temporal-ui"]["ports"][0].rpartition(":")[0]
    assert interpolated(console["environment"]["TIPOFF_TEMPORAL_UI"], {}) == f"http://{published}"


def test_every_worker_is_scraped() -> None:
    prometheus = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    (job,) = (j for j in prometheus["scrape_configs"] if j["job_name"] == "tipoff-worker")
    (found,) = job["dns_sd_configs"]
    workers = {name for name, s in SERVICES.items() if s.get("image") == SERVICES["worker"]["image"]}
    assert set(found["names"]) == workers - ONCE


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_limited_restarted_and_logs_within_bounds(name: str) -> None:
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory"}
    assert service["logging"]["options"]["max-size"]
    assert (service["restart"] == "unless-stopped") == (name not in ONCE)


def interpolated(value: object, environ: dict[str, str]) -> str:
    """A value as Compose gives it, with `${NAME:-otherwise}` and `${NAME:+instead}`."""

    def one(match: re.Match[str]) -> str:
        name, how, text = match.groups()
        given = environ.get(name, "")
        return (text if given else "") if how == "+" else given or text

    return re.sub(r"\$\{(\w+):([-+?])([^}]*)\}", one, str(value))


def test_secrets_come_from_files_and_each_is_declared() -> None:
    declared = set(COMPOSE["secrets"])
    for name, service in SERVICES.items():
        assert set(service.get("secrets", [])) <= declared, name
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|PWD|TOKEN|SECRET|KEY|CREDENTIALS|ALERT_URLS", variable):
                path = interpolated(value, {variable: "any"})
                assert path.startswith("/run/secrets/"), f"{name}: {variable}"
                assert path.rpartition("/")[2] in service["secrets"], f"{name}: {variable}"
    assert {s for service in SERVICES.values() for s in service.get("secrets", [])} == declared
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("secret", ["alert_urls", "payload_keys"])
def test_a_secret_that_a_worker_can_do_without_is_empty_and_unset_until_a_file_is_named(secret: str) -> None:
    variable = f"TIPOFF_{secret.upper()}_FILE"
    setting, file = SERVICES["worker"]["environment"][variable], COMPOSE["secrets"][secret]["file"]
    assert (interpolated(setting, {}), interpolated(file, {})) == ("", "/dev/null")
    named = {variable: "deploy/secrets/mine"}
    assert interpolated(setting, named) == f"/run/secrets/{secret}"
    assert interpolated(file, named) == "deploy/secrets/mine"


def test_every_mounted_folder_and_named_volume_is_there() -> None:
    for name, service in SERVICES.items():
        for mount in service.get("volumes", []):
            source, target = mount.split(":")[:2]
            assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], name
            assert target.startswith("/")
        for word in [*service.get("entrypoint", []), *service.get("command", [])]:
            if found := re.search(r"/etc/tipoff/(\S+\.sh)", word):
                assert (ROOT / "deploy" / "temporal" / found[1]).is_file(), name


def test_whom_a_service_waits_for_can_say_when_it_is_ready() -> None:
    for name, service in SERVICES.items():
        waited = service.get("depends_on", {})
        for other, how in waited.items() if isinstance(waited, dict) else []:
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], f"{name} waits for {other}"
            else:
                assert other in ONCE, f"{name} waits for the end of {other}"


def test_a_worker_is_given_longer_to_stop_than_it_takes() -> None:
    for name in ("worker", "console"):
        grace = SERVICES[name]["stop_grace_period"]
        assert timedelta(seconds=int(grace.removesuffix("s"))) > GRACE + timedelta(seconds=10)
    assert SERVICES["worker"]["deploy"]["replicas"] + 1 == 3, "three workers, one of them with its console"


def test_every_setting_that_a_worker_is_given_is_one() -> None:
    known = {f"TIPOFF_{f.upper()}" for f in Settings.model_fields}
    known |= {f"TIPOFF_{f.upper()}_FILE" for f in SECRET_FIELDS}
    for name in ("worker", "console", "init"):
        given = {v for v in SERVICES[name]["environment"] if v.startswith("TIPOFF_")}
        assert given <= known, name
        assert {"TIPOFF_WAREHOUSE", "TIPOFF_HOME"} <= given
        assert {f"TIPOFF_{f.upper()}_FILE" for f in SECRET_FIELDS} <= given
    # Responses, models and exports: what one worker stores another reads.
    assert "tipoff-state:/var/lib/tipoff" in SERVICES["worker"]["volumes"]


def test_the_image_is_slim_not_root_knows_time_zones_and_asks_ready() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert last.startswith("python:")
    assert "-slim" in last.splitlines()[0]
    assert re.search(r"^USER (?!0|root)\S+", last, re.MULTILINE)
    assert "tzdata" in last
    assert re.search(r'^HEALTHCHECK .*"worker\.ready"', last, re.MULTILINE)
    assert 'ENTRYPOINT ["python", "-m", "worker"]' in last


def test_the_image_has_every_package_of_the_wheel_and_the_context_lets_it_through() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = {*wheel["packages"], *wheel["force-include"]}
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    assert copied == wanted
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    assert wanted | {"pyproject.toml", "uv.lock"} <= let_through


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").rglob("*.sh")), ids=lambda path: path.name)
def test_scripts_of_the_containers_parse(script: Path) -> None:
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0


def test_every_part_that_a_pipeline_of_the_collector_names_is_configured() -> None:
    collector = yaml.safe_load((ROOT / "deploy" / "otel" / "collector.yaml").read_text())
    of_kind = {kind: set(collector[kind]) for kind in ("receivers", "processors", "exporters")}
    for kind in ("receivers", "exporters"):
        of_kind[kind] |= set(collector["connectors"])
    for name, pipeline in collector["service"]["pipelines"].items():
        for kind, parts in pipeline.items():
            assert set(parts) <= of_kind[kind], f"{name}: {kind}"
    endpoint = SERVICES["worker"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]
    assert endpoint.endswith(collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"].split(":")[1])
