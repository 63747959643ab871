"""What every channel folder has to do, whoever wrote it; run over ``channels/`` and over the example of docs/add-a-channel.md.

A new folder is found by itself. It adds one line to ``SETTINGS`` of ``tests/channels/contract.py``, and brings ``sandbox.py`` with
``stand_in(config, clock)``.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.messages import (
    Button,
    Event,
    FileRef,
    Inbound,
    Kind,
    MediaRef,
    OutFile,
    Outgoing,
    Receipt,
    Reply,
    StandingChange,
)
from bot.domain.payloads import MAX_BYTES
from bot.domain.rendering import parts
from bot.errors import (
    ChannelError,
    ChannelUnavailable,
    InvalidMessage,
    OutcomeUnknown,
    RejectedFile,
    SettingsError,
    Throttled,
)
from bot.log import scrub
from bot.ports import Channel, ChannelManifest, WebhookRequest
from bot.registry import Plugin
from tests.channels.contract import (
    CLOCK,
    COMMON,
    NOW,
    NOWHERE,
    PLUGINS,
    PUSH,
    SECRET,
    SETTINGS,
    Case,
    alone,
    built,
    config,
    running,
)


@pytest.fixture(params=PUSH)
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    async with running(request.param) as found:
        yield found


@pytest.fixture(params=PUSH)
async def lonely(request: pytest.FixtureRequest) -> AsyncIterator[Channel]:
    async with alone(request.param) as channel:
        yield channel


def each(names: list[str]) -> list[Any]:
    return [pytest.param(PLUGINS[name], id=name) for name in names]


# -- the folder ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plugin", each(sorted(PLUGINS)))
def test_the_manifest_says_what_the_core_needs(plugin: Plugin[ChannelManifest, Channel]) -> None:
    manifest = plugin.manifest
    assert manifest.name.strip()
    assert 0 <= manifest.buttons <= 13
    assert manifest.text_limit >= 140
    assert 0 < manifest.caption_limit <= 4096
    assert manifest.window_hours >= 0
    assert manifest.rate_per_s > 0
    assert 0 < manifest.chat_rate_per_s <= manifest.rate_per_s
    assert manifest.pull or manifest.settings, "a channel that pushes has credentials"
    assert manifest.buttons == 0 or manifest.button_limit >= 12


@pytest.mark.parametrize("plugin", each(PUSH))
def test_it_is_off_until_it_is_set_up_and_half_a_setup_is_refused(plugin: Plugin[ChannelManifest, Channel]) -> None:
    assert not plugin.wanted(COMMON)
    full = config(plugin.manifest.id)
    for name in plugin.manifest.settings:
        with pytest.raises(SettingsError, match=name):
            plugin.build({key: value for key, value in full.items() if key != name}, CLOCK)


@pytest.mark.parametrize("plugin", each(sorted(PLUGINS)))
def test_building_connects_nowhere_and_gives_the_whole_port(plugin: Plugin[ChannelManifest, Channel]) -> None:
    channel = built(plugin.manifest.id)
    assert isinstance(channel, Channel)
    assert channel.manifest == plugin.manifest
    assert channel.accounts
    for id_, account in channel.accounts.items():
        assert account.id == id_
        assert id_.split(":")[0] == plugin.manifest.id
        if not plugin.manifest.pull:
            assert account.locus == "33.28"
            assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", account.key), "the key is a part of an address"
            assert SECRET not in account.key + account.address + account.id


# -- in -----------------------------------------------------------------------------------------------------------------

_HEADERS = st.dictionaries(
    st.sampled_from(
        ["Content-Type", "X-Twilio-Signature", "X-Telegram-Bot-Api-Secret-Token", "Authorization", "X-Signature"]
    ),
    st.text(max_size=60),
    max_size=4,
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
_BODIES = (
    st.binary(max_size=200)
    | _JSON.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.text(max_size=10), st.text(max_size=10), max_size=4).map(
        lambda value: urlencode(value, errors="replace").encode()
    )
)
_FAST = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("plugin", each(PUSH))
@_FAST
@given(url=st.text(max_size=40), headers=_HEADERS, body=_BODIES)
def test_garbage_is_never_verified_and_never_an_error(
    plugin: Plugin[ChannelManifest, Channel], url: str, headers: dict[str, str], body: bytes
) -> None:
    channel = built(plugin.manifest.id)
    account = next(iter(channel.accounts.values()))
    assert channel.verify(account, WebhookRequest(url, headers, body)) is False


@pytest.mark.parametrize("plugin", each(PUSH))
@_FAST
@given(headers=_HEADERS, body=_BODIES)
def test_garbage_is_read_as_nothing_or_refused(
    plugin: Plugin[ChannelManifest, Channel], headers: dict[str, str], body: bytes
) -> None:
    channel = built(plugin.manifest.id)
    account = next(iter(channel.accounts.values()))
    try:
        events = channel.parse(account, WebhookRequest("https://loket.example/w", headers, body), NOW)
    except InvalidMessage:
        return
    assert [event for event in events if not _sound(event, account.id)] == []


def _sound(event: Event, account: str) -> bool:
    if isinstance(event, Inbound):
        said = [event.text, event.payload, event.file, event.media, event.location, event.unread]
        one = sum(what is not None for what in said) == 1
        return one and event.account == account and bool(event.external_id) and bool(event.sender)
    return isinstance(event, Receipt | StandingChange) and event.account == account


async def test_a_file_is_fetched_from_the_provider_only(lonely: Channel) -> None:
    account = next(iter(lonely.accounts.values()))
    for where in ("https://evil.example/x", "http://169.254.169.254/latest", "file:///etc/passwd", "../../x", ""):
        with pytest.raises((RejectedFile, ChannelError)):
            await lonely.fetch(account, MediaRef(where), 1000)


# -- out ----------------------------------------------------------------------------------------------------------------


def _titles(manifest: ChannelManifest, count: int, longest: bool) -> tuple[Button, ...]:
    most = manifest.button_limit if longest else 10
    return tuple(Button(f"{n:02} {'k' * (most - 3)}", f"jawab:{'x' * (MAX_BYTES - 9)}:{n:02}") for n in range(count))


def shapes(manifest: ChannelManifest) -> list[Outgoing]:
    """Every kind of message that the core may hand over, at the manifest's own limits."""
    link = OutFile("Akta Kelahiran.pdf", "application/pdf", f"{NOWHERE}/m/abc", b"%PDF-1.7 contoh")
    found = [
        Outgoing("short", "Halo, *Bu Siti* _apa kabar_? `1` [a](b) <i>x</i> & \\ 100%"),
        Outgoing("line", "satu\n\ndua\ttiga"),
        Outgoing("emoji", "🙏" * (manifest.text_limit // 2)),
        Outgoing("longest", "k" * manifest.text_limit),
        Outgoing("odd", "a\u202eb\u200b\u0007c"),
    ]
    for count in sorted({1, 2, 3, 4, manifest.buttons} & set(range(1, manifest.buttons + 1))):
        found.append(Outgoing(f"b{count}", "Yang mana?", _titles(manifest, count, longest=False)))
        found.append(Outgoing(f"l{count}", "Yang mana?", _titles(manifest, count, longest=True)))
    if manifest.buttons:
        found.append(Outgoing("full", "k" * manifest.text_limit, _titles(manifest, manifest.buttons, longest=True)))
        found.append(Outgoing("twins", "Yang mana?", (Button("Sama", "jawab:1:a"), Button("Sama", "jawab:1:b"))))
    if manifest.attachments:
        found.append(Outgoing("file", "", (), link))
        found.append(Outgoing("caption", "k" * manifest.caption_limit, (), link))
    return found


async def test_every_shape_is_taken_once_and_gets_an_id_of_its_own(case: Case) -> None:
    sent = [await case.channel.send(case.account, case.person, message) for message in shapes(case.channel.manifest)]
    ids = [one.external_id for one in sent]
    assert all(ids)
    assert len(set(ids)) == len(ids)


async def test_words_arrive_as_they_were_written(case: Case) -> None:
    words = "Nomor Anda LKT-7K3M-9QXA. Biaya: gratis. Tanya? Tulis *petugas*"
    await case.channel.send(case.account, case.person, Outgoing("k", words))
    shown = [message["text"] for message in await case.screen()]
    assert [text.replace("*", "") for text in shown] == [words.replace("*", "")]


async def test_what_the_core_makes_of_a_reply_is_taken(case: Case) -> None:
    """The renderer of the outbox and the channel agree on the manifest's limits."""
    file = FileRef("f1", "Akta.pdf", "application/pdf", 15)
    link = OutFile("Akta.pdf", "application/pdf", f"{NOWHERE}/m/abc", b"%PDF-1.7 contoh")
    replies = [
        Reply("k " * 3000, Kind.ANSWER),
        Reply("Yang mana?", Kind.QUESTION, tuple(Button(f"Pilihan nomor {n}", f"jawab:1:{n}") for n in range(13))),
        Reply("Pilih", Kind.QUESTION, (Button("j" * 70, "jawab:1:a"), Button("Dua", "jawab:1:b"))),
        Reply("Ini dokumennya", Kind.RECEIPT, (Button("Terima kasih", "perintah:lanjut"),), (file,)),
    ]
    for reply in replies:
        messages = parts(reply, case.channel.manifest, "k", {"f1": link}, lambda key, **_: key)
        assert messages
        for message in messages:
            assert (await case.channel.send(case.account, case.person, message)).external_id


async def test_a_send_whose_answer_was_lost_is_unknown_and_is_found_or_said_not_to_be_askable(case: Case) -> None:
    since = datetime.now(UTC) - timedelta(seconds=1)
    message = Outgoing("k", "Nomor Anda LKT-7K3M-9QXA")
    await case.faults(drop=1)
    with pytest.raises(OutcomeUnknown) as unknown:
        await case.channel.send(case.account, case.person, message)
    assert unknown.value.retryable
    before = await case.channel.sent_before(case.account, case.person, message, since)
    assert before is None or before.external_id
    assert await case.channel.sent_before(case.account, case.person, Outgoing("l", "Lain"), since) is None
    if before is not None:  # the same words, said in between by a message of which we know
        known = {before.external_id}
        assert await case.channel.sent_before(case.account, case.person, message, since, known) is None


async def test_errors_of_the_provider_are_typed(case: Case) -> None:
    message = Outgoing("k", "Halo")
    await case.faults(throttle=1)
    with pytest.raises(Throttled) as slow:
        await case.channel.send(case.account, case.person, message)
    assert 0 < slow.value.after < 3600
    await case.faults(server_error=1)
    with pytest.raises(ChannelUnavailable) as down:
        await case.channel.send(case.account, case.person, message)
    assert down.value.__cause__ is not None or down.value.provider_code is not None
    assert (await case.channel.send(case.account, case.person, message)).external_id


@pytest.mark.parametrize("recipient", ["", "garbage", "0", "-", "🙏"])
async def test_a_recipient_that_is_none_is_refused_for_good(case: Case, recipient: str) -> None:
    with pytest.raises(ChannelError) as refused:
        await case.channel.send(case.account, recipient, Outgoing("k", "Halo"))
    assert not refused.value.retryable


async def test_nobody_there_means_that_nothing_was_sent(lonely: Channel) -> None:
    account = next(iter(lonely.accounts.values()))
    with pytest.raises(ChannelUnavailable):
        await lonely.send(account, str(SETTINGS[lonely.manifest.id][2]), Outgoing("k", "Halo"))


async def test_showing_that_a_message_was_seen_never_fails(case: Case) -> None:
    async with alone(case.channel.manifest.id) as lonely:
        for channel in (case.channel, lonely):
            await _see(channel, case.person)


async def _see(channel: Channel, person: str) -> None:
    account = next(iter(channel.accounts.values()))
    marks = ((person, None, None), ("x", "y", "z"), ("", "", ""), ("1", "2:3:4", "Ya"))
    for recipient, mark, pressed in marks:
        await channel.seen(account, recipient, mark, pressed)


# -- operators ----------------------------------------------------------------------------------------------------------


async def test_a_check_tells_in_sentences_and_a_setup_that_failed_says_so(lonely: Channel) -> None:
    wrong = await lonely.check()
    assert wrong
    assert all(isinstance(line, str) and len(line.split()) > 2 for line in wrong)
    with pytest.raises(ChannelError):
        await lonely.setup("https://loket.example")


async def test_no_secret_and_nothing_personal_gets_into_words_of_errors_or_the_log(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    # What libraries write passes the scrubber of bot/log.py. At "debug" some write what they send: no level for an office.
    with caplog.at_level(logging.INFO):
        told = await _mishaps(case, case.channel)
        async with alone(case.channel.manifest.id) as lonely:
            told += await _mishaps(case, lonely)
    everything = "\n".join([*told, *(scrub(record.getMessage()) for record in caplog.records)])
    assert len(told) > 6
    assert not [secret for secret in (SECRET, WORDS, "+628000000001") if secret in everything]


WORDS = "kalimat warga yang pribadi"


async def _mishaps(case: Case, channel: Channel) -> list[str]:
    """What is said when things go wrong."""
    account = next(iter(channel.accounts.values()))
    told = [repr(channel), str(account), *await channel.check()]
    for fault in ("server_error", "throttle", "drop"):
        await case.faults(**{fault: 1})
        try:
            await channel.send(account, case.person, Outgoing("k", WORDS))
        except ChannelError as error:
            told += [str(error), repr(error), str(error.params)]
    channel.verify(account, WebhookRequest("https://loket.example/w", {}, WORDS.encode()))
    return told
