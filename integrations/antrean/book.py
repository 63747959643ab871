"""The book of tickets: who has which number of which counter on which day. Every method is one transaction.

Two things the database itself forbids: one number given twice, and two active tickets of one person for one service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.ports import Clock
from integrations.antrean.counters import Counter, Office
from integrations.sandbox.database import Database, Row
from integrations.sandbox.paper import WIB

WAITING, SOON, CALLED, SERVED, MISSED, CANCELLED = "menunggu", "segera", "dipanggil", "selesai", "tidak_hadir", "batal"
ACTIVE = (WAITING, SOON, CALLED)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS tickets (
    key TEXT PRIMARY KEY, ref TEXT UNIQUE, service TEXT NOT NULL, nik TEXT NOT NULL, name TEXT NOT NULL, day TEXT NOT NULL,
    slot INTEGER NOT NULL, letter TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, walk_in INTEGER NOT NULL,
    here INTEGER NOT NULL DEFAULT 0, called_at TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS one_number ON tickets (letter, day, number) WHERE state != 'batal';
CREATE UNIQUE INDEX IF NOT EXISTS one_active ON tickets (nik, service)
    WHERE nik != '' AND state IN ('menunggu', 'segera', 'dipanggil');
CREATE TABLE IF NOT EXISTS moves (ref TEXT NOT NULL, key TEXT NOT NULL, slot TEXT NOT NULL, PRIMARY KEY (ref, key));
CREATE TABLE IF NOT EXISTS visits (
    id INTEGER PRIMARY KEY, village TEXT NOT NULL, day TEXT NOT NULL, begins TEXT NOT NULL, ends TEXT NOT NULL,
    UNIQUE (village, day));
"""


class Refused(Exception):
    """The booking cannot be made; ``code`` says why: ``full``, ``closed`` or ``exists``; at a check-in ``early`` or ``over``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Free:
    """A slot of a counter with places left for people who book."""

    id: str
    starts: datetime
    ends: datetime
    free: int
    counter: str


@dataclass(frozen=True)
class Ticket:
    """One number."""

    key: str
    ref: str | None
    service: str
    name: str
    day: date
    slot: int
    letter: str
    number: int
    state: str
    walk_in: bool
    here: bool
    called_at: datetime | None

    @property
    def written(self) -> str:
        """``A-012``."""
        return f"{self.letter}-{self.number:03}"


class Book:
    """Tickets of all counters, in one SQLite file."""

    def __init__(self, path: Path, clock: Clock, office: Office) -> None:
        self._db = Database(path, _SCHEMA)
        self._clock = clock
        self.office = office

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def now(self) -> datetime:
        """The office's clock."""
        return self._clock.now().astimezone(WIB)

    # -- booking ------------------------------------------------------------------------------------------------------

    def free(self, service: str, first: date, last: date) -> list[Free]:
        """Slots with places, in order; a slot that has begun is for those who are there."""
        counter = self.office.counter_of(service)
        if counter is None:
            return []
        now = self.now
        last = min(last, now.date() + timedelta(days=self.office.days_ahead))
        days = self.office.open_days(max(first, now.date()), last)
        return [one for day in days for one in self._free(counter, day) if one.free > 0 and one.starts > now]

    def slot_at(self, service: str, starts: datetime) -> str | None:
        """Id of the slot that begins then, with or without places; None: there is none."""
        counter, local = self.office.counter_of(service), starts.astimezone(WIB)
        if counter is None or local.time() not in self.office.begins or local <= self.now:
            return None
        if not list(self.office.open_days(local.date(), local.date())):
            return None
        return f"{counter.letter}-{local:%Y%m%d-%H%M}"

    def book(self, key: str, service: str, nik: str, name: str, slot_id: str | None) -> Ticket:
        """A number in that slot; the same key again gives the same ticket.

        :raises Refused: no such slot, no place left, or the person has an active ticket for that service.
        """
        with self._db.transaction():
            known = self._db.one("SELECT * FROM tickets WHERE key = ?", key)
            if known:
                return _ticket(known)
            if self.active(nik, service) is not None:
                raise Refused("exists", "NIK ini masih punya antrean untuk layanan yang sama")
            counter, day, slot = self._slot(service, slot_id)
            number = self._number(counter, day, slot)
            self._db.run(
                "INSERT INTO tickets (key, service, nik, name, day, slot, letter, number, state, walk_in)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                *(key, service, nik, name, day.isoformat(), slot, counter.letter, number, WAITING),
            )
        return self._by_key(key)

    def name(self, key: str, ref: str) -> None:
        """The case that a ticket belongs to."""
        self._db.run("UPDATE tickets SET ref = ? WHERE key = ?", ref, key)

    def move(self, ref: str, key: str, slot_id: str) -> tuple[Ticket, bool]:
        """Another slot for a ticket, and whether that is news; the old number is free again.

        :raises Refused: no place there, or the ticket is not waiting any more.
        """
        with self._db.transaction():
            ticket = self.by_ref(ref)
            before = self._db.one("SELECT slot FROM moves WHERE ref = ? AND key = ?", ref, key)
            if before:
                if before["slot"] != slot_id:
                    raise Refused("closed", "Kunci ini sudah dipakai untuk jadwal lain")
                return ticket, False
            if ticket.state not in (WAITING, SOON):
                raise Refused("closed", "Nomor ini sudah dipanggil atau tidak berlaku lagi")
            counter, day, slot = self._slot(ticket.service, slot_id)
            if (day, slot) != (ticket.day, ticket.slot):
                self._db.run("UPDATE tickets SET state = ? WHERE ref = ?", CANCELLED, ref)
                number = self._number(counter, day, slot)
                self._db.run(
                    "UPDATE tickets SET day = ?, slot = ?, letter = ?, number = ?, state = ?, called_at = NULL WHERE ref = ?",
                    *(day.isoformat(), slot, counter.letter, number, WAITING, ref),
                )
            self._db.run("INSERT INTO moves VALUES (?, ?, ?)", ref, key, slot_id)
        return self.by_ref(ref), True

    def cancel(self, ref: str) -> bool:
        """Give the number back; False: it is being served or over."""
        changed = self._db.run(
            "UPDATE tickets SET state = ? WHERE ref = ? AND state IN (?, ?)", CANCELLED, ref, WAITING, SOON
        )
        return bool(changed)

    def active(self, nik: str, service: str) -> Ticket | None:
        """The ticket a person has for a service; numbers of days that are over count no more."""
        row = self._db.one(
            "SELECT * FROM tickets WHERE nik = ? AND service = ? AND state IN (?, ?, ?)", nik, service, *ACTIVE
        )
        return _ticket(row) if row else None

    def walk_in(self, letter: str) -> Ticket:
        """A number for somebody who stands there: a kept one, or one nobody booked of a slot that has begun.

        :raises Refused: none is left today.
        """
        counter, now = self.office.counter(letter), self.now
        if counter is None or not list(self.office.open_days(now.date(), now.date())):
            raise Refused("closed", "Loket ini tidak buka hari ini")
        with self._db.transaction():
            for slot in range(len(self.office.begins)):
                if self.office.ends(now.date(), slot) <= now:
                    continue
                begun = self.office.starts(now.date(), slot) <= now
                numbers = [*self.office.kept(slot), *(self.office.bookable(slot) if begun else ())]
                number = self._first_free(counter, now.date(), numbers)
                if number is not None:
                    key = f"datang-{now.date()}-{letter}-{number}"
                    self._db.run(
                        "INSERT INTO tickets (key, service, nik, name, day, slot, letter, number, state, walk_in, here)"
                        " VALUES (?, '', '', '', ?, ?, ?, ?, ?, 1, 1)",
                        *(key, now.date().isoformat(), slot, letter, number, WAITING),
                    )
                    return self._by_key(key)
        raise Refused("full", "Nomor hari ini sudah habis")

    # -- the day at the counters --------------------------------------------------------------------------------------

    def call_next(self, letter: str, day: date | None = None) -> Ticket | None:
        """Call the lowest number that waits today, or on a day that is being played."""
        now = self.now
        with self._db.transaction():
            row = self._db.one(
                "SELECT * FROM tickets WHERE letter = ? AND day = ? AND state IN (?, ?) ORDER BY number",
                *(letter, (day or now.date()).isoformat(), WAITING, SOON),
            )
            if row is None:
                return None
            self._db.run(
                "UPDATE tickets SET state = ?, called_at = ? WHERE key = ?", CALLED, now.isoformat(), row["key"]
            )
        return self._by_key(row["key"])

    def settle(self, key: str, state: str) -> Ticket | None:
        """A called number was served, or its owner is not there. None: it is not called."""
        changed = self._db.run("UPDATE tickets SET state = ? WHERE key = ? AND state = ?", state, key, CALLED)
        return self._by_key(key) if changed else None

    def check_in(self, written: str, day: date | None = None) -> Ticket | None:
        """Somebody with the number ``A-012`` of today (or of a day that is being played) is there."""
        letter, _, number = written.strip().upper().replace(" ", "").partition("-")
        if not (number.isascii() and number.isdigit() and len(number) <= 4):
            return None
        ticket = self.by_number(letter, day or self.now.date(), int(number))
        return self.here(ticket.key) if ticket is not None and ticket.state in ACTIVE else None

    def here(self, key: str) -> Ticket:
        """Its owner is there."""
        self._db.run("UPDATE tickets SET here = 1 WHERE key = ?", key)
        return self._by_key(key)

    def by_number(self, letter: str, day: date, number: int) -> Ticket | None:
        """Whoever has that number on that day."""
        row = self._db.one(
            "SELECT * FROM tickets WHERE letter = ? AND day = ? AND number = ? AND state != ?",
            *(letter, day.isoformat(), number, CANCELLED),
        )
        return _ticket(row) if row is not None else None

    def release(self) -> list[Ticket]:
        """Let go what nobody came for: called too long ago, or of a day that is over. Those that were let go now."""
        now = self.now
        latest = (now - timedelta(minutes=self.office.no_show_minutes)).isoformat()
        rows = self._db.all(
            "SELECT * FROM tickets WHERE (state = ? AND here = 0 AND called_at <= ?) OR (state IN (?, ?, ?) AND day < ?)",
            *(CALLED, latest, *ACTIVE, now.date().isoformat()),
        )
        for row in rows:
            served = row["state"] == CALLED and row["here"]
            self._db.run("UPDATE tickets SET state = ? WHERE key = ?", SERVED if served else MISSED, row["key"])
        return [self._by_key(row["key"]) for row in rows]

    def soon(self) -> list[Ticket]:
        """Numbers that only few others are before, of counters that have begun to call; they count as told now."""
        found = []
        rows = self._db.all(
            "SELECT * FROM tickets t WHERE state = ? AND EXISTS (SELECT 1 FROM tickets c WHERE c.letter = t.letter"
            " AND c.day = t.day AND c.called_at IS NOT NULL) ORDER BY day, letter, number",
            WAITING,
        )
        for ticket in map(_ticket, rows):
            if self.ahead(ticket) <= self.office.soon:
                self._db.run("UPDATE tickets SET state = ? WHERE key = ?", SOON, ticket.key)
                found.append(self._by_key(ticket.key))
        return found

    # -- looking ------------------------------------------------------------------------------------------------------

    def by_ref(self, ref: str) -> Ticket:
        """The ticket of a case.

        :raises KeyError: that case has none.
        """
        row = self._db.one("SELECT * FROM tickets WHERE ref = ?", ref)
        if row is None:
            raise KeyError(ref)
        return _ticket(row)

    def day(self, day: date, letter: str = "") -> list[Ticket]:
        """Numbers of a day in the order they are called, without those given back."""
        rows = self._db.all(
            "SELECT * FROM tickets WHERE day = ? AND ? IN ('', letter) AND state != ? ORDER BY letter, number",
            *(day.isoformat(), letter, CANCELLED),
        )
        return [_ticket(row) for row in rows]

    def ahead(self, ticket: Ticket) -> int:
        """How many with a lower number still wait."""
        row = self._db.one(
            "SELECT count(*) AS n FROM tickets WHERE letter = ? AND day = ? AND number < ? AND state IN (?, ?)",
            *(ticket.letter, ticket.day.isoformat(), ticket.number, WAITING, SOON),
        )
        return int(row["n"]) if row else 0

    def serving(self, letter: str, day: date) -> str:
        """The number called last; empty: none yet."""
        row = self._db.one(
            "SELECT * FROM tickets WHERE letter = ? AND day = ? AND called_at IS NOT NULL ORDER BY called_at DESC, number DESC",
            *(letter, day.isoformat()),
        )
        return _ticket(row).written if row else ""

    # -- visits -------------------------------------------------------------------------------------------------------

    def plan_visit(self, village: str, day: date, begins: str, ends: str) -> None:
        """Officers come to that village on that day."""
        self._db.run(
            "INSERT INTO visits (village, day, begins, ends) VALUES (?, ?, ?, ?) ON CONFLICT (village, day)"
            " DO UPDATE SET begins = excluded.begins, ends = excluded.ends",
            *(village, day.isoformat(), begins, ends),
        )

    def visits(self, village: str, first: date, last: date) -> list[Row]:
        """Planned visits, ``village, day, begins, ends``; of all villages when none is named."""
        return self._db.all(
            "SELECT * FROM visits WHERE ? IN ('', village) AND day BETWEEN ? AND ? ORDER BY day, village",
            *(village, first.isoformat(), last.isoformat()),
        )

    # -- inside -------------------------------------------------------------------------------------------------------

    def _free(self, counter: Counter, day: date) -> Iterator[Free]:
        tickets = self.day(day, counter.letter)
        taken = {ticket.number for ticket in tickets}
        quota = self.office.day_quota - sum(not ticket.walk_in for ticket in tickets)
        for slot in range(len(self.office.begins)):
            left = sum(number not in taken for number in self.office.bookable(slot))
            starts = self.office.starts(day, slot)
            id_ = f"{counter.letter}-{starts:%Y%m%d-%H%M}"
            yield Free(id_, starts, self.office.ends(day, slot), max(min(left, quota), 0), counter.name)

    def _slot(self, service: str, slot_id: str | None) -> tuple[Counter, date, int]:
        counter = self.office.counter_of(service)
        try:
            letter, day, begins = (slot_id or "").split("-")
            at = datetime.strptime(f"{day}{begins}", "%Y%m%d%H%M")
            slot = self.office.begins.index(at.time())
        except ValueError:
            raise Refused("closed", "Jam itu tidak ada") from None
        last = self.now.date() + timedelta(days=self.office.days_ahead)
        if counter is None or counter.letter != letter or not list(self.office.open_days(at.date(), at.date())):
            raise Refused("closed", "Loket tidak buka pada jam itu")
        if self.office.starts(at.date(), slot) <= self.now or at.date() > last:
            raise Refused("closed", "Jam itu sudah lewat atau belum dibuka")
        return counter, at.date(), slot

    def _number(self, counter: Counter, day: date, slot: int) -> int:
        if self._booked(counter, day) >= self.office.day_quota:
            raise Refused("full", "Kuota hari itu sudah habis")
        number = self._first_free(counter, day, self.office.bookable(slot))
        if number is None:
            raise Refused("full", "Jam itu sudah penuh")
        return number

    def _first_free(self, counter: Counter, day: date, numbers: Iterable[int]) -> int | None:
        taken = {ticket.number for ticket in self.day(day, counter.letter)}
        return next((number for number in numbers if number not in taken), None)

    def _booked(self, counter: Counter, day: date) -> int:
        return sum(not ticket.walk_in for ticket in self.day(day, counter.letter))

    def _by_key(self, key: str) -> Ticket:
        row = self._db.one("SELECT * FROM tickets WHERE key = ?", key)
        if row is None:
            raise KeyError(key)
        return _ticket(row)


def _ticket(row: Row) -> Ticket:
    return Ticket(
        key=row["key"],
        ref=row["ref"],
        service=row["service"],
        name=row["name"],
        day=date.fromisoformat(row["day"]),
        slot=row["slot"],
        letter=row["letter"],
        number=row["number"],
        state=row["state"],
        walk_in=bool(row["walk_in"]),
        here=bool(row["here"]),
        called_at=datetime.fromisoformat(row["called_at"]) if row["called_at"] else None,
    )
