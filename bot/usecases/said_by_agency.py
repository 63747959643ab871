"""Whether an agency's word can be taken at all, whatever adapter read it: a wrong one must not harm the case, nor the database."""

from __future__ import annotations

from bot.domain.application import State
from bot.errors import AgencyError
from bot.ports import AgencyStatus

_LONGEST = {"agency_ref": 200, "key": 200, "reference": 100, "note": 4000}
_MOST_FIELDS = 100
OURS = frozenset({State.DRAFT, State.KEDALUWARSA})
"""States that only Loket gives."""


def check(status: AgencyStatus) -> None:
    """See the module.

    :raises bot.errors.AgencyError: an unknown state, a time of another age, texts that are empty, too long or no texts.
    """
    if status.state not in set(State) - OURS:
        raise AgencyError("the agency's state is unknown")
    if status.at.tzinfo is None or not 2000 <= status.at.year <= 2200:
        raise AgencyError("the agency's time cannot be meant")
    if status.valid_until is not None and not 1900 <= status.valid_until.year <= 2200:
        raise AgencyError("the end of validity cannot be meant")
    if not status.agency_ref or not status.key:
        raise AgencyError("the agency's word has no number or no key")
    for name, most in _LONGEST.items():
        if not _storable(getattr(status, name), most):
            raise AgencyError(f"the agency's {name} cannot be used")
    if len(status.fields) > _MOST_FIELDS or not all(_storable(path, 200) for path in status.fields):
        raise AgencyError("the agency's fields cannot be used")


def _storable(text: object, most: int) -> bool:
    """A text that PostgreSQL and every reader can take; None is none."""
    if text is None:
        return True
    if not isinstance(text, str) or len(text) > most or "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return True
