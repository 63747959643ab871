"""The cases of one agency: what came in, what became of it, and the pushes still to be delivered."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from bot.ports import Clock
from integrations.sandbox import states
from integrations.sandbox.case import Application, Case, Event, IllegalMove, KeyReused, Pending, StoredFile
from integrations.sandbox.database import Database, Row

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cases (
    ref TEXT PRIMARY KEY, key TEXT UNIQUE NOT NULL, fingerprint TEXT NOT NULL, reference TEXT NOT NULL,
    service TEXT NOT NULL, data TEXT NOT NULL, callback_url TEXT NOT NULL, state TEXT NOT NULL, created TEXT NOT NULL,
    check_token TEXT UNIQUE NOT NULL, document_name TEXT, document BLOB, variant TEXT NOT NULL DEFAULT '',
    ending TEXT NOT NULL DEFAULT 'submission');
CREATE TABLE IF NOT EXISTS files (
    ref TEXT NOT NULL REFERENCES cases, n INTEGER NOT NULL, field TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
    content BLOB NOT NULL, PRIMARY KEY (ref, n));
CREATE TABLE IF NOT EXISTS events (
    key TEXT PRIMARY KEY, ref TEXT NOT NULL REFERENCES cases, n INTEGER NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL,
    note TEXT, fields TEXT NOT NULL, document INTEGER NOT NULL, valid_until TEXT);
CREATE TABLE IF NOT EXISTS amendments (
    ref TEXT NOT NULL REFERENCES cases, key TEXT NOT NULL, fingerprint TEXT NOT NULL, PRIMARY KEY (ref, key));
CREATE TABLE IF NOT EXISTS words (
    ref TEXT NOT NULL REFERENCES cases, n INTEGER NOT NULL, at TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (ref, n));
CREATE TABLE IF NOT EXISTS callbacks (
    id INTEGER PRIMARY KEY, ref TEXT NOT NULL REFERENCES cases, url TEXT NOT NULL, body BLOB NOT NULL,
    due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, delivered TEXT, last_result TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS traces (ref TEXT PRIMARY KEY REFERENCES cases, traceparent TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS callbacks_open ON callbacks (ref, id) WHERE delivered IS NULL;
"""
_CASE = (
    "SELECT ref, key, reference, service, data, callback_url, state, created, check_token, document_name, variant, ending"
    " FROM cases"
)
_LATER = {"variant": "''", "ending": "'submission'"}
"""Columns that a file of an earlier version lacks, with their usual value."""


class Cases:
    """Cases of one agency, in one SQLite file. Every method is one transaction."""

    def __init__(self, path: Path, clock: Clock, prefix: str, workflow: states.Workflow = states.USUAL) -> None:
        self._db = Database(path, _SCHEMA)
        for column, usual in _LATER.items():
            if not self._db.one("SELECT 1 FROM pragma_table_info('cases') WHERE name = ?", column):
                self._db.run(f"ALTER TABLE cases ADD COLUMN {column} TEXT NOT NULL DEFAULT {usual}")
        if not self._db.one("SELECT 1 FROM pragma_table_info('events') WHERE name = 'valid_until'"):
            self._db.run("ALTER TABLE events ADD COLUMN valid_until TEXT")
        self._clock = clock
        self._prefix = prefix
        self._workflow = workflow

    def accept(self, key: str, application: Application) -> tuple[Case, bool]:
        """The case for that key, and whether it is new.

        :raises KeyReused: the key came before with another body.
        """
        now = self._clock.now()
        with self._db.transaction():
            known = self._db.one("SELECT ref, fingerprint FROM cases WHERE key = ?", key)
            if known:
                if known["fingerprint"] != application.fingerprint:
                    raise KeyReused
                return self._case(known["ref"]), False
            ref = f"{self._prefix}-{now:%y%m%d}-{secrets.token_hex(4).upper()}"
            self._db.run(
                "INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?, ?)",
                ref,
                key,
                application.fingerprint,
                application.reference,
                application.service,
                json.dumps(application.data),
                application.callback_url,
                self._workflow.first,
                now.isoformat(),
                secrets.token_urlsafe(12),
                application.variant,
                application.ending,
            )
            self._put_files(ref, application.files)
            self._add_event(ref, self._workflow.first, now)
        return self._case(ref), True

    def get(self, ref: str) -> Case | None:
        """The case, or None."""
        row = self._db.one(_CASE + " WHERE ref = ?", ref)
        return _case(row) if row else None

    def find(self, key: str, reference: str) -> list[Case]:
        """The case of that key, then the others of that reference, newest first."""
        rows = self._db.all(
            _CASE + " WHERE key = ? OR (reference = ? AND reference != '') ORDER BY key = ? DESC, rowid DESC",
            key,
            reference,
            key,
        )
        return [_case(row) for row in rows]

    def by_token(self, token: str) -> Case | None:
        """The case whose document carries that QR token."""
        row = self._db.one(_CASE + " WHERE check_token = ?", token)
        return _case(row) if row else None

    def queue(self, state: str = "") -> list[Case]:
        """Cases, oldest first; of one state, or all."""
        rows = self._db.all(_CASE + " WHERE ? IN ('', state) ORDER BY created, rowid", state)
        return [_case(row) for row in rows]

    def history(self, ref: str) -> list[Event]:
        """Every change, oldest first."""
        return [_event(row) for row in self._db.all("SELECT * FROM events WHERE ref = ? ORDER BY n", ref)]

    def files(self, ref: str) -> list[StoredFile]:
        """The attachments, in order."""
        rows = self._db.all("SELECT field, name, type, content FROM files WHERE ref = ? ORDER BY n", ref)
        return [StoredFile(*row) for row in rows]

    def document(self, ref: str) -> tuple[str, bytes] | None:
        """Name and content of the issued document."""
        row = self._db.one("SELECT document_name, document FROM cases WHERE ref = ? AND document IS NOT NULL", ref)
        return (row["document_name"], row["document"]) if row else None

    def act(
        self,
        ref: str,
        action: states.Action,
        note: str | None,
        fields: Sequence[str],
        document: tuple[str, bytes] | None,
        valid_until: str | None = None,
    ) -> None:
        """An officer's action: state, history and push in one transaction. ``valid_until``: of the document, where it ends.

        :raises IllegalMove: the case is not in a state for it (somebody else was faster).
        """
        with self._db.transaction():
            case = self._case(ref)
            if not action.fits(case.state, case.ending):
                raise IllegalMove(case.state)
            if document:
                self._db.run("UPDATE cases SET document_name = ?, document = ? WHERE ref = ?", *document, ref)
            for state in states.steps(action, case.state):
                last = state == action.to
                self._move(
                    case,
                    state,
                    note if last else None,
                    fields if last else (),
                    document=last and document is not None,
                    valid_until=valid_until if last else None,
                )

    def repair(self, ref: str, key: str, application: Application) -> bool:
        """Replace data and files of a case that waits for it. False: a repeat under the same key, nothing changed.

        :raises KeyReused: the key came before with another body.
        :raises IllegalMove: the case does not wait for a repair.
        """
        with self._db.transaction():
            if self._is_repeat(ref, key, application.fingerprint):
                return False
            case = self._case(ref)
            if case.state != self._workflow.waiting:
                raise IllegalMove(case.state)
            self._db.run(
                "UPDATE cases SET data = ?, callback_url = ? WHERE ref = ?",
                json.dumps(application.data),
                application.callback_url or case.callback_url,
                ref,
            )
            self._db.run("DELETE FROM files WHERE ref = ?", ref)
            self._put_files(ref, application.files)
            self._move(self._case(ref), self._workflow.resumed, None, (), document=False)
        return True

    def cancel(self, ref: str, key: str, reason: str) -> None:
        """The applicant withdraws; a repeat under the same key changes nothing.

        :raises KeyReused: the key came before with another reason.
        :raises IllegalMove: too late.
        """
        self.change(ref, key, reason, self._workflow.cancellable, self._workflow.cancelled)

    def change(self, ref: str, key: str, note: str, before: Collection[str], to: str) -> None:
        """The applicant's own word about the case (withdrawn, settled, not settled); a repeat under the same key changes nothing.

        :raises KeyReused: the key came before with another note.
        :raises IllegalMove: the case is not in a state of ``before``.
        """
        with self._db.transaction():
            if self._is_repeat(ref, key, hashlib.sha256(note.encode()).hexdigest()):
                return
            case = self._case(ref)
            if case.state not in before:
                raise IllegalMove(case.state)
            self._move(case, to, note or None, (), document=False)

    def add_words(self, ref: str, key: str, text: str, files: Sequence[StoredFile]) -> None:
        """The applicant adds something; what was waited for goes on. A repeat under the same key changes nothing.

        :raises KeyReused: the key came before with other words.
        :raises IllegalMove: the case is closed.
        """
        digests = [hashlib.sha256(file.content).hexdigest() for file in files]
        with self._db.transaction():
            if self._is_repeat(ref, key, hashlib.sha256(json.dumps([text, digests]).encode()).hexdigest()):
                return
            case = self._case(ref)
            if not self._workflow.takes_words(case.state):
                raise IllegalMove(case.state)
            n = len(self.words(ref)) + 1
            self._db.run("INSERT INTO words VALUES (?, ?, ?, ?)", ref, n, self._clock.now().isoformat(), text)
            self._put_files(ref, files, after=len(self.files(ref)))
            if case.state == self._workflow.waiting:
                self._move(case, self._workflow.resumed, None, (), document=False)

    def words(self, ref: str) -> list[tuple[datetime, str]]:
        """What the applicant added, in order."""
        rows = self._db.all("SELECT at, text FROM words WHERE ref = ? ORDER BY n", ref)
        return [(datetime.fromisoformat(row["at"]), row["text"]) for row in rows]

    # -- pushes -------------------------------------------------------------------------------------------------------

    def put_trace(self, ref: str, traceparent: str) -> None:
        """W3C trace context that the case came with: its pushes bring it back."""
        self._db.run("INSERT OR IGNORE INTO traces VALUES (?, ?)", ref, traceparent[:200])

    def trace(self, ref: str) -> str | None:
        """What the case came with."""
        row = self._db.one("SELECT traceparent FROM traces WHERE ref = ?", ref)
        return str(row["traceparent"]) if row else None

    def pending(self) -> list[Pending]:
        """Undelivered pushes in the order they came about."""
        rows = self._db.all(
            "SELECT c.id, c.ref, c.url, c.body, c.due, c.attempts,"
            " EXISTS (SELECT 1 FROM callbacks l WHERE l.ref = c.ref AND l.id > c.id AND l.delivered IS NOT NULL)"
            " AS overtaken"
            " FROM callbacks c WHERE c.delivered IS NULL ORDER BY c.id"
        )
        return [Pending(**{**dict(row), "overtaken": bool(row["overtaken"])}) for row in rows]

    def delivered(self, callback: int) -> None:
        """The gateway took it."""
        at = self._clock.now().isoformat()
        self._db.run(
            "UPDATE callbacks SET delivered = ?, attempts = attempts + 1, last_result = '' WHERE id = ?", at, callback
        )

    def failed(self, callback: int, due: float, result: str) -> None:
        """It did not; ``due`` (seconds since 1970) is the next try, ``result`` a status or the error's name."""
        self._db.run(
            "UPDATE callbacks SET due = ?, attempts = attempts + 1, last_result = ? WHERE id = ?", due, result, callback
        )

    def pushes(self, ref: str) -> list[Row]:
        """Pushes of a case with their fate, for the officers' page."""
        return self._db.all("SELECT attempts, delivered, last_result FROM callbacks WHERE ref = ? ORDER BY id", ref)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # -- inside a transaction -----------------------------------------------------------------------------------------

    def _case(self, ref: str) -> Case:
        case = self.get(ref)
        if case is None:
            raise IllegalMove("unknown")
        return case

    def _is_repeat(self, ref: str, key: str, fingerprint: str) -> bool:
        known = self._db.one("SELECT fingerprint FROM amendments WHERE ref = ? AND key = ?", ref, key)
        if known and known["fingerprint"] != fingerprint:
            raise KeyReused
        if not known:
            self._db.run("INSERT INTO amendments VALUES (?, ?, ?)", ref, key, fingerprint)
        return known is not None

    def _move(
        self,
        case: Case,
        state: str,
        note: str | None,
        fields: Sequence[str],
        document: bool,
        valid_until: str | None = None,
    ) -> None:
        now = self._clock.now()
        self._db.run("UPDATE cases SET state = ? WHERE ref = ?", state, case.ref)
        event = self._add_event(case.ref, state, now, note, fields, document, valid_until)
        if case.callback_url:
            body = json.dumps(event.to_json(case.reference), ensure_ascii=False).encode()
            self._db.run(
                "INSERT INTO callbacks (ref, url, body, due) VALUES (?, ?, ?, ?)",
                case.ref,
                case.callback_url,
                body,
                now.timestamp(),
            )

    def _add_event(
        self,
        ref: str,
        state: str,
        at: datetime,
        note: str | None = None,
        fields: Sequence[str] = (),
        document: bool = False,
        valid_until: str | None = None,
    ) -> Event:
        row = self._db.one("SELECT count(*) AS n FROM events WHERE ref = ?", ref)
        n = (row["n"] if row else 0) + 1
        event = Event(f"{ref}.{n}", ref, state, at, note, tuple(fields), document, valid_until)
        self._db.run(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            event.key,
            ref,
            n,
            state,
            at.isoformat(),
            note,
            json.dumps(list(fields)),
            int(document),
            valid_until,
        )
        return event

    def _put_files(self, ref: str, files: Sequence[StoredFile], after: int = 0) -> None:
        for n, file in enumerate(files, after):
            self._db.run(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)", ref, n, file.field, file.name, file.type, file.content
            )


def _case(row: Row) -> Case:
    values = dict(row)
    return Case(**{**values, "data": json.loads(values["data"]), "created": datetime.fromisoformat(values["created"])})


def _event(row: Row) -> Event:
    return Event(
        key=row["key"],
        ref=row["ref"],
        state=row["state"],
        at=datetime.fromisoformat(row["at"]),
        note=row["note"],
        fields=tuple(json.loads(row["fields"])),
        document=bool(row["document"]),
        valid_until=row["valid_until"],
    )
