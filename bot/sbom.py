"""``./loket sbom``: a software bill of materials in CycloneDX 1.6 (ECMA-424), JSON.

Made of nothing but the pinned files, so that it says what an installation gets, and the same checkout gives the same bytes.
What the operating system and the container images bring is not in it: a scanner of images knows that better.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tomllib
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.pins import ENVIRONMENTS, Pin, all_pins
from bot.settings import ROOT, Settings

_ALGORITHM = {"pypi": "SHA-256", "npm": "SHA-512"}
_ROOT_REF = "loket"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See :func:`main`."""
    parser.add_argument("--output", type=Path, metavar="FILE", help="berkas, bukan layar / a file, not the screen")
    parser.add_argument(
        "--timestamp", metavar="TIME", help="waktu pembuatan, ISO 8601 / when it was made; without it, no time is said"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Print the bill, or write it to ``--output``."""
    try:
        made = datetime.fromisoformat(args.timestamp) if args.timestamp else None
    except ValueError:
        print("--timestamp: 2026-01-31T12:00:00+00:00", file=sys.stderr)
        return 2
    text = json.dumps(bill(ROOT, made), indent=1, ensure_ascii=False) + "\n"
    if args.output is None:
        print(text, end="")
    else:
        args.output.write_text(text, "utf-8")
    return 0


def bill(root: Path, made: datetime | None = None) -> dict[str, Any]:
    """The whole document for a checkout."""
    pins = all_pins(root)
    licences = _licences(root)
    by_purl: dict[str, list[Pin]] = defaultdict(list)
    for pin in pins:
        by_purl[pin.purl].append(pin)
    components = [_component(group, licences) for group in by_purl.values()]
    dependencies = _dependencies(pins)
    said = json.dumps([components, dependencies], sort_keys=True).encode()
    metadata: dict[str, Any] = {"timestamp": made.isoformat()} if made is not None else {}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(said).hexdigest())}",
        "version": 1,
        "metadata": metadata
        | {
            "lifecycles": [{"phase": "pre-build"}],
            "tools": {"components": [{"type": "application", "name": "loket sbom"}]},
            "component": _application(root),
        },
        "components": components,
        "dependencies": dependencies,
    }


def _application(root: Path) -> dict[str, Any]:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "type": "application",
        "bom-ref": _ROOT_REF,
        "name": project["name"],
        "version": project["version"],
        "description": project["description"],
        "licenses": [{"license": {"id": project["license"], "acknowledgement": "declared"}}],
    }


def _licences(root: Path) -> dict[str, str]:
    known = yaml.safe_load((root / "requirements" / "licences.yml").read_text("utf-8"))
    lock = json.loads((root / "package-lock.json").read_text("utf-8"))["packages"]
    found = {f"npm/{path.rpartition('node_modules/')[2]}": entry["license"] for path, entry in lock.items()}
    found |= {f"npm/{name}": licence for name, licence in known["npm"].items()}
    return found | {f"pypi/{name}": licence for name, licence in known["packages"].items()}


def _component(group: list[Pin], licences: dict[str, str]) -> dict[str, Any]:
    """One version of one package, however many environments have it."""
    pin = group[0]
    hashes = sorted({digest for one in group for digest in one.hashes})
    properties = [{"name": "loket:environment", "value": one.environment} for one in group]
    markers = sorted({one.marker for one in group if one.marker})
    properties += [{"name": "loket:marker", "value": marker} for marker in markers]
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": pin.purl,
        "name": pin.name,
        "version": pin.version,
        "scope": "required" if any(one.needed for one in group) else "optional",
        # One for each file of the version: which of them an installation takes is its platform's choice.
        "hashes": [{"alg": _ALGORITHM[pin.kind], "content": digest} for digest in hashes],
        "purl": pin.purl,
        "properties": properties,
    }
    licence = licences.get(f"{pin.kind}/{pin.name}")
    if licence:
        component["licenses"] = [_licence(licence)]
    return component


def _licence(expression: str) -> dict[str, Any]:
    if " " in expression:
        return {"expression": expression, "acknowledgement": "declared"}
    return {"license": {"id": expression, "acknowledgement": "declared"}}


def _dependencies(pins: Iterable[Pin]) -> list[dict[str, Any]]:
    """Who asks for what. Within one environment: two of them may hold two versions of a package."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for environment in ENVIRONMENTS:
        here = [pin for pin in pins if pin.environment == environment]
        places: dict[tuple[str, str], list[str]] = defaultdict(list)
        for pin in here:
            places[pin.kind, pin.name].append(pin.purl)
        for pin in here:
            wanted[pin.purl]  # every component is listed, leaves too
            askers = [purl for who in pin.via for purl in places[pin.kind, who]]
            for asker in [*askers, _ROOT_REF] if pin.direct else askers:
                wanted[asker].add(pin.purl)
    return [{"ref": ref, "dependsOn": sorted(wanted[ref])} for ref in sorted(wanted)]
