"""What Loket knows about services and offices, and what it says when asked. Filled from ``data/services`` and
``data/loci``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.form_model import Form
from bot.domain.texts import Say, Words, fill, word


class Topic(StrEnum):
    """What can be asked about a service."""

    REQUIREMENTS = "requirements"
    COST = "cost"
    DURATION = "duration"
    PROCEDURE = "procedure"


class Ending(StrEnum):
    """How a variant ends: handed in through Loket, a visit that is booked, or somebody else's matter."""

    SUBMISSION = "submission"
    BOOKING = "booking"
    REFERRAL = "referral"


@dataclass(frozen=True)
class Fact:
    """A statement with its origin. What is not ``sure`` is spoken as not yet confirmed."""

    text: Words
    source: str
    sure: bool


@dataclass(frozen=True)
class Requirement:
    """A paper to bring or upload; ``otherwise`` is what counts instead of it."""

    fact: Fact
    otherwise: Words | None = None


@dataclass(frozen=True)
class Duration:
    """``working_days`` gives the promised date."""

    fact: Fact
    working_days: int


@dataclass(frozen=True)
class Variant:
    """One way of needing the service."""

    id: str
    name: Words
    requirements: tuple[Requirement, ...]
    ends: Ending = Ending.SUBMISSION
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Referral:
    """A neighbouring wish that belongs to somebody else."""

    wish: Words
    also_called: tuple[str, ...]
    owner: Words
    fact: Fact


@dataclass(frozen=True)
class Service:
    """One file of ``data/services``."""

    slug: str
    name: Words
    also_called: tuple[str, ...]
    agency: str
    office: Words
    summary: Fact
    variants: tuple[Variant, ...]
    fee: Fact
    duration: Duration
    procedure: tuple[Fact, ...]
    legal_basis: tuple[Fact, ...]
    result: tuple[Fact, ...]
    in_person: Fact
    facts: tuple[Fact, ...]
    referrals: tuple[Referral, ...]
    form: Form | None
    free: bool = True
    revision: str = ""
    """Hash of the file and its base parts, for receipts."""

    def variant(self, id: str | None) -> Variant:
        """The variant with that id, else the first."""
        return next((v for v in self.variants if v.id == id), self.variants[0])


@dataclass(frozen=True)
class Locus:
    """One public service mall (``data/loci``). A fact that is None is not known and said to be so."""

    code: str
    name: Words
    time_zone: str
    services: tuple[str, ...]
    agencies: Mapping[str, str]
    """Agency id of the catalogue -> integration id."""
    hours: Fact | None = None
    address: Fact | None = None
    complaints: Fact | None = None
    facts: tuple[Fact, ...] = ()
    referrals: tuple[Referral, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Everything at one revision of the content."""

    services: Mapping[str, Service]
    loci: Mapping[str, Locus]
    revision: str = ""
    also_called: Mapping[str, str] = field(default_factory=dict)
    """Lower-case name -> slug."""

    def service(self, slug: str) -> Service | None:
        """The service with that slug, or None when its file is not there yet."""
        return self.services.get(slug)


def answer(service: Service, topic: str, language: str, texts: Say, variant: str | None = None) -> str:
    """What is said to a question about a service.

    :raises ValueError: no such topic.
    """
    return _ANSWERS[Topic(topic)](service, language, texts, variant)


def spoken(fact: Fact, language: str, texts: Say) -> str:
    """The fact as a sentence; an unsure one says that it is."""
    text = word(fact.text, language).strip()
    return text if fact.sure else f"{text} {texts.say('answer.unsure', language)}"


def _requirements(service: Service, language: str, texts: Say, variant: str | None) -> str:
    wanted = [service.variant(variant)] if variant else list(service.variants)
    blocks = [texts.say("answer.requirements", language, service=word(service.name, language))]
    for one in wanted:
        lines = [_line(n, r, language, texts) for n, r in enumerate(one.requirements, 1)]
        heading = [word(one.name, language) + ":"] if len(wanted) > 1 else []
        blocks.append("\n".join(heading + lines))
    if any(not r.fact.sure for v in wanted for r in v.requirements):
        blocks.append(texts.say("answer.unsure_marked", language, office=word(service.office, language)))
    blocks.append(spoken(service.in_person, language, texts))
    if service.form is not None:
        blocks.append(texts.say("answer.offer", language, service=word(service.name, language)))
    return "\n\n".join(blocks)


def _line(number: int, requirement: Requirement, language: str, texts: Say) -> str:
    text = f"{number}. {word(requirement.fact.text, language).strip()}"
    if requirement.otherwise is not None:
        text += " " + texts.say("answer.otherwise", language, instead=word(requirement.otherwise, language))
    return text if requirement.fact.sure else f"{text} {texts.say('answer.mark', language)}"


def _cost(service: Service, language: str, texts: Say, variant: str | None) -> str:
    blocks = [spoken(service.fee, language, texts)]
    # Asking money for a free service is what people complain about most (domain.md 6): said with every answer on cost.
    blocks.append(texts.say("answer.report_extortion" if service.free else "answer.report_overcharge", language))
    return "\n\n".join(blocks)


def _duration(service: Service, language: str, texts: Say, variant: str | None) -> str:
    return "\n\n".join([spoken(service.duration.fact, language, texts), texts.say("answer.promise_follows", language)])


def _procedure(service: Service, language: str, texts: Say, variant: str | None) -> str:
    steps = [f"{n}. {spoken(step, language, texts)}" for n, step in enumerate(service.procedure, 1)]
    blocks = [texts.say("answer.procedure", language, service=word(service.name, language)), "\n".join(steps)]
    if service.form is not None:
        blocks.append(texts.say("answer.offer", language, service=word(service.name, language)))
    return fill("\n\n".join(blocks))


_ANSWERS = {
    Topic.REQUIREMENTS: _requirements,
    Topic.COST: _cost,
    Topic.DURATION: _duration,
    Topic.PROCEDURE: _procedure,
}
