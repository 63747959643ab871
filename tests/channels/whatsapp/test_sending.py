"""Sending with the real twilio library against the stand-in: what arrives, and what is heard of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.messages import Button, OutFile, Outgoing, Receipt
from bot.errors import (
    ChannelUnavailable,
    TemplateRefused,
)
from bot.ports import ChannelAccount
from channels.whatsapp.adapter import WhatsAppChannel
from channels.whatsapp.contents import choices, split
from channels.whatsapp.sandbox import TwilioStandIn
from channels.whatsapp.words import clean, length, numbered
from tests.channels.whatsapp.conftest import CITIZEN, ROOT, STATUS, YES_NO, MovedClock, Receiver, made, text
from tests.servers.whatsapp import NUMBER, OTHER_NUMBER, PUBLIC_URL

pytestmark = pytest.mark.usefixtures("inside_the_window")


# -- what arrives -------------------------------------------------------------------------------------------------------


async def test_a_text_arrives_with_whatsapps_own_marks_and_without_control_characters(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    sent = await channel.send(account, CITIZEN, text("*Halo*\r\n\n\n\n\n_Bu_\x00\x07 \u202eSiti"))
    (shown,) = await twilio.screen(CITIZEN)
    assert shown["text"] == "*Halo*\n\n\n_Bu_ Siti"
    assert shown["sid"] == sent.external_id


async def test_each_account_speaks_with_its_own_number(channel: WhatsAppChannel, twilio: TwilioStandIn) -> None:
    for account in channel.accounts.values():
        await channel.send(account, CITIZEN, text(account.address))
    await twilio.hooks.settle()
    outgoing = [m for m in twilio.world.messages.values() if not m.inbound]
    assert [(m.sender, m.body) for m in outgoing] == [(NUMBER, NUMBER), (OTHER_NUMBER, OTHER_NUMBER)]
    assert outgoing[0].callback.startswith(f"{PUBLIC_URL}/webhooks/whatsapp/{NUMBER[1:]}#rc=5")


async def test_a_messaging_service_picks_the_number_and_is_named_in_the_send(
    twilio: TwilioStandIn, clock: MovedClock
) -> None:
    service = "MG" + "1" * 32
    twilio.world.add_sender(service)
    over_service = made({**twilio.settings(PUBLIC_URL), "LOKET_WHATSAPP_SENDERS": service}, clock)
    await over_service.send(over_service.accounts[f"whatsapp:{service}"], CITIZEN, text("Halo"))
    (message,) = [m for m in twilio.world.messages.values() if not m.inbound]
    assert message.service == service
    assert message.sender in (NUMBER, OTHER_NUMBER)
    await over_service.close()


async def test_a_hidden_number_is_answered_by_its_user_id(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    await twilio.phone("+628000000002", text="halo", user_id="ID.4242", hidden=True)
    (message,) = receiver.messages
    assert (message.sender, message.aliases) == ("ID.4242", ())
    await channel.send(account, message.sender, text("Selamat pagi"))
    assert [shown["text"] for shown in await twilio.screen("+628000000002")] == ["Selamat pagi"]


async def test_up_to_three_short_choices_are_quick_replies_whose_press_comes_back_with_its_payload(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    await channel.send(account, CITIZEN, Outgoing("k", "Sudah *benar*?", YES_NO))
    (shown,) = await twilio.screen(CITIZEN)
    assert shown["text"] == "Sudah *benar*?"
    assert shown["buttons"] == [{"title": "Ya", "id": "jawab:1:ya"}, {"title": "Tidak", "id": "jawab:1:tidak"}]
    await twilio.phone(CITIZEN, button="Tidak")
    assert (receiver.messages[-1].payload, receiver.messages[-1].title) == ("jawab:1:tidak", "Tidak")
    types = [next(iter(content.types)) for content in twilio.world.contents.values()]
    assert types == ["twilio/quick-reply"]


@pytest.mark.parametrize(
    "titles",
    [[f"Pilihan {n}" for n in range(10)], ["Pindah datang antar kab."], [f"Kecamatan nomor ke-{n}" for n in range(3)]],
)
async def test_more_or_longer_choices_are_a_list(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver, titles: list[str]
) -> None:
    buttons = tuple(Button(title, f"jawab:9:{n}") for n, title in enumerate(titles))
    await channel.send(account, CITIZEN, Outgoing("k", "Yang mana?", buttons))
    (shown,) = await twilio.screen(CITIZEN)
    assert [button["title"] for button in shown["buttons"]] == titles
    await twilio.phone(CITIZEN, button=titles[-1])
    assert receiver.messages[-1].payload == f"jawab:9:{len(titles) - 1}"


async def test_a_template_is_made_once_per_shape_and_found_again_by_another_process(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, clock: MovedClock
) -> None:
    for n in range(3):
        await channel.send(account, CITIZEN, Outgoing(f"k{n}", f"Pertanyaan {n}?", YES_NO))
    again = made(twilio.settings(PUBLIC_URL), clock)
    await again.send(account, CITIZEN, Outgoing("k9", "Yakin?", YES_NO))
    await again.close()
    assert len(twilio.world.contents) == 1
    assert [shown["text"] for shown in await twilio.screen(CITIZEN)][-1] == "Yakin?"


async def test_a_text_longer_than_one_place_of_a_template_arrives_whole(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    words = clean(" ".join(f"kata{n:03}" for n in range(125)))
    assert 900 < len(words) <= 1024
    await channel.send(account, CITIZEN, Outgoing("k", words, YES_NO))
    (shown,) = await twilio.screen(CITIZEN)
    assert shown["text"] == words
    assert len(shown["buttons"]) == 2


@pytest.mark.parametrize(
    ("words", "buttons"),
    [
        ("Yang mana?", (Button("Sama", "a:1"), Button("Sama", "a:2"))),
        ("Yang mana?", (Button("Satu", "a:1"), Button("Dua", "a:1"))),
        ("Yang mana?", (Button("Judul yang jauh lebih panjang dari itu", "a:1"), Button("Dua", "a:2"))),
        ("Yang mana?", tuple(Button(f"P{n}", f"a:{n}") for n in range(11))),
        ("x" * 1200, (Button("Satu", "a:1"), Button("Dua", "a:2"))),
    ],
    ids=["same titles", "same payloads", "long title", "eleven", "long text"],
)
async def test_what_fits_no_template_is_numbered_text(
    channel: WhatsAppChannel,
    account: ChannelAccount,
    twilio: TwilioStandIn,
    words: str,
    buttons: tuple[Button, ...],
) -> None:
    await channel.send(account, CITIZEN, Outgoing("k", words, buttons))
    (shown,) = await twilio.screen(CITIZEN)
    assert shown["buttons"] == []
    assert shown["text"] == numbered(words, buttons)
    assert f"\n2. {buttons[1].title}" in shown["text"]


async def test_a_text_that_leaves_no_room_for_its_choices_goes_before_them(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    words, buttons = "y" * 1595, tuple(Button(f"Pilihan {n}", f"a:{n}") for n in range(5))
    sent = await channel.send(account, CITIZEN, Outgoing("k", words, buttons))
    first, second = await twilio.screen(CITIZEN)
    assert (first["text"], first["buttons"]) == (words, [])
    assert second["sid"] == sent.external_id
    assert len(second["buttons"]) == 5


async def test_the_first_half_is_not_repeated_when_the_second_failed(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    buttons = tuple(Button(f"Pilihan {n}", f"a:{n}") for n in range(5))
    whole = Outgoing("k", "y" * 1595, buttons)
    await channel.send(account, CITIZEN, Outgoing("k0", "Yang mana?", buttons))  # the template is there
    channel._sender._begun["k"] = None
    await channel.send(account, CITIZEN, whole)
    assert [shown["text"][:5] for shown in await twilio.screen(CITIZEN)] == ["Yang ", "Silak"]


async def test_without_templates_the_choices_are_numbered(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    await twilio.set_faults(server_error=1)  # the list of templates cannot be had
    await channel.send(account, CITIZEN, Outgoing("k", "Benar?", YES_NO))
    (shown,) = await twilio.screen(CITIZEN)
    assert shown["text"] == "Benar?\n\n1. Ya\n2. Tidak"


async def test_a_template_that_somebody_deleted_is_made_anew(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    await channel.send(account, CITIZEN, Outgoing("k1", "Satu?", YES_NO))
    twilio.world.contents.clear()
    await channel.send(account, CITIZEN, Outgoing("k2", "Dua?", YES_NO))
    await channel.send(account, CITIZEN, Outgoing("k3", "Tiga?", YES_NO))
    shown = await twilio.screen(CITIZEN)
    assert [(one["text"], len(one["buttons"])) for one in shown] == [
        ("Satu?", 2),
        ("Dua?\n\n1. Ya\n2. Tidak", 0),
        ("Tiga?", 2),
    ]


async def test_a_file_goes_by_its_link_with_its_caption(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, link: OutFile
) -> None:
    await channel.send(account, CITIZEN, Outgoing("k", "Dokumen Anda", (Button("Terima kasih", "a:1"),), link))
    (shown,) = await twilio.screen(CITIZEN)
    assert shown["text"] == "Dokumen Anda\n\n1. Terima kasih"
    assert [(m["type"], m["size"]) for m in shown["media"]] == [("application/pdf", 15)]


async def test_a_file_that_cannot_be_fetched_from_us_fails_later(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, link: OutFile, receiver: Receiver
) -> None:
    gone = replace(link, link=f"{PUBLIC_URL}/n/abc")
    await channel.send(account, CITIZEN, Outgoing("k", "", (), gone))
    await twilio.hooks.settle()
    assert [(r.state, r.error_code) for r in receiver.receipts] == [("failed", "63019")]
    assert isinstance(channel.explain("63019"), ChannelUnavailable)


# -- receipts -----------------------------------------------------------------------------------------------------------


async def test_receipts_come_back_to_the_account_that_sent(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    sent = await channel.send(account, CITIZEN, text("Halo"))
    await twilio.hooks.settle()
    assert [(r.account, r.external_id, r.state) for r in receiver.receipts] == [
        (account.id, sent.external_id, state) for state in ("sent", "delivered", "read")
    ]


async def test_receipts_may_come_in_reverse_and_twice(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    await twilio.set_faults(reorder=1, duplicate=1)
    sent = await channel.send(account, CITIZEN, text("Halo"))
    await twilio.hooks.settle()
    assert [r.state for r in receiver.receipts] == ["read", "read", "delivered", "sent"]
    assert twilio.world.messages[sent.external_id].status == "read"


async def test_outside_the_window_free_text_fails_and_an_approved_template_arrives(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver, clock: MovedClock
) -> None:
    await channel.setup(PUBLIC_URL)
    clock.pass_(hours=24, minutes=1)
    await channel.send(account, CITIZEN, text("Terlambat"))
    await twilio.hooks.settle()
    (receipt,) = receiver.receipts
    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.error_code) == ("failed", "63016")
    assert channel.explain("63016").code == "window_closed"
    await channel.send(account, CITIZEN, Outgoing("k", "", template=STATUS))
    (shown,) = await twilio.screen(CITIZEN)
    assert "Nomor: LKT-7K3M-9QXA" in shown["text"]
    assert shown["template"].startswith("loket_status_id_")


# -- templates ----------------------------------------------------------------------------------------------------------


async def test_a_template_that_is_not_there_or_not_approved_is_refused_before_sending(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    notice = Outgoing("k", "", template=STATUS)
    with pytest.raises(TemplateRefused):
        await channel.send(account, CITIZEN, notice)
    twilio.world.approves = False
    await channel.setup(PUBLIC_URL)
    channel._notices._asked_at = float("-inf")
    with pytest.raises(TemplateRefused):
        await channel.send(account, CITIZEN, notice)
    assert await twilio.screen(CITIZEN) == []


async def test_a_changed_wording_is_a_new_template_and_the_old_one_serves_until_it_is_approved(
    twilio: TwilioStandIn, clock: MovedClock, account: ChannelAccount, tmp_path: Path
) -> None:
    (tmp_path / "templates").mkdir()
    words = (ROOT / "data/templates/status.yml").read_text("utf-8")
    (tmp_path / "templates/status.yml").write_text(words, "utf-8")
    channel = made({**twilio.settings(PUBLIC_URL), "LOKET_CONTENT_DIR": str(tmp_path)}, clock)
    await channel.setup(PUBLIC_URL)
    assert {row[3] for row in await channel.templates(account)} == {"approved"}
    twilio.world.approves = False
    (tmp_path / "templates/status.yml").write_text(words.replace("Kabar permohonan", "Ada kabar permohonan"), "utf-8")
    done = await channel.setup(PUBLIC_URL)
    assert any("loket_status (id): diajukan" in line for line in done)
    assert {row[3] for row in await channel.templates(account)} == {"approved"}
    await channel.send(account, CITIZEN, Outgoing("k", "", template=STATUS))
    assert (await twilio.screen(CITIZEN))[-1]["text"].startswith("Kabar permohonan")
    twilio.world.approves = True
    await channel.templates(account)
    await channel.send(account, CITIZEN, Outgoing("k2", "", template=STATUS))
    assert (await twilio.screen(CITIZEN))[-1]["text"].startswith("Ada kabar permohonan")
    await channel.close()


# -- words --------------------------------------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=1200))
def test_pieces_are_short_and_make_the_whole_again(words: str) -> None:
    pieces = split(words)
    assert "".join(pieces) == words
    assert all(0 < length(piece) <= 255 for piece in pieces)


@given(st.text(max_size=1100), st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=12))
def test_a_template_is_only_used_for_what_twilio_takes(words: str, buttons: list[tuple[str, str]]) -> None:
    picked = choices(words, [Button(*button) for button in buttons])
    if picked is None:
        return
    template, values = picked
    assert all(value and length(value) <= 255 for value in values.values())
    assert len(values) <= 100
    assert template.count == len(buttons) <= (3 if template.kind == "quick" else 10)
