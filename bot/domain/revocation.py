"""Does somebody want the template of their face deleted? The words the consent text names, and those near to them."""

from __future__ import annotations

from bot.domain.fields.clean import words_of

_DELETE = frozenset(
    "hapus hapuskan hapusin dihapus menghapus busak busaken busakna dibusak mbusak delete remove erase cabut".split()
)
_FACE = frozenset("wajah wajahku muka rai raiku face biometrik biometric".split())
_OTHERS = frozenset(
    "tidak jangan bukan apa apakah kapan kenapa bagaimana gimana ora aja mboten when why how does is".split()
)
"""Questions about it, and wishes against it."""
_MOST = 8


def wants_face_deleted(text: str) -> bool:
    """Whether a text says so and nothing else: "hapus wajah saya", "tolong hapus data wajah saya ya"."""
    words = words_of(text)
    found = set(words)
    short = len(words) <= _MOST and not text.rstrip().endswith("?")
    return bool(short and found & _DELETE and found & _FACE and not found & _OTHERS)
