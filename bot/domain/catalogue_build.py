"""From the plain mappings of ``data/services`` and ``data/loci`` to domain objects. Pure: files are read in
:mod:`bot.content`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.catalogue import (
    Duration,
    Ending,
    Fact,
    Locus,
    Refer,
    Referral,
    Requirement,
    Service,
    Variant,
)
from bot.domain.catalogue_desk import teams, week
from bot.domain.catalogue_merge import Flaw, unknown_variants
from bot.domain.fields.base import Choice
from bot.domain.form_model import Condition, Field, Fill, Form, Repeat, Section, Test
from bot.domain.neighbours import Neighbour
from bot.domain.office_news import closures_of, notices_of
from bot.domain.regions import Regions
from bot.domain.texts import Words, fill

Node = Mapping[str, Any]
REGIONAL = frozenset({"village", "district", "postcode"})
"""Field types that look into the districts and villages of the locus."""
REQUIRED = (
    "slug", "name", "agency", "office", "summary", "variants", "fee", "duration", "procedure", "legal_basis",
    "result", "in_person",
)  # fmt: skip


@dataclass(frozen=True)
class Built:
    """A service, and the nodes its fields came from (by ``section.field``)."""

    service: Service
    places: Mapping[str, object]


def build_service(data: Node, own: Node, revision: str = "", regions: Regions | None = None) -> Built:
    """The service of merged ``data``; ``own`` is its file's mapping, for flaws that concern the whole; ``regions`` are
    the locus's districts and villages.

    :raises Flaw: something does not fit together.
    """
    missing = [key for key in REQUIRED if key not in data]
    if missing:
        raise Flaw(own, f"{', '.join(missing)} missing", "add it here or in a base file named under `extends`")
    for row, name in unknown_variants(data):
        raise Flaw(row, f"there is no variant '{name}'", f"variants: {', '.join(v['id'] for v in data['variants'])}")
    places: dict[str, object] = {}
    form = _located(_form(data, places), regions, places) if "form" in data else None
    service = Service(
        slug=data["slug"],
        name=words(data["name"]),
        also_called=tuple(data.get("also_called", ())),
        agency=data["agency"],
        office=words(data["office"]),
        summary=_fact(data["summary"]),
        variants=tuple(_variant(v) for v in data["variants"]),
        fee=_fact(data["fee"]),
        duration=_duration(data["duration"]),
        procedure=_facts(data["procedure"]),
        legal_basis=_facts(data["legal_basis"]),
        result=_facts(data["result"]),
        in_person=_fact(data["in_person"]),
        facts=_facts(data.get("facts", ())),
        referrals=tuple(_referral(r) for r in data.get("referrals", ())),
        form=form,
        free=data.get("free", False),
        revision=revision,
        regions=regions,
        which_variant=words(data["which_variant"]) if "which_variant" in data else None,
        opening=words(data["opening"]) if "opening" in data else None,
    )
    if form is None and any(v.ends is not Ending.REFERRAL for v in service.variants):
        raise Flaw(
            own,
            "a variant ends in a submission or a booking, but there is no form",
            "add `form:` or set `ends: referral`",
        )
    return Built(service, places)


def _located(form: Form, regions: Regions | None, places: Mapping[str, object]) -> Form:
    """The form with the districts and villages where a field needs them."""

    def placed(section: Section, field: Field) -> Field:
        if field.type not in REGIONAL and (field.type != "place" or regions is None):
            return field
        if regions is None and field.type != "postcode":
            message = f"a {field.type} is asked for, but no list of them is there"
            raise Flaw(places[f"{section.id}.{field.id}"], message, "add wilayah/<code of the locus>.csv")
        return replace(field, options={**field.options, "regions": regions})

    return replace(
        form, sections=tuple(replace(s, fields=tuple(placed(s, f) for f in s.fields)) for s in form.sections)
    )


def build_locus(data: Node) -> Locus:
    """The public service mall of a file.

    :raises ValueError: a day that no calendar has, or something that ends before it begins.
    """
    closures = closures_of(data.get("closures", ()))
    return Locus(
        code=data["code"],
        name=words(data["name"]),
        time_zone=data["time_zone"],
        services=tuple(data["services"]),
        agencies=dict(data["agencies"]),
        register=data.get("register", ""),
        faces=data.get("faces", "local"),
        hours=_maybe(data["hours"]),
        week=week(data["hours"], (day for closure in closures for day in closure.days())),
        closures=closures,
        notices=notices_of(data.get("notices", ())),
        address=_maybe(data["address"]),
        complaints=_maybe(data.get("complaints")),
        facts=_facts(data.get("facts", ())),
        referrals=tuple(_referral(r) for r in data.get("referrals", ())),
        teams=teams(data.get("teams", ())),
        languages=tuple(data.get("languages", ("id", "jv", "en"))),
        accounts=tuple(data.get("accounts", ())),
        texts={key: words(text) for key, text in data.get("texts", {}).items()},
        renames=dict(data.get("renames", {})),
        neighbours=tuple(
            Neighbour(tuple(one["called"]), _fact(one), frozenset(one.get("but", ())))
            for one in data.get("neighbours", ())
        ),
    )


def words(node: str | Node) -> Words:
    """A wording: a bare string is Indonesian."""
    return (
        {"id": node.strip()} if isinstance(node, str) else {language: text.strip() for language, text in node.items()}
    )


def _fact(node: Node) -> Fact:
    return Fact(words(node["text"]), node["source"], node["certainty"] == "sure")


def _facts(nodes: Iterable[Node]) -> tuple[Fact, ...]:
    return tuple(_fact(n) for n in nodes)


def _maybe(node: Node | None) -> Fact | None:
    return None if node is None else _fact(node)


def _duration(node: Node) -> Duration:
    return Duration(_fact(node), node["working_days"])


def _variant(node: Node) -> Variant:
    ends = Ending(node.get("ends", "submission"))
    if ends is Ending.REFERRAL and "refer" not in node:
        raise Flaw(node, f"variant '{node['id']}' is a referral without `refer`", "add `refer:` with owner and text")
    if ends is not Ending.REFERRAL and ("refer" in node or "requirements" not in node):
        wrong = "has `refer` but is no referral" if "refer" in node else "has no `requirements`"
        raise Flaw(
            node, f"variant '{node['id']}' {wrong}", "add `requirements:`, or write `ends: referral` and `refer:`"
        )
    requirements = tuple(
        Requirement(_fact(r), words(r["otherwise"]) if "otherwise" in r else None, r.get("bring", True))
        for r in node.get("requirements", ())
    )
    return Variant(
        id=node["id"],
        name=words(node["name"]),
        requirements=requirements,
        ends=ends,
        synonyms=tuple(node.get("synonyms", ())),
        in_person=_maybe(node.get("in_person")),
        fee=_maybe(node.get("fee")),
        duration=_duration(node["duration"]) if "duration" in node else None,
        procedure=_facts(node["procedure"]) if "procedure" in node else None,
        result=_facts(node["result"]) if "result" in node else None,
        facts=_facts(node.get("facts", ())),
        refer=Refer(words(node["refer"]["owner"]), _fact(node["refer"])) if "refer" in node else None,
    )


def _referral(node: Node) -> Referral:
    return Referral(
        words(node["wish"]), tuple(node.get("also_called", ())), words(node["owner"]), _fact(node), node.get("id", "")
    )


def _form(data: Node, places: dict[str, object]) -> Form:
    sections: list[Section] = []
    for node in (*data.get("before", ()), *data["form"]["sections"]):
        if any(s.id == node["id"] for s in sections):
            raise Flaw(node, f"two sections are called '{node['id']}'", "give one another id")
        sections.append(_section(node, data, places))
    return Form(data["form"]["code"], tuple(sections))


def _section(node: Node, data: Node, places: dict[str, object]) -> Section:
    who = words(node["who"]) if "who" in node else None
    fields: list[Field] = []
    for field_node in _expanded(node["fields"], data):
        field = _field(field_node, data, who)
        if any(f.id == field.id for f in fields):
            raise Flaw(field_node, f"two fields of '{node['id']}' are called '{field.id}'", "give one another id")
        places[f"{node['id']}.{field.id}"] = field_node
        fields.append(field)
    return Section(
        node["id"],
        words(node["title"]),
        tuple(fields),
        _condition(node.get("when")),
        _repeat(node),
        bool(node.get("internal", False)),
    )


def _expanded(nodes: Iterable[Node], data: Node) -> Iterable[Node]:
    for node in nodes:
        if "use" not in node:
            yield node
            continue
        part = data.get("parts", {}).get(node["use"])
        if part is None:
            known = ", ".join(data.get("parts", {})) or "none"
            raise Flaw(node, f"there is no part '{node['use']}'", f"parts that exist: {known}")
        changes = node.get("set", {})
        strangers = set(changes) - {f["id"] for f in part}
        if strangers:
            raise Flaw(
                node, f"part '{node['use']}' has no field {', '.join(sorted(strangers))}", "check the names under `set`"
            )
        for field in part:
            # A copy of the same kind keeps the line of the base file, unless it is changed where it is used.
            changed = field.__class__(field)
            changed.__dict__.update(getattr(node if field["id"] in changes else field, "__dict__", {}))
            changed.update(changes.get(field["id"], {}))
            yield changed


def _field(node: Node, data: Node, who: Words | None) -> Field:
    for key in ("id", "type", "label", "ask"):
        if key not in node:
            raise Flaw(node, f"a field without `{key}`", f"add `{key}:`")
    return Field(
        id=node["id"],
        type=node["type"],
        label=_about(node["label"], who),
        ask=_about(node["ask"], who),
        help=_about(node["help"], who) if "help" in node else None,
        optional=bool(node.get("optional", False)),
        choices=_choices(node, data),
        when=_condition(node.get("when")),
        fill=tuple(_fill(f) for f in node.get("fill", ())),
        locked=bool(node.get("locked", False)),
        check=node.get("check"),
        skip_at=node.get("skip_at"),
        differs_from=tuple(node.get("differs_from", ())),
        options=dict(node.get("options", {})),
    )


def _about(node: str | Node, who: Words | None) -> Words:
    said = words(node)
    return (
        said
        if who is None
        else {language: fill(text, who=who.get(language) or who["id"]) for language, text in said.items()}
    )


def _choices(node: Node, data: Node) -> tuple[Choice, ...]:
    if "choices" not in node:
        return ()
    codes = data.get("codes", {}).get(node["choices"])
    if codes is None:
        raise Flaw(
            node,
            f"there is no code list '{node['choices']}'",
            f"lists that exist: {', '.join(data.get('codes', {})) or 'none'}",
        )
    return tuple(Choice(c["code"], words(c["label"]), tuple(c.get("synonyms", ()))) for c in codes)


def _fill(node: Node) -> Fill:
    return Fill(
        node.get("known"),
        node.get("copy"),
        node.get("value"),
        _condition(node.get("when")),
        bool(node.get("confirm", True)),
        node.get("as"),
        node.get("by"),
    )


def _repeat(node: Node) -> Repeat | None:
    repeat = node.get("repeat")
    if repeat is None:
        return None
    if "count" in repeat:
        return Repeat(repeat["count"], repeat["count"])
    if "more" not in repeat or "max" not in repeat:
        raise Flaw(
            node,
            "a repeated section without a number",
            "write `repeat: {count: 2}` or `repeat: {min: 1, max: 10, more: <question>}`",
        )
    return Repeat(repeat.get("min", 1), repeat["max"], words(repeat["more"]))


def _condition(node: Node | None) -> Condition | None:
    if node is None:
        return None
    tests: list[Test] = []
    either: tuple[Condition, ...] = ()
    for path, wanted in node.items():
        if path == "any":
            either = tuple(c for c in map(_condition, wanted) if c is not None)
        elif isinstance(wanted, Mapping):
            tests += [_test(node, path, op, value) for op, value in wanted.items()]
        else:
            tests.append(Test(path, "equals", wanted))
    return Condition(tuple(tests), either)


def _test(node: Node, path: str, op: str, value: Any) -> Test:
    if op not in ("equals", "in", "not", "exists", "skipped"):
        raise Flaw(node, f"a condition cannot '{op}'", "use equals, in, not, exists or skipped")
    return Test(path, op, tuple(value) if isinstance(value, list) else value)
