"""Which service a text is about: a dictionary of phrases, and rules about what surrounds them. No Rasa in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.dialogue.nlu.normalise import is_listed, words

OTHER = "other:"
"""With this the names of other institutions' matters begin."""
TOGETHER = " + "
"""Between the parts of a name that is not said in one piece: "akta + meninggal"."""

_MAX_WORDS = 6
"""Longest phrase looked up."""
_CLEARLY_WANTED = 0.4
"""Weight of a name that stands behind a word of wanting."""

# Words just before a name that say: this is what the person wants, or merely what they hold in their hands.
_WANTED = frozenset(
    "buat urus ajukan daftar cetak ganti perpanjang penerbitan pembuatan status untuk syarat biaya proses tambah renew"
    " cek unduh berkas pdf soal tentang mengenai".split()
)
_HELD = frozenset(
    "bawa pakai lampirkan lampiran upload unggah foto fotokopi scan perlu nomor punya pegang sesuai dengan dan masuk"
    " di dari ke alamat data nama tertulis asli berkas".split()
)
_THEN = frozenset("terus lalu kemudian plus sekalian sekaligus".split())
"""Between two names these say that both are wanted, one after the other."""
_AND = frozenset("dan sama dengan juga serta lan".split()) | _THEN
_AFTER_AGREEMENT = frozenset(
    "lah deh mas mba mbak kak kakak admin bapak ibu lur gan bos kang bro terima ok oke siap mantap sudah ya nanti"
    " tunggu emosetuju emosalam emosenang thank dah".split()
)


@dataclass(frozen=True)
class Found:
    """A service and the span of its name, counted in words of :func:`words`; an empty span: from what surrounds it."""

    slug: str
    start: int
    end: int


@dataclass(frozen=True)
class Findings:
    """What a text names. ``profession``: a licence that is meant only if a licence is what the wish can be about."""

    mentions: tuple[Found, ...] = ()
    service: Found | None = None
    profession: str | None = None
    other: str | None = None
    also: str | None = None
    """A second service, wanted in the same breath: "buat KTP dan KIA"."""


@dataclass
class ServiceDictionary:
    """Phrases of services. ``licence`` is the slug of "some licence"; with it and ``-`` the professions begin."""

    phrases: dict[tuple[str, ...], str] = field(default_factory=dict)
    together: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    licence: str = "sip"
    licence_words: Sequence[str] = ()
    brought_along: frozenset[str] = frozenset({"ktp", "kk"})
    """Services whose papers are asked for with every other service."""
    usual: frozenset[str] = frozenset()
    """Words of the language that are never taken for a mistyped name ("sampai" is not "sampah")."""

    def __post_init__(self) -> None:
        self._long = sorted(phrase[0] for phrase in self.phrases if len(phrase) == 1 and len(phrase[0]) >= 5)
        self._guesses: dict[str, str | None] = {}

    @classmethod
    def of(
        cls,
        synonyms: Mapping[str, str],
        licence: str = "sip",
        licence_words: Sequence[str] = (),
        brought_along: Sequence[str] = ("ktp", "kk"),
        usual: frozenset[str] = frozenset(),
    ) -> ServiceDictionary:
        """From phrase -> slug. Where a phrase names a service and another's matter, it is the service."""
        phrases: dict[tuple[str, ...], str] = {}
        together = []
        for phrase, slug in sorted(synonyms.items(), key=lambda one: one[1].startswith(OTHER)):
            if TOGETHER in phrase:
                together.append((tuple(" ".join(words(part)) for part in phrase.split(TOGETHER)), slug))
            elif words(phrase):
                phrases.setdefault(tuple(words(phrase)), slug)
        asking = [" ".join(words(one)) for one in licence_words]
        return cls(phrases, together, licence, asking, frozenset(brought_along), usual)

    def find(self, text: str) -> Found | None:
        """The service the text is most likely about, if it names one."""
        return self.findings(words(text)).service

    def findings(self, tokens: list[str], borders: frozenset[int] = frozenset()) -> Findings:
        """All that a text, given as :func:`words`, names. ``borders``: places between words that no name reaches over."""
        mentions = self._mentions(tokens, borders)
        ours = [one for one in mentions if not one.slug.startswith(OTHER) and not self._is_agreement(one, tokens)]
        professions = [one for one in ours if self._is_profession(one.slug)]
        candidates = self._candidates(ours, professions, tokens)
        chosen = max(candidates, key=lambda one: self._weight(one, tokens), default=None)
        chosen = self._first_of(chosen, candidates, tokens) if chosen else None
        return Findings(
            tuple(mentions),
            chosen,
            professions[0].slug if professions and chosen is None else None,
            next((one.slug[len(OTHER) :] for one in mentions if one.slug.startswith(OTHER)), None),
            self._also(chosen, ours, tokens) if chosen else None,
        )

    def _first_of(self, chosen: Found, candidates: list[Found], tokens: list[str]) -> Found:
        """Of "KK terus akta" the family card, though papers that belong to all others weigh less."""
        for one in sorted(candidates, key=lambda one: -one.start):
            follows = one.end + 1 == chosen.start and tokens[one.end] in _THEN
            if follows and tokens[max(0, one.start - 1)] not in _HELD:
                chosen = one
        return chosen

    def _also(self, chosen: Found, ours: list[Found], tokens: list[str]) -> str | None:
        """The names joined to the chosen one; of "A, B dan C" the middle one, too."""
        joining = _AND if self._weight(chosen, tokens) >= _CLEARLY_WANTED else _THEN
        named, listed, last = [chosen.slug], list[str](), chosen
        for one in sorted(ours, key=lambda one: one.start):
            if one.start == last.end > 0 and one is not chosen:
                listed, last = [*listed, one.slug], one
            elif one.start == last.end + 1 and tokens[last.end] in joining:
                named, listed, last = [*named, *listed, one.slug], [], one
        return ",".join(dict.fromkeys(slug for slug in named if slug != chosen.slug)) or None

    def _candidates(self, ours: list[Found], professions: list[Found], tokens: list[str]) -> list[Found]:
        others = [one for one in ours if not self._is_profession(one.slug)]
        named = [one for one in professions if self._names_licence(tokens[one.start : one.end])]
        if professions and not named and self._mentions_licence(tokens, others):
            named = professions[:1]
        if named:  # "sip bidan": the profession says more than the general word
            others = [one for one in others if one.slug != self.licence]
        return sorted([*named, *others, *self._surrounded(tokens, others)], key=lambda one: one.start)

    def _mentions(self, tokens: list[str], borders: frozenset[int]) -> list[Found]:
        """Longest phrases first from the left, not overlapping."""
        found: list[Found] = []
        at = 0
        while at < len(tokens):
            border = min((one for one in borders if one > at), default=len(tokens))
            hit = self._longest(tokens, at, border)
            if hit:
                hit = self._longest(tokens, at, self._cut(tokens, hit, border))
            if hit:
                found.append(hit)
            at = hit.end if hit else at + 1
        return found

    def _cut(self, tokens: list[str], hit: Found, border: int) -> int:
        """Where a phrase must end because a longer-reaching one begins in it: "izin praktik dokter" of "… dokter gigi"."""
        for at in range(hit.start + 1, hit.end):
            later = self._longest(tokens, at, border)
            if later and later.end > hit.end:
                return at
        return hit.end

    def _longest(self, tokens: list[str], at: int, end: int) -> Found | None:
        for size in range(min(_MAX_WORDS, end - at), 0, -1):
            slug = self.phrases.get(tuple(tokens[at : at + size]))
            if slug:
                return Found(slug, at, at + size)
        slug = self._almost(tokens[at])
        return Found(slug, at, at + 1) if slug else None

    def _almost(self, word: str) -> str | None:
        """One long word, written with a possessive ending or one wrong letter."""
        if word not in self._guesses:
            if len(self._guesses) > 20000:
                self._guesses.clear()
            self._guesses[word] = self._guess(word)
        return self._guesses[word]

    def _guess(self, word: str) -> str | None:
        for ending in ("nya", "ku", "ne", "e", "mu", "ipun", "s"):
            stem = word[: -len(ending)]
            if word.endswith(ending) and (stem,) in self.phrases and len(stem) >= 2:
                return self.phrases[(stem,)]
        if len(word) < 6 or word in self.usual or is_listed(word):
            return None
        return next((self.phrases[(known,)] for known in self._long if _one_slip(word, known)), None)

    def _surrounded(self, tokens: list[str], others: list[Found]) -> list[Found]:
        """Services whose name is spread over the text, where it is not said in one piece."""
        if any(one.slug not in self.brought_along and one.slug != self.licence for one in others):
            return []
        text = f" {' '.join(tokens)} "
        slug = next((slug for parts, slug in self.together if all(f" {part} " in text for part in parts)), None)
        return [Found(slug, len(tokens), len(tokens))] if slug else []

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
        if one.slug in self.brought_along:
            weight -= 0.5
        return weight + (one.end - one.start) * 0.05


def _one_slip(word: str, known: str) -> bool:
    """At most one letter wrong, missing, too many, or two neighbours swapped; the first one is right."""
    if word == known:
        return True
    if abs(len(word) - len(known)) > 1 or word[0] != known[0]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, known)) if a != b), min(len(word), len(known)))  # noqa: B905
    rest, known_rest = word[at:], known[at:]
    return (
        rest[1:] == known_rest[1:]
        or rest[1:] == known_rest
        or rest == known_rest[1:]
        or (len(rest) > 1 and rest[1::-1] == known_rest[:2] and rest[2:] == known_rest[2:])
    )
