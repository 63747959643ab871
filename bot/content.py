"""Reads the content that staff own (``data/`` or a copy of it) into domain objects; every fault is ``file:line:
what; remedy``.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from bot.domain.catalogue import Catalogue, Fact, Faq, Locus, Service
from bot.domain.catalogue_build import Built, build_locus, build_service, words
from bot.domain.catalogue_desk import escalation_of
from bot.domain.catalogue_lint import lint, lint_catalogue
from bot.domain.catalogue_merge import Flaw, ancestry, merged
from bot.domain.escalation import Escalation
from bot.domain.regions import Regions
from bot.domain.texts import places_of
from bot.errors import ContentError
from bot.schema_faults import Fault, faults_of, unreadable
from bot.yaml_lines import LineMap, line_of, load

_ACCOUNT = re.compile(r"telegram:[0-9]{1,20}|whatsapp:[0-9]{6,15}")
_SCHEMAS = Path(__file__).parent / "schemas"


@dataclass
class _Reading:
    root: Path
    faults: list[Fault] = field(default_factory=list)
    files: dict[str, LineMap] = field(default_factory=dict)
    digest: Any = field(default_factory=hashlib.sha256)

    def read(self, path: Path, schema: str) -> LineMap | None:
        """The file, if it is well-formed; else its faults are kept."""
        shown = path.relative_to(self.root).as_posix()
        try:
            data = load(path, shown)
        except ContentError as error:
            self.faults.append(unreadable(error))
            return None
        self.digest.update(path.name.encode() + b"\0" + path.read_bytes())
        found = list(faults_of(_validator(schema), data, "docs/add-a-service.md"))
        self.faults += found
        return None if found else data

    def at(self, node: object, message: str, remedy: str, key: str = "") -> None:
        """Keep a fault at a node of a file, or at one of its keys."""
        file, line = (node.file, node.key_lines.get(key, node.line)) if isinstance(node, LineMap) else ("", 1)
        self.faults.append(Fault(file, line, message, remedy))


def load_catalogue(directory: Path) -> Catalogue:
    """Everything under ``services/``, ``forms/`` and ``loci/`` of a content directory.

    :raises ContentError: any fault; the message lists them all, one a line.
    """
    catalogue, faults = read_catalogue(directory)
    if faults:
        raise ContentError("\n".join(map(str, faults)))
    return catalogue


def read_catalogue(directory: Path) -> tuple[Catalogue, list[Fault]]:
    """The catalogue as far as it is sound, and all faults in order of file and line."""
    reading = _Reading(directory)
    services: dict[str, Service] = {}
    bases = _bases(reading)
    regions = _regions(reading)
    for path in sorted((directory / "services").glob("[!_]*.yml")):
        own = reading.read(path, "service")
        built = _service(reading, own, bases, path, regions) if own is not None else None
        if built is not None:
            services[built.service.slug] = built.service
    forms: dict[str, Service] = {}
    for path in sorted((directory / "forms").glob("[!_]*.yml")):
        own = reading.read(path, "service")
        built = _service(reading, own, bases, path, regions) if own is not None else None
        if built is not None:
            forms[built.service.slug] = built.service
            if built.service.slug in services:
                reading.at(own, f"'{built.service.slug}' is a service already", "give the form another slug")
    loci = dict(_loci(reading, services))
    _one_office_each(reading, loci)
    names = {n.casefold(): s.slug for s in services.values() for n in (*s.also_called, *s.name.values(), s.slug)}
    faqs = tuple(_faqs(reading, services))
    escalation = _escalation(reading)
    catalogue = Catalogue(services, loci, reading.digest.hexdigest()[:16], names, faqs, forms, escalation)
    for slug, finding in lint_catalogue(catalogue):
        reading.faults.append(Fault(f"services/{slug}.yml", 1, finding.message, finding.remedy))
    return catalogue, sorted(set(reading.faults))


def _bases(reading: _Reading) -> dict[str, LineMap]:
    paths = sorted((reading.root / "services").glob("_*.yml"))
    read = {path.stem: reading.read(path, "service") for path in paths}
    return {name: data for name, data in read.items() if data is not None}


def _regions(reading: _Reading) -> Regions | None:
    """Districts and villages of the loci (``wilayah/<code>.csv``), None when there are none."""
    rows: list[tuple[str, str]] = []
    about: dict[str, list[str]] = {}
    for path in sorted((reading.root / "wilayah").glob("*.csv")):
        if not (reading.root / "loci" / f"{path.stem}.yml").is_file():
            continue
        reading.digest.update(path.name.encode() + b"\0" + path.read_bytes())
        lines = path.read_text("utf-8").splitlines()
        for key, value in (line.lstrip("# ").split(":", 1) for line in lines if line.startswith("#") and ":" in line):
            about.setdefault(key.strip(), []).append(value.strip())
        read = csv.reader(line for line in lines if line.strip() and not line.startswith("#"))
        rows += [(row[0].strip(), row[1].strip()) for row in read if len(row) == 2 and row[0] != "code"]
    if not rows:
        return None
    try:
        return Regions(rows, about.get("kode pos", ()), next(iter(about.get("nama", ())), ""))
    except ValueError as error:
        reading.faults.append(Fault("wilayah", 1, str(error), "mend that row"))
        return None


def _service(
    reading: _Reading, own: LineMap, bases: Mapping[str, LineMap], path: Path, regions: Regions | None
) -> Built | None:
    try:
        parents = [bases[name] for name in ancestry(own.get("extends", ()), bases, own)]
        data = merged(parents, own)
    except Flaw as flaw:
        reading.at(flaw.node, flaw.message, flaw.remedy, flaw.key)
        return None
    if data.get("slug") != path.stem:
        reading.at(own, f"the slug is '{data.get('slug')}' but the file is {path.name}", "name both alike")
        return None
    revision = hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]
    try:
        built = build_service(data, own, revision, regions)
    except Flaw as flaw:
        reading.at(flaw.node, flaw.message, flaw.remedy, flaw.key)
        return None
    findings = [f for f in lint(built.service) if not (f.own_only and _shared(built.places.get(f.place, own)))]
    for finding in findings:
        node = built.places.get(finding.place, own)
        reading.at(node, f"{finding.place}: {finding.message}" if finding.place else finding.message, finding.remedy)
    return None if findings else built


def _shared(node: object) -> bool:
    """Whether a node comes from a base part."""
    return isinstance(node, LineMap) and Path(node.file).name.startswith("_")


def _loci(reading: _Reading, services: Mapping[str, Service]) -> Iterator[tuple[str, Locus]]:
    for path in sorted((reading.root / "loci").glob("*.yml")):
        data = reading.read(path, "locus")
        if data is None:
            continue
        if data["code"] != path.stem:
            reading.at(data, f"the code is '{data['code']}' but the file is {path.name}", "name both alike")
            continue
        if "register" in data and data["register"] not in data["agencies"]:
            line = line_of(data, ["register"])
            message = f"no integration for the register '{data['register']}'"
            reading.faults.append(Fault(data.file, line, message, "add it under `agencies`"))
        for position, slug in enumerate(data["services"]):
            if slug not in services:
                line = line_of(data, ["services", position])
                reading.faults.append(
                    Fault(
                        data.file, line, f"there is no sound service '{slug}'", "take it out, or add or mend its file"
                    )
                )
            elif services[slug].agency not in data["agencies"]:
                line = line_of(data, ["agencies"])
                reading.faults.append(
                    Fault(
                        data.file,
                        line,
                        f"no integration for agency '{services[slug].agency}'",
                        f"add it: {slug} needs it",
                    )
                )
        _office_words(reading, data)
        _office_accounts(reading, data)
        reading.files[data["code"]] = data
        try:
            yield data["code"], build_locus(data)
        except ValueError as error:
            reading.at(data, f"a date does not fit: {error}", "look at hours, closures and notices", "closures")


def _office_accounts(reading: _Reading, data: LineMap) -> None:
    """Accounts that are none; never repeated, as it may be a token."""
    for place, account in enumerate(data.get("accounts", ())):
        if not _ACCOUNT.fullmatch(account):
            line = line_of(data, ["accounts", place])
            message = "an account is telegram:<number of the bot> or whatsapp:<digits>"
            remedy = "a token is a secret: it belongs into LOKET_TELEGRAM_BOTS"
            reading.faults.append(Fault(data.file, line, message, remedy))


def _one_office_each(reading: _Reading, loci: Mapping[str, Locus]) -> None:
    """A bot or a number answers for one office; entries of questions name offices that there are."""
    taken: dict[str, str] = {}
    for code, locus in loci.items():
        for place, account in enumerate(locus.accounts):
            if account in taken:
                line = line_of(reading.files[code], ["accounts", place])
                message = f"'{account}' is the account of office {taken[account]} already"
                reading.faults.append(
                    Fault(reading.files[code].file, line, message, "leave it in one of the two files")
                )
            taken.setdefault(account, code)


def _office_words(reading: _Reading, data: LineMap) -> None:
    """Sentences of its own that nobody says, or that name what is not given to them."""
    path = reading.root / "messages" / "id.yml"
    own = data.get("texts", {})
    if not own or not path.is_file():
        return
    shared = load(path, "messages/id.yml")
    for key, said in own.items():
        line = line_of(data, ["texts", key])
        sentence = _sentence(shared, key)
        if sentence is None:
            remedy = "write a key of data/messages/id.yml, with dots"
            reading.faults.append(Fault(data.file, line, f"there is no sentence '{key}'", remedy))
            continue
        places = set(places_of(sentence))
        strange = {place for text in words(said).values() for place in places_of(text)} - places
        if strange:
            remedy = f"use only {', '.join(sorted(places)) or 'words'}"
            message = f"the sentence '{key}' is given no {', '.join(sorted(strange))}"
            reading.faults.append(Fault(data.file, line, message, remedy))


def _sentence(shared: Mapping[str, Any], key: str) -> str | None:
    node: Any = shared
    for part in key.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    return node if isinstance(node, str) else None


def _faqs(reading: _Reading, services: Mapping[str, Service]) -> Iterator[Faq]:
    taken: set[str] = set()
    for path in sorted((reading.root / "faq").glob("*.yml")):
        data = reading.read(path, "faq")
        for entry in () if data is None else data["faq"]:
            if entry["id"] in taken:
                reading.at(entry, f"there is another entry '{entry['id']}'", "give one another id")
            elif "service" in entry and entry["service"] not in services:
                reading.at(entry, f"there is no sound service '{entry['service']}'", "mend `service`", "service")
            taken.add(entry["id"])
            answer = Fact(words(entry["answer"]), entry["source"], entry["certainty"] == "sure")
            offices = tuple(entry.get("offices", ()))
            yield Faq(entry["id"], tuple(entry["questions"]), answer, entry.get("service"), entry.get("wish"), offices)


def _escalation(reading: _Reading) -> Escalation:
    """When a person is called (``alih/``); without the files nobody is called unasked."""
    found: dict[str, list[LineMap]] = {"kata": [], "aturan": []}
    for name, nodes in found.items():
        path = reading.root / "alih" / f"{name}.yml"
        data = reading.read(path, f"alih_{name}") if path.is_file() else None
        nodes += data[name] if data is not None else []
    return escalation_of(found["kata"], found["aturan"])


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((_SCHEMAS / f"{name}.schema.json").read_text("utf-8")))
