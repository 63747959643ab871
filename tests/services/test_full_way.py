"""Each service the whole way: chat, use cases, PostgreSQL, errand, HTTP, the agency. What the agency holds is what the
citizen wrote, nothing else.

The eight population services go every variant; each licence goes one, so that together they go all (the bare engine takes
every licence through every variant in test_every_variant.py).
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.catalogue import Ending
from tests.services.answers import explained, leaves, place
from tests.services.applicant import NIK, catalogue, service_of
from tests.services.chat import Chat
from tests.services.conftest import Office

LICENCES = [s for s in catalogue().services.values() if s.slug.startswith("sip-")]
WAYS = [(s.slug, v.id) for s in catalogue().services.values() if s not in LICENCES for v in s.variants]
WAYS += [(s.slug, s.variants[n % len(s.variants)].id) for n, s in enumerate(LICENCES)]


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
