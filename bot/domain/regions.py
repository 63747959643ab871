"""Districts and villages of the loci's regencies (``data/wilayah``), and finding the one that a person means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.domain.fields.clean import words_of
from bot.domain.fields.vocabulary import ADDRESS
from bot.domain.region_names import compact, nearest, shortened, sounded, written_out

_DISTRICT_MARKS = frozenset({"kec", "kecamatan", "kcmtn", "kecamatane", "camat", "district", "kc"})
_VILLAGE_MARKS = frozenset({"desa", "ds", "dsa", "desane", "kel", "kelurahan", "klurahan", "kelurahane", "village"})
_AROUND = frozenset(
    "saya sy aku nyong inyong kulo di ning nang ing dari sekang saking tinggal alamat alamatnya alamate rumah rumahnya "
    "umahe griya warga wong orang tiyang namanya jenenge ya yah nggih iya yaitu itu ini kiye kuwe niku the in of my "
    "jateng masuk melu ikut sih aja saja bae".split()
)
_REGENCY = re.compile(r"\b(?:(?:kab|kabupaten|kabupatene)\b[\s.]*\w+|(?:prov\w*[\s.]*)?jawa tengah$)", re.IGNORECASE)
_NEIGHBOURHOOD = re.compile(r"\b(?:rt|rw)\b[\s.:]*\d{1,3}(?:\s*/\s*\d{1,3})?", re.IGNORECASE)
_KINDS = _DISTRICT_MARKS | _VILLAGE_MARKS | {"kab", "kabupaten", "kota", "regency"}
MAX_OFFERED = 6
"""Longer lists help nobody on a phone."""


@dataclass(frozen=True)
class District:
    """A *kecamatan*."""

    code: str
    name: str


@dataclass(frozen=True)
class Village:
    """A *desa* or *kelurahan*."""

    code: str
    name: str
    district: District

    @property
    def shown(self) -> str:
        """ "Procot, Kecamatan Slawi"."""
        return f"{self.name}, Kecamatan {self.district.name}"


R = TypeVar("R", District, Village)


@dataclass(frozen=True)
class Found(Generic[R]):
    """What a text may mean. One in ``sure`` is the answer, several are to be asked about; ``near`` is only offered."""

    sure: tuple[R, ...] = ()
    near: tuple[R, ...] = ()
    home: District | None = None
    """The district, where a village was asked for and only its district named."""
    spelled: bool = True
    """Whether ``sure`` was written as it is called; False when typing errors were forgiven."""


class Regions:
    """All districts and villages by code."""

    def __init__(self, rows: Iterable[tuple[str, str]], postcodes: Sequence[str] = (), called: str = "") -> None:
        """``rows`` are (code, name), e.g. ``33.28.10`` and ``33.28.10.1008``; ``postcodes`` how postcodes begin here;
        ``called`` the regency's own name ("Tegal"), which people add at the end.

        :raises ValueError: a code that is neither a district's nor a village's, or a village without its district.
        """
        named = dict(rows)
        self.postcodes = tuple(postcodes)
        self._called = words_of(called)
        self._districts = {c: District(c, n) for c, n in named.items() if re.fullmatch(r"\d\d(\.\d\d){2}", c)}
        self._villages: dict[str, Village] = {}
        for code, name in named.items():
            if code in self._districts:
                continue
            district = self._districts.get(code[:8])
            if district is None or not re.fullmatch(r"\d\d(\.\d\d){2}\.\d{4}", code):
                raise ValueError(f"{code} is no district (33.28.10) and no village of a district here (33.28.10.1008)")
            self._villages[code] = Village(code, name, district)
        self._names = frozenset(map(compact, [*named.values(), called]))

    def __repr__(self) -> str:
        return f"Regions({len(self._districts)} districts, {len(self._villages)} villages)"

    def __len__(self) -> int:
        return len(self._villages)

    def district(self, code: str) -> District | None:
        """The district with that code."""
        return self._districts.get(code)

    def village(self, code: str) -> Village | None:
        """The village with that code."""
        return self._villages.get(code)

    @property
    def villages(self) -> tuple[Village, ...]:
        """All of them, by code."""
        return tuple(self._villages.values())

    @property
    def districts(self) -> tuple[District, ...]:
        """All of them, by code."""
        return tuple(self._districts.values())

    def has(self, text: str) -> bool:
        """Whether the text is the name of the regency or of a place in it and nothing else: "Tegal", "kab. Tegal", "desa Procot"."""
        words = words_of(text)
        while len(words) > 1 and words[0] in _KINDS:
            words = words[1:]
        name = compact(words)
        return bool(name) and name in self._names

    # -- finding ------------------------------------------------------------------------------------------------------

    def find_district(self, text: str) -> Found[District]:
        """The district that ``text`` names: by code, or by name with spelling errors forgiven."""
        coded = self._districts.get(_code(text))
        if coded is not None:
            return Found((coded,))
        village_words, district_words = self._parts(text)
        if district_words:
            return self._named(district_words, self.districts)
        # "Slawi", "Slawi, desa Procot": what stands in front of a marked village may be its district.
        found = self._named(village_words, self.districts)
        if found.sure or not village_words:
            return found
        villages = self.find_village(text)
        homes = tuple(dict.fromkeys(v.district for v in villages.sure))
        return Found(homes, found.near, spelled=False) if homes else found

    def find_village(self, text: str) -> Found[Village]:
        """The village that ``text`` names: by code, by name, or by name and district in any order. Spelling errors are
        forgiven; a name that stands in several districts gives them all.
        """
        coded = self._villages.get(_code(text))
        if coded is not None:
            return Found((coded,))
        village_words, district_words = self._parts(text)
        if not village_words:
            homes = self._named(district_words, self.districts)
            return Found(near=self._in(homes), home=homes.sure[0]) if len(homes.sure) == 1 else Found()
        if district_words:
            homes = self._named(district_words, self.districts)
            return self._within(village_words, homes) if homes.sure else self._named(village_words, self.villages)
        whole = self._named(village_words, self.villages)
        if whole.sure and whole.spelled:
            return whole
        split = self._split(village_words)
        if split.sure:
            return split
        homes = self._named(village_words, self.districts)
        if len(homes.sure) == 1 and homes.spelled:
            return Found(near=whole.near or self._in(homes), home=homes.sure[0])
        return whole if whole.sure or whole.near else split

    def _split(self, words: Sequence[str]) -> Found[Village]:
        """Village and district without a mark between them: "procot slawi", "slawi procot"."""
        best: Found[Village] = Found()
        for at in range(1, len(words)):
            for village, district in ((words[:at], words[at:]), (words[at:], words[:at])):
                homes = self._named(district, self.districts)
                if not homes.sure:
                    continue
                found = self._within(village, homes)
                if found.sure and found.spelled:
                    return found
                best = best if best.sure or (best.near and not found.sure) else found
        return best

    def _within(self, words: Sequence[str], homes: Found[District]) -> Found[Village]:
        """The village inside the districts; where it is not in them, its namesakes elsewhere are only offered."""
        found = self._named(words, self._in(homes))
        if found.sure or found.near:
            return Found(found.sure, found.near, spelled=found.spelled and homes.spelled)
        return Found(near=self._named(words, self.villages).sure)

    def _in(self, homes: Found[District]) -> tuple[Village, ...]:
        return tuple(v for v in self.villages if v.district in homes.sure)

    def _parts(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The words of the village and those of the district. Without a mark all words are the first."""
        village: list[str] = []
        district: list[str] = []
        into = village
        for word in _running(_NEIGHBOURHOOD.sub(" ", _REGENCY.sub(" ", text))):
            if word in _DISTRICT_MARKS:
                into = district
            elif word in _VILLAGE_MARKS:
                # "Jl. Mawar, desa Kalisapu": what stood before belongs to the street.
                village = into = []
            else:
                into.append(word)
        ours = list(self._called)
        if ours and into[-len(ours) :] == ours:
            del into[-len(ours) :]
        return tuple(village), tuple(district)

    @staticmethod
    def _named(words: Sequence[str], among: Iterable[R]) -> Found[R]:
        """Those that the words name: as written, as heard, with typing errors, shortened; in this order."""
        rows: dict[str, list[R]] = {}
        for row in among:
            rows.setdefault(compact(row.name), []).append(row)
        said = compact(words)
        if not said:
            return Found()
        for key in dict.fromkeys((said, compact(written_out(words)))):
            if key in rows:
                return Found(tuple(rows[key]))
            alike = [n for n in rows if sounded(n) == sounded(key)]
            if alike:
                # "Harjosari" is heard as Harjasari, but may be short for Harjosari Lor as well.
                alike += [n for n in rows if n.startswith(key) and n not in alike]
                return Found(tuple(r for n in alike for r in rows[n]))
        key = compact(written_out(words)) if len(words) > 1 else said
        errors, names = nearest(key, rows)
        near = tuple(r for n in names for r in rows[n])
        if near and (errors == 1 or len(names) == 1):
            return Found(near, spelled=False) if len(names) == 1 else Found(near=near[:MAX_OFFERED])
        short = tuple(r for n in shortened(key, rows) for r in rows[n])
        if len(short) == 1:
            return Found(short, spelled=False)
        return Found(near=(near + tuple(r for r in short if r not in near))[:MAX_OFFERED])


def _code(text: str) -> str:
    """The digits of a text written as a code, or ""."""
    digits = re.sub(r"[\s.\-]", "", text)
    if not re.fullmatch(r"[0-9]{6}|[0-9]{10}", digits):
        return ""
    return ".".join(filter(None, (digits[:2], digits[2:4], digits[4:6], digits[6:])))


def _running(text: str) -> Iterator[str]:
    return (w for w in words_of(text) if w not in _AROUND and w not in ADDRESS)
