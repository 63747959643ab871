"""What a content editor should still mend, though the service can be loaded: missing languages, variants nobody can
name, sections nobody can reach, visits nobody can wish for. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.domain import payloads
from bot.domain.catalogue import Ending, Fact, Service, Topic, Variant
from bot.domain.catalogue_lint import Finding
from bot.domain.fields.choices import MAX_LISTED
from bot.domain.fields.clean import words_of
from bot.domain.form_model import VARIANT, Condition

LANGUAGES = ("id", "en", "jv")
VISIT = ("tanggal", "waktu", "tempat")
"""Fields of the section ``kunjungan`` that a booking needs."""
_SPOKEN = frozenset(
    {
        "name",
        "office",
        "text",
        "otherwise",
        "wish",
        "owner",
        "label",
        "ask",
        "help",
        "title",
        "who",
        "more",
        "which_variant",
        "opening",
    }
)
"""Keys whose texts a citizen reads."""
_AS_IT_IS = frozenset({"legal_basis"})
"""Names of laws stay in Indonesian."""
_WISHES = ("start_application", *(f"ask_{topic.value}" for topic in Topic))
"""Intents whose buttons name a variant."""
_QUESTION = "999-00000000"
"""As long as the id of a question gets (:func:`bot.domain.form_ask.question_id`)."""


def review(service: Service) -> Iterator[Finding]:
    """Everything to mend in one service. Places are ``variants.<id>``, a section's id, or empty."""
    yield from _synonyms(service)
    yield from _buttons(service)
    if service.form is None:
        return
    asked = [v for v in service.variants if v.ends is not Ending.REFERRAL]
    for section in service.form.sections:
        if not any(possible(section.when, v) for v in asked):
            yield Finding(section.id, f"nobody reaches the section '{section.id}'", "mend its `when`")
    for variant in asked:
        if variant.ends is Ending.BOOKING and (missing := _visit_lacks(service, variant)):
            message = f"the booking '{variant.id}' does not ask for {', '.join(missing)}"
            yield Finding(f"variants.{variant.id}", message, "add a section `kunjungan` with `use: kunjungan`")


def possible(condition: Condition | None, variant: Variant) -> bool:
    """Whether a condition can hold for a variant, as far as the variant decides it."""
    if condition is None:
        return True
    known = {VARIANT: variant.id}
    tests = all(t.holds(known.get, (), "") for t in condition.tests if t.path == VARIANT)
    return tests and (not condition.any or any(possible(c, variant) for c in condition.any))


def unsure(services: Iterable[Service]) -> int:
    """How many statements are not confirmed yet; one that several services share counts once."""
    return len({(f.text["id"], f.source) for service in services for f in _facts(service) if not f.sure})


def unspoken(node: Any, key: str = "") -> Iterator[tuple[Mapping[str, Any], str, Finding]]:
    """Texts of a file that lack a language: the mapping they stand in, its key, and what is missing."""
    if key in _AS_IT_IS:
        return
    if isinstance(node, list):
        for one in node:
            yield from unspoken(one)
    elif isinstance(node, Mapping):
        for name, inner in node.items():
            said = _languages(inner) if name in _SPOKEN or key == "terms" else None
            if said is None:
                yield from unspoken(inner, name)
            elif missing := [language for language in LANGUAGES if language not in said]:
                message = f"`{name}` has no text in {', '.join(missing)}"
                yield node, name, Finding("", message, f"add {', '.join(f'`{m}:`' for m in missing)}")


def _languages(node: Any) -> set[str] | None:
    """The languages of a wording; None when it is none."""
    if isinstance(node, str):
        return {"id"}
    return set(node) if isinstance(node, Mapping) and set(node) <= set(LANGUAGES) else None


def _synonyms(service: Service) -> Iterator[Finding]:
    if len(service.variants) < 2:
        return
    owners: dict[tuple[str, ...], str] = {}
    names = {words_of(name) for name in service.name.values()}
    for variant in service.variants:
        place = f"variants.{variant.id}"
        if not variant.synonyms:
            yield Finding(place, f"the variant '{variant.id}' has no synonyms", "add the words people use for it")
        for synonym in variant.synonyms:
            other = owners.setdefault(words_of(synonym), variant.id)
            if other != variant.id:
                yield Finding(
                    place, f"'{synonym}' also stands for the variant '{other}'", "take it out of one of the two"
                )
            if words_of(synonym) in names:
                yield Finding(place, f"'{synonym}' is the service's own name", "take it out")


def _buttons(service: Service) -> Iterator[Finding]:
    """Buttons that a channel would refuse for the length of what they carry."""
    for variant in service.variants:
        wishes = (payloads.intent(wish, service.slug, variant.id) for wish in _WISHES)
        if over := _over(max(wishes, key=len)):
            message = f"the button that applies for the variant '{variant.id}' gets too long"
            yield Finding(f"variants.{variant.id}", message, f"shorten its id by {over}")
    for section in service.form.sections if service.form is not None else ():
        for choice in (c for f in section.fields if len(f.choices) <= MAX_LISTED for c in f.choices):
            if over := _over(payloads.answer(_QUESTION, choice.code)):
                message = f"the button for the code '{choice.code}' gets too long"
                yield Finding(section.id, message, f"shorten the code by {over}")


def _over(payload: str) -> int:
    return max(0, len(payload.encode()) - payloads.MAX_BYTES)


def _visit_lacks(service: Service, variant: Variant) -> list[str]:
    there = {
        field.id
        for section in (service.form.sections if service.form is not None else ())
        if section.id == "kunjungan" and possible(section.when, variant)
        for field in section.fields
        if possible(field.when, variant)
    }
    return [f"kunjungan.{name}" for name in VISIT if name not in there]


def _facts(service: Service) -> Iterator[Fact]:
    yield from (service.summary, service.fee, service.duration.fact, service.in_person)
    yield from (*service.procedure, *service.result, *service.facts)
    yield from (referral.fact for referral in service.referrals)
    for variant in service.variants:
        yield from (r.fact for r in variant.requirements)
        yield from (*(variant.procedure or ()), *(variant.result or ()), *variant.facts)
        yield from (fact for fact in (variant.in_person, variant.fee) if fact is not None)
        yield from (variant.duration.fact,) if variant.duration is not None else ()
        yield from (variant.refer.fact,) if variant.refer is not None else ()
