"""What ``requirements/*.txt`` and ``package-lock.json`` pin: the one list behind the bill of materials and the checks of dependencies."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENTS = ("gateway", "rasa", "dev", "uv", "node")
"""The files, one closed set each."""
NEEDED = ("gateway", "rasa")
"""Those that the service runs in; the others are for tests, and for machines without uv or Node.js."""

_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*])?==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]*?))?\s*\\?$"
)
_HASH = re.compile(r"\s+--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"\s+#\s+(?:via)?\s*(.*)$")


@dataclass(frozen=True)
class Pin:
    """One version of one package in one environment."""

    kind: str
    """``pypi`` or ``npm``: the type of its purl."""
    name: str
    version: str
    environment: str
    hashes: tuple[str, ...]
    """Hexadecimal; SHA-256 of every file of the version, or the SHA-512 of the npm archive."""
    marker: str = ""
    via: tuple[str, ...] = ()
    """Packages of the same environment that ask for it."""
    direct: bool = True
    """Whether we ask for it ourselves."""

    @property
    def purl(self) -> str:
        """The package URL: what vulnerability lists know it by."""
        return f"pkg:{self.kind}/{self.name}@{self.version}"

    @property
    def needed(self) -> bool:
        """Whether the service runs with it."""
        return self.environment in NEEDED


class Unpinned(ValueError):
    """A line asks for something else than one version of one package of the index."""


def normal(name: str) -> str:
    """A package's name as the index writes it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def python_pins(file: Path) -> list[Pin]:
    """Everything in a file that ``uv pip compile --generate-hashes`` wrote.

    :raises Unpinned: with the line, for an address, a range, an option, or a package without a hash.
    """
    return [_pin(block, file) for block in _blocks(file)]


def _blocks(file: Path) -> Iterator[list[str]]:
    block: list[str] = []
    for line in file.read_text("utf-8").splitlines():
        if line[:1] not in ("", "#", " "):
            if block:
                yield block
            block = [line]
        elif block:
            block.append(line)
    if block:
        yield block


def _pin(block: list[str], file: Path) -> Pin:
    found = _PIN.fullmatch(block[0].strip())
    hashes = tuple(sorted(match[1] for line in block[1:] for match in _HASH.finditer(line)))
    if found is None or not hashes:
        raise Unpinned(f"{file.name}: {block[0]}")
    said = [match[1].strip() for line in block[1:] if "--hash" not in line and (match := _VIA.match(line))]
    via = tuple(sorted(normal(who) for who in said if who and not who.startswith("-")))
    marker = (found["marker"] or "").strip()
    direct = any(who.startswith("-r ") for who in said)
    return Pin("pypi", normal(found["name"]), found["version"], file.stem, hashes, marker, via, direct)


def npm_pins(file: Path) -> list[Pin]:
    """Everything in a ``package-lock.json`` of version 3.

    :raises Unpinned: a package without version or hash.
    """
    found = []
    for path, entry in json.loads(file.read_text("utf-8"))["packages"].items():
        if not path:
            continue
        name, integrity = path.rpartition("node_modules/")[2], str(entry.get("integrity", ""))
        if not entry.get("version") or not integrity.startswith("sha512-"):
            raise Unpinned(f"{file.name}: {name}")
        digest = base64.b64decode(integrity.removeprefix("sha512-")).hex()
        environment = "dev" if entry.get("dev") else "gateway"
        found.append(Pin("npm", name, entry["version"], environment, (digest,)))
    return found


def all_pins(root: Path) -> list[Pin]:
    """Of every environment of a checkout, ordered."""
    pins = [pin for name in ENVIRONMENTS for pin in python_pins(root / "requirements" / f"{name}.txt")]
    pins += npm_pins(root / "package-lock.json")
    return sorted(pins, key=lambda pin: (pin.kind, pin.name, pin.version, ENVIRONMENTS.index(pin.environment)))
