"""Whole intents: a new one, another name, two that become one, one that goes. All that refers to it follows, in one commit."""

from __future__ import annotations

from bot.usecases.studio import Editor
from bot.usecases.studio_nlu import Done
from bot.usecases.studio_nlu_base import Workshop, refuse_owned
from bot.usecases.studio_nlu_files import Refused, Working, new_name, own
from bot.usecases.studio_nlu_new import NewIntent, put
from bot.usecases.studio_nlu_refs import dropped, references, renamed


async def create(shop: Workshop, who: Editor, new: NewIntent) -> Done:
    """A new intent with its examples, a rule and an answer.

    :raises Refused: something of it is not possible.
    """

    def edit(working: Working) -> str:
        refuse_owned(working, new.name, [text.strip() for text in new.examples])
        put(working, new)
        return f"Maksud baru: {new.name}"

    return Done(await shop.edit(who, edit, whole=True), len(new.examples))


async def rename(shop: Workshop, who: Editor, name: str, new: str) -> Done:
    """Another name, for it and for all that refers to it.

    :raises Refused: the program relies on the old one, or the new one is not possible.
    """
    own(name)

    def edit(working: Working) -> str:
        working.now.spots(name)
        sentences = references(working.others, new)
        new_name(new, [*working.now.names(), *(new for one in sentences if one.kind in ("sentence", "domain"))])
        working.rename(name, new)
        working.others |= renamed(working.others, name, new)
        return f"Maksud {name} menjadi {new}"

    return Done(await shop.edit(who, edit, whole=True), 1)


async def merge(shop: Workshop, who: Editor, name: str, into: str) -> Done:
    """All examples to another intent, which takes over what refers to this one.

    :raises Refused: the program relies on it.
    """
    own(name)
    count = 0

    def edit(working: Working) -> str:
        nonlocal count
        working.now.spots(into)
        if name == into:
            raise Refused("same", name=name)
        _refuse_form(working, name)
        texts = working.now.examples(name)
        working.drop(name)
        count = working.add(into, texts)
        working.others |= dropped(working.others, name, into)
        return f"Maksud {name} digabung ke {into}"

    return Done(await shop.edit(who, edit, whole=True), count)


async def delete(shop: Workshop, who: Editor, name: str) -> Done:
    """The intent with its examples, rules, answer and evaluation messages.

    :raises Refused: the program relies on it, or something names it that cannot simply go.
    """
    own(name)

    def edit(working: Working) -> str:
        working.now.spots(name)
        working.drop(name)
        working.others |= dropped(working.others, name)
        return f"Maksud {name} dihapus"

    return Done(await shop.edit(who, edit, whole=True), 1)


def _refuse_form(working: Working, name: str) -> None:
    if any(not spot.section.indent for spot in working.now.spots(name)):
        raise Refused("form", name=name)
