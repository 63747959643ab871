"""Which right a page asks for. A page that is not marked is an agent's page; who has not the right is told that there is no
such page (404).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web

from bot.domain.staff import Right
from bot.storage.accounts import Account

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
H = TypeVar("H", bound=Handler)

_OPEN: set[Handler] = set()
_EVERYBODY: set[Handler] = set()
_BEFORE: set[Handler] = set()
_OWN_TOKEN: set[Handler] = set()
_NEEDS: dict[Handler, tuple[Right, ...]] = {}

HOMES: tuple[tuple[Right, str], ...] = (
    (Right.ANSWER, "/staff/"),
    (Right.AUDIT, "/staff/audit"),
    (Right.FIGURES, "/staff/figures"),
    (Right.EDIT, "/staff/studio/"),
    (Right.PRIVACY, "/staff/privacy"),
    (Right.PEOPLE, "/staff/people"),
)


def open_to_all(handler: H) -> H:
    """A page for people who are not signed in; it checks its own token."""
    _OPEN.add(handler)
    return handler


def everybody(handler: H) -> H:
    """A page of every account, whatever its roles."""
    _EVERYBODY.add(handler)
    return handler


def beforehand(handler: H) -> H:
    """A page that is open even while the account has something to do first (new password, second factor)."""
    _EVERYBODY.add(handler)
    _BEFORE.add(handler)
    return handler


def needs(*any_of: Right) -> Callable[[H], H]:
    """A page for those who have one of these rights."""

    def mark(handler: H) -> H:
        _NEEDS[handler] = any_of
        return handler

    return mark


def own_token(handler: H) -> H:
    """A page that reads its form itself (uploads): session and right are checked, the form's token it checks with
    :func:`bot.web.staff.auth.right_token` before it does anything.
    """
    _OWN_TOKEN.add(handler)
    return handler


def is_open(handler: Handler) -> bool:
    """Whether nobody has to be signed in."""
    return handler in _OPEN


def is_before(handler: Handler) -> bool:
    """See :func:`beforehand`."""
    return handler in _BEFORE


def reads_token(handler: Handler) -> bool:
    """See :func:`own_token`."""
    return handler in _OWN_TOKEN


def allowed(handler: Handler, account: Account) -> bool:
    """Whether ``account`` may open the page behind ``handler``."""
    return handler in _EVERYBODY or any(account.can(right) for right in _NEEDS.get(handler, (Right.ANSWER,)))


def home_of(account: Account) -> str:
    """The first page of an account."""
    return next((path for right, path in HOMES if account.can(right)), "/staff/account")
