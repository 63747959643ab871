"""Reserved words about one's own data: "data saya", "unduh data saya", "hapus data saya", "cabut persetujuan", "keberatan".

Whole messages only, short ones, no questions: everything else is a wish that is understood in free talk. Deleting one's face has
words of its own (:mod:`bot.domain.revocation`).
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.data_rights import Kind
from bot.domain.fields.clean import words_of

_DATA = frozenset("data dataku datane dataning".split())
_MINE = frozenset("saya sy aku ku kulo kula dalem nyong inyong my mine pribadi personal sya say saia".split())
_CHILD = frozenset("anak anakku bocah lare child childs childrens".split())
_DELETE = frozenset(
    "hapus hapuskan hapusin dihapus menghapus busak busaken busakna dibusak mbusak delete erase remove".split()
)
_GET = frozenset("unduh download salin salinan minta ekspor export undhuh kopi copy".split())
_END = frozenset("cabut batalkan tarik withdraw revoke copot jabut".split())
_CONSENT = frozenset("persetujuan izin ijin consent palilah".split())
_OBJECT = frozenset("keberatan object objection mboten sarujuk".split())
_USED = frozenset(
    "kalau kalo jika bila dipakai dipake digunakan diproses dibagikan disebar disebarkan disimpan dikirim diolah dengan used".split()
)
_POLITE = frozenset(
    "tolong mohon ya dong kak min pak bu mas mbak please the all semua sedaya kabeh about of lan dan saged bisa mau pengen "
    "ingin i want to wants tentang pemrosesan processing against semuanya seluruh seluruhnya skrg sekarang skg now juga jg segera cepat"
    " ttg bab soal yang yg ada di sini loket sini kalian punya right immediately".split()
)
_YES = frozenset("ya iya nggih inggih yes yakin".split())
_MOST = 7


@dataclass(frozen=True)
class _Said:
    """Every group of ``needs`` has to be there; no word besides but ``may``."""

    needs: tuple[frozenset[str], ...]
    may: frozenset[str] = frozenset()

    def fits(self, found: set[str]) -> bool:
        allowed = self.may.union(*self.needs)
        return found <= allowed and all(found & group for group in self.needs)


_SAID: dict[Kind, _Said] = {
    Kind.SEE: _Said((_DATA, _MINE)),
    Kind.EXPORT: _Said((_GET, _DATA, _MINE)),
    Kind.ERASE: _Said((_DELETE, _DATA, _MINE)),
    Kind.CHILD: _Said((_DELETE | _GET, _DATA, _CHILD), _MINE),
    Kind.WITHDRAW: _Said((_END, _CONSENT), _MINE | _DATA),
    Kind.OBJECT: _Said((_OBJECT, _DATA), _MINE | _USED),
}


def privacy_wish(text: str, *, in_form: bool = False) -> Kind | None:
    """The right that a message is about and nothing else; None: it is something else.

    ``in_form``: "hapus data anak" takes a child out of a family card's form there.
    """
    said = words_of(text)
    if not said or len(said) > _MOST or text.rstrip().endswith("?"):
        return None
    found = {word for word in said if word not in _POLITE | _YES}
    kind = next((kind for kind, words in _SAID.items() if words.fits(found)), None)
    return None if in_form and kind is Kind.CHILD else kind


def insists(text: str) -> bool:
    """Whether it begins with a "yes": "ya, hapus data saya"."""
    said = words_of(text)
    return bool(said) and said[0] in _YES
