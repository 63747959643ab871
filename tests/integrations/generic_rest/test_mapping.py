"""Templates, paths and bodies: what is filled in, what is left out, and that nothing breaks them."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.messages import FileRef
from bot.errors import AgencyError
from integrations.generic_rest import body, signing
from integrations.generic_rest.mapping import Scope, render
from integrations.generic_rest.paths import MISSING, get, steps
from tests.integrations.conftest import MovableClock

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
DATA = {"pemohon": {"nama": "Siti", "lahir": "1990-01-02", "kosong": "", "banyak": ["a", "b"]}, "baris": [{"n": 1}, {}]}


def filled(template: Any) -> Any:
    return render(template, Scope({"data": DATA, "reference": "R-1"}, {"LOKET_X_A": "rahasia"}))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({"a": 1, "b": None, "c": [True, "x"]}, {"a": 1, "b": None, "c": [True, "x"]}),
        ({"from": "data.pemohon.nama"}, "Siti"),
        ({"x": {"from": "data.pemohon.kosong"}, "y": {"from": "data.tidak.ada"}}, MISSING),
        ({"x": {"from": "data.pemohon.kosong", "default": "-"}}, {"x": "-"}),
        ({"from": "data.pemohon.lahir", "date": "%d.%m.%Y"}, "02.01.1990"),
        ({"from": "data.baris[0].n"}, 1),
        ({"from": "data.pemohon.banyak", "join": ", "}, "a, b"),
        ({"each": "data.baris", "item": {"nilai": {"from": ".n"}, "no": {"from": "reference"}}},
         [{"nilai": 1, "no": "R-1"}, {"no": "R-1"}]),
        ({"each": "data.tidak", "item": {}}, MISSING),
        ({"each": "data.pemohon.banyak", "item": {"from": "."}}, ["a", "b"]),
        ({"object": {"from": "siapa", "each": 2}}, {"from": "siapa", "each": 2}),
        ({"kunci": {"secret": "LOKET_X_A"}}, {"kunci": "rahasia"}),
        ({}, {}),
    ],
    ids=lambda value: "missing" if value is MISSING else str(value),
)  # fmt: skip
def test_a_template_is_filled(template: Any, expected: Any) -> None:
    assert filled(template) == expected


@pytest.mark.parametrize(
    "template",
    [
        {"from": "data.pemohon.kosong", "required": True},
        {"from": "data.pemohon.nama", "codes": {"Budi": "1"}},
        {"from": "data.pemohon.nama", "date": "%d"},
        {"from": "data.pemohon.nama", "number": True},
        {"each": "data.pemohon", "item": {}},
    ],
    ids=str,
)
def test_what_cannot_be_said_in_their_words_is_refused(template: Any) -> None:
    with pytest.raises(AgencyError):
        filled(template)


@given(value=JSON)
def test_a_template_without_instructions_stands_for_itself(value: Any) -> None:
    def tame(node: Any) -> Any:
        if isinstance(node, dict):
            return {f"k{key}": tame(inner) for key, inner in node.items()}
        return [tame(inner) for inner in node] if isinstance(node, list) else node

    assert filled(tame(value)) == tame(value)


@given(value=JSON, path=st.from_regex(r"\$?[a-c]{1,2}(\.[a-c0-9]{1,2}|\[[0-9]\]){0,4}", fullmatch=True))
def test_looking_along_a_path_never_breaks(value: Any, path: str) -> None:
    get(value, path)


@given(text=st.text(max_size=20))
def test_a_text_is_a_path_or_refused(text: str) -> None:
    try:
        steps(text)
    except ValueError as error:
        assert str(error).startswith("no path")


@given(
    raw=st.binary(max_size=50), template=st.sampled_from(["{timestamp}.{body}", "{body}", "{body_sha256}|{timestamp}"])
)
def test_a_signature_fits_its_own_body_and_no_other(raw: bytes, template: str) -> None:
    now = MovableClock().now()
    rule: dict[str, Any] = {"header": "X-S", "text": template, "algorithm": "sha384", "encoding": "base64"}
    rule["timestamp"] = {"header": "X-T", "format": "milliseconds"}
    stamp = signing.stamp("milliseconds", now)
    made = signing.signature(rule, "kunci", signing.canonical(template, {"timestamp": stamp}, raw))
    headers = {"x-s": made, "x-t": stamp}
    assert signing.verify(rule, "kunci", raw, headers, now)
    assert not signing.verify(rule, "kunci", raw + b"x", headers, now)
    assert not signing.verify(rule, "lain", raw, headers, now)


@given(stamp=st.text(max_size=20), form=st.sampled_from(["seconds", "milliseconds", "iso"]))
def test_a_time_stamp_is_read_or_none(stamp: str, form: str) -> None:
    age = signing.age_s(form, stamp, MovableClock().now())
    assert age is None or age >= 0


PHOTO = (FileRef(id="f", name='foto"\r\nX: y.jpg', type="image/jpeg", size=3), b"\xff\xd8\xff", "dokumen.ktp")


async def test_a_form_is_written_as_one() -> None:
    raw, type_ = await body.encoded({"send": "form"}, {"a": "ä b", "n": 1, "ya": True}, (), "k")
    assert (raw, type_) == (b"a=%C3%A4+b&n=1&ya=true", "application/x-www-form-urlencoded")
    with pytest.raises(AgencyError):
        await body.encoded({"send": "form"}, {"a": {"b": 1}}, (), "k")


@pytest.mark.parametrize("json_part", [True, False])
async def test_files_go_as_parts_of_a_form_the_same_bytes_each_time(json_part: bool) -> None:
    call = {"send": "multipart", "file_fields": {"dokumen.ktp": "ktp"}} | ({"body_part": "isi"} if json_part else {})
    raw, type_ = await body.encoded(call, {"nama": "Siti"}, (PHOTO,), "kunci-1")
    assert (raw, type_) == await body.encoded(call, {"nama": "Siti"}, (PHOTO,), "kunci-1")
    whole = email.message_from_bytes(f"Content-Type: {type_}\r\n\r\n".encode() + raw, policy=email.policy.HTTP)
    first, second = whole.iter_parts()
    said = first.get_content()
    assert said == (b'{"nama": "Siti"}' if json_part else "Siti")
    assert second.get_content() == b"\xff\xd8\xff" and second.get_content_type() == "image/jpeg"
    assert 'name="ktp"' in second["Content-Disposition"] and second["X"] is None
