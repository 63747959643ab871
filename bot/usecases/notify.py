"""News that answers nothing: where it goes, that it goes once, and the wish to get none.

It goes to the channel that the person used last and that rings (design 3.6); a web thread nobody may be looking at comes
after. The sender (:mod:`bot.domain.delivery`) finds another way where this one fails.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.contact import CHANNEL
from bot.domain.conversation import Conversation
from bot.domain.messages import Kind, Reply, Standing
from bot.usecases.deps import Deps
from bot.usecases.replies import plain
from bot.usecases.store import Tx
from bot.usecases.turn import Effect, Turn

Words = Callable[[Conversation], Awaitable[Sequence[Reply]]]
"""The news in a conversation's language."""


@dataclass(frozen=True)
class Announcement:
    """The approved template that may stand in for news (:mod:`bot.domain.templates`). ``more``: the news says more than it."""

    serves: str
    values: Mapping[str, str]
    more: bool = False

    def on(self, reply: Reply) -> Reply:
        """The reply that carries it, for the sender."""
        about = {"serves": self.serves, "values": dict(self.values), "more": self.more}
        return replace(reply, meta={**reply.meta, "template": about})


async def notify(
    tx: Tx,
    home: Conversation,
    words: Words,
    now: datetime,
    key: str,
    announcement: Callable[[Conversation], Announcement] | None = None,
) -> None:
    """Tell the person something about a case of the conversation ``home``; the same ``key`` again says nothing.

    A case that belongs to a web thread has the news there, too, for whoever opens it.
    """
    target = await preferred(tx, home)
    if target.id != home.id and tx.fetched(home.account):
        await tx.say(home.id, await words(home), now, key=key, notice=True)
    replies = list(await words(target))
    if announcement is not None and replies and not tx.fetched(target.account):
        replies[0] = announcement(target).on(replies[0])
    await tx.say(target.id, replies, now, key=key, notice=True)


async def ring(tx: Tx, home: Conversation, words: Words, now: datetime, key: str) -> None:
    """A word on the channel that rings about what stands in the web thread ``home``, where nobody may be looking."""
    target = await preferred(tx, home)
    if target.id != home.id and tx.fetched(home.account):
        await tx.say(target.id, await words(target), now, key=key, notice=True)


async def preferred(tx: Tx, home: Conversation) -> Conversation:
    """Where news of ``home`` goes: the channel that rings which the same person chose (the form ``profil``), else the one used last,
    else ``home`` itself.
    """
    if home.person_id is None:
        return home
    ringing = [
        one
        for one in await tx.conversations_of(home.person_id)
        if one.standing is Standing.OPEN and not tx.fetched(one.account) and one.last_inbound_at is not None
    ]
    if len(ringing) > 1 and home.citizen_id is not None:
        chosen = (await tx.contacts(home.citizen_id)).get(CHANNEL)
        if chosen is not None:
            ringing.sort(key=lambda one: one.account.partition(":")[0] != chosen.value)
    return ringing[0] if ringing else home


# -- the wish to get none -----------------------------------------------------------------------------------------------


async def stop_wish(turn: Turn) -> Effect:
    """ "Jangan kirim notifikasi lagi": silence in every conversation of the person, confirmed once."""
    await _stand(turn, Standing.STOPPED)
    return Effect([plain(turn.deps, turn.conversation, "say.stop_notifications", Kind.NOTICE)])


async def start_wish(turn: Turn) -> Effect:
    """ "Mulai notifikasi": news again, in every conversation of the person."""
    await _stand(turn, Standing.OPEN)
    return Effect([plain(turn.deps, turn.conversation, "say.start_notifications", Kind.NOTICE)])


async def _stand(turn: Turn, standing: Standing) -> None:
    here, tx, now = turn.conversation, turn.tx, turn.deps.now()
    others = [] if here.person_id is None else await tx.conversations_of(here.person_id)
    for one in others:
        if one.id != here.id and one.standing is not Standing.BLOCKED:
            await tx.set_standing(one.id, standing, now)
    here.standing = standing


def about_case(
    deps: Deps, serves: str, service: str, reference: str | None, **more: str
) -> Callable[[Conversation], Announcement]:
    """The template of news about a case, in the reader's language."""

    def announced(reader: Conversation) -> Announcement:
        values = {"service": deps.service_name(service, reader.language), "reference": reference or "-"}
        return Announcement(serves, values | more)

    return announced
