"""The files that operators install: they parse, they name settings and metrics that exist, and the tools that read them agree."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from bot.settings import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
UNITS = sorted((DEPLOY / "systemd").iterdir())
SETTINGS = frozenset(re.findall(r"`(LOKET_[A-Z0-9_]+)`", (ROOT / "docs" / "settings.md").read_text("utf-8")))
_NAME = re.compile(r"\bLOKET_[A-Z0-9_]+\b")
_METRIC = re.compile(r"\bloket_[a-z_]+\b")


def known_metrics() -> frozenset[str]:
    files = [ROOT / "bot" / "web" / "metrics.py", ROOT / "bot" / "workers" / "figures.py"]
    named = {name for file in files for name in re.findall(r'"(loket_[a-z_]+)"', file.read_text("utf-8"))}
    return frozenset(named | {"loket_queue_rows"} | {f"{name}_bucket" for name in named})


@pytest.mark.parametrize("file", [p for p in DEPLOY.rglob("*") if p.is_file()], ids=lambda p: p.name)
def test_every_setting_that_a_file_names_exists(file: Path) -> None:
    assert set(_NAME.findall(file.read_text("utf-8"))) <= SETTINGS


@pytest.mark.parametrize("file", ["prometheus/alerts.yml", "grafana/loket.json"])
def test_every_metric_that_is_watched_is_counted(file: str) -> None:
    watched = set(_METRIC.findall((DEPLOY / file).read_text("utf-8")))
    assert watched and watched <= known_metrics()


def test_every_alert_says_what_happened_and_what_to_do() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 10
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"] and rule["annotations"]["action"]


def test_panels_of_the_dashboard_do_not_overlap_and_have_questions() -> None:
    panels = json.loads((DEPLOY / "grafana" / "loket.json").read_text("utf-8"))["panels"]
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels]
    assert len(set(places)) == len(panels) and all(p["targets"] for p in panels)


def test_rasa_gets_no_secret_no_database_and_no_way_out_in_compose() -> None:
    rasa = COMPOSE["services"]["rasa"]
    assert set(rasa["environment"]) == {"LOKET_INTERNAL_URL", "LOKET_DEMO"} and "env_file" not in rasa
    assert rasa["networks"] == ["inside"] and COMPOSE["networks"]["inside"] == {"internal": True}
    assert "ports" not in rasa


def test_nothing_runs_with_rights_it_does_not_need() -> None:
    for name, service in COMPOSE["services"].items():
        if name != "postgres":
            assert service["cap_drop"] == ["ALL"] and service["read_only"] is True, name


@pytest.mark.parametrize("file", UNITS, ids=lambda p: p.name)
def test_a_unit_is_read_as_systemd_reads_it(file: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(file, "utf-8")
    assert unit["Unit"]["Description"]
    if file.suffix == ".service":
        assert unit["Service"]["ExecStart"].startswith("/opt/loket/loket ")
        assert unit["Service"]["NoNewPrivileges"] == "yes" and unit["Service"]["Restart"] == "always"


def test_rasas_unit_may_reach_nothing_but_this_machine() -> None:
    text = (DEPLOY / "systemd" / "loket-rasa.service").read_text("utf-8")
    assert "IPAddressDeny=any" in text and "IPAddressAllow=localhost" in text and "EnvironmentFile" not in text


# -- compose ------------------------------------------------------------------------------------------------------------

GIVEN = {"POSTGRES_PASSWORD": "x", "LOKET_KEYS": "k:x", "LOKET_PUBLIC_URL": "https://loket.example"}
_WANTED = re.compile(r"\$\{([A-Z_]+):\?[^}]+}")


def test_compose_is_what_the_specification_says() -> None:
    """Keys merged as YAML says, then every key and value by the specification's model (the package compose-spec)."""
    assert "gateway" in PyCompose.from_yaml(yaml.safe_dump(COMPOSE)).service_names()
    wrong = {**COMPOSE, "services": {**COMPOSE["services"], "x": {"image": "y", "cap_dropp": ["ALL"]}}}
    with pytest.raises(ValueError, match="cap_dropp"):
        PyCompose.from_yaml(yaml.safe_dump(wrong))


def test_what_compose_refers_to_is_there_and_secrets_are_asked_for_not_written() -> None:
    networks, volumes, services = (set(COMPOSE[name]) for name in ("networks", "volumes", "services"))
    for name, service in COMPOSE["services"].items():
        assert set(service["networks"]) <= networks, name
        assert set(service.get("depends_on", {})) <= services, name
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= volumes, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        for key, value in (service.get("environment") or {}).items():
            if re.search(r"PASSWORD|KEYS|TOKEN|SECRET", key):
                assert _WANTED.fullmatch(value), f"{name}: {key}"
    assert set(_WANTED.findall((DEPLOY / "compose.yml").read_text("utf-8"))) == set(GIVEN)


def test_whatever_others_wait_for_says_when_it_is_healthy() -> None:
    for name, service in COMPOSE["services"].items():
        for other, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert COMPOSE["services"][other]["healthcheck"], f"{name} waits for {other}"


def compose(folder: Path) -> tuple[list[str], str]:
    """The program that reads the file, and the file: docker's plugin, or the first docker-compose with what it does not know left out."""
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0:
        return [docker, "compose"], str(DEPLOY / "compose.yml")
    old = shutil.which("docker-compose")
    if old is None:
        pytest.skip(
            "neither docker compose nor docker-compose on this machine: compose.yml was checked by its specification only"
        )
    known = {key: value for key, value in COMPOSE.items() if key != "name" and not key.startswith("x-")}
    known["services"] = {
        name: {key: value for key, value in service.items() if key != "env_file"}
        for name, service in known["services"].items()
    }
    file = folder / "compose.yml"
    file.write_text(yaml.safe_dump(known), "utf-8")
    return [old], str(file)


def test_compose_reads_its_file_and_refuses_to_start_without_a_secret(tmp_path: Path) -> None:
    program, file = compose(tmp_path)

    def config(given: dict[str, str]) -> subprocess.CompletedProcess[str]:
        env = {key: value for key, value in os.environ.items() if key not in GIVEN} | given
        return subprocess.run(
            [*program, "-f", file, "config", "-q"], cwd=tmp_path, env=env, capture_output=True, text=True
        )

    done = config(GIVEN)
    assert done.returncode == 0, done.stderr
    for name in GIVEN:
        assert config({key: value for key, value in GIVEN.items() if key != name}).returncode != 0, name


# -- the image ----------------------------------------------------------------------------------------------------------


def instructions(file: Path) -> list[tuple[str, str]]:
    """(instruction, words) of a Dockerfile, lines that go on put together."""
    lines = [
        line for line in file.read_text("utf-8").splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    whole = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(word.upper(), rest) for word, _, rest in (line.partition(" ") for line in whole)]


def test_the_image_runs_as_nobody_holds_no_secret_and_comes_from_a_named_base() -> None:
    found = instructions(DEPLOY / "Dockerfile")
    last = max(i for i, (word, _) in enumerate(found) if word == "FROM")
    final = found[last:]
    assert [rest for word, rest in final if word == "USER"][-1].isdigit()
    assert {word for word, _ in final} >= {"USER", "HEALTHCHECK", "ENTRYPOINT"}
    bases = [rest.split()[0] for word, rest in found if word == "FROM"]
    named = dict(rest.split("=", 1) for word, rest in found if word == "ARG")
    assert all(re.fullmatch(r"\$\{\w+}", base) for base in bases)
    assert all(":" in base and not base.endswith(":latest") for base in named.values())
    assert not [
        rest for word, rest in found if word in ("ENV", "ARG") and re.search(r"KEYS|SECRET|PASSWORD|TOKEN", rest)
    ]
    assert not [word for word, _ in found if word == "ADD"]
    copies = [rest for word, rest in final if word == "COPY"]
    assert copies and all(
        "--from=made" in rest and "--chown=root:root" in rest and "/root/" not in rest for rest in copies
    )


def test_nothing_of_this_machine_gets_into_the_image() -> None:
    left_out = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert {".git", ".venv", "var", ".env", "**/.env", "tests", "node_modules"} <= set(left_out)
