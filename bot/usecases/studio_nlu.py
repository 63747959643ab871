"""Intents and their examples in the studio: what there is, and every way to change it; one commit each, with a message people understand.

An edit names examples by their words, not by lines: it is made on the newest draft, so that editors who work on different examples of
one intent do not get into each other's way. Only who changes an example that somebody else changed meanwhile is told (:class:`Gone`).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.nlu_file import NluFile
from bot.ports_content import Branch
from bot.usecases.studio import Editor
from bot.usecases.studio_nlu_base import Workshop, refuse_owned
from bot.usecases.studio_nlu_files import (
    FOLDER,
    PROTECTED,
    NluState,
    Refused,
    Working,
    plain_example,
    plain_examples,
    short,
)
from bot.usecases.studio_nlu_sheet import Row

FEW = 30
"""Fewer examples than this are too few to tell a wish from others."""
_NAMES = f"{FOLDER}/services.yml"
"""Where names of services are; other files have words that only together mean one."""
_OTHER = "other:"
"""So begin the synonyms of other institutions' matters."""


@dataclass(frozen=True)
class Line:
    """One intent (or synonym, or group of words) of the overview. ``added``, ``removed``: examples, against what is published."""

    name: str
    count: int
    model: str
    """``same``, ``changed``, ``new`` or ``gone`` (published, but not in the draft any more)."""
    added: int = 0
    removed: int = 0
    f1: float | None = None
    protected: bool = False

    @property
    def few(self) -> bool:
        """Whether it needs more examples."""
        return self.model != "gone" and self.count < FEW


@dataclass(frozen=True)
class Done:
    """What an edit did; ``revision`` None: nothing was to be done."""

    revision: str | None
    count: int
    skipped: int = 0


@dataclass(frozen=True)
class Faults:
    """Rows of a table that cannot be taken, with why: (line, refusal)."""

    rows: tuple[tuple[int, Refused], ...]


class Gone(Exception):
    """The example to be changed is not there any more. ``theirs``: what stands in its place; ``moved``: the intent that has it now."""

    def __init__(self, mine: str, theirs: tuple[str, ...], moved: str | None, by: str) -> None:
        super().__init__("example")
        self.mine, self.theirs, self.moved, self.by = mine, theirs, moved, by


class Intents(Workshop):
    """See above."""

    # -- looking --------------------------------------------------------------------------------------------------------

    async def overview(self, kind: str = "intent", f1: Mapping[str, float] | None = None) -> list[Line]:
        """Every section of a kind; ``f1`` by intent, of the last training that measured it."""
        now, live, scores = await self.state(), await self.state_of(await self.studio.live()), f1 or {}
        lines = [_line(now, live, name, kind) for name in now.names(kind)]
        lines += [
            Line(name, len(live.examples(name, kind)), "gone") for name in live.names(kind) if not now.has(name, kind)
        ]
        return [replace(one, f1=scores.get(one.name)) for one in sorted(lines, key=lambda one: one.name)]

    async def published(self, name: str, kind: str = "intent") -> frozenset[str]:
        """The examples that the live content has."""
        return frozenset((await self.state_of(await self.studio.live())).examples(name, kind))

    # -- examples -------------------------------------------------------------------------------------------------------

    async def add(self, who: Editor, name: str, texts: Sequence[str], kind: str = "intent") -> Done:
        """Add examples; those that the intent has already are left out.

        :raises Refused: one may not be, or another intent has it.
        """
        plain = plain_examples(texts)
        count = 0

        def edit(working: Working) -> str:
            nonlocal count
            if kind == "intent":
                refuse_owned(working, name, plain)
            count = working.add(name, plain, kind)
            return f"{name}: {_examples(count)} ditambah"

        revision = await self.edit(who, edit)
        return Done(revision, count, len(plain) - count)

    async def change(self, who: Editor, name: str, old: str, new: str, seen: str, kind: str = "intent") -> Done:
        """Other words for an example, which the editor saw in the revision ``seen``.

        :raises Gone: somebody changed or took it away since.
        :raises Refused: it may not be so.
        """
        plain = plain_example(new)

        def edit(working: Working) -> str:
            if old not in working.now.examples(name, kind):
                raise Refused("example_gone")
            if kind == "intent":
                refuse_owned(working, name, [plain])
            working.change(name, old, plain, kind)
            return f"{name}: “{short(old)}” menjadi “{short(plain)}”"

        try:
            return Done(await self.edit(who, edit), 1)
        except Refused as error:
            if error.key != "example_gone":
                raise
            raise await self._gone(name, old, plain, seen, kind) from error

    async def remove(self, who: Editor, name: str, texts: Sequence[str], kind: str = "intent") -> Done:
        """Delete examples; those that are gone already are counted as skipped.

        :raises Refused: none would be left.
        """
        gone: list[str] = []

        def edit(working: Working) -> str:
            gone[:] = working.remove(name, texts, kind)
            return f"{name}: {_examples(len(gone))} dihapus"

        revision = await self.edit(who, edit)
        return Done(revision, len(gone), len(set(texts)) - len(gone))

    async def move(self, who: Editor, name: str, to: str, texts: Sequence[str], kind: str = "intent") -> Done:
        """Examples to another intent.

        :raises Refused: none would be left, or there is no such intent.
        """
        gone: list[str] = []

        def edit(working: Working) -> str:
            working.now.spots(to, kind)
            if to == name:
                raise Refused("same", name=name)
            gone[:] = working.remove(name, texts, kind)
            working.add(to, gone, kind)
            return f"{_examples(len(gone))} pindah dari {name} ke {to}"

        revision = await self.edit(who, edit)
        return Done(revision, len(gone), len(set(texts)) - len(gone))

    async def means(self, who: Editor, word: str, thing: str) -> Done:
        """Words that name a service (its slug) or somebody else's matter (``other:…``), as people write them.

        :raises Refused: they name something else already.
        """
        plain = plain_example(word)

        def edit(working: Working) -> str:
            for name in working.now.names("synonym"):
                if name != thing and plain.casefold() in map(str.casefold, working.now.examples(name, "synonym")):
                    raise Refused("word_taken", text=plain, name=name)
            names = working.files.get(_NAMES)
            if names is not None and any((one.kind, one.name) == ("synonym", thing) for one in names.sections):
                working.files[_NAMES] = names.add(thing, [plain], "synonym")
            elif thing.startswith(_OTHER):
                working.add(thing, [plain], "synonym")
            else:
                _new_synonym(working, thing, plain)
            return f"“{short(plain)}” berarti {thing}"

        return Done(await self.edit(who, edit), 1)

    async def take(self, who: Editor, rows: Sequence[Row], skip: bool = False) -> Done | Faults:
        """The rows of a table; with a fault nothing is saved, unless faulty rows are to be skipped."""
        faults: list[tuple[int, Refused]] = []
        count = known = 0

        def edit(working: Working) -> str:
            nonlocal count, known
            faults.clear()
            by_intent = _sorted_out(working.now, rows, faults)
            if faults and not skip:
                raise _Faulty
            count = sum(working.add(name, texts) for name, texts in by_intent.items())
            known = sum(map(len, by_intent.values())) - count
            return f"{_examples(count)} dari tabel ({', '.join(sorted(by_intent))[:200]})"

        try:
            revision = await self.edit(who, edit)
        except _Faulty:
            return Faults(tuple(faults))
        return Done(revision, count, known + len(faults))

    # -- helpers --------------------------------------------------------------------------------------------------------

    async def _gone(self, name: str, old: str, mine: str, seen: str, kind: str) -> Gone:
        """What became of an example since the revision ``seen``."""
        now = await self.state()
        before = await self.state_of(await self.studio.at(seen)) if seen else now
        path = now.spots(name, kind)[0].path
        log = await self.studio.log(1, path, Branch.DRAFT)
        moved = now.owner(old) if kind == "intent" else None
        theirs = () if moved else _became(before.examples(name, kind), now.examples(name, kind), old)
        return Gone(mine, theirs, moved if moved != name else None, log[0].author.name if log else "")


class _Faulty(Exception):
    """Nothing is saved."""


def _line(now: NluState, live: NluState, name: str, kind: str) -> Line:
    mine, theirs = now.examples(name, kind), live.examples(name, kind)
    added, removed = len(set(mine) - set(theirs)), len(set(theirs) - set(mine))
    model = "new" if not live.has(name, kind) else "changed" if added or removed else "same"
    return Line(name, len(mine), model, added, removed, protected=kind == "intent" and name in PROTECTED)


def _sorted_out(now: NluState, rows: Sequence[Row], faults: list[tuple[int, Refused]]) -> dict[str, list[str]]:
    """The rows by intent; why a row cannot be taken goes to ``faults``."""
    known, by_intent, first = set(now.names()), dict[str, list[str]](), dict[str, str]()
    for row in rows:
        try:
            if row.intent not in known:
                raise Refused("unknown" if row.intent else "row_intent", name=row.intent[:64])
            text = plain_example(row.text)
            owner = now.owner(text) or first.setdefault(text.casefold(), row.intent)
            if owner != row.intent:
                raise Refused("example_elsewhere", text=short(text), name=owner)
            by_intent.setdefault(row.intent, []).append(text)
        except Refused as refused:
            faults.append((row.line, refused))
    return by_intent


def _new_synonym(working: Working, thing: str, word: str) -> None:
    """A section of its own, after the last one."""
    file = working.files.get(_NAMES)
    if file is None or not file.sections:
        raise Refused("unknown", name=thing[:64])
    last = file.sections[-1]
    lines = file.text.split("\n")
    indent = lines[last.start][: len(lines[last.start]) - len(lines[last.start].lstrip())]
    lines[last.end : last.end] = [f"{indent}- synonym: {thing}", f"{indent}  examples: |", f"{indent}    - {word}"]
    working.files[_NAMES] = NluFile("\n".join(lines))


def _became(before: Sequence[str], now: Sequence[str], text: str) -> tuple[str, ...]:
    """What stands where ``text`` stood."""
    if text not in before:
        return ()
    at = before.index(text)
    matcher = difflib.SequenceMatcher(None, before, now, autojunk=False)
    for tag, start, end, other, until in matcher.get_opcodes():
        if start <= at < end and tag == "replace":
            same = end - start == until - other
            return (now[other + at - start],) if same else tuple(now[other:until])[:5]
    return ()


def _examples(count: int) -> str:
    return f"{count} contoh"
