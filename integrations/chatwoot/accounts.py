"""The accounts that the settings name: one for every office, or offices with accounts of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import SettingsError

_OF_OFFICE = re.compile(r"([0-9][0-9.]*)=(.*)", re.DOTALL)
_NEEDED = ("LOKET_CHATWOOT_URL", "LOKET_CHATWOOT_ACCOUNT", "LOKET_CHATWOOT_INBOX", "LOKET_CHATWOOT_TOKEN")
SECRET, TOKEN = "LOKET_CHATWOOT_WEBHOOK_SECRET", "LOKET_CHATWOOT_WEBHOOK_TOKEN"  # noqa: S105 (names of settings)
_LEAST = 16
"""Characters of a secret at the end of an address: nobody guesses it."""


@dataclass(frozen=True)
class Account:
    """Where one desk is. ``office``: its code; empty: every office without an account of its own. ``secret`` signs webhooks;
    ``path_token`` ends their address where Chatwoot does not sign, and is looked at only then.
    """

    office: str
    url: str
    account: str
    inbox: int
    token: str
    secret: str = ""
    path_token: str = ""

    @property
    def id(self) -> str:
        """Of the desk: ``chatwoot``, or ``chatwoot-33.28``."""
        return f"chatwoot-{self.office}" if self.office else "chatwoot"


def accounts(config: Mapping[str, str]) -> list[Account]:
    """Each setting holds one value, or values between commas with ``<office>=`` before them; what an office does not say of its
    own is the common value.

    :raises bot.errors.SettingsError: something is missing or wrong; the message says what.
    """
    given = {name: _by_office(config.get(name, "")) for name in (*_NEEDED, SECRET, TOKEN)}
    offices = sorted({office for values in given.values() for office in values if office})
    common = all("" in given[name] for name in _NEEDED)
    if not common and not offices:
        raise SettingsError(f"integrations.chatwoot: {', '.join(n for n in _NEEDED if '' not in given[n])}")
    return [_account(office, given) for office in (*([""] if common else []), *offices)]


def _by_office(value: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in value.split(","))):
        match = _OF_OFFICE.fullmatch(part)
        office, said = (match[1], match[2].strip()) if match else ("", part)
        if said:
            found[office] = said
    return found


def _account(office: str, given: Mapping[str, Mapping[str, str]]) -> Account:
    def of(name: str) -> str:
        return given[name].get(office) or given[name].get("", "")

    missing = [name for name in _NEEDED if not of(name)]
    if not of(SECRET) and not of(TOKEN):
        missing.append(f"{SECRET} / {TOKEN}")
    where = f"integrations.chatwoot{f' ({office})' if office else ''}"
    if missing:
        raise SettingsError(f"{where} needs {', '.join(missing)}: set it (docs/outside-desk.md)")
    url, account, inbox, token = (of(name) for name in _NEEDED)
    if not url.startswith(("https://", "http://")):
        raise SettingsError(f"{where}: LOKET_CHATWOOT_URL is an address with https://")
    if not (account.isascii() and account.isdigit() and inbox.isascii() and inbox.isdigit()):
        raise SettingsError(f"{where}: LOKET_CHATWOOT_ACCOUNT and LOKET_CHATWOOT_INBOX are numbers")
    if not of(SECRET) and len(of(TOKEN)) < _LEAST:
        raise SettingsError(f"{where}: {TOKEN} has at least {_LEAST} characters")
    return Account(office, url.rstrip("/"), account, int(inbox), token, of(SECRET), of(TOKEN))
