"""Notices outside the 24 hours: the texts of ``data/templates`` at Twilio, and whether WhatsApp has approved them.

A changed wording is a new template (WhatsApp lets nobody change an approved one in place), so a template's name ends with a
hash of its wording; until the new one is approved, an older approved one with as many places serves on.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList
from twilio.rest.content.v1.content_and_approvals import ContentAndApprovalsInstance

from bot.domain.messages import Template
from bot.domain.templates import MessageTemplate, Wording, read_templates
from bot.errors import TemplateRefused
from channels.whatsapp.contents import Contents
from channels.whatsapp.errors import NoAnswer, NotSent, translate
from channels.whatsapp.words import one_line

APPROVED = "approved"
UNSUBMITTED = "unsubmitted"
REFRESH_S = 300.0
"""How old the list may be."""
RETRY_S = 10.0
"""How old it may be when something is missing in it."""
_NAME = re.compile(r"loket-notice-(?P<name>[a-z0-9_]+)-(?P<language>[a-z]{2})-(?P<hash>[0-9a-f]{8})")
_PLACE = re.compile(r"{{(\d+)}}")


@dataclass(frozen=True)
class Notice:
    """A template at Twilio."""

    sid: str
    name: str
    language: str
    hash: str
    text: str
    approval: str
    """unsubmitted, received, pending, approved, rejected, paused, disabled (twilio.com/docs/content, "Fetch approval status")."""
    reason: str | None = None

    @property
    def places(self) -> int:
        """How many values it takes."""
        return len(set(_PLACE.findall(self.text)))

    def spoken(self, values: Sequence[str]) -> str:
        """The text with the values in it."""
        return _PLACE.sub(lambda found: values[int(found[1]) - 1], self.text)


def friendly_name(name: str, language: str, wording: Wording) -> str:
    """The name of a template at Twilio."""
    return f"loket-notice-{name}-{language}-{hashlib.sha256(wording.text.encode()).hexdigest()[:8]}"


def values_of(template: Template) -> dict[str, str]:
    """The values as Twilio takes them: on one line, and never empty (error 21656)."""
    return {str(place): one_line(value) or "-" for place, value in enumerate(template.values, start=1)}


class Notices:
    """The account's notices, listed at most every few minutes."""

    def __init__(self, client: Client, contents: Contents, content_dir: Path | None) -> None:
        self._client = client
        self._contents = contents
        self._dir = content_dir
        self._known: list[Notice] | None = None
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    def wanted(self) -> Mapping[tuple[str, str], tuple[MessageTemplate, Wording]]:
        """What ``data/templates`` holds, by name and language."""
        if self._dir is None:
            return {}
        templates = read_templates(self._dir).values()
        return {(t.name, language): (t, wording) for t in templates for language, wording in t.wordings.items()}

    async def of(self, template: Template) -> Notice:
        """The approved notice for a template.

        :raises TemplateRefused: there is none, or its places are not those of the values.
        :raises ChannelError: Twilio cannot be asked.
        """
        for age in (REFRESH_S, RETRY_S):
            fit = [
                notice
                for notice in await self.known(age)
                if (notice.name, notice.language) == (template.name, template.language)
                and notice.approval == APPROVED
                and notice.places == len(template.values)
            ]
            if fit:
                return self._newest(fit, template)
        raise TemplateRefused(f"no approved template {template.name} ({template.language})")

    def _newest(self, fit: Sequence[Notice], template: Template) -> Notice:
        found = self.wanted().get((template.name, template.language))
        current = friendly_name(template.name, template.language, found[1]) if found else ""
        return next((notice for notice in fit if current.endswith(notice.hash)), fit[-1])

    async def known(self, most_age: float = 0.0) -> list[Notice]:
        """Every notice at Twilio, oldest first, as it was at most so many seconds ago.

        :raises ChannelError: it cannot be asked.
        """
        async with self._lock:
            age = asyncio.get_running_loop().time() - self._asked_at
            if self._known is None or age >= most_age:
                self._known = await self._list()
                self._asked_at = asyncio.get_running_loop().time()
            return self._known

    async def table(self) -> list[tuple[str, str, str, str, str | None]]:
        """``(name, language, SID, approval, reason)`` of every wording of ``data/templates``: the approved one, else the newest.

        :raises ChannelError: Twilio cannot be asked.
        """
        known = await self.known()
        rows: list[tuple[str, str, str, str, str | None]] = []
        for (name, language), (template, _) in self.wanted().items():
            of_it = [n for n in known if (n.name, n.language) == (name, language)]
            usable = [n for n in of_it if n.approval == APPROVED and n.places == len(template.values)]
            best = (usable or of_it)[-1:]
            rows += [(name, language, one.sid, one.approval, one.reason) for one in best]
            if not best:
                rows.append((name, language, "", UNSUBMITTED, None))
        return rows

    async def submit(self) -> list[str]:
        """Make every wording that Twilio does not have and ask WhatsApp to approve it; what was done, a line each.

        :raises ChannelError: it was not done.
        """
        known = {(n.name, n.language, n.hash): n for n in await self.known()}
        done: list[str] = []
        for (name, language), (template, wording) in self.wanted().items():
            full = friendly_name(name, language, wording)
            there = known.get((name, language, full[-8:]))
            if there is not None and there.approval != UNSUBMITTED:
                done.append(f"template {name} ({language}): {there.approval}")
                continue
            sid = there.sid if there else await self._contents.make(_request(full, language, wording))
            await self._ask(sid, f"{name}_{language}_{full[-8:]}", template.category)
            done.append(f"template {name} ({language}): diajukan ke WhatsApp / submitted to WhatsApp")
        self._asked_at = float("-inf")
        return done

    async def _ask(self, sid: str, name: str, category: str) -> None:
        asked = ApprovalCreateList.ContentApprovalRequest({"name": name, "category": category.upper()})
        try:
            await self._client.content.v1.contents(sid).approval_create.create_async(content_approval_request=asked)
        except (TwilioException, NotSent, NoAnswer) as error:
            raise translate(error) from error

    async def _list(self) -> list[Notice]:
        try:
            listed = await self._client.content.v1.content_and_approvals.list_async(page_size=500, limit=5000)
        except (TwilioException, NotSent, NoAnswer) as error:
            raise translate(error) from error
        found = [_notice(one) for one in sorted(listed, key=lambda one: str(one.date_created or ""))]
        return [notice for notice in found if notice is not None]


def _request(name: str, language: str, wording: Wording) -> ContentList.ContentCreateRequest:
    samples = {str(place): sample for place, sample in enumerate(wording.samples, start=1)}
    return ContentList.ContentCreateRequest(
        {
            "friendly_name": name,
            "language": language,
            "variables": samples,
            "types": {"twilio/text": {"body": wording.text}},
        }
    )


def _notice(content: ContentAndApprovalsInstance) -> Notice | None:
    named = _NAME.fullmatch(content.friendly_name or "")
    if named is None or not content.sid:
        return None
    words = (content.types or {}).get("twilio/text")
    approval = content.approval_requests or {}
    about = approval.get("whatsapp", approval)  # one content is listed with it inside, a list without
    if not isinstance(words, dict) or not isinstance(about, dict):
        return None
    reason = about.get("rejection_reason")
    return Notice(
        content.sid,
        named["name"],
        named["language"],
        named["hash"],
        str(words.get("body", "")),
        str(about.get("status") or UNSUBMITTED).lower(),
        str(reason) if reason else None,
    )
