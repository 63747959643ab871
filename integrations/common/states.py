"""Between an agency's words about a case and ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bot.domain.application import State
from bot.errors import AgencyError
from bot.ports import AgencyStatus

# What an agency says -> our state; a word that is not here fails loudly.
STATES = {
    "diajukan": State.DIAJUKAN,
    "verifikasi_berkas": State.VERIFIKASI_BERKAS,
    "perlu_perbaikan": State.PERLU_PERBAIKAN,
    "diproses": State.DIPROSES,
    "menunggu_tte": State.MENUNGGU_TTE,
    "terbit": State.TERBIT,
    "selesai": State.SELESAI,
    "ditolak": State.DITOLAK,
    "dibatalkan": State.DIBATALKAN,
}


def status(raw: Any, table: Mapping[str, State] = STATES) -> AgencyStatus:
    """One change, as pushed and as listed in the history. ``table``: the agency's words, where it has its own.

    :raises AgencyError: an unknown state or a wrong shape.
    """
    try:
        at = datetime.fromisoformat(raw["at"])
        if at.tzinfo is None:
            raise ValueError("without a time zone")
        return AgencyStatus(
            agency_ref=_text(raw["agency_ref"]),
            state=table[raw["state"]].value,
            at=at,
            key=_text(raw["key"]),
            note=_maybe(raw.get("note")),
            fields=tuple(map(_text, _list(raw.get("fields")))),
            document=_truth(raw.get("document")),
            valid_until=date.fromisoformat(raw["valid_until"]) if raw.get("valid_until") else None,
            reference=_maybe(raw.get("reference")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AgencyError("the agency's status cannot be read, or its state is unknown") from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a text expected")
    return value


def _maybe(value: Any) -> str | None:
    """A text, or nothing; an empty one says nothing."""
    return _text(value) if value not in (None, "") else None


def _list(value: Any) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise TypeError("a list expected")
    return value or []


def _truth(value: Any) -> bool:
    if not isinstance(value, bool | None):
        raise TypeError("true or false expected")
    return value is True


def push(body: bytes, table: Mapping[str, State] = STATES) -> AgencyStatus:
    """A push.

    :raises AgencyError: no JSON, or as :func:`status`.
    """
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AgencyError("a callback is no JSON") from error
    return status(raw, table)
