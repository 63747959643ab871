"""What we build on: pinned and hashed, under licences that go together with ours, and without known vulnerabilities.

The list of vulnerabilities is asked for over the network, by pip-audit and npm; where no such service answers, that part says so and is
skipped, and everything else is checked all the same.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.pins import ENVIRONMENTS, all_pins, normal, npm_pins, python_pins
from bot.settings import ROOT

REQUIREMENTS = ROOT / "requirements"
LICENCES: dict[str, Any] = yaml.safe_load((REQUIREMENTS / "licences.yml").read_text("utf-8"))
ACCEPTED: list[dict[str, Any]] = yaml.safe_load((REQUIREMENTS / "audit-accepted.yml").read_text("utf-8"))["accepted"]
PINS = all_pins(ROOT)


# -- pins -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_requirement_is_one_hashed_version_of_the_index(name: str) -> None:
    assert python_pins(REQUIREMENTS / f"{name}.txt")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_is_asked_for_is_what_is_pinned(name: str) -> None:
    lines = (REQUIREMENTS / f"{name}.in").read_text("utf-8").splitlines()
    wanted = {
        normal(match[0]) for line in lines if (match := re.match(r"[A-Za-z0-9._-]+(?=\W|$)", line)) and line[0] != "-"
    }
    assert wanted <= {pin.name for pin in PINS if pin.environment == name}


def test_the_pages_load_exactly_what_npm_pinned() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"][""]
    asked = lock["dependencies"] | lock["devDependencies"]
    assert asked == {pin.name: pin.version for pin in npm_pins(ROOT / "package-lock.json")}


# -- licences -----------------------------------------------------------------------------------------------------------


def fits(expression: str, allowed: Iterable[str]) -> bool:
    """Whether one way to read an SPDX expression (OR before AND, no brackets) needs allowed licences only."""
    return any(all(one.strip() in set(allowed) for one in way.split(" AND ")) for way in expression.split(" OR "))


def test_an_expression_fits_when_one_of_its_ways_does() -> None:
    assert fits("MIT AND ISC", ["MIT", "ISC"]) and fits("GPL-2.0-only OR MIT", ["MIT"])
    assert not fits("MIT AND GPL-2.0-only", ["MIT"]) and not fits("GPL-3.0-only", ["MIT"])


def test_every_package_has_a_licence_that_goes_with_ours_or_a_reason() -> None:
    known = LICENCES["packages"]
    assert {pin.name for pin in PINS if pin.kind == "pypi"} == set(known), (
        "requirements/licences.yml and the pins differ"
    )
    odd = {name for name, licence in known.items() if not fits(licence, LICENCES["allowed"])}
    assert odd == set(LICENCES["exceptions"])
    assert all(len(reason) > 20 for reason in LICENCES["exceptions"].values())
    assert all(fits(licence, LICENCES["allowed"]) for licence in LICENCES["npm"].values())


def installed() -> dict[tuple[str, str], Distribution]:
    """Everything in the environments that are there, by name and version."""
    folders = [
        str(folder) for name in ENVIRONMENTS for folder in (ROOT / ".venv" / name).glob("lib/python3*/site-packages")
    ]
    return {(normal(one.metadata["Name"]), one.version): one for one in distributions(path=folders or sys.path)}


def test_the_licences_written_down_are_those_that_the_packages_declare() -> None:
    """Only where the metadata hold an SPDX expression (PEP 639); what older ones say in words is read by people."""
    found = installed()
    compared = 0
    for pin in PINS:
        one = found.get((pin.name, pin.version))
        declared = one.metadata.get("License-Expression") if one is not None else None
        if declared:
            assert LICENCES["packages"][pin.name] == declared, pin.name
            compared += 1
    assert compared > 50


def test_no_package_calls_itself_gpl_or_proprietary() -> None:
    for (name, _), one in installed().items():
        said = [line for line in one.metadata.get_all("Classifier") or [] if line.startswith("License ::")]
        bad = [line for line in said if re.search(r"GNU (Affero )?General Public|Proprietary", line)]
        assert not bad or name in LICENCES["exceptions"] or len(said) > len(bad), (name, bad)


# -- known vulnerabilities -----------------------------------------------------------------------------------------------


def test_an_accepted_vulnerability_has_a_package_that_is_pinned_a_reason_an_owner_and_a_date_to_come() -> None:
    names = {pin.name for pin in PINS}
    for entry in ACCEPTED:
        assert set(entry) == {"id", "package", "reason", "owner", "until"}, entry
        assert re.fullmatch(r"CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d+", entry["id"])
        assert entry["package"] in names, f"{entry['id']}: {entry['package']} is not pinned any more"
        assert len(entry["reason"]) > 30 and entry["owner"] in ("operator", "editor", "maintainer")
        assert entry["until"] >= date.today(), f"{entry['id']} was accepted until {entry['until']}: look at it again"
    assert len({(entry["id"], entry["package"]) for entry in ACCEPTED}) == len(ACCEPTED)


def unaccepted(dependencies: Iterable[Mapping[str, Any]], accepted: Iterable[Mapping[str, Any]]) -> list[str]:
    """What pip-audit found that nobody has accepted: ``package version id``. An id is accepted under any of its names."""
    known = {(entry["package"], entry["id"]) for entry in accepted}
    return [
        f"{one['name']} {one['version']} {found['id']}"
        for one in dependencies
        for found in one.get("vulns", [])
        if not {(normal(one["name"]), name) for name in (found["id"], *found.get("aliases", []))} & known
    ]


def test_a_vulnerability_counts_until_it_is_accepted_for_that_package_under_any_of_its_names() -> None:
    found = [{"name": "Some_Thing", "version": "1", "vulns": [{"id": "GHSA-1", "aliases": ["CVE-2026-1"]}]}]
    assert unaccepted(found, []) == ["Some_Thing 1 GHSA-1"]
    assert unaccepted(found, [{"package": "other", "id": "CVE-2026-1"}]) == ["Some_Thing 1 GHSA-1"]
    assert unaccepted(found, [{"package": "some-thing", "id": "CVE-2026-1"}]) == []
    assert unaccepted([{"name": "x", "skip_reason": "not found"}], []) == []


def audited(name: str, service: str, timeout: float) -> list[dict[str, Any]] | None:
    """What a service says of an environment; None where it cannot be asked, or knows none of the packages."""
    words = [
        "-r",
        str(REQUIREMENTS / f"{name}.txt"),
        "--require-hashes",
        "--disable-pip",
        "-f",
        "json",
        "--timeout",
        "10",
    ]
    command = [sys.executable, "-m", "pip_audit", *words, "-s", service, "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return found if any("vulns" in one for one in found) else None


def test_no_vulnerability_is_known_but_the_accepted_ones() -> None:
    service = next((one for one in ("osv", "pypi") if audited("uv", one, 40) is not None), None)
    if service is None:
        pytest.skip("no advisory service can be reached from here (osv.dev, or versions at the package index)")
    found = [one for name in ("dev", "rasa") for one in audited(name, service, 600) or []]
    assert found, "the advisory service answered for one environment and not for the others"
    assert unaccepted(found, ACCEPTED) == []


def test_npm_knows_no_vulnerability(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm on this machine")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    done = subprocess.run(
        [npm, "audit", "--json", "--package-lock-only", "--fetch-retries=0", "--fetch-timeout=10000"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = json.loads(done.stdout or "{}")
    if "vulnerabilities" not in found:
        pytest.skip("npm's advisory service cannot be reached from here")
    assert found["vulnerabilities"] == {}
