"""Free words: names, places, addresses, texts. They are weak: what looks like one may be something else said in
between.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, weak
from bot.domain.fields.clean import is_question, is_sentence, is_small_talk, without_pictures, words_of
from bot.domain.fields.vocabulary import ADDRESS

if TYPE_CHECKING:
    from bot.domain.regions import Regions

_LETTER = "A-Za-zÀ-ÖØ-Þà-öø-þ"
_NAME = re.compile(rf"[{_LETTER}][{_LETTER} .'\-]*")
_PLACE = re.compile(rf"[{_LETTER}0-9][{_LETTER}0-9 .,'()/\-]*")
_LEADING = re.compile(
    r"^(?:(?:saya|kulo|nyong|inyong|aku|itu|ini|iki|kiye|niki|iya|ya|nggih)\s*,?\s+)?"
    r"(?:(?:nama|namanya|nami|naminipun|jeneng|jenenge|jenengku|asma|asmanipun|asmane)"
    r"(?:\s+(?:lengkap(?:nya|e)?|saya|kulo|nyong|inyong|aku|bayi(?:nya|ne)?|anak(?:nya|e)?|ibu(?:nya|ne)?|ayah(?:nya|e)?|bapak(?:nya|e)?"
    r"|suami(?:nya)?|istri(?:nya)?|panjang))*"
    r"(?:\s+(?:adalah|yaitu|ialah|iku|kuwe|niku|inggih|inggih punika))?\s*[:=]?"
    r"|atas nama|a\s?/\s?n\.?|a\.\s?n\.?|my (?:full )?name(?:\s+is|'s)|(?:his|her|the) (?:full )?name(?:\s+is|'s)|name\s*:|i am|i'm)\s+",
    re.IGNORECASE,
)
_COLON = re.compile(r"^(?:nama|jeneng|asma|name)[a-z ]{0,24}[:=]\s*", re.IGNORECASE)
_TITLE = re.compile(
    r"^(?:bapak|bpk|pak|ibu|bu|tuan|tn|nyonya|ny|nona|nn|saudara|saudari|sdr|sdri|alm|almh|almarhum|almarhumah|prof|dr|drg|drs|dra|ir|kh|hj|h|ust|ustadz|ustadzah|apt|ns|bdn|mr|mrs|ms)"
    r"(?:\.\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
# A closed list: "A.R." and "S.M." may be initials.
_DEGREE = re.compile(
    r"(?<!\s)\s++(?:S\.\s?(?:H|E|Pd|Kom|Sos|T|Ag|Si|Ked|Kep|Farm|Psi|Hum|IP|AP|ST|Gz|KM|Tr|Keb)(?:\.\s?[A-Z][a-z]{0,4})?\.?"
    r"|M\.\s?(?:H|Pd|Kom|Si|Sc|Ag|Kes|Hum|Kn|Ak|Farm|Kep|Ed|Eng)(?:\.\s?[A-Z][a-z]{0,4})?\.?|Ph\.?D\.?|Sp\.\s?[A-Z][A-Za-z]{0,4}(?:\([A-Z]\))?|A\.?Md\.?(?:[A-Z][a-z]{0,4}\.?)?)$"
)
_PLAIN_DEGREE = re.compile(
    r"(?<!\s)\s++(?:spd|spdi|skom|skep|skm|sfarm|ssos|spsi|sgz|strkeb|strkes|mpd|mkes|mkom|msi|amdkeb|amkeb|amdkep|amd|ners)\.?$",
    re.IGNORECASE,
)
"""Degrees without dots that are no names; "SE", "ST" and the like could be."""
_SUFFIX = re.compile(r"(?<!\s)\s*+,\s*+[A-Za-z]{1,4}(?:\.\s?[A-Za-z]{1,5})*\.?\s*$")
"""What stands after a comma and looks like a degree: "S.Pd", "M.Kes", "SE"."""
_TRAILING = re.compile(
    rf"(?<![\s,])(?:[\s,]++(?:{'|'.join(sorted(ADDRESS | {'ya', 'yah', 'nggih', 'njih'}))}))+[\s.!]*$", re.IGNORECASE
)
_ABBREVIATED = re.compile(r"(?:^|[\s.])(?:[A-Za-z]{1,2}|Moh|Muh|Mohd|Abd|Ach|Sit|Nur)\.$", re.IGNORECASE)
MAX_NAME = 60
_NO_NAME = 5 * MAX_NAME
"""Characters of a text that is no name with titles, whatever it is."""


class Name:
    """A person's name as on the identity card: letters, space, ``.``, ``'``, ``-``. Titles are taken off; one word is
    fine.

    Option ``warn_words``: fewer words give a warning (names of children, Permendagri 73/2022).
    """

    name: ClassVar[str] = "name"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        plain = without_pictures(text)
        if is_question(text) or is_small_talk(plain):
            return no("field.name.unclear")
        if len(plain) > _NO_NAME:
            return no("field.name.too_long", n=MAX_NAME)
        said = _TRAILING.sub("", _LEADING.sub("", _COLON.sub("", plain)))
        bare = without_titles(said)
        if any(c.isdecimal() for c in bare):
            return no("field.name.digits")
        # A name must be one also when it comes back from the review.
        if not _NAME.fullmatch(bare) or not _NAME.fullmatch(without_titles(capitalised(bare))):
            return no("field.name.letters")
        if len(bare) > MAX_NAME or len(bare.split()) > 7:
            return no("field.name.too_long", n=MAX_NAME)
        if is_sentence(said) or sum(c.isalpha() for c in bare) < 2:
            return no("field.name.unclear")
        short = len(bare.split()) < int(spec.options.get("warn_words", 1))
        return weak(capitalised(bare), warning="field.name.one_word" if short else None, interpreted=bare != said)

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)


_PLACE_LEADING = re.compile(
    r"^(?:(?:(?:saya|kulo|nyong|inyong|aku|dia|anak(?:nya|e)?|bayi(?:nya|ne)?)\s+)?"
    r"(?:(?:di)?lahir(?:nya|kan|e)?|laire?|born)\s+(?:di|ning|nang|ing|wonten|in|at)\s+"
    r"|tempat (?:lahir(?:nya)?)\s*:?\s*|(?:di|ning|nang|ing|wonten|in|at)\s+)+",
    re.IGNORECASE,
)
_INSTITUTION = re.compile(r"\b(?:rsud|rsia|rsu|rsi|rs|dki|diy|ntb|ntt)\b", re.IGNORECASE)


class Place:
    """A town, village or building. Option ``regions``: places of the locus, which are surely meant as the answer."""

    name: ClassVar[str] = "place"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        bare = _PLACE_LEADING.sub("", without_pictures(text)).strip(" .,")
        regions: Regions | None = spec.options.get("regions")
        if is_question(text) or is_small_talk(bare) or is_sentence(bare):
            return no("field.place.unclear")
        if not _PLACE.fullmatch(bare) or sum(c.isalpha() for c in bare) < 2 or len(bare) > 60 or len(bare.split()) > 6:
            return no("field.place.unclear")
        found = weak if regions is None or not regions.has(bare) else strong
        return found(_INSTITUTION.sub(lambda m: m[0].upper(), capitalised(bare)))

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)


class Text:
    """Anything in own words. Options: ``min`` and ``max`` length in characters (2 and 200)."""

    name: ClassVar[str] = "text"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        least, most = int(spec.options.get("min", 2)), int(spec.options.get("max", 200))
        if is_question(text) or is_small_talk(text):
            return no("field.text.unclear")
        if len(text) < least:
            return no("field.text.too_short", n=least)
        if len(text) > most:
            return no("field.text.longer_than", n=most)
        return weak(text)

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)


_ADDRESS_MARK = re.compile(
    r"\b(jl|jln|jalan|gang|gg|rt|rw|desa|ds|dukuh|dk|kel|kelurahan|kec|kecamatan|perum|perumahan|blok)\b", re.IGNORECASE
)


_ADDRESS_LEADING = re.compile(
    r"^(?:(?:alamat|alamate|alamatnya|griyane|umahe|rumahnya)(?:\s+(?:saya|kulo|nyong|rumah|lengkap(?:nya)?|sekarang|di|ning|nang|ing|ada))*\s*[:=]?\s+"
    r"|(?:saya|kulo|nyong)\s+(?:tinggal|manggon|ting)\s+(?:di|ning|nang|ing)\s+)+",
    re.IGNORECASE,
)


class Address(Text):
    """A street address in one line. With a usual mark (jalan, RT, desa …) it is clearly one."""

    name: ClassVar[str] = "address"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        said = _ADDRESS_LEADING.sub("", text)
        parsed = super().parse(said, spec, ctx)
        if not parsed.ok:
            return parsed
        if len(words_of(said)) < 2:
            return no("field.address.short")
        return strong(said) if _ADDRESS_MARK.search(said) else parsed


def without_titles(text: str) -> str:
    """The name without forms of address and academic degrees, if something is left."""
    name = text
    while (shorter := _SUFFIX.sub("", name)) != name:
        name = shorter
    while (shorter := _PLAIN_DEGREE.sub("", _DEGREE.sub("", name))) != name:
        name = shorter
    while (shorter := _TITLE.sub("", name, count=1)) != name:
        name = shorter
    name = name.strip(" ,;!")
    # A full stop that ends a sentence, not one that shortens a name.
    return (name.rstrip(". ") if not _ABBREVIATED.search(name) else name) or text


def capitalised(text: str) -> str:
    """First letters in capitals when the text was typed all small or all capital; mixed writing is kept."""
    if text != text.lower() and text != text.upper():
        return text
    return re.sub(rf"(^|[\s\-(/.])([{_LETTER}])", lambda m: m[1] + m[2].upper(), text.lower())
