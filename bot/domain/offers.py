"""What the last reply offered, so that "2", "ya" or a button's own words do what pressing the button would.

Buttons are not everywhere: an old phone, a screen reader, a channel that shows at most three.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain.messages import Kind, Reply

_YES = frozenset(
    "ya iya iyo y yes ok oke boleh mau lanjut gas gass gaskeun siap setuju betul benar nggih inggih njih iyes sip yoi yup"
    " yuk ayo sure please purun kersa monggo".split()
)
_FILLER = frozenset(
    "kak min pak bu mas mbak mba kang bos dong deh aja saja bae mawon wis sudah please nggih ya".split()
)
_NUMBER = re.compile(
    r"\s*(?:no(?:mor|mer)?\.?|pilih(?:an)?|opsi|yang|angka)?\s*(\d{1,2})\s*[.)]?\s*(?:ya|aja|saja|bae|kak|min|pak|bu)?\s*"
)
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
    if number and 1 <= int(number[1]) <= len(buttons):
        return str(buttons[int(number[1]) - 1][1])
    words = _WORDS.findall(text.casefold())
    for title, payload in buttons:
        if words and words == _WORDS.findall(title.casefold()):
            return str(payload)
    if memory.get("yes") and _agrees(words):
        return str(memory["yes"])
    return None


def _agrees(words: list[str]) -> bool:
    return 0 < len(words) <= 4 and words[0] in _YES and all(w in _YES or w in _FILLER for w in words)
