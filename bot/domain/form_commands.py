"""Reserved words that work at every question, in Indonesian, Tegal Javanese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from bot.domain.fields.clean import near, words_of


class Command(StrEnum):
    """Values are the words of ``perintah:`` payloads (:mod:`bot.domain.payloads`)."""

    BACK = "kembali"
    REPEAT = "ulang"
    CANCEL = "batal"
    PAUSE = "jeda"
    RESUME = "lanjut"
    WHERE = "sampai-mana"
    PERSON = "petugas"
    HELP = "bantuan"
    SKIP = "lewati"
    CORRECT = "ubah"
    REMOVE = "hapus"
    """Take one of a repeated group out."""
    ADD = "tambah"
    """One more of a repeated group, after all."""


_PHRASES: Mapping[Command, tuple[str, ...]] = {
    Command.BACK: (
        "kembali",
        "mundur",
        "balik",
        "back",
        "go back",
        "sebelumnya",
        "ke sebelumnya",
        "pertanyaan sebelumnya",
        "mbalik",
        "bali",
        "previous",
        "kembali ke sebelumnya",
        "mundur satu",
        "undo",
    ),
    Command.REPEAT: (
        "ulang",
        "ulangi",
        "apa tadi",
        "tadi apa",
        "repeat",
        "again",
        "ulang pertanyaan",
        "ulangi pertanyaan",
        "gimana tadi",
        "pertanyaannya apa",
        "pertanyaannya apa tadi",
        "apa pertanyaannya",
        "baleni",
        "dibaleni",
        "mbaleni",
        "what was the question",
        "priben mau",
        "apa mau",
    ),
    Command.CANCEL: (
        "batal",
        "batl",
        "btal",
        "batall",
        "batalkan",
        "batalin",
        "gak jadi",
        "ga jadi",
        "nggak jadi",
        "ngga jadi",
        "tidak jadi",
        "tdk jadi",
        "gajadi",
        "ora sida",
        "ora sido",
        "ora jadi",
        "cancel",
        "mboten siyos",
        "mboten sios",
        "stop formulir",
        "batalkan permohonan",
        "batalkan pengajuan",
        "saya batal",
    ),
    Command.PAUSE: (
        "jeda",
        "nanti dulu",
        "lanjut nanti",
        "nanti saja",
        "nanti aja",
        "pause",
        "mengko disit",
        "mengko bae",
        "mengko maning",
        "later",
        "besok lagi",
        "tunda",
        "tunda dulu",
        "istirahat dulu",
        "mangke rumiyin",
        "simpan dulu",
        "dilanjut nanti",
        "sebentar dulu",
        "continue later",
    ),
    Command.RESUME: (
        "lanjut",
        "lanjutkan",
        "lanjutin",
        "teruskan",
        "continue",
        "resume",
        "lanjutaken",
        "terusna",
        "teruske",
        "lanjut lagi",
        "ayo lanjut",
    ),
    Command.WHERE: (
        "sampai mana",
        "sampe mana",
        "sudah sampai mana",
        "udah sampe mana",
        "tadi sampai mana",
        "where was i",
        "where am i",
        "gutul endi",
        "tekan endi",
        "wis gutul endi",
        "wis tekan endi",
        "berapa lagi",
        "masih banyak",
        "masih lama",
        "progress",
        "dugi pundi",
        "sampun dugi pundi",
        "kurang berapa",
    ),
    Command.PERSON: (
        "petugas",
        "operator",
        "admin",
        "cs",
        "orang",
        "manusia",
        "agent",
        "human",
        "officer",
        "person",
        "hubungi petugas",
        "bicara dengan petugas",
        "minta petugas",
        "bicara petugas",
        "ngomong karo petugas",
        "ngomong sama orang",
        "customer service",
        "mau bicara sama petugas",
        "tanya petugas",
        "talk to a person",
        "talk to human",
        "real person",
        "sambungkan petugas",
        "sambungkan ke petugas",
        "mau ngomong sama petugas",
        "ngobrol sama orang",
        "matur petugas",
        "matur kaliyan petugas",
        "matur dateng petugas",
        "badhe matur petugas",
    ),
    Command.HELP: (
        "bantuan",
        "bantu",
        "help",
        "tolong",
        "cara isi",
        "cara jawab",
        "tulung",
        "bingung",
        "saya bingung",
        "menu",
        "nyong bingung",
    ),
    Command.SKIP: (
        "lewati",
        "lewat",
        "skip",
        "lewatin",
        "lompati",
        "dilewati",
        "kosongkan",
        "dikosongkan",
        "dilewati saja",
        "lewati saja",
        "dikosongi",
        "kosong",
        "langsung saja",
        "dilewati bae",
        "lewati dulu",
        "pass",
    ),
}

_HAS_NONE = frozenset(
    "tidak ada|tdk ada|gak ada|ga ada|g ada|gk ada|nggak ada|ngga ada|enggak ada|ndak ada|tidak punya|tdk punya|gak punya|ga punya|g punya|"
    "gk punya|nggak punya|ngga punya|ndak punya|belum ada|blm ada|belum punya|blm punya|laka|ora ana|ora duwe|ora nduwe|durung duwe|"
    "mboten wonten|boten wonten|mboten gadhah|boten gadhah|mboten kagungan|dereng gadhah|kosong|none|i have none|i don t have one|"
    "i don t have any|don t have|no email".split("|")
)
_NOT_NOW = re.compile(
    r"(?:bentar|sebentar|sebntar|bntr|tunggu|nanti|ntar|mengko|mangke|sekedap|sedhela|sedela)\b.*\b(?:dulu|dl|dlu|disit|rumiyin)"
)

_CORRECTION_STARTS = (
    "ubah", "ganti", "salah ketik", "salah", "koreksi", "perbaiki", "betulkan", "ralat", "edit", "change", "correct",
    "fix", "keliru", "klentu", "wrong",
    "owahi", "ubahi", "rubah", "benerna", "mbenerke",
)  # fmt: skip
_GROUP_WISHES = {
    **dict.fromkeys("hapus hapuskan hapusin buang busak busaken dibusak remove delete".split(), Command.REMOVE),
    **dict.fromkeys("tambah tambahkan tambahin tambahi nambah nambahi add".split(), Command.ADD),
}
_FILLERS = frozenset(
    "ya dong deh pak bu mas mbak kak min lah aja saja bae dulu disit tolong mohon mau pengen saya aku nyong "
    "please yang sing jawaban isian data bagian "
    "nomor no nomer number the my my answer tadi di ke pada".split()
)

_EXACT: Mapping[str, Command] = {phrase: command for command, phrases in _PHRASES.items() for phrase in phrases}
_ENDINGS = frozenset(
    "ya dong deh pak bu mas mbak kak min lah aja saja bae dulu disit please mba bos gan lur nggih".split()
)
_INTO = frozenset("jadi menjadi dadi dados seharusnya harusnya kudune to".split())
_MIN_FUZZY = 6
"""Shorter words are too close to each other for typing errors to be forgiven."""
_AS_WRITTEN = frozenset({"officer", "person"})
"""Too close to other answers ("office", "persen") for typing errors to be forgiven."""


def command_of(text: str, *, tolerant: bool = True) -> Command | None:
    """The reserved word that the whole message is, or None. Politeness around it and (``tolerant``) one typing
    error are forgiven.
    """
    words = words_of(text)
    if correction_target(text) is not None and (len(words) <= 6 or len(words) <= 14 and set(words) & _INTO):
        return Command.CORRECT
    if not words or len(words) > 6:
        return None
    if words[0] in _GROUP_WISHES and len(words) <= 5:
        return _GROUP_WISHES[words[0]]
    phrase = " ".join(words)
    if _NOT_NOW.fullmatch(phrase):
        return Command.PAUSE
    exact = _EXACT.get(phrase) or _EXACT.get(" ".join(_trimmed(words)))
    if exact:
        return exact
    if tolerant and len(phrase) >= _MIN_FUZZY - 1:
        return _nearest(phrase)
    return None


def has_none(text: str) -> bool:
    """Whether a message says that there is no such thing ("gak ada", "ora duwe"): where it may be left out, that passes over it."""
    words = words_of(text)
    return " ".join(words) in _HAS_NONE or " ".join(_trimmed(words)) in _HAS_NONE


def correction_target(text: str) -> str | None:
    """What the person wants corrected ("ubah nama anak" -> "nama anak"), "" when unsaid, None when it is no such
    wish.
    """
    words = list(words_of(text))
    while words and words[0] in _FILLERS:
        words = words[1:]
    phrase = " ".join(words)
    for start in _CORRECTION_STARTS:
        if phrase == start:
            return ""
        if phrase.startswith(start + " "):
            return " ".join(w for w in phrase[len(start) + 1 :].split() if w not in _FILLERS)
    if words and words[-1] in ("salah", "keliru", "klentu", "wrong") and len(words) <= 6:
        return " ".join(w for w in words[:-1] if w not in _FILLERS)
    return None


def _trimmed(words: tuple[str, ...]) -> tuple[str, ...]:
    while len(words) > 1 and words[-1] in _ENDINGS:
        words = words[:-1]
    return words


def _nearest(phrase: str) -> Command | None:
    found = {
        command
        for known, command in _EXACT.items()
        if len(known) >= _MIN_FUZZY and known not in _AS_WRITTEN and near(phrase, known)
    }
    return found.pop() if len(found) == 1 else None
