"""Where somebody lives: district, village, postcode. The names come from ``data/wilayah`` (option ``regions``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, weak, wrong
from bot.domain.fields.clean import is_question, is_small_talk, without_pictures, words_of
from bot.domain.fields.numerals import with_digits

if TYPE_CHECKING:
    from bot.domain.regions import Regions, Village

_LONGEST = 300
"""Characters of a text that may name a place; each is compared with every name there is."""
_POSTCODE_WORDS = re.compile(
    r"\b(?:kode|pos|kodepos|nomor|no|nomer|saya|kulo|nyong|adalah|postcode|zip|code|is|pak|bu|ya)\b|[:=.]",
    re.IGNORECASE,
)


class VillageOf:
    """A *desa* or *kelurahan*, kept as its code (``33.28.10.1008``) and shown with its district.

    Found by name, by name and district, or by code; spelling errors are forgiven. A name that several districts have
    is asked about: "karanganyar 2" then means the second of the list.
    """

    name: ClassVar[str] = "village"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        said = without_pictures(text)
        if len(said) > _LONGEST or is_question(text) or is_small_talk(said):
            return no("field.village.unclear")
        regions = _regions(spec)
        if numbered := re.fullmatch(r"(.*\D)\s*\b([1-9])", said):
            listed = regions.find_village(numbered[1])
            if listed.spelled and 1 < len(listed.sure) >= int(numbered[2]):
                return strong(listed.sure[int(numbered[2]) - 1].code, interpreted=True)
        found = regions.find_village(said)
        if len(found.sure) == 1:
            judged = strong if found.spelled else weak
            return judged(found.sure[0].code, interpreted=found.sure[0].shown != said)
        if found.sure:
            return (wrong if found.spelled else no)("field.village.several", **_offered(found.sure))
        if found.home is not None:
            examples = ", ".join(v.name for v in found.near[:3])
            return wrong("field.village.district", district=found.home.name, examples=examples)
        if found.near:
            return no("field.village.near", **_offered(found.near))
        return no("field.village.unclear")

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        village = _regions(spec).village(str(value))
        return str(value) if village is None else village.shown


class DistrictOf:
    """A *kecamatan*, kept as its code (``33.28.10``)."""

    name: ClassVar[str] = "district"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        said = without_pictures(text)
        if len(said) > _LONGEST or is_question(text) or is_small_talk(said):
            return no("field.district.unclear")
        found = _regions(spec).find_district(said)
        if len(found.sure) == 1:
            judged = strong if found.spelled else weak
            return judged(found.sure[0].code, interpreted=words_of(said) != words_of(found.sure[0].name))
        several = found.sure or found.near
        if several:
            names = "\n".join(f"{n}. {d.name}" for n, d in enumerate(several, 1))
            return no("field.district.near", [d.code for d in several], options=names)
        return no("field.district.unclear")

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        district = _regions(spec).district(str(value))
        return str(value) if district is None else district.name


class Postcode:
    """Five digits. Option ``local: true``: another beginning than the regency's gives a warning."""

    name: ClassVar[str] = "postcode"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        bare = re.sub(r"\s", "", with_digits(_POSTCODE_WORDS.sub(" ", text)))
        if not re.fullmatch(r"[0-9]+", bare) or is_question(text):
            return no("field.postcode.unclear")
        if len(bare) != 5 or bare[0] == "0":
            return wrong("field.postcode.length", n=len(bare))
        regions: Regions | None = spec.options.get("regions")
        ours = regions.postcodes if regions is not None and spec.options.get("local") is True else ()
        far = bool(ours) and not bare.startswith(tuple(ours))
        return strong(bare, warning="field.postcode.elsewhere" if far else None, prefix=" / ".join(ours))

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)


def _regions(spec: FieldSpec) -> Regions:
    """:raises KeyError: the catalogue put none there (it refuses such a service)."""
    found: Regions = spec.options["regions"]
    return found


def _offered(villages: Sequence[Village]) -> dict[str, Any]:
    """What a problem says about villages that may be meant."""
    first = villages[0]
    return {
        "offers": [v.code for v in villages],
        "options": "\n".join(f"{n}. {v.shown}" for n, v in enumerate(villages, 1)),
        "example": f"{first.name} {first.district.name}",
    }
