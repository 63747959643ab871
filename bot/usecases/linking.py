"""One person across channels: the *kode sambung*, connecting, and undoing it (design 7).

Connected conversations share ``person_id``. It changes only after a proof - a code of ours typed elsewhere, or the same face
verified in both - and a "yes" in the conversation that joins; every other one is told. Conversations are locked in the order
of their ids, after the inbox row (:func:`reach`).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from bot.domain import linking
from bot.domain.attempts import Hold, longest
from bot.domain.conversation import Case, Conversation
from bot.domain.messages import Button, Kind, Reply
from bot.domain.payloads import command
from bot.errors import Conflict
from bot.usecases.deps import Deps
from bot.usecases.moving import homecoming, move_draft, open_case, open_draft, pause
from bot.usecases.replies import error, plain, questions
from bot.usecases.store import Tx
from bot.usecases.turn import Effect, Turn

CODE, IDENTITY = "code", "identity"
"""Proofs."""
REACHING = frozenset({"link_yes", "link_undo", "privacy_erase", "privacy_erase_ask", "privacy_withdraw"})
"""Plans without Rasa that change other conversations, too: :func:`reach` comes first."""


async def reach(deps: Deps, tx: Tx, inbox_id: int, lease_no: int, conversation_id: UUID, local: str = "") -> None:
    """Lock all conversations that a step may change, before it locks its own. ``local``: the name of a plan without Rasa."""
    await tx.fence(inbox_id, lease_no)
    ids = [conversation_id]
    if local == "link_yes":
        offered = await tx.offered_link(conversation_id, deps.now())
        ids += [offered] if offered is not None else []
    here = await tx.conversation(conversation_id)
    if here.citizen_id is not None and here.level(deps.now()) >= 3:
        ids += await tx.channels_of(here.citizen_id)
    await tx.lock_people(ids)


# -- the code -----------------------------------------------------------------------------------------------------------


async def wish(turn: Turn) -> Effect:
    """ "Lanjut di Telegram": a code, and where the channel has one, a link that carries it."""
    deps, here, tx, now = turn.deps, turn.conversation, turn.tx, turn.deps.now()
    if await tx.codes_issued(here.id, now - timedelta(hours=1)) >= linking.CODES_PER_HOUR:
        return Effect(_and_the_question(turn, await open_case(turn), error(deps, here, "link.too_often")))
    code = linking.new_code(secrets.randbits)
    await tx.put_link_code(code, here.id, now)
    await tx.audit("loket", "link.code", str(here.id), {}, now)
    links = _links(deps, here, code, turn.plan.params.get("channel"))
    lines = [f"{name}: {link}" for name, link in links]
    typed = deps.say("link.typed", here, code=linking.shown(code))
    text = deps.say("link.open", here, links="\n".join(lines)) if lines else deps.say("link.only_code", here)
    rules = deps.say("link.rules", here, minutes=int(linking.LIFE.total_seconds()) // 60)
    return Effect([Reply(f"{text}\n\n{typed}\n\n{rules}")])


def _links(deps: Deps, here: Conversation, code: str, wanted: str | None) -> list[tuple[str, str]]:
    """Name and link of the channel that was named; if there is none such at this office, of all others."""
    found: dict[str, tuple[str, str]] = {}
    for account in deps.channels.values():
        channel = account.id.partition(":")[0]
        link = linking.link_to(channel, account.address, code)
        if link is not None and account.locus in ("", here.locus) and account.id != here.account:
            found.setdefault(channel, (deps.channel_name(channel, here.language), link))
    return [found[wanted]] if wanted in found else list(found.values())


async def redeem(turn: Turn) -> Effect:
    """A code was typed: whether to connect is asked once. Wrong, old and used codes are not told apart."""
    deps, here, tx, now = turn.deps, turn.conversation, turn.tx, turn.deps.now()
    case = await open_case(turn)
    if (hold := await _hold(deps, tx, here)) is not None:
        key = "link.locked" if hold.locked else "link.wait"
        return Effect(_and_the_question(turn, case, error(deps, here, key, minutes=hold.minutes(now))))
    code = str(turn.plan.params["code"])
    if await tx.is_own_code(code, here.id, now):
        return Effect(_and_the_question(turn, case, plain(deps, here, "link.own_code", Kind.ERROR)))
    other_id = await tx.offer_link(code, here.id, now)
    if other_id is None:
        for subject in _subjects(here, now):
            await tx.failed(subject, now)
        await tx.audit("loket", "link.refused", str(here.id), {"reason": "code"}, now)
        return Effect(_and_the_question(turn, case, plain(deps, here, "link.unknown", Kind.ERROR)))
    await tx.forgive(_subjects(here, now)[0])
    other = await tx.conversation(other_id)
    if (barred := await _bar(deps, tx, here, other)) is not None:
        await tx.take_offer(here.id, now)
        return Effect(_and_the_question(turn, case, barred))
    paused = []
    if case is not None:
        # "Ya" is to answer one question only.
        await pause(turn, case)
        paused = [plain(deps, here, "link.paused", service=deps.service_name(case.service, here.language))]
    return Effect([*paused, _asking(deps, here, other)])


def _asking(deps: Deps, here: Conversation, other: Conversation) -> Reply:
    key = "link.ask_again" if here.person_id == other.person_id else "link.ask"
    text = deps.say(key, here, channel=deps.channel_name(other.account, here.language))
    buttons = tuple(
        Button(deps.say(f"link.button.{name}", here), command(name)) for name in (linking.YES, linking.DECLINE)
    )
    return Reply(text, Kind.IDENTITY, buttons, meta={"offer": True})


def _subjects(here: Conversation, now: datetime) -> tuple[str, str]:
    """Who is counted: the conversation, and all of its account in one hour."""
    return f"link:{here.id}", f"link:{here.account}:{now:%Y%m%d%H}"


async def _hold(deps: Deps, tx: Tx, here: Conversation) -> Hold | None:
    now = deps.now()
    own, account = [await tx.attempts(subject) for subject in _subjects(here, now)]
    everybody = Hold(now.replace(minute=0, second=0) + timedelta(hours=1))
    return longest([own.hold(now), everybody if account.failures >= linking.WRONG_PER_HOUR else None])


async def _bar(deps: Deps, tx: Tx, here: Conversation, other: Conversation) -> Reply | None:
    """Why two conversations cannot be one person's, on record; None: they can."""
    if here.person_id == other.person_id:
        return None
    mine, theirs = await tx.conversations_of(_person(here)), await tx.conversations_of(_person(other))
    known_here, known_there = await _citizens(tx, mine), await _citizens(tx, theirs)
    reason = ""
    if known_here and known_there and not known_here & known_there:
        reason = "other_citizen"
    elif len(mine) + len(theirs) > linking.MOST:
        reason = "too_many"
    if not reason:
        return None
    await tx.audit("loket", "link.refused", str(here.id), {"reason": reason, "with": str(other.id)}, deps.now())
    return error(deps, here, f"link.{reason}")


def _person(conversation: Conversation) -> UUID:
    assert conversation.person_id is not None  # the database gives the first
    return conversation.person_id


async def _citizens(tx: Tx, conversations: Sequence[Conversation]) -> set[UUID]:
    """Whose faces were ever verified there."""
    found: set[UUID] = set()
    for one in conversations:
        if one.citizen_id is not None and (one.assurance >= 3 or await tx.trust(one.id, one.citizen_id) is not None):
            found.add(one.citizen_id)
    return found


def _and_the_question(turn: Turn, case: Case | None, *said: Reply) -> list[Reply]:
    """The given replies, and the open question once more."""
    return [*said, *(questions(turn.deps, turn.conversation, case) if case is not None else [])]


# -- by the same face ---------------------------------------------------------------------------------------------------


async def offer_by_proof(deps: Deps, tx: Tx, here: Conversation) -> list[Reply]:
    """Right after a face was verified: the same person was proven in another channel, too. Connect?

    Nothing before level 3, nothing by itself. The words work inside a form.
    """
    found = await _proven_elsewhere(deps, tx, here)
    if not found:
        return []
    text = deps.say("link.same_face", here, channel=deps.channel_name(found[0].account, here.language))
    button = Button(deps.say(f"link.button.{linking.YES}", here), command(linking.YES))
    return [Reply(text, Kind.IDENTITY, (button,))]


async def _proven_elsewhere(deps: Deps, tx: Tx, here: Conversation) -> list[Conversation]:
    """Other people's conversations, as far as is known, in which this same citizen was verified; the last used first."""
    if here.citizen_id is None or here.level(deps.now()) < 3:
        return []
    ids = [one for one in await tx.channels_of(here.citizen_id) if one != here.id]
    found = [await tx.conversation(one) for one in ids]
    others = [one for one in found if one.person_id != here.person_id and one.citizen_id == here.citizen_id]
    return sorted(others, key=lambda one: one.last_inbound_at or one.created_at, reverse=True)


# -- connecting ---------------------------------------------------------------------------------------------------------


async def connect(turn: Turn) -> Effect:
    """ "Ya": the offer that stands is taken, by its proof."""
    deps, here, tx = turn.deps, turn.conversation, turn.tx
    other_id, proof = await tx.take_offer(here.id, deps.now()), CODE
    if other_id is None:
        found = await _proven_elsewhere(deps, tx, here)
        other_id, proof = (found[0].id if found else None), IDENTITY
    case = await open_case(turn)
    if other_id is None:
        return Effect(_and_the_question(turn, case, plain(deps, here, "link.nothing_offered", Kind.ERROR)))
    other = await tx.conversation(other_id, lock=True)
    if (barred := await _bar(deps, tx, here, other)) is not None:
        return Effect(_and_the_question(turn, case, barred))
    told = await _join(turn, other, proof) if here.person_id != other.person_id else []
    replies = [plain(deps, here, "link.done", Kind.IDENTITY, channel=deps.channel_name(other.account, here.language))]
    draft = await open_draft(turn, other) if proof == CODE else None
    await _tell(deps, tx, here, told, other, draft)
    if draft is None:
        return Effect(_and_the_question(turn, case, *replies))
    return Effect([*replies, *await move_draft(turn, other, draft)])


async def _join(turn: Turn, other: Conversation, proof: str) -> list[Conversation]:
    """Both people are one from now on, in all their conversations; returns those to be told (all but this one)."""
    here, tx, now = turn.conversation, turn.tx, turn.deps.now()
    before, after = _person(here), _person(other)
    mine = [one for one in await tx.conversations_of(before) if one.id != here.id]
    theirs = [one for one in await tx.conversations_of(after) if one.id != other.id]
    link_id = await tx.put_link(here.id, before, after, proof, now)
    for one in mine:
        await tx.put_link(one.id, before, after, proof, now)
        one.person_id = after
        await tx.save_conversation(one)
    here.person_id = after
    # Linked, no more: what was proven there is not proven here.
    here.assurance, other.assurance = max(here.assurance, 1), max(other.assurance, 1)
    if other.language_set or not here.language_set:
        here.language, here.language_set = other.language, other.language_set
    here.turn_mark, other.turn_mark = f"link.{link_id}", f"link.{link_id}"
    await tx.save_conversation(other)
    await tx.audit(
        "loket", "link.made", str(here.id), {"with": str(other.id), "proof": proof, "link": str(link_id)}, now
    )
    return [other, *mine, *theirs]


async def _tell(
    deps: Deps, tx: Tx, here: Conversation, told: Sequence[Conversation], other: Conversation, draft: Case | None
) -> None:
    """The security notice to all who are ``told``; the conversation a draft is taken from hears where it goes on."""
    for there in told or ([other] if draft is not None else []):
        channel = deps.channel_name(here.account, there.language)
        said = [plain(deps, there, "link.notice", Kind.NOTICE, channel=channel)] if told else []
        if draft is not None and there is other:
            name = deps.service_name(draft.service, there.language)
            said.append(plain(deps, there, "link.goes_on", Kind.NOTICE, channel=channel, service=name))
        await tx.say(there.id, said, deps.now(), notice=True)


async def decline(turn: Turn) -> Effect:
    """ "Tidak": the code is used up, nothing is connected."""
    deps, here = turn.deps, turn.conversation
    await turn.tx.take_offer(here.id, deps.now())
    case = await open_case(turn)
    said = [plain(deps, here, "link.declined")]
    if case is None and await turn.draft_case() is not None:
        said.append(plain(deps, here, "apply.paused"))
    return Effect(_and_the_question(turn, case, *said))


# -- undoing ------------------------------------------------------------------------------------------------------------


async def undo(turn: Turn) -> Effect:
    """ "Lepas": this conversation is a person's of its own again."""
    deps, here = turn.deps, turn.conversation
    apart = await _separate(deps, turn.tx, here, "loket")
    key = "link.undone" if apart else "link.not_linked"
    return Effect(_and_the_question(turn, await open_case(turn), plain(deps, here, key, Kind.IDENTITY)))


async def undo_for(deps: Deps, conversation_id: UUID, officer: str) -> None:
    """An officer takes a conversation out of its connection; the citizen is told in all of them.

    :raises bot.errors.Conflict: it is not connected (any more).
    """
    async with deps.store.begin() as tx:
        locked = await tx.lock_people([conversation_id])
        here = next((one for one in locked if one.id == conversation_id), None)
        if here is None or not await _separate(deps, tx, here, officer):
            raise Conflict("link")
        await tx.save_conversation(here)
        said = [plain(deps, here, "link.undone_by_officer", Kind.NOTICE)]
        await tx.say(here.id, said, deps.now(), notice=True)
        await tx.notify_staff()


async def _separate(deps: Deps, tx: Tx, here: Conversation, actor: str) -> bool:
    """False: there was nothing to undo."""
    now = deps.now()
    others = [one for one in await tx.conversations_of(_person(here)) if one.id != here.id]
    if not others:
        return False
    asked_again = await homecoming(deps, tx, here, others)
    here.person_id = uuid4()
    alone = [one.id for one in others] if len(others) == 1 else []
    await tx.undo_links([here.id, *alone], now)
    await tx.audit(actor, "link.undone", str(here.id), {"from": [str(one.id) for one in others]}, now)
    for one in others:
        await tx.save_conversation(one)
        channel = deps.channel_name(here.account, one.language)
        said = [plain(deps, one, "link.undone_elsewhere", Kind.NOTICE, channel=channel), *asked_again.get(one.id, [])]
        await tx.say(one.id, said, now, notice=True)
    return True
