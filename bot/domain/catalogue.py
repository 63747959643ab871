"""What Loket knows about services and offices, and what it says when asked. From ``data/services`` and ``data/loci``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.domain.escalation import Escalation
from bot.domain.form_model import Form
from bot.domain.hours import Week
from bot.domain.neighbours import Neighbour
from bot.domain.office_news import Closure, Notice
from bot.domain.regions import Regions
from bot.domain.texts import Say, Words, word


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
    bring: bool = True
    """False for what nobody carries: a condition, a form that is filled in elsewhere."""


@dataclass(frozen=True)
class Duration:
    """``working_days`` gives the promised date."""

    fact: Fact
    working_days: int


@dataclass(frozen=True)
class Refer:
    """Whose matter a variant is that Loket cannot take on."""

    owner: Words
    fact: Fact


@dataclass(frozen=True)
class Variant:
    """One way of needing the service. What is None is as the service has it."""

    id: str
    name: Words
    requirements: tuple[Requirement, ...]
    ends: Ending = Ending.SUBMISSION
    synonyms: tuple[str, ...] = ()
    in_person: Fact | None = None
    fee: Fact | None = None
    duration: Duration | None = None
    procedure: tuple[Fact, ...] | None = None
    result: tuple[Fact, ...] | None = None
    facts: tuple[Fact, ...] = ()
    """Besides the service's own."""
    refer: Refer | None = None
    """Given for a referral, and only then."""


@dataclass(frozen=True)
class Referral:
    """A neighbouring wish that belongs to somebody else."""

    wish: Words
    also_called: tuple[str, ...]
    owner: Words
    fact: Fact
    id: str = ""
    """Topic under which the understanding knows it, e.g. ``sim``."""


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
    regions: Regions | None = field(default=None, repr=False, compare=False)
    """Districts and villages of the locus."""
    opening: Words | None = None
    """Said when an application begins, in place of the usual words (condolence, joy)."""
    which_variant: Words | None = None
    """Question that asks which variant is meant, in place of the usual one."""

    def variant(self, id: str | None) -> Variant:
        """The variant with that id, else the first."""
        return next((v for v in self.variants if v.id == id), self.variants[0])


@dataclass(frozen=True)
class Team:
    """People of an office who answer one kind of matter; agents name its id among their skills."""

    id: str
    name: Words
    agencies: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def called(self, language: str) -> str:
        """Its name."""
        return word(self.name, language)


@dataclass(frozen=True)
class Locus:
    """One public service mall (``data/loci``). A fact that is None is not known and said to be so."""

    code: str
    name: Words
    time_zone: str
    services: tuple[str, ...]
    agencies: Mapping[str, str]
    """Agency id of the catalogue -> integration id."""
    register: str = ""
    """Agency whose civil register proves who somebody is; empty: the agency of the service itself."""
    faces: str = "local"
    """Who compares faces: ``local``, or ``agency``: that register itself."""
    hours: Fact | None = None
    week: Week | None = None
    """The same hours for reckoning; None: nothing is promised."""
    closures: tuple[Closure, ...] = ()
    notices: tuple[Notice, ...] = ()
    address: Fact | None = None
    complaints: Fact | None = None
    facts: tuple[Fact, ...] = ()
    referrals: tuple[Referral, ...] = ()
    teams: tuple[Team, ...] = ()
    languages: tuple[str, ...] = ("id", "jv", "en")
    """What is spoken here; ``id`` always."""
    accounts: tuple[str, ...] = ()
    """Bots and numbers that are this office's, by account id (``telegram:123``)."""
    texts: Mapping[str, Words] = field(default_factory=dict)
    """Sentences of ``data/messages`` that are said differently here, by key."""
    renames: Mapping[str, str] = field(default_factory=dict)
    """Names in shared texts that are other names here."""
    neighbours: tuple[Neighbour, ...] = ()

    def said_here(self, text: str) -> str:
        """A shared text with this office's names, the longest first."""
        for name in sorted(self.renames, key=len, reverse=True):
            text = text.replace(name, self.renames[name])
        return text


@dataclass(frozen=True)
class Faq:
    """One question people ask (``data/faq``). ``questions`` are ways of asking, in any language; ``wish`` is what may be done next."""

    id: str
    questions: tuple[str, ...]
    answer: Fact
    service: str | None = None
    """The service it is about, when it is about one."""
    wish: str | None = None
    """An intent to offer as a button, e.g. ``start_application``."""
    offices: tuple[str, ...] = ()
    """Offices that it holds for; empty: for all."""


@dataclass(frozen=True)
class Catalogue:
    """Everything at one revision of the content."""

    services: Mapping[str, Service]
    loci: Mapping[str, Locus]
    revision: str = ""
    also_called: Mapping[str, str] = field(default_factory=dict)
    """Lower-case name -> slug."""
    faqs: tuple[Faq, ...] = ()
    forms: Mapping[str, Service] = field(default_factory=dict)
    """What is filled in by chatting but is no service of an office: complaint, queue ticket, home visit, profile (``data/forms``).
    They are never listed among the services, and are reached by their wish."""
    escalation: Escalation = Escalation()
    """When a person is called (``data/alih``)."""

    def service(self, slug: str) -> Service | None:
        """The service or form with that slug, or None when its file is not there yet."""
        return self.services.get(slug) or self.forms.get(slug)


OFFERING = frozenset({Topic.REQUIREMENTS, Topic.PROCEDURE})
"""Topics whose answers end with the offer to do it here."""


def answer(
    service: Service, topic: str, language: str, texts: Say, variant: str | None = None, *, offering: bool = True
) -> str:
    """What is said to a question about a service, or about one ``variant`` of it; not ``offering`` to somebody who is at it
    already.

    :raises ValueError: no such topic.
    """
    if not offering:
        service = replace(service, form=None)
    wanted = next((v for v in service.variants if v.id == variant), None)
    if wanted is None and len(service.variants) == 1:
        wanted = service.variants[0]
    if wanted is not None and wanted.refer is not None:
        return referral(wanted, language, texts)
    if to_choose(service, topic, variant):
        return texts.say(f"answer.depends_{Topic(topic)}", language, service=word(service.name, language))
    return _ANSWERS[Topic(topic)](service, language, texts, wanted)


def to_choose(service: Service, topic: str, variant: str | None = None) -> tuple[Variant, ...]:
    """The variants of which one has to be named before the topic can be answered briefly; empty when it can be
    answered as it is.
    """
    if any(v.id == variant for v in service.variants) or len(service.variants) < 2:
        return ()
    if Topic(topic) is Topic.REQUIREMENTS and sum(len(v.requirements) + 1 for v in service.variants) > _MOST_LINES:
        return service.variants
    if Topic(topic) is Topic.PROCEDURE and any(v.procedure is not None for v in service.variants):
        return service.variants
    return ()


def referral(variant: Variant, language: str, texts: Say) -> str:
    """Whose matter it is, and what to bring there if that is known. ``variant`` is a referral."""
    if variant.refer is None:
        raise ValueError(f"{variant.id} is no referral")
    blocks = [spoken(variant.refer.fact, language, texts)]
    blocks.append(texts.say("answer.owner", language, owner=word(variant.refer.owner, language)))
    if carried := to_bring(variant, language, texts):
        blocks.append(f"{texts.say('answer.bring', language)}\n{carried}")
    return "\n\n".join(blocks)


def spoken(fact: Fact, language: str, texts: Say) -> str:
    """The fact as a sentence; an unsure one says that it is."""
    text = word(fact.text, language).strip()
    return text if fact.sure else f"{text} {texts.say('answer.unsure', language)}"


def to_bring(variant: Variant, language: str, texts: Say) -> str:
    """The numbered list of what has to be brought; empty when it is nothing."""
    return "\n".join(_lines([r for r in variant.requirements if r.bring], language, texts))


def offer(service: Service, variant: Variant | None, language: str, texts: Say) -> str:
    """The sentence that offers to do it here; empty when it cannot be done here."""
    if service.form is None or (variant is not None and variant.ends is Ending.REFERRAL):
        return ""
    name = word((variant or service).name if len(service.variants) > 1 else service.name, language)
    booking = variant is not None and variant.ends is Ending.BOOKING
    return texts.say("answer.offer_booking" if booking else "answer.offer", language, service=name)


def _requirements(service: Service, language: str, texts: Say, variant: Variant | None) -> str:
    wanted = [variant] if variant is not None else [v for v in service.variants if v.refer is None]
    name = variant.name if variant is not None and len(service.variants) > 1 else service.name
    lists = [texts.say("answer.requirements", language, service=word(name, language))]
    for one in wanted:
        heading = [word(one.name, language) + ":"] if len(wanted) > 1 else []
        lists.append("\n".join([*heading, *_lines(one.requirements, language, texts)]))
    visit = (variant.in_person if variant is not None else None) or service.in_person
    papers = [r.fact for one in wanted for r in one.requirements]

    def blocks(facts: Sequence[Fact]) -> list[str]:
        said = [_marked(fact, language, texts) for fact in (*facts, visit)]
        note = _unsure_note(service, (*papers, *facts, visit), language, texts)
        return [*lists, *said, note, offer(service, variant, language, texts)]

    return _fitting(blocks, variant.facts if variant is not None else ())


def _lines(requirements: Sequence[Requirement], language: str, texts: Say) -> list[str]:
    return [_line(n, r, language, texts) for n, r in enumerate(requirements, 1)]


def _line(number: int, requirement: Requirement, language: str, texts: Say) -> str:
    text = f"{number}. {word(requirement.fact.text, language).strip()}"
    if requirement.otherwise is not None:
        text += " " + texts.say("answer.otherwise", language, instead=word(requirement.otherwise, language))
    return text if requirement.fact.sure else f"{text} {texts.say('answer.mark', language)}"


def _marked(fact: Fact, language: str, texts: Say) -> str:
    """The fact among others: what the mark of an unsure one means is said once (:func:`_unsure_note`)."""
    text = word(fact.text, language).strip()
    return text if fact.sure else f"{text} {texts.say('answer.mark', language)}"


def _unsure_note(service: Service, facts: Iterable[Fact], language: str, texts: Say) -> str:
    """What the mark means and who knows for certain; empty when nothing is marked."""
    if all(fact.sure for fact in facts):
        return ""
    return texts.say("answer.unsure_marked", language, office=word(service.office, language))


def _fitting(blocks: Callable[[Sequence[Fact]], list[str]], facts: Sequence[Fact]) -> str:
    """The blocks with as many of the facts, from the first one on, as a message has room for."""
    for count in range(len(facts), -1, -1):
        text = "\n\n".join(block for block in blocks(facts[:count]) if block)
        if len(text) < _MOST_CHARACTERS:
            break
    return text


def _cost(service: Service, language: str, texts: Say, variant: Variant | None) -> str:
    own = {word(v.name, language): v.fee for v in service.variants if v.fee is not None}
    fee = (variant.fee if variant is not None else None) or service.fee
    blocks = [spoken(fee, language, texts), *([] if variant is not None else [_by_variant(own, language, texts)])]
    # Asking money for a free service is what people complain about most (domain.md 6): said with every answer on cost.
    blocks.append(texts.say("answer.report_extortion" if service.free else "answer.report_overcharge", language))
    return "\n\n".join(b for b in blocks if b)


def _duration(service: Service, language: str, texts: Say, variant: Variant | None) -> str:
    own = {word(v.name, language): v.duration.fact for v in service.variants if v.duration is not None}
    duration = (variant.duration if variant is not None else None) or service.duration
    blocks = [
        spoken(duration.fact, language, texts),
        *([] if variant is not None else [_by_variant(own, language, texts)]),
    ]
    if service.form is not None and (variant is None or variant.ends is Ending.SUBMISSION):
        blocks.append(texts.say("answer.promise_follows", language))
    return "\n\n".join(b for b in blocks if b)


def _by_variant(facts: Mapping[str, Fact], language: str, texts: Say) -> str:
    return "\n".join(f"• {name}: {spoken(fact, language, texts)}" for name, fact in facts.items())


def _procedure(service: Service, language: str, texts: Say, variant: Variant | None) -> str:
    steps = (variant.procedure if variant is not None else None) or service.procedure
    name = variant.name if variant is not None and len(service.variants) > 1 else service.name
    title = texts.say("answer.procedure", language, service=word(name, language))
    numbered = "\n".join(f"{n}. {_marked(step, language, texts)}" for n, step in enumerate(steps, 1))
    heading = texts.say("answer.good_to_know", language)

    def blocks(facts: Sequence[Fact]) -> list[str]:
        known = "\n".join([heading, *(f"• {_marked(fact, language, texts)}" for fact in facts)]) if facts else ""
        note = _unsure_note(service, (*steps, *facts), language, texts)
        return [title, numbered, known, note, offer(service, variant, language, texts)]

    # What the variant has of its own is said with its papers.
    told = [fact.text for fact in (variant.facts if variant is not None else ())]
    return _fitting(blocks, [fact for fact in service.facts if fact.text not in told][:_MOST_FACTS])


_ANSWERS = {
    Topic.REQUIREMENTS: _requirements,
    Topic.COST: _cost,
    Topic.DURATION: _duration,
    Topic.PROCEDURE: _procedure,
}
_MOST_LINES = 12
"""Longer lists of papers are not read on a phone: the variant is asked first."""
_MOST_FACTS = 3
_MOST_CHARACTERS = 1024
"""What WhatsApp shows of a message with buttons."""
