"""Days on which offices of the state are closed besides weekends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import holidays


def indonesian_holidays() -> Callable[[date], bool]:
    """Public holidays and the collective leave (cuti bersama, category GOVERNMENT) of the joint decree of three ministers.

    The decree comes out year by year: of years that the package does not know yet only the public holidays count.
    """
    calendar = holidays.country_holidays("ID", categories=(holidays.PUBLIC, holidays.GOVERNMENT))

    def closed(day: date) -> bool:
        return day in calendar

    return closed
