"""Agencies that a file of the installation describes: ``LOKET_AGENCIES_DIR/<id>.yml``, no Python.

The file names its ``kind``: the folder of ``integrations/`` that speaks for it. Every fault of a file is told with its line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from bot import registry
from bot.domain.working_hours import working_hours
from bot.errors import ContentError, RegistryError
from bot.ports import Agency, AgencyManifest
from bot.registry import Plugin
from bot.schema_faults import Fault, faults_of, unreadable
from bot.yaml_lines import LineMap, line_of, load

GUIDE = "docs/add-an-agency.md"
TIMEOUT_S = 10.0
"""For one call, where the file does not say."""
_BASE = Path(__file__).parent / "schemas" / "agency.schema.json"

AgencyPlugin = Plugin[AgencyManifest, Agency]


def every(directory: Path) -> dict[str, AgencyPlugin]:
    """Every agency by id: the folders of ``integrations/``, and those described in ``directory``.

    :raises RegistryError: half a folder, or a file with faults; the message lists them all.
    """
    return {**registry.agencies(), **described(directory)}


def described(directory: Path) -> dict[str, AgencyPlugin]:
    """The agencies described in ``directory``, by id; none if there is no such directory.

    :raises RegistryError: a file has faults; the message lists them all, one a line.
    """
    found, faults = read(directory)
    if faults:
        raise RegistryError("\n".join(map(str, faults)))
    return found


def read(directory: Path) -> tuple[dict[str, AgencyPlugin], list[Fault]]:
    """What is sound, and every fault in order of file and line."""
    speakers = registry.speakers()
    found: dict[str, AgencyPlugin] = {}
    faults: list[Fault] = []
    for path in sorted(directory.glob("*.yml")):
        shown = f"{directory.name}/{path.name}"
        try:
            data = load(path, shown)
        except ContentError as error:
            faults.append(unreadable(error))
            continue
        wrong = list(_wrong(data, path, speakers))
        faults += wrong
        if not wrong:
            found[data["id"]] = _plugin(data, shown, directory, speakers[data["kind"]][1])
    return found, sorted(set(faults))


def _wrong(data: LineMap, path: Path, speakers: Mapping[str, tuple[Path, Any]]) -> Iterator[Fault]:
    kind = str(data.get("kind", ""))
    if kind not in speakers:
        message = f"kind '{kind}' is not known" if "kind" in data else "kind missing"
        yield Fault(data.file, line_of(data, ["kind"]), message, f"use one of: {', '.join(speakers)}")
        return
    folder, adapter = speakers[kind]
    ill_formed = list(faults_of(_validator(folder), data, GUIDE))
    yield from ill_formed
    if ill_formed:  # what the adapter looks at further on would not be there
        return
    yield from _wrong_alike(data, path)
    for where, message, remedy in adapter.faults(data):
        yield Fault(data.file, line_of(data, list(where)), f"{'.'.join(map(str, where))}: {message}", remedy)


def _wrong_alike(data: LineMap, path: Path) -> Iterator[Fault]:
    """What every kind of description may get wrong."""
    line = line_of(data, ["id"])
    if data["id"] != path.stem:
        yield Fault(data.file, line, f"the id is '{data['id']}' but the file is {path.name}", "name both alike")
    if data["id"] in registry.agencies() or data["id"] in registry.speakers():
        yield Fault(data.file, line, f"'{data['id']}' is a folder of integrations/ already", "choose another id")
    if "hours" in data:
        try:
            working_hours(data["hours"])
        except ValueError as error:
            yield Fault(data.file, line_of(data, ["hours"]), f"hours: {error}", f"see {GUIDE}")


def _validator(folder: Path) -> Draft202012Validator:
    base = json.loads(_BASE.read_text("utf-8"))
    own = json.loads((folder / registry.SCHEMA).read_text("utf-8"))
    merged = {
        **own,
        "additionalProperties": False,
        "required": [*base["required"], *own.get("required", ())],
        "properties": {**base["properties"], **own["properties"]},
    }
    return Draft202012Validator(merged)


def _plugin(data: LineMap, shown: str, directory: Path, adapter: Any) -> AgencyPlugin:
    manifest = AgencyManifest(
        id=data["id"],
        name=data["name"],
        capabilities=frozenset(adapter.capabilities(data)),
        services=tuple(data["services"]),
        settings=tuple(sorted(set(_secrets(data)))),
        timeout_s=float(data.get("timeout_s", TIMEOUT_S)),
        public_specification=data["public_specification"],
        hours=working_hours(data["hours"]) if "hours" in data else None,
    )
    return Plugin(manifest, shown, directory, partial(adapter.build, data, manifest))


def _secrets(node: Any) -> Iterator[str]:
    """Names of settings: ``{secret: LOKET_X_…}`` wherever it stands."""
    if isinstance(node, Mapping):
        if set(node) == {"secret"} and isinstance(node["secret"], str):
            yield node["secret"]
        for value in node.values():
            yield from _secrets(value)
    elif isinstance(node, list):
        for value in node:
            yield from _secrets(value)
