"""The senders of ``LOKET_WHATSAPP_SENDERS`` as accounts, and WhatsApp addresses as Twilio writes them.

An address is ``whatsapp:`` and either a number (``+62…``) or, where a person hides it, a business-scoped user id: two
letters of a country, a full stop, letters and digits (``ID.13491208655302741918``; developers.facebook.com, "Business-scoped
user IDs"). Within Loket the prefix is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.errors import SettingsError
from bot.ports import ChannelAccount

PREFIX = "whatsapp:"
SANDBOX_NUMBER = "+14155238886"
"""The number all Twilio accounts share to try WhatsApp (twilio.com/docs/whatsapp/sandbox); it cannot be configured by API."""

_NUMBER = re.compile(r"\+[1-9]\d{5,14}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
_PUNCTUATION = str.maketrans("", "", " -().")
_REMEDY = "tulis / write LOKET_WHATSAPP_SENDERS=33.28=+628…,33.29=+628…"


def read_senders(setting: str, locus: str) -> Mapping[str, ChannelAccount]:
    """The accounts of ``<office>=<number>,<number>…``, by id; a number may be the SID of a Messaging Service (``MG…``).

    :raises SettingsError: not of that form, or a sender twice.
    """
    found: dict[str, ChannelAccount] = {}
    for place, entry in enumerate(filter(None, (part.strip() for part in setting.split(","))), start=1):
        office, equals, sender = entry.rpartition("=")
        account = _account(sender, office.strip() or locus)
        if account is None or (equals and not office.strip()):
            raise SettingsError(f"LOKET_WHATSAPP_SENDERS: yang ke-{place} salah / entry {place} is wrong: {_REMEDY}")
        if account.id in found:
            raise SettingsError(f"LOKET_WHATSAPP_SENDERS: yang ke-{place} ada dua kali / entry {place} is there twice")
        found[account.id] = account
    return found


def _account(sender: str, locus: str) -> ChannelAccount | None:
    clean = sender.strip().removeprefix(PREFIX)
    if _SERVICE.fullmatch(clean):
        return ChannelAccount(f"{PREFIX}{clean}", locus, clean, clean)
    number = "+" + clean.translate(_PUNCTUATION).removeprefix("+")
    if not _NUMBER.fullmatch(number):
        return None
    return ChannelAccount(f"{PREFIX}{number[1:]}", locus, number[1:], number)


def is_service(account: ChannelAccount) -> bool:
    """Whether the account is a Messaging Service, which picks one of its numbers by itself."""
    return account.address.startswith("MG")


def origin(account: ChannelAccount) -> dict[str, str]:
    """Who a message is from, in the words of ``Messages.create``."""
    if is_service(account):
        return {"messaging_service_sid": account.address}
    return {"from_": PREFIX + account.address}


def bare(address: str) -> str:
    """An address without its prefix; empty when it is none."""
    # Form bodies that were not encoded well turn "+" into a space: such a number still is one.
    clean = address.strip().removeprefix(PREFIX).strip()
    if clean.isdecimal():
        clean = f"+{clean}"
    return clean if _NUMBER.fullmatch(clean) or _USER_ID.fullmatch(clean) else ""


def is_user_id(address: str) -> bool:
    """Whether a bare address is a user id instead of a number."""
    return bool(_USER_ID.fullmatch(address))
