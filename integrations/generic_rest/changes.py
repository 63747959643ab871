"""An agency's word about a case, by the description's ``change``, ``states`` and ``field_names``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.application import State
from bot.errors import AgencyError
from bot.ports import AgencyStatus
from integrations.generic_rest.paths import MISSING, get, text


class ChangeReader:
    """Reads one change, of a history or of a push."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._at = data.get("change", {})
        self._states = data.get("states", {})
        self._names = data.get("field_names", {})

    def read(self, raw: Any, agency_ref: str = "") -> AgencyStatus:
        """``agency_ref``: of the case that was asked for; empty for a push.

        :raises AgencyError: an unknown state, a wrong shape, or somebody else's case.
        """
        if not isinstance(raw, dict):
            raise AgencyError("the agency's status is no object")
        ref = text(raw, self._at["agency_ref"]) if "agency_ref" in self._at else ""
        if agency_ref and ref and ref != agency_ref:
            raise AgencyError("the status is of another case")
        ref = agency_ref or ref
        word = text(raw, self._at["state"])
        if not ref or word not in self._states:
            raise AgencyError("the agency's status names no case, or its state is unknown")
        at = self._moment(raw)
        key = text(raw, self._at["key"]) if "key" in self._at else f"{ref}:{word}:{at.astimezone(UTC).isoformat()}"
        if not key:
            raise AgencyError("the agency's status has no key")
        return AgencyStatus(
            agency_ref=ref,
            state=State(self._states[word]).value,
            at=at,
            key=key,
            note=self._note(raw),
            fields=self._fields(raw),
            document=self._document(raw),
            valid_until=self._valid_until(raw),
            reference=(text(raw, self._at["reference"]) or None) if "reference" in self._at else None,
        )

    def _moment(self, raw: Any) -> datetime:
        value, form = get(raw, self._at["at"]), self._at.get("at_format", "iso")
        try:
            if form in ("unix", "unix_ms"):
                return datetime.fromtimestamp(float(value) / (1000 if form == "unix_ms" else 1), UTC)
            at = datetime.fromisoformat(value) if form == "iso" else datetime.strptime(value, form)
        except (TypeError, ValueError, OverflowError, OSError) as error:
            raise AgencyError("the time of a change cannot be read") from error
        if at.tzinfo is None:
            if "zone" not in self._at:
                raise AgencyError("the time of a change has no time zone")
            at = at.replace(tzinfo=ZoneInfo(self._at["zone"]))
        return at

    def _note(self, raw: Any) -> str | None:
        found = get(raw, self._at["note"]) if "note" in self._at else None
        if isinstance(found, list) and all(isinstance(line, str) for line in found):
            found = "\n".join(found)
        if found is MISSING or found is None or found == "":
            return None
        if not isinstance(found, str):
            raise AgencyError("the note of a change is no text")
        return found

    def _fields(self, raw: Any) -> tuple[str, ...]:
        found = get(raw, self._at["fields"]) if "fields" in self._at else None
        if found is MISSING or found is None:
            return ()
        if not isinstance(found, list):
            raise AgencyError("the fields to be repaired are no list")
        inside = self._at.get("field_name", "")
        return tuple(self._ours(text(row, inside) if inside else row) for row in found)

    def _ours(self, theirs: Any) -> str:
        # A field that nobody can find would make a repair nobody can do.
        if not isinstance(theirs, str) or not theirs or (self._names and theirs not in self._names):
            raise AgencyError("a field to be repaired is not in field_names")
        return str(self._names.get(theirs, theirs))

    def _document(self, raw: Any) -> bool:
        rule = self._at.get("document")
        if rule is None:
            return False
        value = get(raw, rule["path"])
        return value in rule["is"] if "is" in rule else bool(value)

    def _valid_until(self, raw: Any) -> date | None:
        value = get(raw, self._at["valid_until"]) if "valid_until" in self._at else None
        if value is MISSING or value in (None, ""):
            return None
        form = self._at.get("date_format", "iso")
        try:
            return date.fromisoformat(value) if form == "iso" else datetime.strptime(value, form).date()
        except (TypeError, ValueError) as error:
            raise AgencyError("the last day of a document cannot be read") from error
