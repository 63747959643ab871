"""Closures and notices of an office in what the bot says."""

from __future__ import annotations

from bot.domain.conversation import Conversation
from bot.domain.office_news import news
from bot.usecases.deps import Deps


def with_news(deps: Deps, conversation: Conversation, text: str, *, closing: bool = False) -> str:
    """The text, and after it what holds at the office now; ``closing``: also the days on which it is closed."""
    office = deps.locus(conversation)
    here = deps.now().astimezone(deps.zone(conversation))
    said = news(office.closures, office.notices, here, conversation.language, deps.texts, closing=closing)
    return "\n\n".join([text, *said])
