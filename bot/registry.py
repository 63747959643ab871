"""Finds the plugins: one folder each below ``channels/`` and ``integrations/``, and refuses half a plugin at start.

A plugin is a folder with ``manifest.yml`` and ``adapter.py``; the adapter offers ``build(config, clock)``. Every
refusal is a :class:`bot.errors.RegistryError` that names the folder and what is missing. See ``docs/add-an-agency.md``.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import yaml

from bot.domain.working_hours import WorkingHours, working_hours
from bot.errors import RegistryError, SettingsError
from bot.ports import Agency, AgencyManifest, Channel, ChannelManifest, Clock
from bot.ports_desk import OutsideDesk

CAPABILITIES: Mapping[str, tuple[str, ...]] = {
    "lookup": ("lookup",),
    "verify": ("verify",),
    "match": ("match",),
    "find": ("find",),
    "slots": ("slots", "move"),
    "tickets": ("ticket",),
    "checkin": ("check_in",),
    "words": ("add",),
    "close": ("close_case", "reopen"),
    "faces": ("faces",),
    "submit": ("submit",),
    "status": ("status",),
    "callback": ("verify_callback", "parse_callback"),
    "document": ("document",),
    "repair": ("repair",),
    "cancel": ("cancel",),
}
"""What an agency may offer, and the methods its adapter must then have."""

KINDS = ("agency", "face", "described", "desk")
"""``kind`` of a manifest below ``integrations/``; left out: ``agency``. ``described``: speaks for agencies that a file of the
installation describes (:mod:`bot.agency_files`)."""

NO_PLUGINS = frozenset({"common", "sandbox"})
"""Folders below ``integrations/`` that are none: what agencies share, and the program that runs their stand-ins."""

SCHEMA = "description.schema.json"
"""What a file may say that describes an agency, beside what all of them say (``bot/schemas/agency.schema.json``)."""

_ID = re.compile(r"[a-z][a-z0-9_]*")
_SETTING = re.compile(r"LOKET_[A-Z0-9_]+")
_CHANNEL_KEYS = {"id": str, "name": str, "pull": bool, "buttons": int, "text_limit": int, "attachments": bool}
_CHANNEL_OPTIONS = {
    "settings": list,
    "options": list,
    "button_limit": int,
    "caption_limit": int,
    "window_hours": int,
    "rate_per_s": (int, float),
    "chat_rate_per_s": (int, float),
}
_AGENCY_KEYS = {
    "id": str,
    "name": str,
    "capabilities": list,
    "services": list,
    "settings": list,
    "timeout_s": (int, float),
    "public_specification": str,
}
_DESK_KEYS = {"id": str, "name": str, "kind": str, "settings": list, "note": str}
_DESCRIBED_KEYS = {"id": str, "name": str, "kind": str, "note": str}

P = TypeVar("P")
M = TypeVar("M", ChannelManifest, AgencyManifest)


@dataclass(frozen=True)
class Plugin(Generic[M, P]):
    """One complete plugin folder."""

    manifest: M
    module: str
    """Dotted name of the package, e.g. ``integrations.dukcapil``."""
    folder: Path
    factory: Callable[[Mapping[str, str], Clock], P]

    def build(self, config: Mapping[str, str], clock: Clock) -> P:
        """The adapter, built from the settings its manifest names.

        :raises SettingsError: a setting is missing; the message says which.
        """
        missing = [name for name in self.manifest.settings if not config.get(name)]
        if missing:
            what = ", ".join(missing)
            raise SettingsError(f"{self.module} needs {what}: set it (docs/settings.md) or disable the plugin")
        names = (*self.manifest.settings, *getattr(self.manifest, "options", ()))
        return self.factory({name: config[name] for name in names if config.get(name)}, clock)

    def wanted(self, config: Mapping[str, str]) -> bool:
        """Whether the operator set the plugin up: it needs no setting, or one of those it needs is there."""
        return not self.manifest.settings or any(config.get(name) for name in self.manifest.settings)


def channels(package: str = "channels") -> dict[str, Plugin[ChannelManifest, Channel]]:
    """Every channel, by id.

    :raises RegistryError: a folder is half a plugin.
    """
    found: dict[str, Plugin[ChannelManifest, Channel]] = {}
    for folder in _folders(package):
        manifest = channel_manifest(folder)
        factory = _factory(f"{package}.{folder.name}", folder)
        found[manifest.id] = Plugin(manifest, f"{package}.{folder.name}", folder, factory)
    return found


def stand_ins(config: Mapping[str, str], clock: Clock, package: str = "channels") -> dict[str, tuple[str, Any]]:
    """The stand-ins of the channels that are set up and have one (``sandbox.py`` with ``stand_in(config, clock)``), by id:
    what people would write to, and an aiohttp application.
    """
    found = {}
    for id_, plugin in channels(package).items():
        if plugin.wanted(config) and (plugin.folder / "sandbox.py").is_file():
            found[id_] = importlib.import_module(f"{plugin.module}.sandbox").stand_in(config, clock)
    return found


def agencies(package: str = "integrations") -> dict[str, Plugin[AgencyManifest, Agency]]:
    """Every agency, by id; folders of another kind (``face``) and those that are no plugins are left out.

    :raises RegistryError: a folder is half a plugin.
    """
    found: dict[str, Plugin[AgencyManifest, Agency]] = {}
    for folder in _folders(package):
        if folder.name in NO_PLUGINS or _kind(folder) != "agency":
            continue
        manifest = agency_manifest(folder)
        factory = _factory(f"{package}.{folder.name}", folder)
        if "submit" in manifest.capabilities and not (folder / "sandbox.py").is_file():
            _refuse(folder, "sandbox.py is missing: an agency that takes applications needs its stand-in")
        found[manifest.id] = Plugin(manifest, f"{package}.{folder.name}", folder, factory)
    return found


def speakers(package: str = "integrations") -> dict[str, tuple[Path, Any]]:
    """The folders of kind ``described``, by id, with their module ``adapter``.

    :raises RegistryError: a folder is half a plugin.
    """
    found: dict[str, tuple[Path, Any]] = {}
    for folder in _folders(package):
        if folder.name in NO_PLUGINS or _kind(folder) != "described":
            continue
        _manifest(folder, _DESCRIBED_KEYS, optional={})
        module = _adapter(f"{package}.{folder.name}", folder)
        missing = [name for name in ("build", "capabilities", "faults") if not callable(getattr(module, name, None))]
        if not (folder / SCHEMA).is_file():
            missing.append(SCHEMA)
        if missing:
            _refuse(folder, f"a folder that speaks for described agencies lacks {', '.join(missing)}")
        found[folder.name] = (folder, module)
    return found


def desks(config: Mapping[str, str], clock: Clock, package: str = "integrations") -> dict[str, OutsideDesk]:
    """The outside desks (``kind: desk``) that are set up, built, by id. A folder builds as many as its settings name.

    :raises RegistryError: a folder is half a plugin. :raises SettingsError: a desk is half set up.
    """
    found: dict[str, OutsideDesk] = {}
    for folder in _folders(package):
        if folder.name in NO_PLUGINS or _kind(folder) != "desk":
            continue
        manifest = _manifest(folder, _DESK_KEYS, optional={"options": list})
        names = _settings(folder, manifest["settings"])
        factory = _factory(f"{package}.{folder.name}", folder)
        options = _settings(folder, manifest.get("options", []))
        given = {name: config[name] for name in (*names, *options) if config.get(name)}
        if not given:
            continue
        missing = [name for name in names if name not in given]
        if missing:
            raise SettingsError(f"{package}.{folder.name} needs {', '.join(missing)}: set it, or none of its settings")
        for desk in factory(given, clock):
            if not isinstance(desk, OutsideDesk) or desk.id in found:
                _refuse(folder, "what adapter.py builds is no bot.ports_desk.OutsideDesk, or one that is there already")
            found[desk.id] = desk
    return found


def build_all(
    plugins: Mapping[str, Plugin[AgencyManifest, Agency]], config: Mapping[str, str], clock: Clock
) -> dict[str, Agency]:
    """Every agency that is set up, built; one of which nothing is set is left out.

    :raises SettingsError: a setting of one is missing.
    :raises RegistryError: an adapter cannot do what its manifest promises.
    """
    built = {name: plugin.build(config, clock) for name, plugin in plugins.items() if plugin.wanted(config)}
    for name, agency in built.items():
        check_methods(plugins[name].manifest, agency)
    return built


def check_methods(manifest: AgencyManifest, agency: Agency) -> None:
    """Refuse an agency that promises in its manifest what its adapter cannot do.

    :raises RegistryError: methods are missing.
    """
    missing = [
        name for offer in sorted(manifest.capabilities) for name in CAPABILITIES[offer] if not hasattr(agency, name)
    ]
    if missing or not isinstance(agency, Agency):
        names = ", ".join(missing) or "a method of bot.ports.Agency"
        raise RegistryError(f"{manifest.id}: its manifest promises {names}, which its adapter lacks")


def channel_manifest(folder: Path) -> ChannelManifest:
    """``manifest.yml`` of a channel folder.

    :raises RegistryError: it is missing or wrong.
    """
    raw = _manifest(folder, _CHANNEL_KEYS, optional=_CHANNEL_OPTIONS)
    names = {key: _settings(folder, raw.get(key, [])) for key in ("settings", "options")}
    return ChannelManifest(**{**raw, **names})


def agency_manifest(folder: Path) -> AgencyManifest:
    """``manifest.yml`` of an agency folder.

    :raises RegistryError: it is missing or wrong.
    """
    raw = _manifest(folder, _AGENCY_KEYS, optional={"kind": str, "note": str, "options": list, "hours": dict})
    unknown = sorted(set(map(str, raw["capabilities"])) - set(CAPABILITIES))
    if unknown or not raw["capabilities"]:
        _refuse(folder, f"capabilities: {', '.join(unknown) or 'none'}; known are {', '.join(CAPABILITIES)}")
    if raw["timeout_s"] <= 0:
        _refuse(folder, "timeout_s must be above 0")
    if not raw["public_specification"].strip():
        _refuse(folder, "public_specification is empty: give the address, or say why there is none")
    return AgencyManifest(
        id=raw["id"],
        name=raw["name"],
        capabilities=frozenset(raw["capabilities"]),
        services=tuple(map(str, raw["services"])),
        settings=_settings(folder, raw["settings"]),
        timeout_s=float(raw["timeout_s"]),
        public_specification=raw["public_specification"].strip(),
        hours=_hours(folder, raw.get("hours")),
        options=_settings(folder, raw.get("options", [])),
    )


def _folders(package: str) -> list[Path]:
    root = importlib.import_module(package).__path__[0]
    return sorted(p for p in Path(root).iterdir() if p.is_dir() and not p.name.startswith(("_", ".")))


def _kind(folder: Path) -> str:
    kind = _read(folder).get("kind", "agency")
    if kind not in KINDS:
        _refuse(folder, f"kind: {kind} is unknown; known are {', '.join(KINDS)}")
    return cast(str, kind)


def _read(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.yml"
    if not path.is_file():
        _refuse(folder, "manifest.yml is missing")
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RegistryError(f"{_place(folder)}/manifest.yml is no YAML: {error}") from error
    if not isinstance(raw, dict):
        _refuse(folder, "manifest.yml must hold a mapping")
    return cast(dict[str, Any], raw)


def _manifest(folder: Path, keys: Mapping[str, Any], optional: Mapping[str, Any]) -> dict[str, Any]:
    raw = _read(folder)
    missing = [key for key in keys if key not in raw]
    if missing:
        _refuse(folder, f"manifest.yml lacks {', '.join(missing)}")
    known = {**keys, **optional}
    unknown = sorted(set(raw) - set(known))
    if unknown:
        _refuse(folder, f"manifest.yml has unknown keys: {', '.join(unknown)}")
    for key, value in raw.items():
        # bool is an int in Python; "buttons: yes" is a mistake all the same.
        if not isinstance(value, known[key]) or (isinstance(value, bool) and known[key] is not bool):
            _refuse(folder, f"manifest.yml: {key} has the wrong type ({type(value).__name__})")
    if raw["id"] != folder.name or not _ID.fullmatch(raw["id"]):
        _refuse(folder, f"manifest.yml: id is {raw['id']!r}; it must be the folder's name")
    return raw


def _settings(folder: Path, names: list[Any]) -> tuple[str, ...]:
    wrong = [str(name) for name in names if not isinstance(name, str) or not _SETTING.fullmatch(name)]
    if wrong:
        _refuse(folder, f"manifest.yml: settings {', '.join(wrong)}: a setting's full name starts with LOKET_")
    return tuple(names)


def _hours(folder: Path, raw: Mapping[str, Any] | None) -> WorkingHours | None:
    if raw is None:
        return None
    try:
        return working_hours(raw)
    except ValueError as error:
        raise RegistryError(f"{_place(folder)}: manifest.yml: hours: {error}") from error


def _adapter(module: str, folder: Path) -> Any:
    if not (folder / "adapter.py").is_file():
        _refuse(folder, "adapter.py is missing")
    try:
        return importlib.import_module(f"{module}.adapter")
    except ImportError as error:
        raise RegistryError(f"{_place(folder)}/adapter.py cannot be imported: {error}") from error


def _factory(module: str, folder: Path) -> Callable[[Mapping[str, str], Clock], Any]:
    build = getattr(_adapter(module, folder), "build", None)
    if not callable(build) or list(inspect.signature(build).parameters) != ["config", "clock"]:
        _refuse(folder, "adapter.py lacks the factory build(config, clock)")
    return cast(Callable[[Mapping[str, str], Clock], Any], build)


def _place(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _refuse(folder: Path, what: str) -> None:
    raise RegistryError(f"{_place(folder)}: {what}")
