"""The chart of deploy/helm: linted and rendered by helm, and held against Kubernetes' own schemas.

Helm comes as a hashed wheel for Linux on x86-64; elsewhere one that is installed is used, and without one the tests say so and are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.settings import ROOT

CHART = ROOT / "deploy" / "helm" / "loket"
VERSIONS = ("1.28", "1.34")
"""Kubernetes' versions that the manifests have to suit: an old one that offices still run, and a recent one."""

VALUES: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "one of each": {"gateway": {"replicas": 1}, "worker": {"replicas": 1}, "rasa": {"replicas": 1}},
    "grows by itself": {
        "worker": {"autoscaling": {"enabled": True, "maxReplicas": 12}},
        "rasa": {"replicas": 3, "autoscaling": {"enabled": True, "cpuPercent": 60}},
    },
    "two offices, traces, an own ingress and storage": {
        "publicUrl": "https://loket.dua.example",
        "host": "loket.dua.example",
        "ingressClassName": "nginx",
        "content": {"storage": "5Gi", "storageClassName": "cepat"},
        "image": {"repository": "registry.example/loket", "tag": "0.1.0", "pullPolicy": "Always"},
        "secretName": "loket-rahasia",
        "staffHost": "petugas.dua.example",
        "settings": {
            "LOKET_TRACES_URL": "http://collector:4318",
            "LOKET_TRACES_SHARE": "0.1",
            "LOKET_SECOND_FACTOR_ROLES": "officer",
        },
        "metricsFrom": {"podSelector": {"matchLabels": {"app": "prometheus"}}},
    },
}


def helm(*words: str, values: dict[str, Any] | None = None, folder: Path) -> subprocess.CompletedProcess[str]:
    """What helm says; it keeps what it keeps below the folder."""
    beside = Path(sys.executable).with_name("helm")
    program = str(beside) if beside.is_file() else shutil.which("helm")
    if program is None:
        pytest.skip("no helm on this machine, and its wheel is not made for it: the chart was not rendered")
    if values is not None:
        file = folder / "values.yaml"
        file.write_text(yaml.safe_dump(values), "utf-8")
        words += ("-f", str(file))
    homes = {f"HELM_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    return subprocess.run([program, *words], env=os.environ | homes, capture_output=True, text=True)


def render(values: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """All manifests."""
    done = helm("template", "loket", str(CHART), values=values, folder=folder)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


@pytest.fixture(scope="module", params=VALUES, ids=lambda name: name)
def manifests(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return render(VALUES[request.param], tmp_path_factory.mktemp("values"))


def pods(manifests: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in manifests:
        if one["kind"] in ("Deployment", "StatefulSet"):
            yield one["metadata"]["name"], one


def test_kubernetes_takes_every_manifest(manifests: list[dict[str, Any]]) -> None:
    assert len({(one["kind"], one["metadata"]["name"]) for one in manifests}) == len(manifests) >= 9
    for one in manifests:
        for version in VERSIONS:
            kubernetes_validate.validate(one, version, strict=True)


def test_every_selector_finds_pods_and_every_named_port_and_volume_is_there(manifests: list[dict[str, Any]]) -> None:
    labels = {name: one["spec"]["template"]["metadata"]["labels"] for name, one in pods(manifests)}
    ports: dict[str, set[str]] = {}
    for name, one in pods(manifests):
        assert one["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
        spec = one["spec"]["template"]["spec"]
        containers = [*spec.get("initContainers", []), *spec["containers"]]
        ports[name] = {port["name"] for container in containers for port in container.get("ports", [])}
        volumes = {volume["name"] for volume in spec.get("volumes", [])}
        volumes |= {claim["metadata"]["name"] for claim in one["spec"].get("volumeClaimTemplates", [])}
        for container in containers:
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
            probes = [
                container[probe] for probe in ("livenessProbe", "readinessProbe", "startupProbe") if probe in container
            ]
            assert {probe["httpGet"]["port"] for probe in probes} <= ports[name]
            names = [variable["name"] for variable in container["env"]]
            assert len(names) == len(set(names)), "a variable twice: the last one would win unseen"
    for one in manifests:
        selected = one["spec"].get("selector") if one["kind"] == "Service" else None
        if selected:
            behind = [name for name, has in labels.items() if selected.items() <= has.items()]
            assert len(behind) == 1
            assert {port["targetPort"] for port in one["spec"]["ports"]} <= ports[behind[0]]


def test_everything_points_at_something_of_this_chart(manifests: list[dict[str, Any]]) -> None:
    there = {(one["kind"], one["metadata"]["name"]) for one in manifests}
    services = {one["metadata"]["name"]: one for one in manifests if one["kind"] == "Service"}
    labels = [one["spec"]["template"]["metadata"]["labels"] for _, one in pods(manifests)]
    for one in manifests:
        spec = one["spec"]
        if one["kind"] == "HorizontalPodAutoscaler":
            target = spec["scaleTargetRef"]
            assert (target["kind"], target["name"]) in there
            scaled = next(two for name, two in pods(manifests) if name == target["name"])
            assert "replicas" not in scaled["spec"], "an upgrade would undo what the autoscaler did"
            assert spec["minReplicas"] <= spec["maxReplicas"]
        if one["kind"] == "PodDisruptionBudget":
            assert any(spec["selector"]["matchLabels"].items() <= has.items() for has in labels)
        if one["kind"] == "Ingress":
            for path in (path for rule in spec["rules"] for path in rule["http"]["paths"]):
                service = services[path["backend"]["service"]["name"]]
                assert path["backend"]["service"]["port"]["name"] in {port["name"] for port in service["spec"]["ports"]}
                assert "internal" not in service["metadata"]["name"]
        if one["kind"] == "StatefulSet":
            assert spec["serviceName"] in services


def test_no_container_has_rights_it_does_not_need(manifests: list[dict[str, Any]]) -> None:
    for name, one in pods(manifests):
        spec = one["spec"]["template"]["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True and spec["automountServiceAccountToken"] is False, name
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            held = container["securityContext"]
            assert held["readOnlyRootFilesystem"] is True and held["allowPrivilegeEscalation"] is False
            assert held["capabilities"] == {"drop": ["ALL"]}
            assert not {"privileged", "hostPath"} & set(held)
        assert all(container["resources"]["limits"]["memory"] for container in spec["containers"])


def test_rasa_gets_no_secret_and_reaches_nothing_but_the_gateway(manifests: list[dict[str, Any]]) -> None:
    (rasa,) = [one for name, one in pods(manifests) if name == "loket-rasa"]
    for container in rasa["spec"]["template"]["spec"]["containers"]:
        assert "envFrom" not in container
        assert {variable["name"] for variable in container["env"]} == {"LOKET_INTERNAL_URL", "LOKET_DEMO"}
    (policy,) = [one for one in manifests if one["kind"] == "NetworkPolicy" and one["metadata"]["name"] == "loket-rasa"]
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    outward = policy["spec"]["egress"]
    assert [rule for rule in outward if "to" not in rule] == [
        {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
    ]
    (to,) = [rule["to"] for rule in outward if "to" in rule]
    assert to[0]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "gateway"
    for rule in policy["spec"]["ingress"]:
        assert all(one["podSelector"]["matchLabels"]["app.kubernetes.io/instance"] == "loket" for one in rule["from"])


def test_no_secret_stands_in_a_manifest(manifests: list[dict[str, Any]]) -> None:
    for name, one in pods(manifests):
        spec = one["spec"]["template"]["spec"]
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            assert "envFrom" not in container, "the environment would hold secrets"
            mounted = {mount["name"]: mount for mount in container["volumeMounts"]}
            assert ("secrets" in mounted) is ("rasa" not in name)
            if "secrets" in mounted:
                (folder,) = [one["value"] for one in container["env"] if one["name"] == "LOKET_SECRETS_DIR"]
                assert mounted["secrets"]["mountPath"] == folder and mounted["secrets"]["readOnly"] is True
            named = {variable["name"] for variable in container["env"]}
            assert not {n for n in named if n.endswith(("_TOKEN", "_SECRET", "_PASSWORD", "_KEYS", "_DATABASE_URL"))}, (
                name
            )


def test_staff_have_a_host_name_of_their_own_where_one_is_given(manifests: list[dict[str, Any]]) -> None:
    (ingress,) = [one["spec"] for one in manifests if one["kind"] == "Ingress"]
    hosts = [rule["host"] for rule in ingress["rules"]]
    assert len(set(hosts)) == len(hosts) and ingress["tls"][0]["hosts"] == hosts
    (gateway,) = [one for name, one in pods(manifests) if name.endswith("-gateway")]
    env = {one["name"]: one.get("value") for one in gateway["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env.get("LOKET_STAFF_URL") == (f"https://{hosts[1]}" if len(hosts) > 1 else None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"gateway": {"replicas": 0}},
        {"worker": {"replicas": "two"}},
        {"publicUrl": "http://loket.example"},
        {"publicURL": "https://loket.example"},
        {"settings": {"LOKET_KEYS": "k:x"}},
        {"settings": {"LOKET_TWILIO_AUTH_TOKEN": "x"}},
        {"settings": {"LOKET_PORT": "1"}},
        {"staffHost": "https://petugas.example"},
        {"settings": {"LOKET_DEMO": 0}},
        {"content": {"storage": "much"}},
        {"worker": {"autoscaling": {"enabled": True, "cpuPercent": 500}}},
    ],
    ids=json.dumps,
)
def test_values_that_cannot_be_meant_are_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    """By the chart's schema, which helm reads before it renders or installs; the sentence names the value."""
    done = helm("template", "loket", str(CHART), values=wrong, folder=tmp_path)
    assert done.returncode != 0
    assert "don't meet the specifications of the schema" in done.stderr, done.stderr
    assert next(iter(wrong)) in done.stderr


def test_a_value_that_a_template_needs_and_nobody_gave_is_an_error(tmp_path: Path) -> None:
    done = helm("template", "loket", str(CHART), values={"host": None}, folder=tmp_path)
    assert done.returncode != 0 and "host" in done.stderr


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_helm_lints_the_chart_strictly(values: dict[str, Any], tmp_path: Path) -> None:
    done = helm("lint", "--strict", str(CHART), values=values, folder=tmp_path)
    assert done.returncode == 0, done.stderr + done.stdout
