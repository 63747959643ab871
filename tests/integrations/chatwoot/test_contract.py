"""The adapter against an account on loopback that behaves as documented, and as networks do."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import registry
from bot.errors import SettingsError
from bot.ports_desk import (
    Change,
    DeskGone,
    DeskRefused,
    DeskUnavailable,
    Handed,
    Line,
    OutsideDesk,
    SentFile,
    TheirFile,
    Told,
)
from integrations.chatwoot.accounts import Account as At
from integrations.chatwoot.adapter import Chatwoot
from integrations.chatwoot.wire import FRESH_S
from tests.fakes import FixedClock
from tests.servers.chatwoot import ACCOUNT, INBOX, SECRET, TOKEN, message_created, signed, status_changed
from tests.servers.chatwoot import Chatwoot as Server

HANDED = Handed("TKT-1234-5678-9", "33.28", "id", "Ingin: akta kelahiran. Sudah dicoba: dua kali tidak paham.")
CLOCK = FixedClock()


def adapter(
    url: str = "http://127.0.0.1:9", token: str = TOKEN, secret: str = SECRET, path_token: str = ""
) -> Chatwoot:
    return Chatwoot(At("", url, ACCOUNT, INBOX, token, secret, path_token), CLOCK, timeout_s=0.4)


@dataclass
class Account:
    server: Server
    desk: Chatwoot
    url: str

    def said(self, ref: str, *, private: bool = False) -> list[str]:
        messages = self.server.conversations[int(ref)]["messages"]
        return [one["content"] for one in messages if one["private"] is private]


@pytest.fixture
async def account() -> AsyncIterator[Account]:
    server = Server()
    listening = await server.start()
    url = str(listening.make_url("")).rstrip("/")
    desk = adapter(url)
    yield Account(server, desk, url)
    await desk.close()
    await listening.close()


def test_it_is_a_desk() -> None:
    assert isinstance(adapter(), OutsideDesk)


# -- there ------------------------------------------------------------------------------------------------------------------


async def test_a_conversation_is_opened_for_a_contact_known_by_the_tickets_number_only(account: Account) -> None:
    ref = await account.desk.open(HANDED)
    (contact,) = account.server.contacts.values()
    assert contact["name"] == f"Warga {HANDED.number}" and contact["identifier"] == f"loket-{HANDED.number}"
    assert account.said(ref, private=True) == [HANDED.summary] and account.said(ref) == []


async def test_opening_again_finds_the_same_conversation_and_another_ticket_gets_its_own(account: Account) -> None:
    ref = await account.desk.open(HANDED)
    assert await account.desk.open(HANDED) == ref
    assert await account.desk.open(Handed("TKT-9", "33.28", "id")) != ref
    await account.desk.close_conversation(ref)
    assert await account.desk.open(HANDED) != ref  # what was resolved is not opened again


@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("fault", ["500", "429", "lost", "html"])
async def test_an_opening_that_breaks_anywhere_is_finished_by_the_next_try(
    account: Account, at: int, fault: str
) -> None:
    account.server.faults = [""] * at + [fault]
    with contextlib.suppress(DeskUnavailable):  # a reading call whose connection broke is repeated by the client itself
        await account.desk.open(HANDED)
    assert account.server.faults == []
    ref = await account.desk.open(HANDED)
    assert len(account.server.contacts) == len(account.server.conversations) == 1
    assert account.said(ref, private=True) == [HANDED.summary]


async def test_lines_stand_there_in_order_and_each_once(account: Account) -> None:
    ref = await account.desk.open(HANDED)
    for number in range(30):
        await account.desk.append(ref, Line(f"k{number}", f"baris {number}"))
    assert account.said(ref) == [f"baris {number}" for number in range(30)]
    await account.desk.append(ref, Line("k2", "baris 2"), again=True)
    assert len(account.said(ref)) == 30


@pytest.mark.parametrize("keeps_keys", [True, False])
@pytest.mark.parametrize("fault", ["lost", "500", "429", "html"])
async def test_a_line_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(
    account: Account, fault: str, keeps_keys: bool
) -> None:
    account.server.keeps_keys = keeps_keys
    ref = await account.desk.open(HANDED)
    await account.desk.append(ref, Line("k1", "ya"))
    account.server.faults = [fault]
    with pytest.raises(DeskUnavailable):
        await account.desk.append(ref, Line("k2", "besok"))
    await account.desk.append(ref, Line("k2", "besok"), again=True)
    assert account.said(ref) == ["ya", "besok"]


async def test_the_same_words_twice_are_two_lines_where_keys_are_kept(account: Account) -> None:
    ref = await account.desk.open(HANDED)
    await account.desk.append(ref, Line("k1", "ya"))
    account.server.faults = ["500"]
    with pytest.raises(DeskUnavailable):
        await account.desk.append(ref, Line("k2", "ya"))
    await account.desk.append(ref, Line("k2", "ya"), again=True)
    assert account.said(ref) == ["ya", "ya"]


async def test_a_desk_that_nobody_answers_at_is_tried_later() -> None:
    desk = adapter()
    with pytest.raises(DeskUnavailable):
        await desk.open(HANDED)
    await desk.close()


async def test_a_wrong_token_and_a_conversation_that_is_gone_are_not_tried_again(account: Account) -> None:
    stranger = adapter(account.url, token="x")  # noqa: S106
    with pytest.raises(DeskRefused) as refused:
        await stranger.open(HANDED)
    await stranger.close()
    assert not refused.value.retryable and refused.value.alert
    with pytest.raises(DeskGone):
        await account.desk.append("999", Line("k", "x"))
    for ref in ("", "../x", "１", "1/messages"):
        with pytest.raises(DeskRefused):
            await account.desk.append(ref, Line("k", "x"))


async def test_closing_resolves_and_what_is_gone_is_closed(account: Account) -> None:
    ref = await account.desk.open(HANDED)
    for _ in range(2):
        await account.desk.close_conversation(ref)
    await account.desk.close_conversation("999")
    assert account.server.conversations[int(ref)]["status"] == "resolved"


async def test_a_redirect_is_not_followed_with_our_token(account: Account) -> None:
    account.server.faults = ["302"]
    with pytest.raises(DeskRefused):
        await account.desk.open(HANDED)


async def test_a_file_goes_along_and_one_that_is_not_taken_is_refused(account: Account) -> None:
    ref = await account.desk.open(HANDED)
    await account.desk.append(ref, Line("k1", "KK saya", SentFile("kk.jpg", "image/jpeg", b"x" * 10)))
    (message,) = [one for one in account.server.conversations[int(ref)]["messages"] if not one["private"]]
    assert (message["content"], message["source_id"], message["attachments"][0]["size"]) == ("KK saya", "k1", 10)
    await account.desk.append(ref, Line("k1", "KK saya", SentFile("kk.jpg", "image/jpeg", b"x" * 10)), again=True)
    assert account.said(ref) == ["KK saya"]
    with pytest.raises(DeskRefused):
        await account.desk.append(ref, Line("k2", "", SentFile("a.exe", "application/x-msdownload", b"x")))


async def test_why_it_is_over_is_told_to_the_agents_once(account: Account) -> None:
    ref = await account.desk.open(HANDED)
    assert await account.desk.find(HANDED.number) == ref and await account.desk.find("TKT-0") is None
    account.server.faults = ["", "", "500"]
    with pytest.raises(DeskUnavailable):
        await account.desk.close_conversation(ref, "sudah selesai")
    await account.desk.close_conversation(ref, "sudah selesai")
    assert account.said(ref, private=True) == [HANDED.summary, "sudah selesai"]
    assert await account.desk.find(HANDED.number) is None


async def test_what_is_wrong_with_the_settings_is_said(account: Account) -> None:
    assert await account.desk.check() == []
    account.server.inbox_kind = "Channel::WebWidget"
    assert "API" in (await account.desk.check())[0]
    stranger, nobody = adapter(account.url, token="x"), adapter()  # noqa: S106
    assert "token" in (await stranger.check())[0] and "answer" in (await nobody.check())[0]
    await stranger.close()
    await nobody.close()


# -- and back ---------------------------------------------------------------------------------------------------------------


async def test_all_that_agents_said_to_the_citizen_is_heard_in_order_and_how_it_stands(account: Account) -> None:
    ref = await account.desk.open(HANDED)
    await account.desk.append(ref, Line("k1", "halo"))
    for number in range(130):
        account.server.agent_says(ref, f"baris {number}")
    account.server.agent_says(ref, "catatan", private=True)
    account.server.agent_says(ref, "ditarik", content_attributes={"deleted": True})
    account.server.agent_says(ref, "mesin", message_type=3)
    heard = await account.desk.hear(ref, 0)
    assert [one.text for one in heard.answers] == [f"baris {number}" for number in range(130)] and not heard.resolved
    assert heard.answers[0].agent == "Rina"
    account.server.agent_sets(ref, "resolved")
    later = await account.desk.hear(ref, heard.answers[-2].id)
    assert [one.text for one in later.answers] == ["baris 129"] and later.resolved
    with pytest.raises(DeskGone):
        await account.desk.hear("999", 0)


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("fault", ["500", "429", "slow", "html"])
async def test_news_that_break_off_are_asked_for_again(account: Account, at: int, fault: str) -> None:
    ref = await account.desk.open(HANDED)
    account.server.agent_says(ref, "halo")
    account.server.faults = [""] * at + [fault]
    with pytest.raises(DeskUnavailable):
        await account.desk.hear(ref, 0)
    assert [one.text for one in (await account.desk.hear(ref, 0)).answers] == ["halo"]


async def test_an_agents_file_is_fetched_from_the_account_only_and_without_our_token(account: Account) -> None:
    ref = await account.desk.open(HANDED)
    account.server.agent_says(ref, None, files={"contoh.pdf": b"%PDF"})
    (answer,) = (await account.desk.hear(ref, 0)).answers
    assert answer.text == "" and answer.files[0].name == "contoh.pdf"
    assert await account.desk.fetch(answer.files[0]) == b"%PDF"
    for link in ("https://elsewhere.test/x", account.url + ".evil.test/x", "file:///etc/passwd"):
        with pytest.raises(DeskRefused):
            await account.desk.fetch(TheirFile("x", link))


def told(event: Any, **how: Any) -> Told | None:
    body, headers = signed(event, how.pop("at", CLOCK.now().timestamp()), **how)
    return adapter().parse_webhook(body, headers)


def test_an_agents_words_and_a_change_of_state_are_told() -> None:
    assert told(message_created(100, "Selamat pagi")) == Told("100", Change.SAID)
    assert told(message_created(100, None, message_type=1)) == Told("100", Change.SAID)  # a file, perhaps
    for status in ("resolved", "open", "pending"):
        assert told(status_changed(100, status)) == Told("100", Change.STATUS)


@pytest.mark.parametrize(
    "event",
    [
        message_created(100, "catatan", private=True),
        message_created(100, "kami sendiri", message_type="incoming"),
        message_created(100, "Rina menugaskan diri", message_type="activity"),
        message_created(100, "template", message_type="template"),
        message_created(100, "x", account={"id": 4}),
        message_created(100, "x", account=None),
        message_created(100, "x", conversation={"id": 100, "inbox_id": INBOX + 1}),
        message_created(100, "x", conversation=None),
        message_created(100, "x", event="message_updated"),
        status_changed(100, "resolved", inbox_id=INBOX + 1),
        status_changed(100, "resolved", account={"id": 4}),
        {"event": "contact_created", "account": {"id": int(ACCOUNT)}},
        {},
        [],
    ],
)
def test_whatever_else_it_tells_is_nothing_to_us(event: Any) -> None:
    assert told(event) is None


def test_where_nothing_is_signed_the_end_of_the_address_is_the_proof() -> None:
    body, token = signed(message_created(100, "x"), 0)[0], "z" * 20
    old = adapter(secret="", path_token=token)
    assert old.parse_webhook(body, {}, token) == Told("100", Change.SAID)
    for wrong in ("", "z" * 19, "z" * 21):
        with pytest.raises(PermissionError):
            old.parse_webhook(body, {}, wrong)
    with pytest.raises(PermissionError):  # where there is a secret of the webhook, only that counts
        adapter(path_token=token).parse_webhook(body, {}, token)


def test_only_what_is_signed_and_fresh_is_believed() -> None:
    event, now = message_created(100, "x"), CLOCK.now().timestamp()
    with pytest.raises(PermissionError):
        told(event, secret="falsch")  # noqa: S106
    for at in (now - FRESH_S - 1, now + FRESH_S + 1):
        with pytest.raises(PermissionError):
            told(event, at=at)
    body, headers = signed(event, now)
    for wrong in (
        {},
        {"X-Chatwoot-Signature": headers["X-Chatwoot-Signature"]},
        {**headers, "X-Chatwoot-Timestamp": "9"},
    ):
        with pytest.raises(PermissionError):
            adapter().parse_webhook(body, wrong)
    with pytest.raises(PermissionError):
        adapter().parse_webhook(body + b" ", headers)
    assert adapter().parse_webhook(body, {name.lower(): value for name, value in headers.items()}) is not None


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["event", "id", "account", "conversation", "inbox_id", "status", "content", "sender", "private"]
                    ),
                    inner,
                    max_size=6,
                )
            ),
            max_leaves=12,
        ),
    )
)
def test_no_signed_nonsense_breaks_anything(event: Any) -> None:
    try:
        found = told(event)
    except ValueError:
        return
    assert found is None or isinstance(found, Told)


# -- settings ---------------------------------------------------------------------------------------------------------------


WHOLE = {
    "LOKET_CHATWOOT_URL": "https://chat.test",
    "LOKET_CHATWOOT_ACCOUNT": ACCOUNT,
    "LOKET_CHATWOOT_INBOX": str(INBOX),
    "LOKET_CHATWOOT_TOKEN": TOKEN,
    "LOKET_CHATWOOT_WEBHOOK_SECRET": SECRET,
}


def test_a_desk_is_there_when_it_is_set_up_and_refused_when_half_of_it_is() -> None:
    assert registry.desks({}, CLOCK) == {}
    assert list(registry.desks(WHOLE, CLOCK)) == ["chatwoot"]
    for name in WHOLE:
        with pytest.raises(SettingsError, match=name):
            registry.desks({**WHOLE, name: ""}, CLOCK)
    for name, wrong in (
        ("LOKET_CHATWOOT_INBOX", "x"),
        ("LOKET_CHATWOOT_ACCOUNT", "33.28="),
        ("LOKET_CHATWOOT_URL", "chat.test"),
    ):
        with pytest.raises(SettingsError, match="LOKET_CHATWOOT"):
            registry.desks({**WHOLE, name: wrong}, CLOCK)
    assert "chatwoot" not in registry.agencies()


def test_offices_may_have_accounts_of_their_own() -> None:
    several = {
        **WHOLE,
        "LOKET_CHATWOOT_ACCOUNT": "33.28=3,33.29=8",
        "LOKET_CHATWOOT_INBOX": "33.28=7, 33.29=9",
        "LOKET_CHATWOOT_TOKEN": "33.28=a,33.29=b",
    }
    found = registry.desks(several, CLOCK)
    assert {id_: desk.offices for id_, desk in found.items()} == {
        "chatwoot-33.28": frozenset({"33.28"}),
        "chatwoot-33.29": frozenset({"33.29"}),
    }
    common = registry.desks({**WHOLE, "LOKET_CHATWOOT_INBOX": "7,33.29=9"}, CLOCK)
    assert {id_: sorted(desk.offices) for id_, desk in common.items()} == {"chatwoot": [], "chatwoot-33.29": ["33.29"]}
