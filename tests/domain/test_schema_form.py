"""Forms made from our schemas: what is shown and sent back unchanged changes nothing, in every real file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.schema_form import NOTHING, Input, SchemaForm, Slip
from bot.domain.yaml_edit import parsed
from bot.domain.yaml_path import same
from bot.usecases.studio_yaml import kept

ROOT = Path(__file__).parents[2]
FILES = {"service": ("services", "forms"), "locus": ("loci",), "faq": ("faq",)}


def form_of(name: str) -> SchemaForm:
    return SchemaForm(json.loads((ROOT / f"bot/schemas/{name}.schema.json").read_text("utf-8")))


def sent(one: Input) -> dict[str, str]:
    """What a browser sends for a form nobody has touched."""
    if one.kind == "words":
        return {f"{one.name}.{language}": text.replace("\n", "\r\n") for language, text in one.value.items()}
    if one.kind in ("group", "rows"):
        return {name: text for part in one.parts for name, text in sent(part).items()}
    return {} if one.kind == "links" else {one.name: one.value.replace("\n", "\r\n")}


def nodes(
    form: SchemaForm, value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Everything that has a page or stands on one."""
    yield path, value
    _, schema = form.at(path)
    for one in form.inputs(schema, value).parts if isinstance(value, dict) else ():
        inner = value.get(one.key)
        if one.kind == "links" and inner:
            for key, held in inner.items() if isinstance(inner, dict) else enumerate(inner):
                if isinstance(held, list):
                    yield (*path, one.key, key), held
                else:
                    yield from nodes(form, held, (*path, one.key, key))
        elif one.kind == "group" and isinstance(inner, dict):
            yield from nodes(form, inner, (*path, one.key))


@pytest.mark.parametrize("name", FILES)
def test_a_form_that_nobody_touched_gives_the_same_value_back(name: str) -> None:
    form, count = form_of(name), 0
    for file in sorted(path for folder in FILES[name] for path in (ROOT / "data" / folder).glob("*.yml")):
        for path, value in nodes(form, parsed(file.read_text("utf-8"))):
            _, schema = form.at(path)
            read, slips = form.read(schema, sent(form.inputs(schema, value)), value)
            assert slips == [], (file.name, path)
            assert same(kept(value, read), value), (file.name, path)
            count += 1
    assert count >= {"service": 500, "locus": 20, "faq": 70}[name]


FACT = {"text": {"id": "Gratis.", "en": "Free."}, "source": "UU 24/2013", "certainty": "sure"}


def read(path: tuple[str | int, ...], value: Any, typed: dict[str, str]) -> tuple[Any, list[Slip]]:
    form = form_of("service")
    _, schema = form.at(path)
    return form.read(schema, {**sent(form.inputs(schema, value)), **typed}, value)


def test_a_change_of_one_input_changes_that_alone() -> None:
    english = {**FACT, "text": {"id": "Gratis.", "en": "It is free."}}
    assert read(("fee",), FACT, {"v.text.en": "It is free."}) == (english, [])
    assert read(("fee",), FACT, {"v.keeper": "Disdukcapil"}) == ({**FACT, "keeper": "Disdukcapil"}, [])


def test_rows_are_added_dropped_and_moved() -> None:
    second = {**FACT, "text": "Kedua."}
    form, old = form_of("service"), [FACT, second]
    _, schema = form.at(("facts",))
    posted = sent(form.inputs(schema, old))
    assert form.read(schema, {**posted, "v.0._drop": "1"}, old) == ([second], [])
    assert form.read(schema, {**posted, "v.1._at": "1"}, old)[0] == [second, FACT]
    assert form.read(schema, {**posted, "v.0._at": "2"}, old)[0] == [second, FACT]
    assert form.read(schema, {**posted, "v.0._at": "1"}, old)[0] == old
    added = {"v.2.text.id": "Ketiga.", "v.2.source": "SOP", "v.2.certainty": "unsure"}
    third = {"text": "Ketiga.", "source": "SOP", "certainty": "unsure"}
    assert form.read(schema, {**posted, **added}, old) == ([FACT, second, third], [])


@pytest.mark.parametrize(
    ("path", "value", "typed", "slip"),
    [
        (("fee",), FACT, {"v.text.id": ""}, Slip("v.text.id", "words_id")),
        (("fee",), FACT, {"v.text.en": "Free of {charge}"}, Slip("v.text.en", "params")),
        (("fee",), FACT, {"v.source": " "}, Slip("v.source", "required")),
        (("fee",), FACT, {"v.review_by": "besok"}, Slip("v.review_by", "pattern")),
        (("slug",), "ktp", {"v": "../x"}, Slip("v", "pattern")),
        (("duration",), {**FACT, "working_days": 3}, {"v.working_days": "tiga"}, Slip("v.working_days", "number")),
    ],
)
def test_what_cannot_be_is_named(path: tuple[str, ...], value: Any, typed: dict[str, str], slip: Slip) -> None:
    assert slip in read(path, value, typed)[1]


def test_an_office_whose_hours_are_not_known_stays_so_until_they_are_filled_in() -> None:
    form = form_of("locus")
    _, schema = form.at(("hours",))
    posted = sent(form.inputs(schema, None))
    assert form.read(schema, posted, None) == (None, [])
    told = {"v.text.id": "Senin-Jumat", "v.source": "SK", "v.certainty": "sure", "v.week.senin": "08.00-15.00"}
    hours, slips = form.read(schema, {**posted, **told}, None)
    assert slips == []
    assert hours == {"text": "Senin-Jumat", "source": "SK", "certainty": "sure", "week": {"senin": ["08.00-15.00"]}}
    assert form.read(schema, {**posted, **told, "v.week.senin": "jam 8"}, None)[1] == [Slip("v.week.senin", "pattern")]


def test_a_new_thing_without_words_is_none() -> None:
    form = form_of("service")
    _, schema = form.at(("facts",))
    assert form.read(schema, {"v.0.text.id": "", "v.0.source": "", "v.0.certainty": "unsure"}, NOTHING) == (NOTHING, [])
