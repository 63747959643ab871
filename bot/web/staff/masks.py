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
