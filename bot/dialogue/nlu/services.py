"""Which service a text is about: a dictionary of phrases, and rules about what surrounds them. No Rasa in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.dialogue.nlu.normalise import words

OTHER = "other:"
"""With this the names of other institutions' matters begin."""

_MAX_WORDS = 6
"""Longest phrase looked up."""

# Words just before a name that say: this is what the person wants, or merely what they hold in their hands.
_WANTED = frozenset(
    "buat urus ajukan mengajukan daftar mendaftar cetak ganti perpanjang perpanjangan penerbitan pengajuan permohonan"
    " pembuatan status untuk syarat biaya proses tambah pengurusan renew apply for cek unduh file pdf".split()
)
_HELD = frozenset(
    "bawa pakai lampirkan lampiran upload unggah foto fotokopi scan perlu nomor punya pegang sesuai dengan dan masuk"
    " di dari ke alamat data nama tertulis asli".split()
)
_COMMON_ATTACHMENTS = frozenset({"ktp", "kk"})
_AFTER_AGREEMENT = frozenset(
    "lah deh mas mba mbak min kak pak bu lur gan bos kang bro terima ok oke siap mantap sudah ya nanti"
    " tunggu 👍 🙏 thank dah".split()
)


@dataclass(frozen=True)
class Found:
    """A service and the span of its name, counted in words of :func:`words`."""

    slug: str
    start: int
    end: int


@dataclass
class ServiceDictionary:
    """Phrases of services. ``licence`` is the slug of "some licence"; with it and ``-`` the professions begin."""

    phrases: dict[tuple[str, ...], str] = field(default_factory=dict)
    licence: str = "sip"
    licence_words: Sequence[str] = ()

    @classmethod
    def of(
        cls, synonyms: Mapping[str, str], licence: str = "sip", licence_words: Sequence[str] = ()
    ) -> ServiceDictionary:
        """From phrase -> slug."""
        phrases = {tuple(words(phrase)): slug for phrase, slug in synonyms.items() if words(phrase)}
        return cls(phrases, licence, [" ".join(words(one)) for one in licence_words])

    def find(self, text: str) -> Found | None:
        """The service the text is most likely about, if it names one."""
        tokens = words(text)
        found = [one for one in self.mentions(tokens) if not one.slug.startswith(OTHER) and not self._is_agreement(one, tokens)]
        professions = [one for one in found if self._is_profession(one.slug)]
        others = [one for one in found if not self._is_profession(one.slug)]
        named = [one for one in professions if self._names_licence(tokens[one.start : one.end])]
        if professions and not named and self._mentions_licence(tokens, others):
            named = professions[:1]
        if named:  # "sip bidan": the profession says more than the general word
            others = [one for one in others if one.slug != self.licence]
        candidates = sorted(named + others, key=lambda one: one.start)
        return max(candidates, key=lambda one: self._weight(one, tokens), default=None)

    def mentions(self, tokens: list[str]) -> list[Found]:
        """Longest phrases first from the left, not overlapping."""
        found: list[Found] = []
        at = 0
        while at < len(tokens):
            hit = self._longest(tokens, at)
            if hit:
                found.append(hit)
            at = hit.end if hit else at + 1
        return found

    def _longest(self, tokens: list[str], at: int) -> Found | None:
        for size in range(min(_MAX_WORDS, len(tokens) - at), 0, -1):
            phrase = tuple(tokens[at : at + size])
            slug = self.phrases.get(phrase) or self._almost(phrase)
            if slug:
                return Found(slug, at, at + size)
        return None

    def _almost(self, phrase: tuple[str, ...]) -> str | None:
        """One long word, written with a possessive ending or one wrong letter."""
        if len(phrase) != 1:
            return None
        word = phrase[0]
        for ending in ("nya", "ku", "ne", "e", "mu", "ipun"):
            stem = word[: -len(ending)]
            if word.endswith(ending) and (stem,) in self.phrases and len(stem) >= 2:
                return self.phrases[(stem,)]
        if len(word) < 6:
            return None
        return next(
            (slug for known, slug in self.phrases.items() if len(known) == 1 and _one_slip(word, known[0])), None
        )

    def _is_profession(self, slug: str) -> bool:
        return slug.startswith(f"{self.licence}-")

    def _names_licence(self, phrase: list[str]) -> bool:
        """The phrase itself is a licence's name: "sipb", "sip dr"."""
        return any(word.startswith(self.licence) for word in phrase)

    def _mentions_licence(self, tokens: list[str], others: list[Found]) -> bool:
        text = f" {' '.join(tokens)} "
        return any(one.slug == self.licence for one in others) or any(f" {one} " in text for one in self.licence_words)

    def _is_agreement(self, one: Found, tokens: list[str]) -> bool:
        """It also means "fine": alone, or at the start with nothing about a licence behind it."""
        if tokens[one.start : one.end] != [self.licence]:
            return False
        after = tokens[one.end] if one.end < len(tokens) else ""
        before = tokens[one.start - 1] if one.start else ""
        opens = one.start == 0 or before in ("ya", "ok", "oke", "siap", "sudah", "baik")
        return opens and (not after or after in _AFTER_AGREEMENT)

    def _weight(self, one: Found, tokens: list[str]) -> float:
        before = tokens[max(0, one.start - 2) : one.start]
        weight = 1.0 if _WANTED & set(before) else 0.0
        if before and before[-1] in _HELD:
            weight -= 1.0
        if one.slug in _COMMON_ATTACHMENTS:
            weight -= 0.5
        return weight + (one.end - one.start) * 0.05


def _one_slip(word: str, known: str) -> bool:
    """At most one letter wrong, missing, too many, or two neighbours swapped."""
    if word == known:
        return True
    if abs(len(word) - len(known)) > 1 or word[0] != known[0]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), min(len(word), len(known)))
    rest, known_rest = word[at:], known[at:]
    return (
        rest[1:] == known_rest[1:]
        or rest[1:] == known_rest
        or rest == known_rest[1:]
        or (len(rest) > 1 and rest[1::-1] == known_rest[:2] and rest[2:] == known_rest[2:])
    )
