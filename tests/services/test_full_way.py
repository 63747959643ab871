"""Each service the whole way: chat, use cases, PostgreSQL, errand, HTTP, the agency. What the agency holds is what the
citizen wrote, nothing else.

The eight population services go every variant; each licence goes one, so that together they go all (the bare engine takes
every licence through every variant in test_every_variant.py).
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.catalogue import Ending, Service
from bot.domain.form_turn import CONFIRM, REVIEW_PATH, VARIANT_PATH
from tests.services.answers import Answer, Pen, explained, leaves, place
from tests.services.applicant import BORN, MOST_STEPS, NIK, TODAY, catalogue, service_of
from tests.services.conftest import Office, picture

LICENCES = [s for s in catalogue().services.values() if s.slug.startswith("sip-")]
WAYS = [(s.slug, v.id) for s in catalogue().services.values() if s not in LICENCES for v in s.variants]
WAYS += [(s.slug, s.variants[n % len(s.variants)].id) for n, s in enumerate(LICENCES)]
MOST_SHOWN = 1024
"""What WhatsApp shows of a message with buttons."""


class Chat:
    """One citizen in one chat."""

    def __init__(self, office: Office, service: Service, variant: str) -> None:
        self.office, self.service, self.variant = office, service, variant
        self.pen = Pen(service, TODAY, NIK, BORN)
        self.answers: dict[str, Answer] = {}
        self.papers: dict[str, bytes] = {}
        self.confirmed: list[str] = []
        self.last: list[Any] = []

    async def run(self) -> None:
        """From the first button to the end of the form."""
        self.who = await self.office.world.session()
        button = f"niat:start_application:{self.service.slug}"
        self.last = [*await self.office.world.say(self.who, payload=button)]
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
            elif path.endswith("selfie"):
                self.last = [*await world.send(self.who, "selfie", b"match")]
            else:
                self.papers[path] = picture(len(self.papers) + 1)
                self.last = [*await world.send(self.who, "document", self.papers[path])]

    def named_variant(self) -> str:
        """By number, name or a word people use."""
        number = [v.id for v in self.service.variants].index(self.variant)
        variant = self.service.variants[number]
        ways = (str(number + 1), variant.name["id"].lower(), variant.synonyms[0])
        return ways[len(self.service.slug + self.variant) % 3]

    async def say(self, text: str) -> None:
        """Typed."""
        self.last = [*await self.office.world.say(self.who, text)]
        assert self.last and self.last[-1]["meta"]["kind"] != "error", f"'{text}': {self.last}"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("slug", "variant"), WAYS, ids=[f"{s}-{v}" for s, v in WAYS])
async def test_what_the_agency_holds_is_what_the_citizen_wrote(office: Office, slug: str, variant: str) -> None:
    service = service_of(slug)
    ends = service.variant(variant).ends
    chat = Chat(office, service, variant)
    await chat.run()
    closing = chat.last[-1]
    assert not (await office.conversation(chat.who)).form_active
    if ends is Ending.REFERRAL:
        assert closing["buttons"] and "application" not in closing["meta"] and await office.errands() == []
        return
    number = closing["meta"]["application"]
    assert closing["meta"]["kind"] == "receipt" and str(number) in str(closing["text"])
    assert ("paling lambat" in str(closing["text"])) is (ends is Ending.SUBMISSION)
    assert await office.errands() == ["done"], (slug, variant)
    (case,) = office.handed_in(service.agency, number)
    assert (case.reference, case.service, case.variant) == (number, slug, variant)
    assert case.files == chat.papers
    check(chat, leaves(case.data), await office.known(NIK))


def check(chat: Chat, held: dict[str, Any], known: dict[str, Any]) -> None:
    """Nothing missing, nothing changed, nothing extra."""
    answered = {}
    for path, answer in chat.answers.items():
        section, field, _ = place(chat.service, path)
        if not section.internal and field is not None and answer.typed is not None and not answer.skipped:
            answered[path] = answer.value
    assert {path: held.get(path) for path in answered} == answered
    given = {p: a.value for p, a in chat.answers.items() if not a.skipped}
    extra = {p: v for p, v in held.items() if p not in answered}
    strangers = {p: v for p, v in extra.items() if not explained(chat.service, p, v, {**held, **given}, known)}
    assert not strangers


def test_together_the_licences_go_every_variant() -> None:
    gone = {v for slug, v in WAYS if slug.startswith("sip-")}
    assert gone == {v.id for s in LICENCES for v in s.variants}


def test_the_number_of_ways_covers_each_service() -> None:
    assert {slug for slug, _ in WAYS} == set(catalogue().services)
