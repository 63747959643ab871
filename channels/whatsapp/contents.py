"""Buttons as Twilio keeps them: content templates.

A quick reply (up to 3 choices) or a list (up to 10) is a template with places for text, titles and ids, made once per (kind,
number of choices, pieces of text) and used for every such message inside the 24 hours, where no approval is needed. A place
takes 255 characters (twilio.com/docs/content/using-variables-with-content-api), so a longer text is spread over several:
``{{t1}}{{t2}}``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList

from bot.domain.messages import Button
from channels.whatsapp.errors import NoAnswer, NotSent, translate
from channels.whatsapp.words import clean, length, one_line

QUICK_REPLIES, QUICK_TITLE = 3, 20
LIST_ITEMS, LIST_TITLE = 10, 24
MOST_TEXT = 1024
"""Characters above choices (twilio.com/docs/content/twilio-quick-reply, …/twiliolist-picker)."""
MOST_ID = 200
PIECE = 255
"""Characters that one place takes."""
REFRESH_S = 60.0
"""How often at most the templates are listed anew because one is missing."""

NAME = "loket"
_OPEN = "Pilih / Choose"
"""What the button says that opens a list; a message does not tell its language."""


@dataclass(frozen=True)
class Choices:
    """A template with choices: what it is made from, and its name at Twilio."""

    kind: str
    """``quick`` or ``list``."""
    count: int
    pieces: int

    @property
    def name(self) -> str:
        """Unique; the last figure changes with the shape."""
        return f"{NAME}-{self.kind}-{self.count}-{self.pieces}-1"

    def request(self) -> ContentList.ContentCreateRequest:
        """The template as the library wants it."""
        text = "".join(f"{{{{t{n}}}}}" for n in range(1, self.pieces + 1))
        numbers = range(1, self.count + 1)
        if self.kind == "quick":
            actions = [{"type": "QUICK_REPLY", "title": f"{{{{b{n}}}}}", "id": f"{{{{i{n}}}}}"} for n in numbers]
            types: dict[str, object] = {"twilio/quick-reply": {"body": text, "actions": actions}}
        else:
            items = [{"item": f"{{{{b{n}}}}}", "id": f"{{{{i{n}}}}}"} for n in numbers]
            types = {"twilio/list-picker": {"body": text, "button": "{{o}}", "items": items}}
        samples = {f"t{n}": "Teks" for n in range(1, self.pieces + 1)}
        samples |= {f"b{n}": f"Pilihan {n}" for n in numbers} | {f"i{n}": f"pilihan-{n}" for n in numbers}
        if self.kind == "list":
            samples["o"] = _OPEN
        return ContentList.ContentCreateRequest(
            {
                "friendly_name": self.name,
                "language": "id",
                "variables": samples,
                "types": types,
            }
        )


def choices(text: str, buttons: Sequence[Button]) -> tuple[Choices, dict[str, str]] | None:
    """The template and its values for a text with buttons; None: it does not fit and goes as numbered text."""
    titles = [one_line(button.title) for button in buttons]
    body = clean(text)
    wrong = (
        not body
        or length(body) > MOST_TEXT
        or not 1 <= len(buttons) <= LIST_ITEMS
        or any(not title or length(title) > LIST_TITLE for title in titles)
        or any(not button.payload or len(button.payload) > MOST_ID for button in buttons)
        # WhatsApp refuses two choices that look or are the same.
        or len(set(titles)) < len(titles)
        or len({button.payload for button in buttons}) < len(buttons)
    )
    if wrong:
        return None
    quick = len(buttons) <= QUICK_REPLIES and all(length(title) <= QUICK_TITLE for title in titles)
    pieces = split(body)
    values = {f"t{n}": piece for n, piece in enumerate(pieces, start=1)}
    values |= {f"b{n}": title for n, title in enumerate(titles, start=1)}
    values |= {f"i{n}": button.payload for n, button in enumerate(buttons, start=1)}
    if not quick:
        values["o"] = _OPEN
    return Choices("quick" if quick else "list", len(buttons), len(pieces)), values


def split(text: str, most: int = PIECE) -> list[str]:
    """The text in pieces of at most ``most`` UTF-16 units, cut inside words: no piece begins or ends with a space."""
    pieces: list[str] = []
    while length(text) > most:
        end = most
        while length(text[:end]) > most:
            end -= 1
        cut = end
        while cut > end // 2 and (text[cut - 1].isspace() or text[cut].isspace()):
            cut -= 1
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


class Contents:
    """The account's templates by name. Asked for once, then again when one is missing."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sids: dict[str, str] | None = None
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, name: str) -> str | None:
        """The SID of the template of that name.

        :raises ChannelError: it cannot be asked.
        """
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._sids is None or (name not in self._sids and now - self._asked_at > REFRESH_S):
                self._sids, self._asked_at = await self._list(), now
            return self._sids.get(name)

    async def make(self, request: ContentList.ContentCreateRequest) -> str:
        """The SID of a template, made unless one of that name is there.

        :raises ChannelError: it was not made.
        """
        name = str(request.friendly_name)
        found = await self.find(name)
        if found is not None:
            return found
        async with self._lock:
            try:
                made = await self._client.content.v1.contents.create_async(content_create_request=request)
            except (TwilioException, NotSent, NoAnswer) as error:
                raise translate(error) from error
            if not made.sid:
                raise translate(ValueError("no SID"))
            assert self._sids is not None
            return self._sids.setdefault(name, made.sid)

    def forget(self, name: str) -> None:
        """A template that Twilio does not know (any more) is looked for anew."""
        if self._sids is not None:
            self._sids.pop(name, None)
        self._asked_at = float("-inf")

    async def _list(self) -> dict[str, str]:
        try:
            all_of_them = await self._client.content.v1.contents.list_async(page_size=500, limit=5000)
        except (TwilioException, NotSent, NoAnswer) as error:
            raise translate(error) from error
        found: dict[str, str] = {}
        for content in sorted(all_of_them, key=lambda content: str(content.date_created or "")):
            if content.friendly_name and content.sid and content.friendly_name.startswith(NAME):
                found.setdefault(content.friendly_name, content.sid)
        return found
