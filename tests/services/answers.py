"""What somebody would write into any field of any form: one good answer per field, and the value it must become.

The values are worked out here, not by the parsers that are tested. A field type this does not know is an error: nobody
has shown yet that it can be answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.domain.catalogue import Service
from bot.domain.fields.choices import MAX_LISTED
from bot.domain.fields.dates import bound
from bot.domain.form_model import Field, Section

FIRST = "budi siti joko tuti agus rina hadi wati slamet nur".split()
LAST = "santoso lestari wibowo handayani prasetyo utami nugroho hidayati setiawan rahayu".split()
PLACES = ("slawi", "tegal", "brebes", "pemalang", "cirebon")
MONTHS = "januari februari maret april mei juni juli agustus september oktober november desember".split()
SKIP = object()
"""In a plan: the field is left out."""
SKIPS = ("lewati", "-", "tidak ada")
VARIANT = "_variant"


@dataclass(frozen=True)
class Answer:
    """What is typed (None: a file is sent), and what the agency must get. ``skipped``: nothing must reach it."""

    typed: str | None
    value: Any = None
    skipped: bool = False


@dataclass
class Plan:
    """How the citizen decides where there is a choice."""

    wishes: Mapping[str, Any] = field(default_factory=dict)
    """Path -> code, bool or :data:`SKIP`, where something else than the usual is wanted."""
    corrections: Mapping[str, Any] = field(default_factory=dict)
    """Path -> code: what is put right at the review, because it was never asked."""
    groups: int = 2
    """How many of a group whose number is asked."""
    skip_optional: bool = False


class Pen:
    """Answers the questions of one application."""

    def __init__(self, service: Service, today: date, nik: str, born: date, plan: Plan | None = None) -> None:
        self.service, self.today, self.nik, self.born = service, today, nik, born
        self.plan = plan or Plan()
        self.count = 0

    def answer(self, path: str) -> Answer:
        """The answer to the question at ``path``."""
        self.count += 1
        section, spec, index = place(self.service, path)
        wish = self.plan.corrections.get(path, self.plan.wishes.get(path))
        if spec is None:
            more = index + 1 < min(self.plan.groups, section.repeat.max if section.repeat else 1)
            more = more if wish is None else bool(wish)
            return Answer("ya" if more else "tidak", more)
        if wish is SKIP or (wish is None and spec.optional and self.plan.skip_optional):
            return Answer(SKIPS[self.count % len(SKIPS)], skipped=True)
        if section.internal and spec.type == "nik":
            return Answer(" ".join((self.nik[:6], self.nik[6:12], self.nik[12:])), self.nik)
        if section.internal and spec.type == "date":
            return self._day(self.born)
        write = _WRITERS.get(spec.type)
        assert write is not None, (
            f"{path}: how a '{spec.type}' is answered is not known; teach tests/services/answers.py"
        )
        return write(self, spec, wish)

    def _choice(self, spec: Field, wish: Any) -> Answer:
        number = next((n for n, c in enumerate(spec.choices) if c.code == wish), self.count % len(spec.choices))
        choice = spec.choices[number]
        ways = [
            choice.label["id"].lower(),
            *choice.synonyms[:1],
            *([str(number + 1)] if len(spec.choices) <= MAX_LISTED else []),
        ]
        return Answer(ways[self.count % len(ways)], choice.code)

    def _yes_no(self, spec: Field, wish: Any) -> Answer:
        yes = True if wish is None else bool(wish)
        return Answer("iya" if yes else "tidak", yes)

    def _consent(self, spec: Field, wish: Any) -> Answer:
        return Answer("ya saya setuju", True)

    def _name(self, spec: Field, wish: Any) -> Answer:
        typed = f"{FIRST[self.count % 10]} {LAST[self.count // 10 % 10]}"
        return Answer(typed, typed.title())

    def _place(self, spec: Field, wish: Any) -> Answer:
        typed = PLACES[self.count % len(PLACES)]
        return Answer(typed, typed.title())

    def _text(self, spec: Field, wish: Any) -> Answer:
        typed = f"contoh isian {self.count}".ljust(int(spec.options.get("min", 2)), "x")[
            : int(spec.options.get("max", 200))
        ]
        return Answer(typed.strip(), typed.strip())

    def _address(self, spec: Field, wish: Any) -> Answer:
        return Answer(f"Jl. Melati No. {self.count}", f"Jl. Melati No. {self.count}")

    def _date(self, spec: Field, wish: Any) -> Answer:
        least = bound(spec.options.get("usual", spec.options.get("min", "-30y")), self.today)
        most = bound(spec.options.get("max", "today"), self.today)
        return self._day(least + (most - least) / 2 if most > least else most)

    def _day(self, day: date) -> Answer:
        ways = (f"{day.day}-{day.month}-{day.year}", f"{day.day} {MONTHS[day.month - 1]} {day.year}", day.isoformat())
        return Answer(ways[self.count % 3], day.isoformat())

    def _time(self, spec: Field, wish: Any) -> Answer:
        return Answer("jam 07.30", "07:30")

    def _integer(self, spec: Field, wish: Any) -> Answer:
        least, most = int(spec.options.get("min", 1)), int(spec.options.get("max", 9))
        value = wish if wish is not None else min(least + 1, most)
        return Answer(str(value), value)

    def _number(self, spec: Field, wish: Any) -> Answer:
        middle = round((float(spec.options.get("min", 0)) + float(spec.options.get("max", 10))) / 2, 1)
        shown = f"{middle:g}".replace(".", ",")
        return Answer(
            f"{shown} {spec.options.get('unit', '')}".strip(), int(middle) if middle == int(middle) else middle
        )

    def _nik(self, spec: Field, wish: Any) -> Answer:
        nik = f"332899010190{self.count + 1000:04d}"
        return Answer(nik, nik)

    def _no_kk(self, spec: Field, wish: Any) -> Answer:
        number = f"332899010115{self.count + 1000:04d}"
        return Answer(" ".join((number[:4], number[4:8], number[8:12], number[12:])), number)

    def _phone(self, spec: Field, wish: Any) -> Answer:
        return Answer("0812-3456-7890", "+6281234567890")

    def _email(self, spec: Field, wish: Any) -> Answer:
        return Answer(f"warga{self.count}@contoh.id", f"warga{self.count}@contoh.id")

    def _rt_rw(self, spec: Field, wish: Any) -> Answer:
        return Answer("rt 3 rw 2", "003/002")

    def _village(self, spec: Field, wish: Any) -> Answer:
        return [Answer("Procot, Slawi", "33.28.10.1008"), Answer("kelurahan kudaile", "33.28.10.1009")][self.count % 2]

    def _district(self, spec: Field, wish: Any) -> Answer:
        return Answer("kec slawi", "33.28.10")

    def _postcode(self, spec: Field, wish: Any) -> Answer:
        return Answer("52411", "52411")

    def _code(self, spec: Field, wish: Any) -> Answer:
        return Answer(f"ab-{self.count + 100}/2024", f"AB-{self.count + 100}/2024")

    def _str_no(self, spec: Field, wish: Any) -> Answer:
        return Answer(f"xx000003{self.count + 10000000}", f"XX000003{self.count + 10000000}")

    def _sip_no(self, spec: Field, wish: Any) -> Answer:
        return Answer(f"503/{self.count + 100}/sip/dpmptsp/2023", f"503/{self.count + 100}/SIP/DPMPTSP/2023")

    def _schedule(self, spec: Field, wish: Any) -> Answer:
        return Answer("senin-jumat 08.00-14.00", "Senin-Jumat 08.00-14.00")

    def _money(self, spec: Field, wish: Any) -> Answer:
        return Answer("rp 500.000", 500_000)

    def _file(self, spec: Field, wish: Any) -> Answer:
        return Answer(None)


_WRITERS: Mapping[str, Callable[[Pen, Field, Any], Answer]] = {
    "choice": Pen._choice, "yes_no": Pen._yes_no, "consent": Pen._consent, "name": Pen._name, "place": Pen._place,
    "text": Pen._text, "address": Pen._address, "date": Pen._date, "time": Pen._time, "integer": Pen._integer,
    "number": Pen._number, "nik": Pen._nik, "no_kk": Pen._no_kk, "phone": Pen._phone, "email": Pen._email,
    "rt_rw": Pen._rt_rw, "village": Pen._village, "district": Pen._district, "postcode": Pen._postcode,
    "code": Pen._code, "str_no": Pen._str_no, "sip_no": Pen._sip_no, "schedule": Pen._schedule, "money": Pen._money,
    "document": Pen._file, "selfie": Pen._file,
}  # fmt: skip


def place(service: Service, path: str) -> tuple[Section, Field | None, int]:
    """Section, field and group number of a path; the field is None for "one more?"."""
    assert service.form is not None
    head, *rest = path.split(".")
    section = next(s for s in service.form.sections if s.id == head)
    index = int(rest[0]) if len(rest) == 2 else 0
    return section, next((f for f in section.fields if f.id == rest[-1]), None), index


def leaves(data: Any, path: str = "") -> dict[str, Any]:
    """Values by field path."""
    if isinstance(data, Mapping):
        pairs: Any = data.items()
    elif isinstance(data, list) and any(isinstance(one, Mapping) for one in data):
        pairs = enumerate(data)
    else:
        return {path: data}
    return {p: v for key, value in pairs for p, v in leaves(value, f"{path}.{key}" if path else str(key)).items()}


def explained(service: Service, path: str, value: Any, data: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether a value nobody was asked for comes from a fill rule of its field: the register, another answer, a usual
    value.
    """
    section, spec, index = place(service, path)
    group = section.id if section.repeat is None else f"{section.id}.{index}"
    for rule in spec.fill if spec is not None else ():
        raw = known.get(rule.known.removeprefix("agency.")) if rule.known is not None else None
        # Of a table (`by`) one of the rows.
        if any(_alike(spec, value, one) for one in (raw.values() if isinstance(raw, Mapping) else [raw])):
            return True
        source = f"{group}{rule.copy}" if rule.copy and rule.copy.startswith(".") else rule.copy
        if source is not None and data.get(source) is not None:
            if rule.compute == "weekday":
                day = date.fromisoformat(data[source]).weekday()
                return bool(value == "Senin Selasa Rabu Kamis Jumat Sabtu Minggu".split()[day])
            return bool(data[source] == value)
        if rule.value is not None and rule.value == value:
            return True
    return False


def _alike(spec: Field | None, value: Any, raw: Any) -> bool:
    """The register's word in the form's own: as it stands, or the row of the code list that it names."""
    if raw is None or spec is None:
        return False
    if spec.choices:
        row = next((c for c in spec.choices if c.code == value), None)
        names = {n.casefold() for n in (row.code, *row.label.values(), *row.synonyms)} if row else set()
        return str(raw).casefold() in names
    said = {"ya": True, "tidak": False}.get(str(raw)) if isinstance(value, bool) else None
    return bool(str(value).casefold() == str(raw).casefold() or value == raw or (said is not None and said is value))
