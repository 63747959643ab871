"""What agencies push to us, good and bad: never a 5xx, the case unharmed, an operator knows."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SystemClock
from bot.errors import AgencyError
from bot.settings import Settings
from bot.storage.media import SafeMedia
from bot.web.hub import Hub
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from channels.web.adapter import build
from integrations.common import states
from integrations.dukcapil.adapter import DukcapilAgency
from tests.usecases.agency_office import Office
from tests.usecases.conftest import World

SECRET = "a-secret-only-for-tests"


@pytest.fixture
def office(world: World) -> Office:
    made = Office.at(world)
    # The real adapter reads and checks the pushes; the rest is the fake's.
    real = DukcapilAgency("http://127.0.0.1:9/dukcapil", SECRET, world.clock, timeout=1)
    made.desk.verify_callback, made.desk.parse_callback = real.verify_callback, real.parse_callback  # type: ignore[attr-defined]
    return made


@pytest.fixture
async def client(world: World, database_url: str) -> AsyncIterator[TestClient[Any, Any]]:
    media = SafeMedia(max_bytes=1_000_000)
    gateway = Gateway(world.deps, Settings.from_env({}), world.keys, Hub(database_url), media, build({}, SystemClock()))
    async with TestClient(TestServer(public_app(gateway, {}))) as made:
        yield made
    await media.close()


async def push(office: Office, client: TestClient[Any, Any], body: Any, *, secret: str = SECRET) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = str(int(office.world.clock.now().timestamp()))
    text = b"loket-callback-v1\n" + at.encode() + b"\n" + raw
    signature = "v1=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    headers = {"X-Loket-Timestamp": at, "X-Loket-Signature": signature, "Content-Type": "application/json"}
    async with client.post("/callbacks/dukcapil", data=raw, headers=headers) as answer:
        return answer.status


def word(office: Office, state: str = "diproses", **more: Any) -> dict[str, Any]:
    return {"agency_ref": "AG-1", "key": "1", "state": state, "at": office.world.clock.now().isoformat(), **more}


async def test_a_word_is_taken_and_a_repeated_or_late_one_is_answered_200_and_changes_nothing(
    office: Office, client: TestClient[Any, Any]
) -> None:
    who, case = await office.accepted()
    first, early = word(office), word(office, "verifikasi_berkas", key="0", at="2026-11-01T00:00:00+00:00")
    assert [await push(office, client, body) for body in (first, first, early)] == [200, 200, 200]
    assert len(await office.texts(who)) == 1 and (await office.seen(case.id)).state == "diproses"
    assert await office.alarms() == []


async def test_a_case_that_is_not_known_yet_is_to_be_pushed_again(office: Office, client: TestClient[Any, Any]) -> None:
    assert await push(office, client, word(office)) == 404
    await office.accepted()
    assert await push(office, client, word(office)) == 200


async def test_forged_pushes_are_refused_and_one_alarm_counts_them(
    office: Office, client: TestClient[Any, Any]
) -> None:
    who, case = await office.accepted()
    for _ in range(5):
        assert await push(office, client, word(office, "ditolak"), secret="guessed") == 403
    assert await office.alarms() == ["forged"]
    assert (await office.seen(case.id)).state == "diajukan" and await office.texts(who) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[" * 60_000,
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"agency_ref": 1}',
        b'{"agency_ref": "AG-1", "key": "1", "state": "hilang", "at": "2026-11-02T03:00:00+00:00"}',
        b'{"agency_ref": "AG-1", "key": "\\u0000", "state": "diproses", "at": "2026-11-02T03:00:00+00:00"}',
        b'{"agency_ref": "AG-1", "key": "1", "note": "\\ud800", "state": "diproses", "at": "2026-11-02T03:00:00+00:00"}',
        b'{"agency_ref": "AG-1", "key": "1", "state": ["diproses"], "at": "2026-11-02T03:00:00+00:00"}',
        b'{"agency_ref": "AG-1", "key": "1", "state": "diproses", "at": "0001-01-01T00:00:00+14:00"}',
        b'{"agency_ref": "AG-1", "key": "1", "state": "diproses", "at": "2026-11-02T03:00:00+00:00", "fields": "abc"}',
    ],
)
async def test_a_signed_push_that_cannot_be_read_is_422_and_an_alarm(
    office: Office, client: TestClient[Any, Any], body: bytes
) -> None:
    _, case = await office.accepted()
    assert await push(office, client, body) == 422
    assert len(await office.alarms()) == 1 and (await office.seen(case.id)).state == "diajukan"


async def test_a_push_that_names_two_cases_is_refused_and_an_alarm(
    office: Office, client: TestClient[Any, Any]
) -> None:
    await office.accepted()
    _, other = await office.accepted()
    assert await push(office, client, word(office, "ditolak", reference=other.reference)) == 422
    assert await office.alarms() == ["foreign"] and (await office.seen(other.id)).state == "diajukan"


async def test_a_push_of_a_megabyte_is_refused(office: Office, client: TestClient[Any, Any]) -> None:
    assert await push(office, client, b"x" * 1_000_000) == 413


async def test_an_adapter_that_breaks_on_a_push_is_no_5xx(office: Office, client: TestClient[Any, Any]) -> None:
    def broken(body: bytes) -> None:
        raise RuntimeError("a bug")

    office.desk.parse_callback = broken  # type: ignore[attr-defined]
    assert await push(office, client, word(office)) == 422
    assert await office.alarms() == ["unreadable"]


async def test_the_reference_we_gave_finds_a_case_whose_number_was_lost(
    office: Office, client: TestClient[Any, Any]
) -> None:
    _, case = await office.case()
    assert await push(office, client, word(office, reference=case.reference)) == 200
    assert (await office.seen(case.id)).agency_ref == "AG-1"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_json_is_a_status_or_a_refusal(raw: Any) -> None:
    with pytest.raises(AgencyError):
        states.push(json.dumps(raw).encode())


@given(
    st.dictionaries(
        st.sampled_from(["agency_ref", "key", "state", "at", "note", "fields", "document", "valid_until", "reference"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.lists(st.text() | st.integers())
        | st.just("2026-11-02T03:00:00+00:00"),
    )
)
def test_any_mixture_of_the_right_names_is_a_status_or_a_refusal(raw: dict[str, Any]) -> None:
    try:
        said = states.status(
            {"agency_ref": "A", "key": "k", "state": "diproses", "at": "2026-11-02T03:00:00+00:00", **raw}
        )
    except AgencyError:
        return
    assert isinstance(said.agency_ref, str) and said.agency_ref and all(isinstance(one, str) for one in said.fields)
