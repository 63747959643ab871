"""The Content API (twilio.com/docs/content): templates, their approval, and how one reads when it is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from channels.whatsapp.standin.state import Content, World, iso, new_sid

MOST_TEXT, MOST_TEMPLATE, MOST_VALUE, MOST_ID = 1024, 1600, 255, 200
_PLACE = re.compile(r"{{\s*(\w{1,16})\s*}}")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGES = frozenset({"id", "en", "en_US", "en_GB", "ms", "ar", "nl"})
"""Some of those that WhatsApp knows; Javanese is none."""
_TEXT = {"twilio/text": MOST_TEMPLATE, "twilio/quick-reply": MOST_TEXT, "twilio/list-picker": MOST_TEXT}
_OPENING = ("twilio/text", "twilio/quick-reply")
"""Kinds that may be approved; a list never opens a conversation."""


@dataclass(frozen=True)
class Rendered:
    """A template with its values; ``problem`` is the Twilio code with which it fails."""

    body: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)
    problem: int | None = None


def render(content: Content, values: Mapping[str, str]) -> Rendered:
    """How the message reads."""
    filled = {**content.variables, **values}
    kind, made = next(iter(content.types.items()))

    def fill(words: object) -> str:
        return _PLACE.sub(lambda place: str(filled.get(place[1], "")), str(words))

    missing = {place for place in _PLACE.findall(json.dumps(made)) if place not in filled}
    if missing:
        return Rendered(problem=63028)
    buttons = [{"title": fill(a["title"]), "id": fill(a.get("id") or a["title"])} for a in made.get("actions", ())]
    buttons += [{"title": fill(i["item"]), "id": fill(i["id"])} for i in made.get("items", ())]
    return Rendered(fill(made["body"]), buttons, _problem(kind, fill(made["body"]), buttons))


def _problem(kind: str, body: str, buttons: list[dict[str, str]]) -> int | None:
    """What WhatsApp would refuse: too long, too many, twice the same."""
    longest = 24 if kind == "twilio/list-picker" else 20
    titles = [button["title"] for button in buttons]
    wrong = (
        not body.strip()
        or len(body) > _TEXT[kind]
        or any(not title.strip() or len(title) > longest for title in titles)
        or len(set(titles)) < len(titles)
        or len({button["id"] for button in buttons}) < len(buttons)
        or any(len(button["id"]) > MOST_ID for button in buttons)
        or (kind == "twilio/quick-reply" and len(buttons) > 3)
    )
    return 63021 if wrong else None


def values_of(raw: str) -> dict[str, str] | None:
    """``ContentVariables``; None: not as Twilio takes them (21656)."""
    try:
        values = json.loads(raw or "{}")
    except ValueError:
        return None
    if not isinstance(values, dict):
        return None
    sound = all(isinstance(v, str) and v and len(v) <= MOST_VALUE and len(k) <= 16 for k, v in values.items())
    return values if sound else None


class ContentApi:
    """``/v1/Content…``."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """To be added to an application."""
        return [
            web.get("/v1/Content", self.all),
            web.post("/v1/Content", self.create),
            web.get("/v1/Content/{sid}", self.one),
            web.delete("/v1/Content/{sid}", self.delete),
            web.post("/v1/Content/{sid}/ApprovalRequests/whatsapp", self.ask),
            web.get("/v1/Content/{sid}/ApprovalRequests", self.approval),
            web.get("/v1/ContentAndApprovals", self.with_approvals),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """A new template."""
        given = await request.json()
        if not isinstance(given, dict) or not isinstance(given.get("types"), dict) or not given["types"]:
            return problem(400, 92001, "'types' Parameter Required")
        if not given.get("language"):
            return problem(400, 92003, "'language' Parameter Required")
        if len(given.get("variables") or {}) > 100:
            return problem(400, 92002, "The 'variables' parameter exceeds the allowed limit")
        kind, made = next(iter(given["types"].items()))
        if kind not in _TEXT or not _well_formed(kind, made):
            return problem(400, 20422, "Invalid Parameter")
        content = Content(
            new_sid("HX"),
            str(given.get("friendly_name", "")),
            str(given["language"]),
            {str(k): str(v) for k, v in (given.get("variables") or {}).items()},
            {kind: made},
            self._world.now(),
        )
        self._world.contents[content.sid] = content
        return web.json_response(self._json(content), status=201)

    async def all(self, request: web.Request) -> web.Response:
        """Every template."""
        return _page("contents", [self._json(content) for content in self._world.contents.values()])

    async def one(self, request: web.Request) -> web.Response:
        """One template."""
        content = self._world.contents.get(request.match_info["sid"])
        return web.json_response(self._json(content)) if content else problem(404, 20404, "Not found")

    async def delete(self, request: web.Request) -> web.Response:
        """Take a template away."""
        found = self._world.contents.pop(request.match_info["sid"], None)
        return web.Response(status=204) if found else problem(404, 20404, "Not found")

    async def ask(self, request: web.Request) -> web.Response:
        """Submit a template to WhatsApp."""
        content = self._world.contents.get(request.match_info["sid"])
        if content is None:
            return problem(404, 20404, "Not found")
        given = await request.json()
        name, category = str(given.get("name", "")), str(given.get("category", ""))
        used = any(one.approved_as == name for one in self._world.contents.values())
        if not _NAME.fullmatch(name) or used or category not in ("UTILITY", "MARKETING", "AUTHENTICATION"):
            return problem(400, 20422, "Invalid Parameter")
        content.approved_as, content.category = name, category
        refused = (
            next(iter(content.types)) not in _OPENING or content.language not in _LANGUAGES or _badly_placed(content)
        )
        content.approval, content.reason = ("rejected", "INVALID_FORMAT") if refused else ("received", "")
        return web.json_response(_approval(content), status=201)

    async def approval(self, request: web.Request) -> web.Response:
        """Where the approval stands."""
        content = self._world.contents.get(request.match_info["sid"])
        if content is None:
            return problem(404, 20404, "Not found")
        self._look(content)
        answer = {"sid": content.sid, "account_sid": self._world.account, "whatsapp": _approval(content)}
        return web.json_response(answer)

    async def with_approvals(self, request: web.Request) -> web.Response:
        """Every template with its approval."""
        for content in self._world.contents.values():
            self._look(content)
        listed = [{**self._json(c), "approval_requests": _approval(c)} for c in self._world.contents.values()]
        return _page("contents", listed)

    def _look(self, content: Content) -> None:
        if content.approval in ("received", "pending"):
            content.approval = "approved" if self._world.approves else "pending"

    def _json(self, content: Content) -> dict[str, Any]:
        return {
            "sid": content.sid,
            "account_sid": self._world.account,
            "friendly_name": content.name,
            "language": content.language,
            "variables": content.variables,
            "types": content.types,
            "date_created": iso(content.created),
            "date_updated": iso(content.created),
            "url": f"https://content.twilio.com/v1/Content/{content.sid}",
            "links": {},
        }


def _approval(content: Content) -> dict[str, Any]:
    return {
        "name": content.approved_as,
        "category": content.category,
        "content_type": next(iter(content.types)),
        "status": content.approval,
        "rejection_reason": content.reason,
        "allow_category_change": True,
    }


def _well_formed(kind: str, made: object) -> bool:
    if not isinstance(made, dict) or not isinstance(made.get("body"), str):
        return False
    if kind == "twilio/quick-reply":
        return 1 <= len(made.get("actions") or []) <= 10
    if kind == "twilio/list-picker":
        return bool(made.get("button")) and 1 <= len(made.get("items") or []) <= 10
    return True


def _badly_placed(content: Content) -> bool:
    """A body that begins or ends with a place, has two side by side, or lacks a sample, is not approved."""
    body = str(next(iter(content.types.values()))["body"]).strip()
    places = _PLACE.findall(body)
    return bool(
        re.match(r"{{\w+}}", body)
        or re.search(r"{{\w+}}$", body)
        or re.search(r"}}\s*{{", body)
        or any(place not in content.variables for place in places)
    )


def _page(key: str, rows: list[dict[str, Any]]) -> web.Response:
    meta = {"key": key, "page": 0, "page_size": 500, "next_page_url": None, "previous_page_url": None}
    return web.json_response({key: rows, "meta": meta})


def problem(status: int, code: int, message: str) -> web.Response:
    """An error as the REST API tells it (twilio.com/docs/usage/twilios-response)."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response({"code": code, "message": message, "more_info": more, "status": status}, status=status)
