"""What every use case is given, built once by :mod:`bot.bootstrap`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from bot.domain.catalogue import Catalogue, Locus, Service
from bot.domain.conversation import Case, Conversation
from bot.domain.faq import FaqIndex
from bot.domain.form import Engine
from bot.domain.form_draft import Draft
from bot.domain.handoff import DeskPolicy
from bot.domain.texts import word
from bot.ports import Agency, ChannelAccount, Clock, Dialogue, FaceMatcher, Texts
from bot.ports_desk import OutsideDesk
from bot.usecases.store import Store

LICENCE = "sip"
"""Slug of "some licence to practise", when the profession is not said; with it and ``-`` the licences begin."""


@dataclass(frozen=True)
class Policy:
    """Numbers an installation may choose."""

    assurance: timedelta = timedelta(days=180)
    """How long a verified face holds for its channel, from the second success there on."""
    first_assurance: timedelta = timedelta(days=1)
    """The same after the first one: the device may be somebody else's."""
    step_up: timedelta = timedelta(days=1)
    """For a sensitive service the face must have been verified within this time."""
    step_up_services: frozenset[str] = frozenset()
    """Slugs of the sensitive services."""
    fresh_frames: bool = True
    """Pictures of a strong success may join the template (never the only ones in it)."""
    liveness: str = "chat"
    """``off``: one selfie; ``chat``: a second one with a challenge; ``capture``: on the capture page only."""
    session: timedelta = timedelta(days=30)
    """How long a web session may be resumed."""
    interrupt_confidence: float = 0.6
    """From here on, a text that could also be an answer (a name, a place) is taken as an interruption."""
    interrupt_in_brief: float = 0.9
    """The same for one or two words where a name or a place is asked for: "Jakarta" and "Sri Lestari" look like anything."""
    wish_confidence: float = 0.35
    """From here on, a text that is no answer at all is taken as the wish that Rasa saw in it."""
    repair: timedelta = timedelta(days=30)
    """So long a case waits for the citizen's repair; then it expires."""
    document_link: timedelta = timedelta(hours=24)
    """How long a link to a finished document lives."""
    document_link_channels: frozenset[str] = frozenset()
    """Channels that get a link in place of the document itself, e.g. ``telegram``."""
    faq_sure: float = 0.66
    """From this likeness on, a frequent question is answered in place of the wish that was understood."""
    faq_vague: float = 0.58
    """The same, when no wish or a vague one was understood."""
    check_limit: timedelta = timedelta(hours=24)
    """So long a borderline face may wait for officers."""
    desk: DeskPolicy = DeskPolicy()
    """Handing over to people."""


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
    capture_url: str = ""
    """Where the capture page is; a token follows."""
    document_url: str = ""
    """Where links to finished documents are opened; a token follows."""
    my_data_url: str = ""
    """Where the page about one's own data is; a token follows."""
    check_url: str = ""
    """Where anybody sees how an application stands; its number follows."""
    ticket_url: str = ""
    """Where a queue ticket is shown with its code to check in; its number follows."""
    token_hash: Callable[[str], bytes] = lambda token: sha256(token.encode()).digest()
    """What is stored of a one-time token."""
    channels: Mapping[str, ChannelAccount] = field(default_factory=dict)
    """Every bot, number and page that a person can write to, by account id; ``web`` has the page's address."""
    policy: Policy = Policy()
    desks: Mapping[str, OutsideDesk] = field(default_factory=dict)
    """Outside desks, by id."""

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

    def known_service(self, slug: str) -> Service:
        """The service or form of a case, whose file is there as long as the case is.

        :raises KeyError: it was taken out of the content.
        """
        found = self.catalogue().service(slug)
        if found is None:
            raise KeyError(slug)
        return found

    def service_name(self, slug: str, language: str) -> str:
        """The name of a service; the slug itself of one that has no file."""
        service = self.service(slug)
        return word(service.name, language) if service else slug

    def agency_of(self, conversation: Conversation, agency: str) -> Agency:
        """The integration behind a service's agency at this office."""
        return self.agencies[self.locus(conversation).agencies.get(agency, agency)]

    def offers(self, conversation: Conversation, slug: str) -> bool:
        """Whether this office gives a service: one that others give may be missing here."""
        return slug not in self.catalogue().services or slug in self.locus(conversation).services

    def reaches(self, conversation: Conversation, agency: str) -> bool:
        """Whether this office has a working connection to an agency of the catalogue."""
        return self.locus(conversation).agencies.get(agency) in self.agencies

    def register_of(self, conversation: Conversation, agency: str) -> Agency:
        """The integration that proves who somebody is at this office, for a service of ``agency``."""
        return self.agency_of(conversation, self.locus(conversation).register or agency)

    def form_of(self, conversation: Conversation, case: Case) -> tuple[Engine, Draft]:
        """The form engine of a case, in the conversation's language, and its draft."""
        service = self.known_service(case.service)
        return Engine(service, self.texts, conversation.language, self.today(conversation)), Draft.from_json(case.draft)

    def channel_name(self, account: str, language: str) -> str:
        """What people call the channel of an account, e.g. ``telegram:123``."""
        channel = account.partition(":")[0]
        key = f"link.channel.{channel}"
        return self.texts.say(key, language) if self.texts.has(key) else channel

    def words_for(self, slug: str, key: str) -> str:
        """The key of a sentence about a case: the form's own (``forms.<slug>.<key>``) where there is one, else the usual one."""
        own = f"forms.{slug}.{key}"
        return own if self.texts.has(own) else key

    def say(self, key: str, conversation: Conversation, **params: object) -> str:
        """A sentence in the conversation's language, in the office's own words where it has some."""
        own = self.locus(conversation).texts.get(key)
        if own is not None:
            return word(own, conversation.language).format_map(params)
        return self.texts.say(key, conversation.language, **params)
