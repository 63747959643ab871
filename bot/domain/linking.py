"""One person across channels: what they write to connect conversations, the *kode sambung*, and what a draft keeps on the way.

The code: 8 characters of Crockford's base 32 (as of :mod:`bot.domain.reference`, without a check character: it lives for
minutes), shown as ``K7F3-9QXM``, letters and digits mixed in one of the halves, so that no word, no date and no "SOLO 1234" is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote
from uuid import UUID

from bot.domain.fields.clean import clean, words_of
from bot.domain.fields.vocabulary import ADDRESS, NO
from bot.domain.form import Engine
from bot.domain.form_commands import Command
from bot.domain.form_draft import Draft, Mode
from bot.domain.form_model import record_key
from bot.domain.form_sheet import Item, known_value
from bot.domain.payloads import command
from bot.domain.reference import ALPHABET

LIFE = timedelta(minutes=10)
"""How long a code, and the question whether to connect, stand."""
CODES_PER_HOUR = 5
WRONG_PER_HOUR = 500
"""Wrong codes of all conversations of one account: many browsers guess no faster than one. With nearly 40 bits and a thousand
codes alive that is a hit in about two centuries."""
MOST = 12
"""Conversations of one person."""

YES, DECLINE, WISH, UNDO = "sambung-ya", "sambung-tidak", "sambung", "lepas"
"""Words of ``perintah:`` payloads (:mod:`bot.domain.payloads`)."""
COMMANDS = frozenset({YES, DECLINE, WISH, UNDO})


class Meant(StrEnum):
    """What a message wants of the connection."""

    CODE = "code"
    """It holds a code."""
    WISH = "wish"
    """Go on elsewhere: give me a code."""
    YES = "yes"
    """Connect, as you have just offered; in words that answer nothing else."""
    UNDO = "undo"


@dataclass(frozen=True)
class Linking:
    """``channel``: the one named (``telegram``, ``whatsapp``, ``web``). ``sure``: in words that answer no question of a form."""

    meant: Meant
    code: str = ""
    channel: str | None = None
    sure: bool = True


_CHANNELS: Mapping[str, str] = {
    **dict.fromkeys("telegram tele tg telegeram telgram tlgrm".split(), "telegram"),
    **dict.fromkeys("wa whatsapp whatsap watsap watsapp wasap wasapp whatsup whassap wassap w.a".split(), "whatsapp"),
    **dict.fromkeys("web website situs browser laptop komputer pc computer situse webe".split(), "web"),
}
_CONNECT = frozenset(
    "sambung sambungkan sambungin sambungke sambungna sambungaken disambung disambungkan disambungna nyambung nyambungke "
    "nyambungin hubungkan hubungin hubungkeun link connect sambungno tautkan tautin tautkeun".split()
)
_GO_ON = _CONNECT | frozenset(
    "lanjut lanjutkan lanjutin lanjutke lanjutna lanjutaken lanjutno dilanjut dilanjutkan dilanjutna melanjutkan "
    "teruskan terusin teruske terusna terusaken terusno diteruskan diterusna nerusna neruske nerusaken meneruskan "
    "pindah pindahkan pindahin pindahke pindahna dipindah dipindahkan dipindahna ngalih ngaleh alihkan dialihkan "
    "continue resume switch move transfer".split()
)
_PLACES = frozenset(
    "di ke lewat via pakai pake pk nang neng ning nong maring maning ing teng dateng datheng wonten kalih karo kalian kaliyan "
    "dengan dgn sama dari ku on to in into using with from by the my over".split()
)
_THINGS = frozenset(
    "obrolan chat chatnya percakapan pengisian isian isiannya formulir form formulire permohonan pengajuan ini kiye niki "
    "nya saja aja bae mawon conversation this it application".split()
)
_WANTING = ADDRESS | frozenset(
    "mau pengen pengin ingin kepengen bisa boleh tolong tlg mohon minta saya aku nyong kula kulo inyong arep badhe bade "
    "gelem saged iso ora mboten terus trus ya dong deh nggih yuk ayo dulu disit lagi apa apakah ga gak nggak tidak "
    "can i we you want need would like please could may let lets me us".split()
)
_OTHER_PHONES = (
    "hp satunya", "hp satu lagi", "hp lain", "hp lainnya", "hp yang lain", "hp yang satunya", "hp yang satu lagi",
    "hp liyane", "hp sijine", "hp sing liyane", "hp sing sijine", "hp sanese", "hape satunya", "hape lain", "hape liyane",
    "handphone lain", "ponsel lain", "nomor lain", "nomer lain", "nomor satunya", "nomer liyane", "perangkat lain",
    "aplikasi lain", "tempat lain", "channel lain", "saluran lain", "other phone", "another phone", "my other phone",
    "another device", "other device", "another app", "another channel", "other channel",
)  # fmt: skip
_CODE_WISHES = frozenset(
    (
        "sambung", "sambungkan", "sambungin", "kode sambung", "kode sambungan", "minta kode", "minta kode sambung",
        "kode untuk sambung", "kode sambunge", "nyuwun kode sambung", "njaluk kode sambung", "njaluk kode", "link code",
        "linking code", "connect code", "sambungkan obrolan", "sambung obrolan", "sambungkan chat", "sambung chat",
        "hubungkan obrolan", "pindah obrolan", "connect chats", "link chats", "sambungaken", "sambungna",
    )
)  # fmt: skip
_UNDO_WISHES = frozenset(
    (
        "lepas sambungan", "lepaskan sambungan", "lepas sambungannya", "lepaskan sambungannya", "putus sambungan",
        "putuskan sambungan", "putuskan sambungannya", "putusin sambungan", "hapus sambungan", "copot sambungan",
        "batalkan sambungan", "batal sambung", "lepas obrolan", "lepas hubungan obrolan", "pedhot sambungan",
        "pedotna sambungan", "pedhotaken sambungan", "culna sambungan", "uculna sambungan", "bukan saya lepas",
        "lepas bukan saya", "unlink", "disconnect", "disconnect chats", "unlink chats", "unlink this chat",
    )
)  # fmt: skip
_UNDO_ALONE = frozenset("lepas lepaskan putuskan putusin pedhot pedot culna uculna".split())
_AGREED = frozenset(
    (
        "ya sambungkan", "ya sambung", "iya sambungkan", "iya sambung", "sambungkan ya", "sambung ya", "nggih sambungaken",
        "ya sambungna", "ya sambungke", "yes connect", "yes link", "oke sambungkan", "ok sambungkan", "setuju sambungkan",
    )
)  # fmt: skip
_OURS = ("sambung", "connect", "link", "start")
_LONGEST = 12
"""Words of a wish; a longer text tells a story."""

_BODY = r"([0-9a-tv-z]{4})[\s\-–—_.]{0,3}([0-9a-tv-z]{4})"
_ALONE = re.compile(rf"\W*{_BODY}\W*", re.IGNORECASE)
_PREFIXED = re.compile(
    rf"\W*(?:/?(?:kode|code|ini|niki|kiye|kodenya|kodene|is|my|the|link|dan|saya|tolong|mohon)\W+)*"
    rf"(?:sambung\w*|nyambung\w*|disambung\w*|connect|link|kode|kodenya|kodene|code|start)\W+"
    rf"(?:(?:sambung\w*|kode|kodenya|kodene|code|ini|is|with|dengan|saya|kulo|kula|nyong|adalah|itu|niki|kiye)\W+)*{_BODY}\W*(?:(?:ya|nggih|dong|kak|min|pak|bu|please)\W*)*",
    re.IGNORECASE,
)
_NEIGHBOURS = re.compile(r"rt\W*\d+\W*rw\W*\d+", re.IGNORECASE)
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1"})


def linking_of(text: str) -> Linking | None:
    """What the whole message wants of the connection of conversations, or None."""
    tidy = clean(text)
    if not tidy or len(tidy) > 120:
        return None
    if code := _code_after_a_word(tidy):
        # "Kode AB1C-23DE" may be the number of a letter.
        return Linking(Meant.CODE, code, sure=any(word in tidy.casefold() for word in _OURS))
    if code := code_alone(tidy):
        return Linking(Meant.CODE, code, sure=False)
    words = words_of(tidy)
    bare = " ".join(_without(words, ADDRESS))
    if bare in _AGREED:
        return Linking(Meant.YES)
    if bare in _UNDO_WISHES:
        return Linking(Meant.UNDO)
    if bare in _UNDO_ALONE:
        return Linking(Meant.UNDO, sure=False)
    if bare in _CODE_WISHES or " ".join(_without(words, _WANTING)) in _CODE_WISHES:
        return Linking(Meant.WISH, sure=bare not in _CONNECT)
    return _wish(words)


def _wish(words: tuple[str, ...]) -> Linking | None:
    """ "Lanjut di Telegram": a verb, a place, and nothing that does not belong to such a wish."""
    if not words or len(words) > _LONGEST:
        return None
    phrase = f" {' '.join(words)} "
    elsewhere = next((other for other in sorted(_OTHER_PHONES, key=len, reverse=True) if f" {other} " in phrase), None)
    rest = phrase.replace(f" {elsewhere} ", " ").split() if elsewhere else list(words)
    channels = {_CHANNELS[word] for word in rest if word in _CHANNELS}
    verbs = [word for word in rest if word in _GO_ON]
    known = _GO_ON | _PLACES | _THINGS | _WANTING
    if not verbs or not (channels or elsewhere) or any(w not in known and w not in _CHANNELS for w in rest):
        return None
    # "Pindah dari WA ke Telegram": the place it goes to is named last.
    named = [_CHANNELS[word] for word in rest if word in _CHANNELS]
    return Linking(Meant.WISH, channel=named[-1] if named else None)


def _without(words: tuple[str, ...], fillers: frozenset[str]) -> list[str]:
    return [word for word in words if word not in fillers]


# -- the code -----------------------------------------------------------------------------------------------------------


def new_code(random_bits: Callable[[int], int]) -> str:
    """A fresh code, bare; ``random_bits(n)`` gives n unpredictable bits (``secrets.randbits``)."""
    while True:
        bits = random_bits(40)
        code = "".join(ALPHABET[bits >> 5 * i & 31] for i in range(8))
        if _is_code(code):
            return code


def shown(code: str) -> str:
    """As people read it."""
    return f"{code[:4]}-{code[4:]}"


def code_alone(text: str) -> str | None:
    """The code that a whole text is, with or without its dash, in any case; None: it is none."""
    found = _ALONE.fullmatch(text)
    return None if found is None or _NEIGHBOURS.search(text) else _canonical(found[1] + found[2])


def _code_after_a_word(text: str) -> str | None:
    found = _PREFIXED.fullmatch(text)
    return None if found is None else _canonical(found[1] + found[2])


def _canonical(typed: str) -> str | None:
    code = typed.upper().translate(_FORGIVEN)
    # Looked at as typed: "solo 1234" is no code because its O's could be noughts.
    return code if all(c in ALPHABET for c in code) and _is_code(typed.upper()) else None


def _is_code(code: str) -> bool:
    return any(any(c.isdigit() for c in half) and any(c.isalpha() for c in half) for half in (code[:4], code[4:]))


def link_to(channel: str, address: str, code: str) -> str | None:
    """Where one tap opens another channel with the code; ``address`` is the bot's name, the number, or the page's.

    Facts: t.me takes letters, digits, ``_`` and ``-`` in ``start`` (core.telegram.org/bots/features#deep-linking); wa.me takes
    the number's digits and a ``text`` (faq.whatsapp.com/5913398998672934).
    """
    if not address:
        return None
    if channel == "telegram":
        return f"https://t.me/{address.lstrip('@')}?start={code}"
    if channel == "whatsapp":
        # A Messaging Service (``MG…``) has many numbers, and no address that people could write to.
        digits = "" if any(c.isalpha() for c in address) else "".join(c for c in address if c.isdigit())
        return f"https://wa.me/{digits}?text={quote(f'sambung {shown(code)}')}" if digits else None
    return f"{address.rstrip('/')}/?sambung={code}" if channel == "web" else None


def declined(text: str, memory: Mapping[str, Any]) -> bool:
    """Whether a text says no to the connection that the last reply offered."""
    offered = any(payload == command(DECLINE) for _, payload in memory.get("buttons") or ())
    words = words_of(clean(text))
    return offered and 0 < len(words) <= 4 and words[0] in NO


# -- drafts on their way ------------------------------------------------------------------------------------------------


def papers(draft: Mapping[str, Any]) -> list[UUID]:
    """Ids of the files among the answers of a draft's JSON."""
    values = (value for value in draft.get("answers", {}).values() if isinstance(value, Mapping) and value.get("id"))
    return [UUID(str(value["id"])) for value in values]


def moved(engine: Engine, draft: Draft, origin: str) -> Draft:
    """The draft taken from the conversation ``origin``: to be gone on with at once, every answer kept."""
    draft, _ = engine.command(draft, Command.RESUME)
    return replace(draft, moved=origin)


def guarded(engine: Engine, draft: Draft, level: int) -> Draft:
    """The draft for a conversation that has not proven itself: nothing of the register is shown before it has.

    Whatever the person typed is kept. The proof is asked for again, and what was only confirmed from the record is offered
    again after it.
    """
    if draft.assurance <= level:
        return draft
    record = {item.path for item in engine.sheet(draft).items if _from_record(item, draft)}
    bare = replace(draft, known={}, assurance=level)
    proof = {item.path for item in engine.sheet(bare).items if item.field.skip_at is not None}
    changed = engine.forget(bare, record | proof)
    # What was handed in is opened by a repair only.
    return replace(changed, mode=draft.mode) if draft.mode is Mode.DONE else changed


def _from_record(item: Item, draft: Draft) -> bool:
    """Whether an answer is the record's word, confirmed."""
    if item.path not in draft.answers:
        return False
    names = (record_key(draft.service, rule.known) for rule in item.field.fill if rule.known is not None)
    return any(known_value(item.field, draft.known.get(name), draft) == item.value for name in names)
