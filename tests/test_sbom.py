"""The bill of materials: what is pinned is in it, its format is CycloneDX 1.6, and the same checkout gives the same bytes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from bot.pins import Pin, Unpinned, all_pins, npm_pins, python_pins
from bot.sbom import bill
from bot.settings import ROOT

BILL: dict[str, Any] = bill(ROOT)
COMPONENTS: dict[str, dict[str, Any]] = {one["bom-ref"]: one for one in BILL["components"]}
SHA = "a" * 64


def test_it_is_valid_cyclonedx() -> None:
    faults = JsonStrictValidator(SchemaVersion.V1_6).validate_str(
        json.dumps(bill(ROOT, datetime(2026, 1, 2, tzinfo=UTC)))
    )
    assert faults is None


def test_every_pin_is_in_it_with_its_hashes_its_environment_and_a_licence() -> None:
    pins = all_pins(ROOT)
    assert {pin.purl for pin in pins} == set(COMPONENTS)
    for pin in pins:
        component = COMPONENTS[pin.purl]
        assert set(pin.hashes) <= {one["content"] for one in component["hashes"]}
        assert {"name": "loket:environment", "value": pin.environment} in component["properties"]
        assert component["licenses"], pin.purl


def test_what_only_tests_need_is_optional_and_what_the_service_needs_is_not() -> None:
    scope = {one["name"]: one["scope"] for one in BILL["components"]}
    assert scope["aiohttp"] == scope["rasa"] == scope["htmx.org"] == "required"
    assert scope["pytest"] == scope["axe-core"] == scope["uv"] == "optional"


def test_whoever_is_in_it_is_asked_for_by_somebody_who_is_in_it() -> None:
    asked = {ref for one in BILL["dependencies"] for ref in one["dependsOn"]}
    assert {one["ref"] for one in BILL["dependencies"]} == {"loket", *COMPONENTS}
    assert asked == set(COMPONENTS)
    sanic = next(one for one in BILL["dependencies"] if one["ref"].startswith("pkg:pypi/sanic@21."))
    assert any(ref.startswith("pkg:pypi/httptools@") for ref in sanic["dependsOn"])


def test_it_names_no_registry_and_no_place_of_a_machine() -> None:
    said = json.dumps(BILL)
    assert not re.search(r"https?://|file:|/home/|/root/|pypi\.org|npmjs", said)


def test_the_command_prints_the_same_bytes_each_time(tmp_path: Path) -> None:
    def printed(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "sbom", *words], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout

    file = tmp_path / "bom.json"
    assert printed("--output", str(file)) == ""
    assert file.read_text("utf-8") == printed()
    assert json.loads(printed("--timestamp", "2026-01-02T03:04:05+00:00"))["metadata"]["timestamp"].startswith(
        "2026-01"
    )


def test_markers_names_and_askers_are_read_as_uv_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "gateway.txt"
    file.write_text(
        f"# made by uv\nA.b_C[x]==1.2 ; sys_platform == 'win32' \\\n    --hash=sha256:{SHA} \\\n    --hash=sha256:{SHA[:-1]}b\n"
        f"    # via\n    #   -r requirements/gateway.in\n    #   Other_One\nother-one==2 --hash=sha256:{SHA}\n".replace(
            "2 --hash", "2 \\\n    --hash"
        )
        + "    # via -r requirements/gateway.in\n"
    )
    first, second = python_pins(file)
    assert (first.name, first.version, first.marker) == ("a-b-c", "1.2", "sys_platform == 'win32'")
    assert (first.via, first.direct, len(first.hashes)) == (("other-one",), True, 2)
    assert second == Pin("pypi", "other-one", "2", "gateway", (SHA,))


@pytest.mark.parametrize(
    "line",
    [
        "idna==3.6",
        "idna>=3.6 \\\n    --hash=sha256:" + SHA,
        "idna @ https://example.org/idna.whl \\\n    --hash=sha256:" + SHA,
        "git+https://example.org/idna.git",
        "-e .",
        "--index-url https://example.org/simple",
        "idna==3.6 \\\n    --hash=md5:" + SHA[:32],
    ],
)
def test_what_is_not_one_hashed_version_of_the_index_is_refused(line: str, tmp_path: Path) -> None:
    file = tmp_path / "gateway.txt"
    file.write_text(line + "\n")
    with pytest.raises(Unpinned):
        python_pins(file)


def test_an_npm_package_without_a_hash_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "package-lock.json"
    file.write_text(json.dumps({"packages": {"": {}, "node_modules/x": {"version": "1.0.0"}}}))
    with pytest.raises(Unpinned):
        npm_pins(file)
