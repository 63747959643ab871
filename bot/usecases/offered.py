"""What is offered at an office: its services, in the order its file names them."""

from __future__ import annotations

from bot.domain.conversation import Conversation
from bot.usecases.deps import LICENCE, Deps

_PREFIX = f"{LICENCE}-"


def civil_services(deps: Deps, conversation: Conversation) -> list[str]:
    """Slugs of all services that are no licences."""
    return [slug for slug in _here(deps, conversation) if not slug.startswith(_PREFIX)]


def licences(deps: Deps, conversation: Conversation) -> list[str]:
    """Slugs of the licences."""
    return [slug for slug in _here(deps, conversation) if slug.startswith(_PREFIX)]


def some_licence(deps: Deps, conversation: Conversation) -> list[str]:
    """The slug of "some licence", if there is any; for lists."""
    return [LICENCE] if licences(deps, conversation) else []


def professions(deps: Deps, conversation: Conversation) -> str:
    """The professions as one line: "Dokter, Dokter Gigi, …"."""
    names = (deps.service_name(slug, conversation.language) for slug in licences(deps, conversation))
    return ", ".join(name.removeprefix("SIP ").removesuffix(" licence (SIP)") for name in names)


def _here(deps: Deps, conversation: Conversation) -> list[str]:
    known = deps.catalogue().services
    return [slug for slug in deps.locus(conversation).services if slug in known]
