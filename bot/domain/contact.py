"""How a person wants to be reached, as they said themselves. The civil register knows nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PHONE, EMAIL, CHANNEL = "phone", "email", "channel"
KINDS = (PHONE, EMAIL, CHANNEL)


@dataclass(frozen=True)
class Contact:
    """``value``: a number (+62…), an address, or a channel's id (``telegram``). ``confirmed_at``: when a code or the channel
    itself showed that it is theirs."""

    kind: str
    value: str
    updated_at: datetime
    confirmed_at: datetime | None = None


def masked_email(address: str) -> str:
    """``b***@contoh.id``."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}"


def masked_phone(number: str) -> str:
    """``+62 ••• 0001``: the last four digits, enough to know one's own."""
    return f"{number[:3]} ••• {number[-4:]}"


def masked_nik(nik: str) -> str:
    """The way a NIK is shown (domain.md 4.6)."""
    return f"{nik[:4]}********{nik[-4:]}"
