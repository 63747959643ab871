"""What every use case is given, built once by :mod:`bot.bootstrap`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.catalogue import Catalogue, Locus, Service
from bot.domain.conversation import Case, Conversation
from bot.domain.faq import FaqIndex
from bot.domain.form import Engine
from bot.domain.form_draft import Draft
from bot.domain.texts import word
from bot.ports import Agency, Clock, Dialogue, FaceMatcher, Texts
from bot.usecases.store import Store

LICENCE = "sip"
"""Slug of "some licence to practise", when the profession is not said; with it and ``-`` the licences begin."""


@dataclass(frozen=True)
class Policy:
    """Numbers an installation may choose."""

    assurance: timedelta = timedelta(hours=12)
    """How long a verified face holds for its channel."""
    session: timedelta = timedelta(days=30)
    """How long a web session may be resumed."""
    interrupt_confidence: float = 0.6
    """From here on, a text that could also be an answer (a name, a place) is taken as an interruption."""
    wish_confidence: float = 0.35
    """From here on, a text that is no answer at all is taken as the wish that Rasa saw in it."""
    faq_sure: float = 0.66
    """From this likeness on, a frequent question is answered in place of the wish that was understood."""
    faq_vague: float = 0.58
    """The same, when no wish or a vague one was understood."""
    register_tries: int = 5
    """Wrong NIK and birth date pairs in a row before a person has to help."""
    face_tries: int = 5
    """Failed selfies in a row before a person has to help (SP 800-63B-4)."""


@dataclass(frozen=True)
class Deps:
    """Ports and content for the use cases."""

    store: Store
    clock: Clock
    texts: Texts
    catalogue: Callable[[], Catalogue]
    dialogue: Dialogue
    agencies: Mapping[str, Agency]
    faces: FaceMatcher
    holiday: Callable[[date], bool]
    faqs: Callable[[], FaqIndex] = FaqIndex
    callback_url: str = ""
    policy: Policy = Policy()

    def now(self) -> datetime:
        """The current time, in UTC."""
        return self.clock.now()

    def locus(self, conversation: Conversation) -> Locus:
        """The office of a conversation."""
        loci = self.catalogue().loci
        return loci.get(conversation.locus) or next(iter(loci.values()))

    def zone(self, conversation: Conversation) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.locus(conversation).time_zone)

    def today(self, conversation: Conversation) -> date:
        """The date where the office stands."""
        return self.now().astimezone(self.zone(conversation)).date()

    def service(self, slug: str) -> Service | None:
        """A service whose file is there, else None. :data:`LICENCE` is what all licences share, without a form."""
        catalogue = self.catalogue()
        if slug != LICENCE or slug in catalogue.services:
            return catalogue.service(slug)
        shared = next((s for one, s in catalogue.services.items() if one.startswith(f"{LICENCE}-")), None)
        if shared is None:
            return None
        name = {language: self.texts.say("say.licence", language) for language in shared.name}
        return replace(shared, slug=LICENCE, name=name, also_called=(), form=None)

    def service_name(self, slug: str, language: str) -> str:
        """The name of a service; the slug itself of one that has no file."""
        service = self.service(slug)
        return word(service.name, language) if service else slug

    def agency_of(self, conversation: Conversation, agency: str) -> Agency:
        """The integration behind a service's agency at this office."""
        return self.agencies[self.locus(conversation).agencies.get(agency, agency)]

    def register_of(self, conversation: Conversation, agency: str) -> Agency:
        """The integration that proves who somebody is at this office, for a service of ``agency``."""
        return self.agency_of(conversation, self.locus(conversation).register or agency)

    def form_of(self, conversation: Conversation, case: Case) -> tuple[Engine, Draft]:
        """The form engine of a case, in the conversation's language, and its draft."""
        service = self.catalogue().services[case.service]
        return Engine(service, self.texts, conversation.language, self.today(conversation)), Draft.from_json(case.draft)

    def say(self, key: str, conversation: Conversation, **params: object) -> str:
        """A sentence in the conversation's language."""
        return self.texts.say(key, conversation.language, **params)
