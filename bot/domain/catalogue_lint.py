"""Whether a service fits together: types exist, paths lead somewhere, limits make sense, buttons fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.catalogue import Catalogue, Service
from bot.domain.fields import TYPES
from bot.domain.fields.base import Choice
from bot.domain.fields.choices import MAX_LISTED
from bot.domain.fields.clean import words_of
from bot.domain.fields.dates import bound
from bot.domain.form_model import LISTED, MORE, OWN, VARIANT, Condition, Field, Fill, Form, Section, Test

KNOWN = frozenset(
    {
        "nama",
        "nik",
        "no_kk",
        "tempat_lahir",
        "tanggal_lahir",
        "jenis_kelamin",
        "kewarganegaraan",
        "alamat",
        "telepon",
        "email",
        "agama",
        "pekerjaan",
        "status_perkawinan",
        "layanan",  # given by the step that opens the form (a queue number for the service spoken of)
    }
)
"""Keys of a person's record that a field may be filled from."""

Paths = Mapping[str, Field]
"""Every field of a form by its path."""


@dataclass(frozen=True)
class Finding:
    """A fault at a field (``section.field``, or "" for the whole service)."""

    place: str
    message: str
    remedy: str
    own_only: bool = False
    """No fault in a base part: what it says may be meant for another service."""


def lint(service: Service) -> Iterator[Finding]:
    """All faults of one service."""
    if len({v.id for v in service.variants}) < len(service.variants):
        yield Finding("", "two variants have the same id", "give every variant its own id")
    if len(service.variants) > MAX_LISTED:
        yield Finding("", f"more than {MAX_LISTED} variants", "put some together: longer lists cannot be numbered")
    if service.form is None:
        return
    paths = _paths(service.form) | {VARIANT: _variant_field(service)}
    for section in service.form.sections:
        yield from _conditions(section.when, section, "", paths)
        if section.repeat and "{n}" not in section.title["id"]:
            yield Finding("", f"the title of the repeated section '{section.id}' is the same each time", "put {n} in")
        for field in section.fields:
            yield from _field(field, section, paths)


def lint_catalogue(catalogue: Catalogue) -> Iterator[tuple[str, Finding]]:
    """Faults between services: a name that two of them claim."""
    owners: dict[str, str] = {}
    for slug, service in catalogue.services.items():
        for name in sorted({" ".join(words_of(n)) for n in (*service.also_called, *service.name.values())}):
            other = owners.setdefault(name, slug)
            if other != slug:
                yield (
                    slug,
                    Finding(
                        "", f"'{name}' is also a name of {other}", "take it out of one of the two `also_called` lists"
                    ),
                )


def _field(field: Field, section: Section, paths: Paths) -> Iterator[Finding]:
    place = f"{section.id}.{field.id}"
    if field.type not in TYPES:
        yield Finding(place, f"there is no field type '{field.type}'", f"types: {', '.join(sorted(TYPES))}")
    if field.id == MORE:
        yield Finding(place, f"'{MORE}' is a reserved field id", "use another id")
    if (field.type == "choice") != (bool(field.choices) or LISTED in field.options):
        yield Finding(place, "`choices` and the type 'choice' belong together", "add `choices:` or change `type:`")
    yield from _choices(field, place)
    yield from _limits(field, place)
    yield from _conditions(field.when, section, place, paths)
    for path in (*field.differs_from, *([str(field.options["nik"])] if "nik" in field.options else ())):
        yield from _path(path.replace(".*.", ".0."), section, place, paths)
    for rule in field.fill:
        yield from _conditions(rule.when, section, place, paths)
        yield from _fill(rule, field, section, place, paths)
    if field.type == "selfie" and field.check != "face":
        yield Finding(place, "a selfie that nobody checks", "add `check: face`")


def _fill(rule: Fill, field: Field, section: Section, place: str, paths: Paths) -> Iterator[Finding]:
    for path in (rule.copy, rule.by):
        if path is not None:
            yield from _path(path, section, place, paths)
    if rule.known is not None and rule.known not in KNOWN and not rule.known.startswith(OWN):
        yield Finding(place, f"the register knows no '{rule.known}'", f"known: {', '.join(sorted(KNOWN))}")
    if field.choices and rule.value is not None and rule.value not in {c.code for c in field.choices}:
        yield Finding(place, f"'{rule.value}' is not in the code list", "use one of its codes")


def _choices(field: Field, place: str) -> Iterator[Finding]:
    codes = [c.code for c in field.choices]
    if len(set(codes)) < len(codes):
        yield Finding(place, "a code stands twice in its list", "give every row its own code")
    if codes and all(c.isdecimal() for c in codes) and codes != [str(n) for n in range(1, len(codes) + 1)]:
        yield Finding(
            place,
            "the codes are numbers that differ from the numbers shown",
            "number them 1, 2, 3 … in order, or use letters",
        )


def _limits(field: Field, place: str) -> Iterator[Finding]:
    options = field.options
    try:
        if field.type == "date":
            low, high = (bound(options.get(k, d), date(2024, 2, 29)) for k, d in (("min", "-200y"), ("max", "+200y")))
            bound(options.get("usual", "today"), date(2024, 2, 29))
            fits = low <= high
        else:
            fits = float(options.get("min", 0)) <= float(options.get("max", 1e12))
    except (ValueError, TypeError):
        yield Finding(place, "a limit that cannot be read", "dates: today, -120y, +30d or YYYY-MM-DD; else numbers")
        return
    if not fits:
        yield Finding(place, "`min` is above `max`", "swap them")


def _conditions(condition: Condition | None, section: Section, place: str, paths: Paths) -> Iterator[Finding]:
    if condition is None:
        return
    for test in condition.tests:
        yield from _path(test.path, section, place, paths)
        yield from _value(test, section, place, paths)
    for other in condition.any:
        yield from _conditions(other, section, place, paths)


def _value(test: Test, section: Section, place: str, paths: Paths) -> Iterator[Finding]:
    """What is compared with must be possible: a code of the list, a variant's id, true or false."""
    field = paths.get(_full(test.path, section))
    if field is None or test.op in ("exists", "skipped"):
        return
    possible: set[object] = {c.code for c in field.choices} if field.choices else set()
    if field.type in ("yes_no", "consent"):
        possible = {True, False}
    for value in test.value if isinstance(test.value, tuple) else (test.value,):
        if possible and value not in possible:
            known = ", ".join(sorted(str(p).lower() if isinstance(p, bool) else str(p) for p in possible))
            yield Finding(place, f"'{test.path}' is never '{value}'", f"possible: {known}", own_only=True)


def _full(path: str, section: Section) -> str:
    return section.id + (".0" if section.repeat else "") + path if path.startswith(".") else path


def _path(path: str, section: Section, place: str, paths: Paths) -> Iterator[Finding]:
    if _full(path, section) not in paths:
        yield Finding(
            place,
            f"no field has the path '{path}'",
            "paths are section.field, section.0.field in a repeated one, or .field for the same group",
        )


def _paths(form: Form) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for section in form.sections:
        groups = [section.id] if section.repeat is None else [f"{section.id}.{n}" for n in range(section.repeat.max)]
        found |= {f"{group}.{field.id}": field for group in groups for field in section.fields}
    return found


def _variant_field(service: Service) -> Field:
    """What a condition on the variant is compared with."""
    choices = tuple(Choice(v.id, v.name) for v in service.variants)
    return Field(VARIANT, "choice", service.name, service.name, choices=choices)
