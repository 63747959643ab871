"""Turns settings into what the staff pages are given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.staff import ROLES, StaffPolicy
from bot.errors import SettingsError
from bot.settings import Settings
from bot.storage.crypto import KeyRing
from bot.web.staff.oidc import RETURN
from bot.web.staff.oidc_client import Oidc, OidcConfig


def staff_policy_of(settings: Settings) -> StaffPolicy:
    """:raises SettingsError: a role or a number that is none."""
    second = {role for role in settings.second_factor_roles if role != "-"}
    if not second <= set(ROLES):
        raise SettingsError(f"LOKET_SECOND_FACTOR_ROLES: peran yang ada / roles are {', '.join(ROLES)}")
    levels = {code: _level(words) for code, words in map(_named, settings.service_levels)}
    first, end = levels.pop("", (StaffPolicy.first_answer, StaffPolicy.resolve))
    return StaffPolicy(
        idle=timedelta(hours=settings.session_idle_hours),
        absolute=timedelta(hours=settings.session_hours),
        second_factor=frozenset(second),
        two_person=frozenset(settings.identity_two_person),
        hold=timedelta(minutes=settings.identity_hold_minutes),
        first_answer=first,
        resolve=end,
        levels=tuple((code, *level) for code, level in sorted(levels.items())),
        office_time=settings.service_level_clock == "office",
    )


def _named(words: str) -> tuple[str, str]:
    code, _, level = words.rpartition("=")
    return code, level


def _level(words: str) -> tuple[timedelta, timedelta]:
    first, _, end = words.partition("/")
    try:
        found = timedelta(minutes=float(first)), timedelta(minutes=float(end))
    except ValueError as error:
        raise SettingsError("LOKET_SERVICE_LEVELS: 15/480, 33.28=10/240") from error
    if not timedelta() < found[0] <= found[1]:
        raise SettingsError("LOKET_SERVICE_LEVELS: 15/480, 33.28=10/240")
    return found


def oidc_of(settings: Settings, keys: KeyRing, now: Callable[[], datetime]) -> Oidc | None:
    """The identity provider, if one is set.

    :raises SettingsError: half of one, or a group that brings no role.
    """
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise SettingsError("LOKET_OIDC_CLIENT_ID is missing beside LOKET_OIDC_ISSUER")
    groups = dict(words.partition("=")[::2] for words in settings.oidc_groups)
    for group, role in groups.items():
        if role.partition("@")[0] not in ROLES:
            raise SettingsError(f"LOKET_OIDC_GROUPS: {group}: peran yang ada / roles are {', '.join(ROLES)}")
    config = OidcConfig(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        redirect_uri=f"{(settings.staff_url or settings.public_url).rstrip('/')}{RETURN}",
        name=settings.oidc_name,
        username_claim=settings.oidc_username_claim,
        roles_claim=settings.oidc_roles_claim,
        locus_claim=settings.oidc_locus_claim,
        groups=groups,
        asks_second=settings.oidc_second_factor == "provider",
    )
    return Oidc(config, keys, now)
