"""What a case is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class KeyReused(Exception):
    """The idempotency key came before with another body."""


class IllegalMove(Exception):
    """The case is not in a state for that."""


@dataclass(frozen=True)
class StoredFile:
    """An attachment; ``type`` is sniffed, ``field`` is the document field it answers."""

    field: str
    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Application:
    """What a client hands in."""

    reference: str
    service: str
    data: dict[str, Any]
    callback_url: str
    files: tuple[StoredFile, ...] = ()
    variant: str = ""
    """Which way of needing the service, e.g. ``perpanjangan``."""
    ending: str = "submission"
    """``submission``, or ``booking``: a visit is asked for."""

    @property
    def fingerprint(self) -> str:
        """Digest of all of it: the same key must bring the same one."""
        files = [[f.field, f.name, hashlib.sha256(f.content).hexdigest()] for f in self.files]
        whole = [self.reference, self.service, self.variant, self.ending, self.data, self.callback_url, files]
        return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Case:
    """A case as an officer sees it."""

    ref: str
    key: str
    reference: str
    service: str
    data: dict[str, Any]
    callback_url: str
    state: str
    created: datetime
    check_token: str
    document_name: str | None
    variant: str = ""
    ending: str = "submission"


@dataclass(frozen=True)
class Event:
    """One change of state; ``key`` is unique for ever."""

    key: str
    ref: str
    state: str
    at: datetime
    note: str | None = None
    fields: tuple[str, ...] = ()
    document: bool = False
    valid_until: str | None = None
    """Last day of the issued document, as an ISO date, where it has one."""

    def to_json(self, reference: str) -> dict[str, Any]:
        """The push, and one line of the history."""
        return {
            "key": self.key,
            "agency_ref": self.ref,
            "reference": reference,
            "state": self.state,
            "at": self.at.isoformat(),
            "note": self.note,
            "fields": list(self.fields),
            "document": self.document,
            **({"valid_until": self.valid_until} if self.valid_until else {}),
        }


@dataclass(frozen=True)
class Pending:
    """A push that is not delivered yet."""

    id: int
    ref: str
    url: str
    body: bytes
    due: float
    attempts: int
    overtaken: bool
    """A later push of the same case is delivered already."""
