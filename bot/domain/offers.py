"""What the last reply offered, so that "2", "ya" or a button's own words do what pressing the button would.

Buttons are not everywhere: an old phone, a screen reader, a channel that shows at most three.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain.fields.clean import near
from bot.domain.messages import Kind, Reply

_YES = frozenset(
    "ya iya iyo y yes ok oke boleh mau lanjut gas gass gaskeun siap setuju betul benar nggih inggih njih iyes sip yoi yup"
    " yuk ayo sure please purun kersa monggo".split()
)
_FILLER = frozenset(
    "kak min pak bu mas mbak mba kang bos dong deh aja saja bae mawon wis sudah please nggih ya".split()
)
_AFTER = _FILLER | frozenset(
    "min lah sih kok kayaknya mungkin kali gan mba lur rek bosku bro om tante bu bunda ndan yah".split()
)
"""Said after a choice without changing it."""
_NUMBER = re.compile(
    r"\s*(?:no(?:mor|mer)?\.?|pilih(?:an)?|opsi|yang|angka)?\s*(\d{1,2})\s*[.)]?((?:[\s,]*[^\W\d_]+)*)[\s.!]*"
)
_VERY = frozenset("banget bgt bngt bgtt sekali skali nemen temen pisan sanget buanget".split())
_NOT = frozenset("ga gak gk g ngga nggak enggak gag tdk ndak ora mboten boten".split())
_SLIP = 6
"""Letters of a choice in which one typing error is forgiven."""
_WORDS = re.compile(r"[^\W_]+")


def remember(
    replies: Iterable[Reply], before: Mapping[str, Any] | None = None, topic: str | None = None
) -> dict[str, Any]:
    """The memory after these replies: the last buttons shown, whether "yes" takes the first, the wish that lacks its
    service. Only the variant last spoken of (``[service, id]``) lasts longer: from the memory ``before``, as long as the
    ``topic`` is its service.
    """
    memory: dict[str, Any] = {}
    variant = (before or {}).get("variant")
    variant = variant if variant and variant[0] == topic else None
    for reply in replies:
        if reply.buttons:
            memory = {"buttons": [[button.title, button.payload] for button in reply.buttons]}
            if reply.meta.get("offer") or (len(reply.buttons) == 1 and reply.kind is not Kind.STATUS):
                memory["yes"] = reply.buttons[0].payload
        if reply.meta.get("wish"):
            memory["wish"] = reply.meta["wish"]
        if "variant" in reply.meta:
            variant = [reply.meta["service"], reply.meta["variant"]] if reply.meta["variant"] else None
    return memory | ({"variant": variant} if variant else {})


def chosen(text: str, memory: dict[str, Any]) -> str | None:
    """The payload that a typed text stands for, or None."""
    buttons = memory.get("buttons") or []
    number = _NUMBER.fullmatch(text.casefold().replace("️⃣", ""))
    if number and 1 <= int(number[1]) <= len(buttons) and set(_WORDS.findall(number[2])) <= _AFTER:
        return str(buttons[int(number[1]) - 1][1])
    words = _WORDS.findall(text.casefold())
    if words and (named := _named(words, buttons)) is not None:
        return named
    if memory.get("yes") and _agrees(words):
        return str(memory["yes"])
    return None


def _named(words: list[str], buttons: list[list[str]]) -> str | None:
    """The button whose words these are: as they stand, else as people write them ("ga cepat", "ramah bgt", one slip)."""
    titles = [(_WORDS.findall(title.casefold()), str(payload)) for title, payload in buttons]
    for title, payload in titles:
        if words == title:
            return payload
    phrase = " ".join(_plain(words))
    written = [(" ".join(_plain(title)), payload) for title, payload in titles]
    found = {payload for title, payload in written if phrase == title}
    if not found and len(phrase) >= _SLIP:
        found = {payload for title, payload in written if near(phrase, title)}
    return found.pop() if len(found) == 1 else None


def _plain(words: list[str]) -> list[str]:
    """Without what is only said along, "not" and "very" in one spelling and place."""
    while len(words) > 1 and words[-1] in _AFTER:
        words = words[:-1]
    if len(words) > 1 and words[-1] in _VERY:
        words = ["sangat", *words[:-1]]
    return ["tidak", *words[1:]] if words and words[0] in _NOT else words


def _agrees(words: list[str]) -> bool:
    return 0 < len(words) <= 4 and words[0] in _YES and all(w in _YES or w in _FILLER for w in words)
