"""The registry takes whole plugins and refuses half ones, saying what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import registry
from bot.errors import RegistryError, SettingsError

AGENCY = {
    "id": "kantor",
    "name": "Kantor Contoh",
    "capabilities": ["lookup"],
    "services": ["ktp"],
    "settings": ["LOKET_KANTOR_URL"],
    "timeout_s": 5,
    "public_specification": "None: invented for this test.",
}
CHANNEL = {"id": "merpati", "name": "Merpati", "pull": False, "buttons": 3, "text_limit": 160, "attachments": False}
ADAPTER = "def build(config, clock):\n    return (dict(config), clock)\n"

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes a package with one plugin folder and returns its name; every call starts a new package."""
    monkeypatch.syspath_prepend(str(tmp_path))
    packages: list[str] = []

    def _write(manifest: Any, adapter: str | None = ADAPTER, folder: str = "kantor") -> str:
        package = f"plugins{len(packages)}"
        packages.append(package)
        place = tmp_path / package / folder
        place.mkdir(parents=True)
        for one in (tmp_path / package, place):
            (one / "__init__.py").touch()
        if manifest is not None:
            (place / "manifest.yml").write_text(manifest if isinstance(manifest, str) else yaml.safe_dump(manifest))
        if adapter is not None:
            (place / "adapter.py").write_text(adapter)
        return package

    yield _write
    for name in [name for name in sys.modules if name.split(".")[0] in packages]:
        del sys.modules[name]


def test_a_whole_agency_is_found_and_built_with_the_settings_it_names(write: Write) -> None:
    plugin = registry.agencies(write(AGENCY))["kantor"]
    assert plugin.manifest.capabilities == {"lookup"}
    clock: Any = object()
    config = {"LOKET_KANTOR_URL": "http://kantor.invalid", "LOKET_KEYS": "not yours"}
    assert plugin.build(config, clock) == ({"LOKET_KANTOR_URL": "http://kantor.invalid"}, clock)


def test_a_missing_setting_is_named(write: Write) -> None:
    plugin = registry.agencies(write(AGENCY))["kantor"]
    with pytest.raises(SettingsError, match="LOKET_KANTOR_URL"):
        plugin.build({"LOKET_KANTOR_URL": ""}, object())  # type: ignore[arg-type]


def test_a_whole_channel_is_found(write: Write) -> None:
    plugin = registry.channels(write(CHANNEL, folder="merpati"))["merpati"]
    assert (plugin.manifest.buttons, plugin.manifest.text_limit, plugin.manifest.settings) == (3, 160, ())


def test_a_plugin_of_another_kind_and_the_sandbox_are_no_agencies(write: Write) -> None:
    assert registry.agencies(write({"id": "wajah", "kind": "face"}, folder="wajah")) == {}
    assert registry.agencies(write(None, adapter=None, folder="sandbox")) == {}


HALF = {
    "no manifest": (None, ADAPTER, "manifest.yml is missing"),
    "no adapter": (AGENCY, None, "adapter.py is missing"),
    "no YAML": ("id: [", ADAPTER, "no YAML"),
    "no mapping": ("- id", ADAPTER, "must hold a mapping"),
    "another id": ({**AGENCY, "id": "lain"}, ADAPTER, "must be the folder's name"),
    "a key left out": ({k: v for k, v in AGENCY.items() if k != "timeout_s"}, ADAPTER, "lacks timeout_s"),
    "a key too many": ({**AGENCY, "capabilites": []}, ADAPTER, "unknown keys: capabilites"),
    "an unknown kind": ({**AGENCY, "kind": "agancy"}, ADAPTER, "kind: agancy is unknown"),
    "an unknown capability": ({**AGENCY, "capabilities": ["fly"]}, ADAPTER, "capabilities: fly"),
    "no capability": ({**AGENCY, "capabilities": []}, ADAPTER, "capabilities: none"),
    "a wrong type": ({**AGENCY, "timeout_s": True}, ADAPTER, "timeout_s has the wrong type"),
    "no time at all": ({**AGENCY, "timeout_s": 0}, ADAPTER, "timeout_s must be above 0"),
    "a setting by half its name": ({**AGENCY, "settings": ["url"]}, ADAPTER, "starts with LOKET_"),
    "no word on the specification": ({**AGENCY, "public_specification": " "}, ADAPTER, "say why there is none"),
    "no factory": (AGENCY, "x = 1\n", "lacks the factory build"),
    "another factory": (AGENCY, "def build(url):\n    return None\n", "lacks the factory build"),
    "an adapter that cannot be imported": (AGENCY, "import there_is_no_such_module\n", "cannot be imported"),
}


@pytest.mark.parametrize(("manifest", "adapter", "said"), HALF.values(), ids=HALF.keys())
def test_half_an_agency_is_refused_with_what_is_missing(
    write: Write, manifest: Any, adapter: str | None, said: str
) -> None:
    with pytest.raises(RegistryError) as refused:
        registry.agencies(write(manifest, adapter))
    assert said in str(refused.value)
    assert "kantor" in str(refused.value)


def test_half_a_channel_is_refused(write: Write) -> None:
    with pytest.raises(RegistryError, match="buttons has the wrong type"):
        registry.channels(write({**CHANNEL, "buttons": True}, folder="merpati"))


def test_a_promise_without_a_method_is_refused(write: Write) -> None:
    manifest = registry.agencies(write(AGENCY))["kantor"].manifest
    with pytest.raises(RegistryError, match="lookup"):
        registry.check_methods(manifest, object())  # type: ignore[arg-type]


def test_every_folder_of_the_project_is_a_whole_plugin() -> None:
    assert "dukcapil" in registry.agencies()
    registry.channels()


def test_an_agency_that_takes_applications_needs_its_stand_in(write: Write, tmp_path: Path) -> None:
    package = write({**AGENCY, "capabilities": ["submit"]})
    with pytest.raises(RegistryError, match="sandbox.py is missing"):
        registry.agencies(package)
    (tmp_path / package / "kantor" / "sandbox.py").write_text("")
    assert registry.agencies(package)["kantor"].manifest.capabilities == {"submit"}


def test_an_agency_may_keep_hours_and_have_settings_it_can_do_without(write: Write) -> None:
    hours = {"days": ["mon"], "from": "08:00", "to": "15:00", "zone": "Asia/Jakarta"}
    plugin = registry.agencies(write({**AGENCY, "hours": hours, "options": ["LOKET_KANTOR_MORE"]}))["kantor"]
    assert plugin.manifest.hours is not None and plugin.manifest.hours.days == {0}
    clock: Any = object()
    config = {"LOKET_KANTOR_URL": "http://kantor.invalid"}
    assert plugin.build(config, clock) == (config, clock)
    more = {**config, "LOKET_KANTOR_MORE": "1"}
    assert plugin.build({**more, "LOKET_KEYS": "not yours"}, clock) == (more, clock)


@pytest.mark.parametrize("wrong", [{"from": "15:00"}, {"zone": "Asia/Tegal"}, {"days": []}], ids=str)
def test_hours_that_cannot_be_are_refused(write: Write, wrong: dict[str, Any]) -> None:
    hours = {"days": ["mon"], "from": "08:00", "to": "15:00", "zone": "Asia/Jakarta", **wrong}
    with pytest.raises(RegistryError, match="hours"):
        registry.agencies(write({**AGENCY, "hours": hours}))


def test_an_adapter_that_lacks_what_its_manifest_promises_is_refused_when_it_is_built(write: Write) -> None:
    plugins = registry.agencies(write({**AGENCY, "capabilities": ["lookup", "match"]}))
    clock: Any = object()
    with pytest.raises(RegistryError, match="match"):
        registry.build_all(plugins, {"LOKET_KANTOR_URL": "http://kantor.invalid"}, clock)


SPEAKER = {"id": "kantor", "name": "Kantor", "kind": "described", "note": "Invented for this test."}


def test_a_folder_that_speaks_for_described_agencies_is_taken_whole_or_refused(write: Write, tmp_path: Path) -> None:
    half = write(SPEAKER)
    assert registry.agencies(half) == {}
    with pytest.raises(RegistryError, match="capabilities, faults, description.schema.json"):
        registry.speakers(half)
    whole = write(SPEAKER, adapter="def build(): ...\ndef capabilities(): ...\ndef faults(): ...\n")
    (tmp_path / whole / "kantor" / registry.SCHEMA).write_text("{}")
    assert set(registry.speakers(whole)) == {"kantor"}
    with pytest.raises(RegistryError, match="settings"):
        registry.speakers(write({**SPEAKER, "settings": []}))
