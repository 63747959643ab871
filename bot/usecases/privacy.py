"""Rights over one's own data, in the chat: see, take along, withdraw consent, erase, object (UU 27/2022).

What shows or changes everything asks for a proven identity where a NIK is in play; where none is, whoever has the chat may.
Personal data never go into the chat: they are on a page that a code from this chat opens (:mod:`bot.usecases.my_data`).
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from bot.domain.conversation import Case, Conversation
from bot.domain.data_rights import CONFIRM, LINK_LIFE, LINKS_PER_DAY, Kind, Sorted, State, Whose, sort_out
from bot.domain.document_link import DataLink
from bot.domain.messages import Button, Reply
from bot.domain.messages import Kind as Said
from bot.domain.payloads import command
from bot.domain.privacy_words import insists
from bot.usecases import privacy_core as core
from bot.usecases.deps import Deps
from bot.usecases.replies import person_button, plain
from bot.usecases.store import Tx
from bot.usecases.turn import Effect, Turn

MENU, PAGE, ERASE, ERASE_YES = "data-saya", "unduh-data", "hapus-data", "hapus-data-ya"
NOTHING = "tidak-jadi"
WITHDRAW, WITHDRAW_YES, OBJECT, BY_PERSON = "cabut-izin", "cabut-izin-ya", "keberatan", "hapus-petugas"
BUTTONS = {
    MENU: "privacy_see",
    PAGE: "privacy_export",
    ERASE: "privacy_erase_ask",
    ERASE_YES: "privacy_erase",
    WITHDRAW: "privacy_withdraw_ask",
    WITHDRAW_YES: "privacy_withdraw",
    OBJECT: "privacy_object",
    BY_PERSON: "privacy_by_person",
    NOTHING: "privacy_nothing",
}
"""Commands of the buttons, and the plans they are."""
LOCALS = {
    Kind.SEE: "privacy_see",
    Kind.EXPORT: "privacy_export",
    Kind.ERASE: "privacy_erase_ask",
    Kind.WITHDRAW: "privacy_withdraw_ask",
    Kind.OBJECT: "privacy_object",
    Kind.CHILD: "privacy_child",
}
"""The plan of a reserved word."""


def _button(deps: Deps, here: Conversation, name: str) -> Button:
    return Button(deps.say(f"privacy.button.{name}", here), command(name))


# -- seeing ---------------------------------------------------------------------------------------------------------------


def about(turn: Turn) -> Reply:
    """ "What do you do with my data?", and the ways to one's own."""
    deps, here = turn.deps, turn.conversation
    buttons = () if turn.call.form_active else tuple(_button(deps, here, name) for name in (MENU, PAGE, ERASE))
    return Reply(deps.say("say.ask_privacy", here), buttons=buttons)


async def see(turn: Turn) -> Effect:
    """What kinds of things are stored, and how many; what they say is on the page."""
    deps, here, tx = turn.deps, turn.conversation, turn.tx
    all_of = await core.whose(deps, tx, here)
    held = await tx.holdings(all_of.ids, all_of.citizen_id)
    lines = [deps.say(f"privacy.held.{name}", here, n=n) for name, n in held.items() if name != "note"]
    lines += [deps.say("privacy.held.cases", here, n=len(all_of.cases))] if all_of.cases else []
    text = deps.say("privacy.see", here, lines="\n".join(f"• {line}" for line in lines))
    buttons = tuple(_button(deps, here, name) for name in (PAGE, ERASE, WITHDRAW))
    return Effect([Reply(text, Said.NOTICE, buttons)])


async def export(turn: Turn) -> Effect:
    """The link to the page with everything."""
    deps, here, tx = turn.deps, turn.conversation, turn.tx
    all_of = await core.whose(deps, tx, here)
    if not all_of.proven:
        return Effect([_unproven(turn)])
    return Effect([await link(deps, tx, here)])


async def link(deps: Deps, tx: Tx, here: Conversation) -> Reply:
    """A link for an hour; looking at it shows nothing before the code from this chat is typed in."""
    now = deps.now()
    if await tx.data_links_since(here.id, now - timedelta(days=1)) >= LINKS_PER_DAY:
        return Reply(deps.say("privacy.too_many_links", here), Said.ERROR, (person_button(deps, here),))
    token = secrets.token_urlsafe(24)
    await tx.put_data_link(DataLink(deps.token_hash(token), here.id, now, now + LINK_LIFE))
    await tx.audit(core.CITIZEN, "privacy.link", str(here.id), {}, now)
    minutes = int(LINK_LIFE.total_seconds()) // 60
    return Reply(deps.say("privacy.link", here, url=f"{deps.my_data_url}/{token}", minutes=minutes), Said.IDENTITY)


def _unproven(turn: Turn) -> Reply:
    deps, here = turn.deps, turn.conversation
    buttons = (_button(deps, here, BY_PERSON), person_button(deps, here))
    return Reply(deps.say("privacy.not_proven", here), Said.IDENTITY, buttons)


# -- erasing --------------------------------------------------------------------------------------------------------------


async def ask_erase(turn: Turn) -> Effect:
    """ "Really?", naming what goes and what stays. "Ya, hapus data saya" soon after it is the answer."""
    deps, here, tx = turn.deps, turn.conversation, turn.tx
    all_of = await core.whose(deps, tx, here)
    if not all_of.proven:
        return Effect([_unproven(turn)])
    if insists(turn.plan.text) and await _fresh(turn, Kind.ERASE):
        return await erase(turn)
    await core.question(deps, tx, here, Kind.ERASE)
    text = deps.say("privacy.erase.ask", here, goes=goes(deps, all_of), stays=stays(deps, here, sort_out(all_of.cases)))
    return Effect([Reply(text, Said.IDENTITY, (_button(deps, here, ERASE_YES), _button(deps, here, NOTHING)))])


async def erase(turn: Turn) -> Effect:
    """The button was pressed; an old one asks again."""
    deps, here, tx = turn.deps, turn.conversation, turn.tx
    all_of = await core.whose(deps, tx, here)
    if not all_of.proven or not await _fresh(turn, Kind.ERASE):
        return await _again(turn, all_of, Kind.ERASE)
    _, cases = await core.erase(deps, tx, all_of, core.CITIZEN)
    return Effect([erased(deps, here, cases)])


async def _again(turn: Turn, all_of: Whose, kind: Kind) -> Effect:
    """Too late, or no longer proven."""
    if not all_of.proven:
        return Effect([_unproven(turn)])
    turn.plan.text = ""
    return await (ask_erase(turn) if kind is Kind.ERASE else ask_withdraw(turn))


async def _fresh(turn: Turn, kind: Kind) -> bool:
    since = turn.deps.now() - CONFIRM
    return await turn.tx.asked_request(turn.conversation.id, kind.value, since) is not None


def goes(deps: Deps, all_of: Whose) -> str:
    """What an erasure takes, a line each."""
    here, drafts = all_of.here, [case for case in sort_out(all_of.cases).goes if case.reference is None]
    lines = [deps.say("privacy.erase.goes.talk", here)]
    others = sorted(
        {deps.channel_name(one.account, here.language) for one in all_of.conversations if one.id != here.id}
    )
    lines += [deps.say("privacy.erase.goes.channels", here, channels=", ".join(others))] if others else []
    lines += [deps.say("privacy.erase.goes.draft", here, service=_name(deps, here, case)) for case in drafts[:3]]
    lines += [deps.say("privacy.erase.goes.proof", here)] if all_of.citizen_id is not None else []
    lines += [] if sort_out(all_of.cases).running else [deps.say("privacy.erase.goes.address", here)]
    return "\n".join(f"• {line}" for line in lines)


def stays(deps: Deps, here: Conversation, cases: Sorted) -> str:
    """What stays, and why, a line each."""
    lines = [
        deps.say("privacy.erase.stays.case", here, service=_name(deps, here, case), reference=case.reference or "")
        for case in cases.stays[:5]
    ]
    lines += [deps.say("privacy.erase.stays.address", here)] if cases.running else []
    lines.append(deps.say("privacy.erase.stays.trail", here))
    return "\n".join(f"• {line}" for line in lines)


def _name(deps: Deps, here: Conversation, case: Case) -> str:
    return deps.service_name(case.service, here.language)


def erased(deps: Deps, here: Conversation, cases: Sorted) -> Reply:
    """It is done."""
    last = deps.say(f"privacy.erase.last.{'case' if cases.running else 'day'}", here)
    return Reply(deps.say("privacy.erase.done", here, last=last, stays=stays(deps, here, cases)), Said.NOTICE)


async def nothing(turn: Turn) -> Effect:
    """ "Tidak jadi": the question of before no longer waits for a yes."""
    await turn.tx.drop_asked(turn.conversation.id)
    return Effect([plain(turn.deps, turn.conversation, "privacy.kept", Said.NOTICE)])


# -- withdrawing ----------------------------------------------------------------------------------------------------------


async def ask_withdraw(turn: Turn) -> Effect:
    """ "Really?", with what it ends."""
    deps, here, tx = turn.deps, turn.conversation, turn.tx
    all_of = await core.whose(deps, tx, here)
    if not all_of.proven:
        return Effect([_unproven(turn)])
    if not any(one.withdrawn_at is None for one in await tx.consents_of(all_of.ids)):
        return Effect([plain(deps, here, "privacy.withdraw.none", Said.NOTICE)])
    await core.question(deps, tx, here, Kind.WITHDRAW)
    text = deps.say("privacy.withdraw.ask", here)
    return Effect([Reply(text, Said.IDENTITY, (_button(deps, here, WITHDRAW_YES), _button(deps, here, NOTHING)))])


async def withdraw(turn: Turn) -> Effect:
    """The button was pressed."""
    deps, here, tx = turn.deps, turn.conversation, turn.tx
    all_of = await core.whose(deps, tx, here)
    if not all_of.proven or not await _fresh(turn, Kind.WITHDRAW):
        return await _again(turn, all_of, Kind.WITHDRAW)
    _, cases = await core.withdraw(deps, tx, all_of, core.CITIZEN)
    return Effect([withdrawn(deps, here, cases)])


def withdrawn(deps: Deps, here: Conversation, cases: Sorted) -> Reply:
    """It is done."""
    return plain(deps, here, "privacy.withdraw.stays" if cases.stays else "privacy.withdraw.done", Said.NOTICE)


# -- what a person decides ------------------------------------------------------------------------------------------------


async def object_(turn: Turn) -> Effect:
    """An objection goes to the data officer."""
    return await _by_a_person(turn, Kind.OBJECT)


async def child(turn: Turn) -> Effect:
    """A guardian asks for a child: who it is and whose is for a person to see."""
    return await _by_a_person(turn, Kind.CHILD)


async def by_person(turn: Turn) -> Effect:
    """Who cannot prove their identity here asks the data officer to erase."""
    return await _by_a_person(turn, Kind.ERASE)


async def _by_a_person(turn: Turn, kind: Kind) -> Effect:
    deps, here = turn.deps, turn.conversation
    request = await core.ask_a_person(deps, turn.tx, here, kind)
    assert request.state is State.OPEN
    return Effect([plain(deps, here, f"privacy.asked.{kind.value}", Said.NOTICE, number=request.number)])


HANDLERS: Mapping[str, Callable[[Turn], Awaitable[Effect]]] = {
    "privacy_see": see,
    "privacy_export": export,
    "privacy_erase_ask": ask_erase,
    "privacy_erase": erase,
    "privacy_withdraw_ask": ask_withdraw,
    "privacy_withdraw": withdraw,
    "privacy_object": object_,
    "privacy_child": child,
    "privacy_by_person": by_person,
    "privacy_nothing": nothing,
}
"""By plan."""
