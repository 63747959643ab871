"""Between an agency's words about a case and ours."""

from __future__ import annotations

import json
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
    "ditolak": State.DITOLAK,
    "dibatalkan": State.DIBATALKAN,
}


def status(raw: Any) -> AgencyStatus:
    """One change, as pushed and as listed in the history.

    :raises AgencyError: an unknown state or a wrong shape.
    """
    try:
        at = datetime.fromisoformat(raw["at"])
        if at.tzinfo is None:
            raise ValueError("without a time zone")
        texts = {name: raw[name] for name in ("agency_ref", "key")}
        note, fields = raw.get("note"), raw.get("fields") or []
        if not all(isinstance(t, str) and t for t in (*texts.values(), *fields)) or not isinstance(note, str | None):
            raise TypeError("texts expected")
        return AgencyStatus(
            state=STATES[raw["state"]].value,
            at=at,
            note=note,
            fields=tuple(fields),
            document=raw.get("document") is True,
            valid_until=date.fromisoformat(raw["valid_until"]) if raw.get("valid_until") else None,
            **texts,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AgencyError("the agency's status cannot be read, or its state is unknown") from error


def push(body: bytes) -> AgencyStatus:
    """A push.

    :raises AgencyError: no JSON, or as :func:`status`.
    """
    try:
        raw = json.loads(body)
    except ValueError as error:
        raise AgencyError("a callback is no JSON") from error
    return status(raw)
