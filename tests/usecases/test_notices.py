"""News: where it goes, that it goes once, and that nobody who wants none gets any."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from bot.domain.conversation import Case, Conversation
from bot.domain.form_draft import Draft
from bot.domain.messages import Inbound, Standing
from bot.ports import AgencyStatus
from bot.usecases.remind import remind
from bot.usecases.track import apply_status
from tests.usecases.conftest import World
from tests.usecases.script import apply
from tests.usecases.test_cases import errands, status

ISSUED = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
UNTIL = date(2031, 11, 2)


async def phone(world: World, account: str, person: Conversation | None = None) -> Conversation:
    """A conversation on a channel that rings, one person's with ``person``; just written to."""
    now = world.clock.now()
    async with world.store.begin() as tx:
        made = await tx.open_conversation(account, f"who-{uuid4()}", "33.28", "id", now)
        await tx.put_inbound(made.id, Inbound(account, str(uuid4()), "", now, text="halo"), now)
        made = await tx.conversation(made.id, lock=True)
        made.last_inbound_at = now
        if person is not None:
            made.person_id = (await tx.conversation(person.id)).person_id
        await tx.save_conversation(made)
    return made


async def outbox(world: World) -> list[tuple[UUID, bool, dict[str, Any]]]:
    """(conversation, notice, body) of everything that is to be sent."""
    async with world.store.begin() as tx:
        rows = (await tx.run(text("select conversation_id, seq, notice from outbox order by id"))).all()
        found = []
        for row in rows:
            (entry,) = await tx.thread(row.conversation_id, after=row.seq - 1, limit=1)
            found.append((row.conversation_id, row.notice, entry.body))
    return found


async def test_a_change_rings_on_the_channel_used_last_and_stands_in_the_web_thread_too(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    await errands(world)
    old = await phone(world, "telegram:1", who)
    world.clock.at += timedelta(minutes=1)
    new = await phone(world, "whatsapp:1", who)
    for _ in range(3):  # a push that comes again is one message
        await apply_status(world.deps, "dukcapil", status(world, "verifikasi_berkas", "1"))
    ((conversation, notice, body),) = await outbox(world)
    assert (conversation, notice) == (new.id, True) and conversation != old.id
    assert "diperiksa" in body["text"]
    template = body["meta"]["template"]
    assert template["serves"] == "status" and template["values"]["state"] == "Berkas sedang diperiksa petugas."
    assert [said["text"] for said in await world.news(who)] == [body["text"]]


async def test_a_repair_and_the_document_are_announced_as_such(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    await errands(world)
    await phone(world, "whatsapp:1", who)
    asked = status(world, "perlu_perbaikan", "1", note="KK buram.", fields=("dokumen.kk",))
    await apply_status(world.deps, "dukcapil", asked)
    await apply_status(world.deps, "dukcapil", status(world, "terbit", "2", document=True))
    await errands(world)
    about = [body["meta"]["template"] for _, _, body in await outbox(world)]
    assert [a["serves"] for a in about] == ["repair", "status", "document"]
    assert about[0]["more"] and not about[1]["more"]


async def test_somebody_with_one_push_channel_gets_the_news_there_only(world: World) -> None:
    who = await phone(world, "whatsapp:1")
    case = await licence(world, who)
    await issued(world, case)
    await phone(world, "whatsapp:1")  # a stranger
    assert {conversation for conversation, _, _ in await outbox(world)} == {who.id}


async def test_a_channel_that_asked_for_silence_is_passed_over(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    await errands(world)
    silent, other = await phone(world, "whatsapp:1", who), await phone(world, "telegram:1", who)
    async with world.store.begin() as tx:
        await tx.set_standing(other.id, Standing.STOPPED, world.clock.now())
    await apply_status(world.deps, "dukcapil", status(world, "diproses", "1"))
    assert [conversation for conversation, _, _ in await outbox(world)] == [silent.id]


async def test_the_wish_to_get_no_news_holds_everywhere_until_it_is_taken_back(world: World) -> None:
    who = await world.session()
    linked = await phone(world, "whatsapp:1", who)
    (said,) = await world.say(who, payload="niat:stop_notifications")
    assert "tidak akan mengirim kabar" in str(said["text"])

    async def standings() -> list[Standing]:
        async with world.store.begin() as tx:
            return [(await tx.conversation(one.id)).standing for one in (who, linked)]

    assert await standings() == [Standing.STOPPED, Standing.STOPPED]
    await world.say(who, "halo")
    assert await standings() == [Standing.STOPPED, Standing.STOPPED]
    (said,) = await world.say(who, "mulai notifikasi")
    assert "kami kabari lagi" in str(said["text"])
    assert await standings() == [Standing.OPEN, Standing.OPEN]


# -- a licence that ends ------------------------------------------------------------------------------------------------


async def licence(
    world: World,
    who: Conversation,
    variant: str = "baru",
    state: str = "menunggu_tte",
    answers: dict[str, Any] | None = None,
) -> Case:
    now = world.clock.now()
    draft = Draft(service="sip-bidan", started_at=now.date(), variant=variant, answers=answers or {})
    case = Case(
        id=uuid4(),
        locus="33.28",
        service="sip-bidan",
        conversation_id=who.id,
        state=state,
        draft=draft.to_json(),
        agency="sdmk",
        created_at=now,
        updated_at=now,
        variant=variant,
        reference=f"LKT-{uuid4().hex[:8]}",
        agency_ref=uuid4().hex,
        submitted_at=now,
    )
    async with world.store.begin() as tx:
        await tx.put_case(case)
    return case


async def issued(world: World, case: Case, until: date = UNTIL) -> None:
    assert case.agency_ref is not None
    told = AgencyStatus(case.agency_ref, "terbit", world.clock.now(), "terbit", valid_until=until)
    assert await apply_status(world.deps, "sdmk", told)


async def reminded(world: World, who: Conversation) -> list[dict[str, Any]]:
    await remind(world.deps)
    return [said for said in await world.news(who) if said["meta"]["kind"] == "notice"]


def days_before(n: int) -> datetime:
    return datetime(2031, 11, 2, 2, 0, 1, tzinfo=UTC) - timedelta(days=n)


async def test_the_holder_is_reminded_three_times_and_can_begin_the_renewal(world: World) -> None:
    who = await world.session()
    await issued(world, await licence(world, who))
    world.clock.at = days_before(181)
    assert await reminded(world, who) == []
    for days in (180, 90, 30):
        world.clock.at = days_before(days)
        (said,) = await reminded(world, who)
        assert f"{days} hari lagi" in said["text"] and "2 November 2031" in said["text"]
        assert await reminded(world, who) == []
    (button,) = said["buttons"]
    assert button["payload"] == "niat:start_application:sip-bidan:perpanjangan"


async def test_after_a_long_downtime_only_the_nearest_reminder_is_sent(world: World) -> None:
    who = await world.session()
    await issued(world, await licence(world, who))
    world.clock.at = days_before(20)
    (said,) = await reminded(world, who)
    assert "20 hari lagi" in said["text"]
    world.clock.at = days_before(5)
    assert await reminded(world, who) == []


async def test_a_licence_that_has_just_ended_is_called_so_and_one_long_ended_is_left_alone(world: World) -> None:
    who, other = await world.session(), await world.session()
    await issued(world, await licence(world, who))
    await issued(world, await licence(world, other), date(2029, 1, 1))
    world.clock.at = days_before(-3)
    (said,) = await reminded(world, who)
    assert "sudah habis" in said["text"]
    assert [s for s in await world.news(other) if s["meta"]["kind"] == "notice"] == []


async def test_nobody_is_reminded_of_a_licence_that_is_renewed_already(world: World) -> None:
    who = await world.session()
    await issued(world, await licence(world, who))
    world.clock.at = days_before(200)
    answers = {"sip_lama.sampai": UNTIL.isoformat()}
    await licence(world, who, "perpanjangan", "diproses", answers)
    world.clock.at = days_before(180)
    assert await reminded(world, who) == []


async def test_the_renewal_of_another_place_changes_nothing(world: World) -> None:
    who = await world.session()
    await issued(world, await licence(world, who))
    world.clock.at = days_before(200)
    await licence(world, who, "perpanjangan", "diproses", {"sip_lama.sampai": "2031-06-01"})
    world.clock.at = days_before(180)
    assert len(await reminded(world, who)) == 1


async def test_a_reminder_rings_on_the_linked_channel_with_its_template(world: World) -> None:
    who = await world.session()
    linked = await phone(world, "whatsapp:1", who)
    await issued(world, await licence(world, who))
    world.clock.at = days_before(90)
    assert await remind(world.deps) == 1
    conversation, notice, body = (await outbox(world))[-1]
    assert (conversation, notice) == (linked.id, True)
    assert body["meta"]["template"]["values"] == {
        "service": body["meta"]["template"]["values"]["service"],
        "reference": body["meta"]["application"],
        "date": "2 November 2031",
        "days": "90",
    }
