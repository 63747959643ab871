"""What a complaint's words say: whether something was told already, of what kind it is, whether somebody is afraid. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.catalogue import Service, Variant
from bot.domain.fields.clean import visible, words_of
from bot.domain.variants import variant_meant

LONGEST = 3000
"""Characters of a story (``data/forms/pengaduan.yml``)."""
REMIND_AFTER, CLOSE_AFTER = timedelta(days=7), timedelta(days=10)
"""After an answer the reporter has ten days to say whether it is settled (domain.md 4.3)."""
OTHER = "lain"
"""Variant of what fits no other."""
_TOLD = 3
"""Words that say something besides the wish to complain."""
# The wish itself, politeness, and the words between: what is left when these are gone is the story.
_WISH = frozenset(
    "lapor laporan melapor melaporkan laporin laporkan mengadu ngadu mengadukan ngaduin adu aduan pengaduan wadul komplain komplen"
    " protes keluhan mengeluh keluh keluhkan menyampaikan sampaikan ngaturaken complain complaint complaints report file"
    " mau ingin pengen pengin pingin kepengin kepingin arep badhe bade pan hendak saya sy aku ku gue nyong inyong kulo kula kami"
    " i want to would like a an the my make me can you please how do"
    " min admin kak pak bu mas mbak mba kang bos gan tolong mohon bisa boleh saged dong ya yah nih ini iki niki itu ada wonten"
    " halo hai hallo hi hello assalamualaikum assalamu alaikum selamat pagi siang sore malam permisi"
    " cara caranya bagaimana gimana piye priben pripun kepriwe kemana ke mana dimana di teng ning nang dateng maring kepada untuk buat"
    " kangge tentang soal bab terkait perihal sesuatu dan yang sing lagi satu".split()
)
_AFRAID = frozenset(
    "ancam ancaman ngancam diancam mengancam takut ketakutan wedi ajrih pukul dipukul memukul digebug keroyok dikeroyok senjata"
    " intimidasi diintimidasi diteror teror threat threats threaten threatened threatening afraid scared beaten".split()
)


def story(text: str) -> str | None:
    """What was told, if that is more than the wish to complain."""
    said = [word for word in words_of(text) if word not in _WISH]
    return visible(text)[:LONGEST] if len(said) >= _TOLD else None


def joined(before: str, more: str) -> str:
    """A story that goes on, a line each; the end is cut where it gets too long."""
    return "\n".join(part for part in (before, visible(more)) if part)[:LONGEST]


def kind_of(text: str, form: Service) -> Variant | None:
    """The variant that a story is about. Where several are named alike, the first of the file: what weighs most stands in front."""
    meant = variant_meant(text, form)
    if meant is not None:
        return meant
    other = form.variant(OTHER)
    for variant in form.variants:
        if variant is not other and variant_meant(text, replace(form, variants=(variant, other))) is variant:
            return variant
    return None


def afraid(text: str) -> bool:
    """Whether somebody was threatened, or says to be afraid."""
    return any(word in _AFRAID for word in words_of(text))
