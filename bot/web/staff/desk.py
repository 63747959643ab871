"""What the staff pages are given, and how a page is made."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.domain.figures import EVERYWHERE
from bot.domain.staff import Right, StaffPolicy
from bot.storage.accounts import Account, Accounts
from bot.storage.audit_log import AuditLog
from bot.storage.figures_lists import Figures
from bot.storage.supervision import Supervision
from bot.usecases.deps import Deps
from bot.web.public.gateway import origin_of
from bot.web.staff import assets, strings, times
from bot.web.staff.oidc_client import Oidc
from bot.web.staff.thread import bold

WEB = Path(__file__).resolve().parents[1]
LANGUAGE_COOKIE = "loket_staff_language"


class Wakes(Protocol):
    """Waits for news."""

    async def wait(self, timeout: float) -> bool:
        """True when there may be news, False after ``timeout`` seconds."""
        ...

    def set(self, what: str = "") -> None:
        """There may be news of that."""
        ...

    def heard(self) -> frozenset[str]:
        """What there may be news of, since the last look."""
        ...


class Subscribes(Protocol):
    """The part of :class:`bot.web.hub.Hub` that is used here."""

    def subscribe(self, key: str) -> AbstractAsyncContextManager[Wakes]:
        """``staff``, or a conversation's id."""
        ...


@dataclass(frozen=True)
class Desk:
    """``locus`` names the office on the sign-in page; who is signed in sees their own office."""

    deps: Deps
    accounts: Accounts
    csrf_key: bytes
    hub: Subscribes
    locus: str
    secure: bool
    proxies: int = 0
    oidc: Oidc | None = None
    """The identity provider, if there is one."""
    pages: Environment = field(default_factory=lambda: _environment())
    assets: str = field(default_factory=assets.version)

    def office_name(self, locus: str, language: str) -> str:
        """The office's name, or its code when the content does not know it."""
        if locus == EVERYWHERE:
            return strings.say_in(language)("all_offices")
        office = self.deps.catalogue().loci.get(locus)
        return locus if office is None else office.name.get(language, office.name["id"])

    @property
    def supervision(self) -> Supervision:
        """What supervisors see."""
        return self.accounts.supervision

    @property
    def figures(self) -> Figures:
        """What managers see."""
        return self.accounts.figures

    @property
    def audit_log(self) -> AuditLog:
        """For reading."""
        return self.accounts.audit_log

    @property
    def policy(self) -> StaffPolicy:
        """What this installation has chosen."""
        return self.accounts.policy

    def zone(self, locus: str) -> ZoneInfo:
        """The office's time zone."""
        office = self.deps.catalogue().loci.get(locus)
        return ZoneInfo(office.time_zone if office else "Asia/Jakarta")


DESK = web.AppKey("desk", Desk)
ACCOUNT = web.RequestKey("account", Account)
CSRF = web.RequestKey("csrf", str)


def desk_of(request: web.Request) -> Desk:
    """The desk of this application."""
    return request.config_dict[DESK]


def cookie_name(request: web.Request, name: str) -> str:
    """What a cookie is called: over https a name that browsers bind to this very host (RFC 6265bis, ``__Host-``)."""
    return f"__Host-{name}" if desk_of(request).secure else name


def cookie(request: web.Request, name: str) -> str:
    """A cookie's value; empty without one."""
    return request.cookies.get(cookie_name(request, name), "")


def set_cookie(
    request: web.Request, response: web.StreamResponse, name: str, value: str, max_age: int, samesite: str = "Strict"
) -> None:
    """Keep ``value`` for ``max_age`` seconds, out of the reach of scripts; an empty one takes the cookie away."""
    secure = desk_of(request).secure
    response.set_cookie(
        cookie_name(request, name),
        value,
        path="/" if secure else "/staff",  # such names want the whole host
        httponly=True,
        samesite=samesite,
        secure=secure,
        max_age=max_age if value else 0,
    )


def language(request: web.Request) -> str:
    """The reader's language."""
    return strings.language_of(cookie(request, LANGUAGE_COOKIE))


def sentences(request: web.Request) -> strings.Say:
    """Sentences in the reader's language."""
    return strings.say_in(language(request))


def origin(request: web.Request) -> str:
    """The network address that tries to sign in are counted by."""
    return origin_of(request, desk_of(request).proxies) or ""


def partial(request: web.Request) -> bool:
    """Whether htmx asks, for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def local_time(request: web.Request, at: datetime) -> str:
    """A time at the office, short."""
    desk = desk_of(request)
    zone = desk.zone(request[ACCOUNT].locus)
    return times.clock_time(at.astimezone(zone), desk.deps.now().astimezone(zone), language(request))


def page(request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
    """A page, or part of one."""
    return web.Response(text=fragment(request, template, **values), status=status, content_type="text/html")


def fragment(request: web.Request, template: str, **values: Any) -> str:
    """The same as a text, for an event stream."""
    desk, account = desk_of(request), request.get(ACCOUNT)
    tongue = language(request)
    return desk.pages.get_template(f"staff/{template}").render(
        say=strings.say_in(tongue),
        language=tongue,
        languages=strings.LANGUAGES,
        account=account,
        nav=_nav(account) if account and not account.todo else (),
        csrf=request.get(CSRF, ""),
        office=desk.office_name(account.locus if account else desk.locus, tongue),
        assets=desk.assets,
        here=request.path,
        idle_s=int(desk.policy.idle.total_seconds()),
        **values,
    )


_NAV = (
    ("/staff/", "queue", Right.ANSWER),
    ("/staff/checks", "selfies", Right.IDENTITY),
    ("/staff/enrol", "enrol", Right.IDENTITY),
    ("/staff/supervise", "supervise", Right.SUPERVISE),
    ("/staff/errands", "errands", Right.ANSWER),
    ("/staff/counters", "counters", Right.ANSWER),
    ("/staff/figures", "figures", Right.FIGURES),
    ("/staff/studio/", "studio", Right.EDIT),
    ("/staff/privacy", "privacy", Right.PRIVACY),
    ("/staff/people", "people", Right.PEOPLE),
    ("/staff/audit", "audit", Right.AUDIT),
)


def _nav(account: Account) -> list[tuple[str, str]]:
    """(path, key of the name) of the pages this account may open."""
    return [(path, key) for path, key, right in _NAV if account.can(right)]


def sorry(request: web.Request, status: int, key: str) -> web.Response:
    """Why it did not work: a page, or the notice on top of the page that htmx works in (what was typed there stays)."""
    if not partial(request):
        return page(request, "sorry.html", status, sentence=sentences(request)(key))
    response = page(request, "_notice.html", status, sentence=sentences(request)(key), sign_in=status == 401)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#notice", "innerHTML"
    return response


def see(path: str) -> web.Response:
    """The answer to a POST that worked: look there."""
    return web.Response(status=303, headers={"Location": path})


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["bold"] = bold
    return made
