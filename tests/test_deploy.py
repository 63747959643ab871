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


def test_compose_reads_its_file() -> None:
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("no docker-compose on this machine")
    env = {**os.environ, "POSTGRES_PASSWORD": "x", "LOKET_KEYS": "k:x", "LOKET_PUBLIC_URL": "https://loket.example"}
    done = subprocess.run(
        [program, "-f", "compose.yml", "config", "-q"], cwd=DEPLOY, env=env, capture_output=True, text=True
    )  # noqa: S603
    assert done.returncode == 0, done.stderr


def test_helm_renders_and_lints_the_chart() -> None:
    program = shutil.which("helm")
    if program is None:
        pytest.skip("no helm on this machine")
    for command in (["lint", "--strict"], ["template", "loket"]):
        done = subprocess.run([program, *command, "helm/loket"], cwd=DEPLOY, capture_output=True, text=True)  # noqa: S603
        assert done.returncode == 0, done.stderr + done.stdout
