"""Changing YAML files of the draft: on the newest text, never over somebody else's change, and never into a faulty state."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.domain.catalogue import Catalogue
from bot.domain.yaml_edit import edited, parsed
from bot.domain.yaml_merge import GONE, Disagreement, merged
from bot.domain.yaml_path import at, same
from bot.errors import ContentError, NotFound
from bot.usecases.studio import Clash, Draft, Editor, Studio

FOLDERS = ("services", "forms", "loci", "wilayah", "faq", "alih", "messages")
"""What the check of the catalogue and of the sentences reads."""
_TRIES = 3


@dataclass(frozen=True)
class Checked:
    """What was found in a state of the content. ``faults``: ``(file, line, message, remedy)``."""

    faults: tuple[tuple[str, int, str, str], ...] = ()
    model: str = ""
    """Names the model that this state needs; equal names: no training is needed."""
    catalogue: Catalogue = field(default_factory=lambda: Catalogue({}, {}))
    """As far as it is sound."""


@dataclass(frozen=True)
class State:
    """A state of the content: its files, and what was found in them."""

    files: Mapping[str, str]
    found: Checked


Check = Callable[[Mapping[str, str]], Awaitable[Checked]]
"""Looks through all files of :data:`FOLDERS`, given by path."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an edit: where, and in which entry (``path``: keys from the outside in)."""

    file: str
    line: int
    message: str
    remedy: str
    path: tuple[str, ...] = ()


class Faulty(ContentError):
    """An edit that would break the content; nothing is saved."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(f"{one.file}:{one.line}: {one.message}; {one.remedy}" for one in faults))
        self.faults = tuple(faults)


class Overlap(Clash):
    """Somebody else changed the same entry meanwhile. Both versions are by ``file: entry``."""

    def __init__(self, head: str, path: str, apart: Sequence[Disagreement]) -> None:
        super().__init__(head, {_label(path, one): _shown(one.theirs).encode() for one in apart})
        self.mine: dict[str, str | None] = {_label(path, one): _shown(one.mine) for one in apart}


@dataclass(frozen=True)
class Saved:
    """What saving did."""

    revision: str
    untrained: bool
    """The model that is in use can stay: what changed is effective on publishing, without training."""


Make = Callable[[Any], Any]
"""From what a file holds to what it shall hold (it may change and give back what it gets)."""


class YamlDesk:
    """The draft's YAML files."""

    def __init__(self, studio: Studio, check: Check) -> None:
        self.studio = studio
        self._check = check

    async def held(self, draft: Draft, folder: str) -> dict[str, Any]:
        """What every YAML file below a folder holds, by path, for reading only; a file that cannot be read is left out."""
        found: dict[str, Any] = {}
        for path, text in (await self.studio.texts(draft, folder)).items():
            if path.endswith(".yml"):
                try:
                    found[path] = await asyncio.to_thread(known, text)
                except ContentError:
                    continue
        return found

    async def one(self, draft: Draft, path: str) -> Any:
        """What one file holds.

        :raises bot.errors.NotFound: no such file.
        :raises bot.errors.ContentError: it cannot be read.
        """
        return await asyncio.to_thread(parsed, await self.studio.text(draft, path))

    async def change(self, who: Editor, base: str, makes: Mapping[str, Make], message: str) -> Saved | None:
        """Change files as they were at revision ``base`` and carry that over to what they are now. None: nothing changes.

        :raises Overlap: somebody changed the same entry meanwhile.
        :raises Faulty: the content would be faulty; nothing is saved.
        """
        seen = await self._seen(base)
        for _ in range(_TRIES - 1):
            try:
                return await self._change(who, seen, makes, message)
            except Overlap:
                raise
            except Clash:
                continue  # somebody saved the same file this very moment
        return await self._change(who, seen, makes, message)

    async def tried(self, base: str, makes: Mapping[str, Make]) -> State:
        """The content as it would be after a change, for a preview.

        :raises Faulty: it would be faulty.
        """
        seen, now = await self._seen(base), await self.studio.draft()
        changed = await self._changed(seen, now, makes)
        files = await self.files(now)
        found, _ = await self._sound(files, changed)
        return State(files | changed, found)

    async def state(self, draft: Draft) -> State:
        """The content as it is."""
        files = await self.files(draft)
        return State(files, await self._check(files))

    async def _seen(self, base: str) -> Draft:
        try:
            return await self.studio.at(base)
        except NotFound:
            return await self.studio.draft()

    async def _change(self, who: Editor, seen: Draft, makes: Mapping[str, Make], message: str) -> Saved | None:
        now = await self.studio.draft()
        changed = await self._changed(seen, now, makes)
        if not changed:
            return None
        _, untrained = await self._sound(await self.files(now), changed)
        return Saved(await self.studio.save(who, now, changed, message), untrained)

    async def _changed(self, seen: Draft, now: Draft, makes: Mapping[str, Make]) -> dict[str, str]:
        found: dict[str, str] = {}
        for path, make in makes.items():
            text = await self.studio.text(now, path)
            before = text if seen.files.get(path) == now.files[path] else await self._text(seen, path, text)
            after = await asyncio.to_thread(_carried, path, before, text, make, now.revision)
            if after != text:
                found[path] = after
        return found

    async def _text(self, draft: Draft, path: str, otherwise: str) -> str:
        return await self.studio.text(draft, path) if path in draft.files else otherwise

    async def files(self, draft: Draft) -> dict[str, str]:
        """Every file of :data:`FOLDERS`."""
        found: dict[str, str] = {}
        for folder in FOLDERS:
            found |= await self.studio.texts(draft, folder)
        return found

    async def _sound(self, files: Mapping[str, str], changed: Mapping[str, str]) -> tuple[Checked, bool]:
        """What is found after the change, and whether the model can stay.

        :raises Faulty: there are faults that were not there before.
        """
        texts = {**files, **changed}
        before, after = await self._check(files), await self._check(texts)
        old = {(file, message) for file, _, message, _ in before.faults}
        fresh = [one for one in after.faults if (one[0], one[2]) not in old]
        if fresh:
            raise Faulty([Fault(*one, path=entry_at(texts.get(one[0], ""), one[1])) for one in fresh])
        return after, bool(before.model) and before.model == after.model


@lru_cache(maxsize=256)
def known(text: str) -> Any:
    """Parsed once, for reading only: pages that list everything read hundreds of files that rarely change."""
    return parsed(text)


def _carried(path: str, before: str, now: str, make: Make, head: str) -> str:
    """The newest text with the change."""
    base = parsed(before)
    mine = kept(base, make(deepcopy(base)))
    if now == before:
        return edited(now, mine)
    wanted, apart = merged(base, mine, parsed(now))
    if apart:
        raise Overlap(head, path, apart)
    return edited(now, wanted)


def kept(old: Any, new: Any) -> Any:
    """The new value, with the old one's texts where they differ in blanks at the ends only (forms lose those)."""
    if isinstance(old, str) and isinstance(new, str):
        return old if old.strip() == new.strip() else new
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: kept(old[key], one) if key in old else one for key, one in new.items()}
    if isinstance(old, list) and isinstance(new, list):
        if len(old) == len(new):
            return [kept(one, other) for one, other in zip(old, new, strict=True)]
        return [next((one for one in old if same(_bare(one), _bare(item))), item) for item in new]
    return new


def _bare(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        return {key: _bare(one) for key, one in value.items()}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def entry_at(text: str, line: int) -> tuple[str, ...]:
    """The keys that lead to a line of a file, as far as its indentation tells; list items by their ``id``, else not named."""
    found: list[tuple[int, str]] = []
    for number, written in enumerate(text.split("\n"), 1):
        plain = written.strip()
        if not plain or plain.startswith("#"):
            continue
        _enter(found, written, plain)
        if number >= line:
            break
    return tuple(name for _, name in found if name)


def _enter(found: list[tuple[int, str]], written: str, plain: str) -> None:
    column = len(written) - len(written.lstrip())
    while found and found[-1][0] >= column:
        found.pop()
    if plain.startswith("- "):
        key, _, value = plain[2:].partition(":")
        found.append((column, value.strip() if key in ("id", "code") else ""))
        column, plain = column + 2, plain[2:]
        if key in ("id", "code"):
            return
    key, colon, _ = plain.partition(":")
    if colon and " " not in key and not key.startswith(("{", '"')):
        found.append((column, key))


def _label(path: str, one: Disagreement) -> str:
    return f"{path}: {' › '.join(one.path)}" if one.path else path


def _shown(value: Any) -> str:
    """A value for people to compare."""
    if value is GONE:
        return ""
    if isinstance(value, str):
        return value
    return (
        edited("", value)
        if isinstance(value, dict)
        else "\n".join(f"- {one}" for one in value)
        if isinstance(value, list)
        else str(value)
    )


def look(value: Any, path: Sequence[str | int]) -> Any:
    """What stands at a path.

    :raises bot.errors.NotFound: nothing does.
    """
    try:
        return at(value, tuple(path))
    except (KeyError, TypeError, IndexError) as error:
        raise NotFound("entry") from error
