"""Numbers of citizens, as staff see them unless they ask."""

from __future__ import annotations

import re

# A NIK or a family card number, also with the dots, dashes and spaces that people write.
_SIXTEEN = re.compile(r"(?<!\d)\d(?:[ .-]?\d){15}(?!\d)")


def mask_number(number: str) -> str:
    """``3328••••••••0001``: enough to tell two people apart at the counter."""
    return f"{number[:4]}{'•' * (len(number) - 8)}{number[-4:]}" if len(number) > 8 else "•" * len(number)


def mask_text(text: str) -> str:
    """``text`` with every 16-digit number masked."""
    return _SIXTEEN.sub(lambda found: mask_number(re.sub(r"\D", "", found[0])), text)


def mask_name(name: str) -> str:
    """``Siti A. P.``; of a single word its beginning: enough to recognise whom one is talking with, too little to look up."""
    first, *others = name.split() or [""]
    if not others:
        return f"{first[:3]}•••" if len(first) > 3 else first
    return " ".join([first.title(), *(f"{other[0].upper()}." for other in others)])


def mask_date(iso: str) -> str:
    """``••-••-1990`` of ``1990-01-01``."""
    return f"••-••-{iso[:4]}"


def mask_phone(number: str) -> str:
    """The last three digits."""
    return f"{'•' * max(0, len(number) - 3)}{number[-3:]}"
