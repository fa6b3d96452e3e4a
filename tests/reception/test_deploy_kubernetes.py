"""deploy/kubernetes: complete, wired to itself, and in step with the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from agent.drain import DRAIN_SECONDS, REST_SECONDS
from domain.environment import Environment
from reception.cli import app

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
VARIABLES = {name.upper() for name in Environment.model_fields}
HEALTH = (ROOT / "connectors/health_server.py").read_text()
"""Of the worker and the jobs."""
PORTS = {"worker": 8081, "admin": 8000, "jobs": 8082}
ADMIN_GIVES_UP = 50
"""Seconds the admin service and the jobs need at most to stop."""

Resource = dict[str, Any]


def _resources(folder: Path) -> Iterator[Resource]:
    """Everything that a kustomization applies."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    for name in kustomization["resources"]:
        path = (folder / name).resolve()
        if path.is_dir():
            yield from _resources(path)
        else:
            yield from (one for one in yaml.safe_load_all(path.read_text()) if one)


BASE = list(_resources(FOLDER / "base"))


def _of(kind: str) -> dict[str, Resource]:
    return {one["metadata"]["name"]: one for one in BASE if one["kind"] == kind}


def _pods() -> dict[str, Resource]:
    """The pod of each of our processes, by its component."""
    return {
        one["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]: one["spec"][
            "template"
        ]
        for one in BASE
        if one["kind"] in ("Deployment", "Job")
    }


def _matches(selector: Resource, labels: dict[str, str]) -> bool:
    wanted = selector.get("matchLabels", {})
    return all(labels.get(name) == value for name, value in wanted.items()) and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", [])
    )


def _selected(selector: Resource) -> set[str]:
    return {name for name, pod in _pods().items() if _matches(selector, pod["metadata"]["labels"])}


@pytest.mark.parametrize("overlay", ["base", "hpa", "keda"])
def test_each_way_to_apply_has_every_process_once(overlay: str) -> None:
    resources = list(_resources(FOLDER / overlay))
    named = [(one["kind"], one["metadata"]["name"]) for one in resources]
    assert len(named) == len(set(named))
    assert {name for kind, name in named if kind == "Deployment"} == {
        f"reception-{part}" for part in PORTS
    }
    for one in resources:
        assert one["apiVersion"]


def test_every_file_is_part_of_something() -> None:
    used = {FOLDER / folder / "kustomization.yaml" for folder in ("base", "hpa", "keda")}
    for file in list(used):
        for name in yaml.safe_load(file.read_text())["resources"]:
            used.add((file.parent / name).resolve())
    values = {
        FOLDER / "hpa" / "prometheus-adapter.yaml",
        *(FOLDER / "charts").glob("*.yaml"),
    }
    for file in values:
        assert yaml.safe_load(file.read_text())
    assert set(FOLDER.rglob("*.yaml")) == {one for one in used if one.is_file()} | values


def test_selectors_find_their_pods() -> None:
    for part, deployment in ((name.split("-")[1], one) for name, one in _of("Deployment").items()):
        assert _selected(deployment["spec"]["selector"]) == {part}
    for name, budget in _of("PodDisruptionBudget").items():
        assert _selected(budget["spec"]["selector"]) == {name.split("-")[1]}
    for name, service in _of("Service").items():
        assert _selected({"matchLabels": service["spec"]["selector"]}) == {name.split("-")[1]}
    assert _selected(_of("NetworkPolicy")["reception-closed"]["spec"]["podSelector"]) == set(
        _pods()
    )
    assert _selected(_of("NetworkPolicy")["reception-admin"]["spec"]["podSelector"]) == {"admin"}
    assert _selected(_of("NetworkPolicy")["reception-monitoring"]["spec"]["podSelector"]) == {
        "worker",
        "jobs",
    }
    assert _selected(_of("PodMonitor")["reception-processes"]["spec"]["selector"]) == {
        "worker",
        "jobs",
    }
    monitored = _of("ServiceMonitor")["reception-admin"]["spec"]["selector"]
    assert _matches(monitored, _of("Service")["reception-admin"]["metadata"]["labels"])


def test_ports_are_named_and_are_those_the_processes_listen_on() -> None:
    environment = _of("ConfigMap")["reception"]["data"]
    for part, port in PORTS.items():
        (container,) = _pods()[part]["spec"]["containers"]
        (named,) = container["ports"]
        assert named["containerPort"] == port
        assert environment[f"RECEPTION_{part.upper()}_PORT"] == str(port)
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert container[probe]["httpGet"]["port"] == named["name"]
    (service_port,) = _of("Service")["reception-admin"]["spec"]["ports"]
    (admin,) = _pods()["admin"]["spec"]["containers"]
    assert service_port["targetPort"] == service_port["name"] == admin["ports"][0]["name"]
    for monitor in (*_of("PodMonitor").values(), *_of("ServiceMonitor").values()):
        endpoints = monitor["spec"].get("podMetricsEndpoints") or monitor["spec"]["endpoints"]
        names = {
            port["name"]
            for part in PORTS
            for port in _pods()[part]["spec"]["containers"][0]["ports"]
        }
        assert {one["port"] for one in endpoints} <= names
    for policy in _of("NetworkPolicy").values():
        for rule in policy["spec"].get("ingress", []):
            for part in _selected(policy["spec"]["podSelector"]):
                ports = {p["name"] for p in _pods()[part]["spec"]["containers"][0]["ports"]}
                assert {one["port"] for one in rule["ports"]} <= ports


def test_paths_that_are_probed_and_scraped_exist() -> None:
    sources = {
        "worker": HEALTH,
        "admin": (ROOT / "admin/health.py").read_text(),
        "jobs": HEALTH,
    }
    for part, source in sources.items():
        (container,) = _pods()[part]["spec"]["containers"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert f'"{container[probe]["httpGet"]["path"]}"' in source
        assert '"/metrics"' in source
        # Alive and able to take work are two questions: a full worker must not be restarted.
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert container["readinessProbe"]["httpGet"]["path"] == "/ready"


def test_every_process_is_a_command_that_exists() -> None:
    for part, pod in _pods().items():
        for container in (*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]):
            shown = CliRunner().invoke(app, [*container["args"], "--help"])
            assert shown.exit_code == 0, shown.output
            assert container["image"] == "reception"
        (main,) = pod["spec"]["containers"]
        assert main["args"][0] == part


def test_variables_are_those_the_program_knows() -> None:
    assert set(_of("ConfigMap")["reception"]["data"]) <= VARIABLES
    secret = _names("secrets.example.env")
    assert secret <= VARIABLES
    assert _names("migration.example.env") == {"MIGRATION_DATABASE_URL"}
    given = secret | set(_of("ConfigMap")["reception"]["data"])
    # What production refuses to start without.
    assert given >= {
        "RECEPTION_ENV",
        "DATABASE_URL",
        "LIVEKIT_URL",
        "LIVEKIT_API_KEY",
        "LIVEKIT_API_SECRET",
        "RECEPTION_ENCRYPTION_KEYS",
        "RECEPTION_INDEX_KEY",
        "RECEPTION_JWT_SECRET",
    }


def _names(file: str) -> set[str]:
    lines = (FOLDER / file).read_text().splitlines()
    return {line.split("=")[0] for line in lines if line and not line.startswith("#")}


def test_only_the_migration_knows_the_owner_of_the_database() -> None:
    for part, pod in _pods().items():
        containers = (*pod["spec"].get("initContainers", []), *pod["spec"]["containers"])
        for container in containers:
            secrets = {
                one["secretRef"]["name"] for one in container["envFrom"] if "secretRef" in one
            }
            assert ("reception-migration" in secrets) == (part == "migrate")
            assert secrets <= {"reception", "reception-migration"}
    assert not any(one["kind"] == "Secret" for one in BASE)


def test_a_worker_has_the_time_that_its_calls_may_take() -> None:
    worker = _pods()["worker"]["spec"]
    assert worker["terminationGracePeriodSeconds"] > DRAIN_SECONDS + REST_SECONDS
    (container,) = worker["containers"]
    assert "lifecycle" not in container
    for part in ("admin", "jobs"):
        assert _pods()[part]["spec"]["terminationGracePeriodSeconds"] > ADMIN_GIVES_UP
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    minutes = re.fullmatch(r"(\d+)m", compose["services"]["worker"]["stop_grace_period"])
    assert minutes
    assert int(minutes[1]) * 60 > DRAIN_SECONDS + REST_SECONDS


def test_an_update_never_takes_away_before_it_adds() -> None:
    for deployment in _of("Deployment").values():
        strategy = deployment["spec"]["strategy"]
        assert strategy["type"] == "RollingUpdate"
        assert strategy["rollingUpdate"]["maxUnavailable"] == 0
    # The autoscaler's number is not undone by the next apply.
    assert "replicas" not in _of("Deployment")["reception-worker"]["spec"]


def test_no_process_of_the_release_starts_before_its_schema() -> None:
    for part in PORTS:
        (schema,) = _pods()[part]["spec"]["initContainers"]
        assert schema["args"] == ["migrate"]


def test_containers_are_confined_and_can_write_where_they_must() -> None:
    for pod in _pods().values():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"]
        assert f"--uid {spec['securityContext']['runAsUser']} " in (ROOT / "Dockerfile").read_text()
        volumes = {one["name"] for one in spec["volumes"]}
        for container in (*spec.get("initContainers", []), *spec["containers"]):
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert not container["securityContext"]["allowPrivilegeEscalation"]
            mounts = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
            assert set(mounts) == {"/data", "/tmp"}
            assert set(mounts.values()) <= volumes
            assert container["resources"]["requests"]
    assert _of("ConfigMap")["reception"]["data"]["RECEPTION_HOME"] == "/data"


@pytest.mark.parametrize("overlay", ["hpa", "keda"])
def test_scaling_asks_for_figures_that_the_worker_gives(overlay: str) -> None:
    (scaling,) = yaml.safe_load_all((FOLDER / overlay / "scaling.yaml").read_text())
    target = scaling["spec"]["scaleTargetRef"]
    assert target["name"] in _of(target["kind"])
    text = "".join(path.read_text() for path in (FOLDER / overlay).glob("*.yaml"))
    source = (ROOT / "agent/health.py").read_text()
    asked = set(re.findall(r"reception_worker_\w+", text)) - {"reception_worker_fill"}
    assert asked == {
        "reception_worker_active_calls",
        "reception_worker_capacity",
        "reception_worker_draining",
    }
    assert all(f'"{name}"' in source for name in asked)


def test_the_hpa_asks_for_the_figure_that_the_adapter_names() -> None:
    (rule,) = yaml.safe_load((FOLDER / "hpa/prometheus-adapter.yaml").read_text())["rules"][
        "custom"
    ]
    (scaling,) = yaml.safe_load_all((FOLDER / "hpa/scaling.yaml").read_text())
    (metric,) = scaling["spec"]["metrics"]
    assert metric["pods"]["metric"]["name"] == rule["name"]["as"]


def test_livekits_charts_have_the_settings_of_the_reference() -> None:
    reference = yaml.safe_load((ROOT / "livekit.yaml").read_text())
    chart = yaml.safe_load((FOLDER / "charts/livekit-server.yaml").read_text())["livekit"]
    assert chart["room"] == reference["room"]
    assert chart["logging"] == reference["logging"]
    assert chart["webhook"]["api_key"] == reference["webhook"]["api_key"]
    service = _of("Service")["reception-admin"]
    namespace = yaml.safe_load((FOLDER / "base/kustomization.yaml").read_text())["namespace"]
    (url,) = chart["webhook"]["urls"]
    port = service["spec"]["ports"][0]["port"]
    assert url == f"http://{service['metadata']['name']}.{namespace}.svc:{port}/webhooks/livekit"
    sip = yaml.safe_load((FOLDER / "charts/livekit-sip.yaml").read_text())["sip"]
    sip_reference = yaml.safe_load((ROOT / "sip-config/livekit-sip.yaml").read_text())
    for name in ("hide_inbound_port", "logging", "sip_port"):
        assert sip[name] == sip_reference[name]
