"""Field types by name. A new type is one class, added to ``_ALL``."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.fields.areas import DistrictOf, Postcode, VillageOf
from bot.domain.fields.base import FieldType
from bot.domain.fields.choices import ChoiceOf, Consent, YesNo
from bot.domain.fields.codes import Code, SipNo, StrNo
from bot.domain.fields.contact import Email, Phone, RtRw
from bot.domain.fields.dates import Date
from bot.domain.fields.files import Document, Selfie
from bot.domain.fields.identifiers import Nik, NoKk
from bot.domain.fields.money import Money
from bot.domain.fields.names import Address, Name, Place, Text
from bot.domain.fields.numbers import Integer, Number
from bot.domain.fields.schedule import Schedule
from bot.domain.fields.slots import SlotTime
from bot.domain.fields.times import Time

_ALL: tuple[FieldType, ...] = (
    Nik(), NoKk(), Name(), Place(), Text(), Address(), Date(), Time(), ChoiceOf(), YesNo(), Consent(), Integer(),
    Number(), Money(), Phone(), Email(), RtRw(), VillageOf(), DistrictOf(), Postcode(), Code(), StrNo(), SipNo(),
    Schedule(), SlotTime(),
    Document(), Selfie(),
)  # fmt: skip

TYPES: Mapping[str, FieldType] = {t.name: t for t in _ALL}
"""Every field type that a service's file may name."""
