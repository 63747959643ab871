"""One citizen who writes to the whole Loket, from the first button to the end of the form."""

from __future__ import annotations

from typing import Any

from bot.domain.catalogue import Service
from bot.domain.form_turn import CONFIRM, REVIEW_PATH, VARIANT_PATH
from tests.services.answers import Answer, Pen
from tests.services.applicant import BORN, MOST_STEPS, NIK, TODAY
from tests.services.conftest import Office, picture

MOST_SHOWN = 1024
"""What WhatsApp shows of a message with buttons."""


class Chat:
    """One citizen in one chat."""

    def __init__(self, office: Office, service: Service, variant: str, language: str = "id") -> None:
        self.office, self.service, self.variant, self.language = office, service, variant, language
        self.pen = Pen(service, TODAY, NIK, BORN)
        self.answers: dict[str, Answer] = {}
        self.papers: dict[str, bytes] = {}
        self.confirmed: list[str] = []
        self.last: list[Any] = []
        self.read: list[Any] = []
        """Every message so far."""

    async def start(self) -> None:
        """The first button."""
        self.who = await self.office.world.session(self.language)
        self._hear(await self.office.world.say(self.who, payload=f"niat:start_application:{self.service.slug}"))

    async def run(self) -> None:
        """From the first button to the end of the form."""
        await self.start()
        for _ in range(MOST_STEPS):
            path = self.last[-1]["meta"].get("field")
            if path is None:
                return
            await self.step(str(path))
        raise AssertionError(f"{self.service.slug}/{self.variant} asks for ever")

    async def step(self, path: str) -> None:
        """One question answered."""
        world = self.office.world
        if path == VARIANT_PATH:
            await self.say(self.named_variant())
        elif path == REVIEW_PATH:
            assert all(len(m["text"]) <= MOST_SHOWN for m in self.last if m["meta"]["kind"] == "review")
            await self.say("kirim")
        elif path.endswith("." + CONFIRM):
            self.confirmed.append(path[: -len(CONFIRM) - 1])
            await self.say("ya")
        else:
            assert path not in self.answers, f"{path} is asked again: {self.last}"
            answer = self.answers[path] = self.pen.answer(path)
            if answer.typed is not None:
                await self.say(answer.typed)
            elif "challenge" in self.last[-1]["meta"]:
                self._hear(await world.send(self.who, "selfie", world.posed(self.last)))
            elif path.endswith("selfie"):
                self._hear(await world.send(self.who, "selfie", world.fresh(b"match")))
            else:
                self.papers[path] = picture(len(self.papers) + 1)
                self._hear(await world.send(self.who, "document", self.papers[path]))

    def named_variant(self) -> str:
        """By number, name or a word people use."""
        number = [v.id for v in self.service.variants].index(self.variant)
        variant = self.service.variants[number]
        ways = (str(number + 1), variant.name["id"].lower(), variant.synonyms[0])
        return ways[len(self.service.slug + self.variant) % 3]

    async def say(self, text: str) -> None:
        """Typed."""
        self._hear(await self.office.world.say(self.who, text))
        assert self.last and self.last[-1]["meta"]["kind"] != "error", f"'{text}': {self.last}"

    def _hear(self, messages: list[Any]) -> None:
        self.last = [*messages]
        self.read += messages
