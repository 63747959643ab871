"""Where all edits of intents and examples happen: reads states of the draft, keeps what it read, makes an edit on the newest one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.domain.nlu_file import NluFile
from bot.usecases.studio import Clash, Draft, Editor, Studio
from bot.usecases.studio_nlu_alike import Alike, Part, Read, likest
from bot.usecases.studio_nlu_files import FOLDER, NluState, Refused, Working, short
from bot.usecases.studio_nlu_refs import Reference, references

T = TypeVar("T")

_KEPT = 600
"""Files whose reading is kept; a content has some 40 example files, and each edit makes one more."""
_TRIES = 6
_BREATH_S = 0.001
"""Between two files that are indexed: the same process answers citizens."""
_REFERRING = tuple(
    f"{folder}/" for folder in "rules domain faq messages services forms loci canned templates eval".split()
)
"""Where an intent may be named."""


class Workshop:
    """``read``: the words of a text in one spelling, as the classifier of wishes sees them."""

    def __init__(self, studio: Studio, read: Read) -> None:
        self.studio = studio
        self._read = read
        self._files: OrderedDict[str, NluFile] = OrderedDict()
        self._parts: OrderedDict[str, Part] = OrderedDict()
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._indexing = threading.Lock()

    async def state(self) -> NluState:
        """The draft's example files."""
        return await self.state_of(await self.studio.draft())

    async def alike(self, text: str, most: int = 5) -> list[Alike]:
        """Examples of all intents that say the same or nearly."""
        state = await self.state()
        return await asyncio.to_thread(self._alike, state, text, most)

    async def references(self, name: str) -> list[Reference]:
        """What refers to an intent."""
        files = await self._others(await self.studio.draft())
        return await asyncio.to_thread(references, files, name)

    async def edit(self, who: Editor, edit: Callable[[Working], str], whole: bool = False) -> str | None:
        """Make an edit on the newest draft; somebody who saves at the same moment only means: once more.

        :param whole: the edit needs the other files as well
        """
        for attempt in range(_TRIES):
            state = await self.state()
            working = Working(state, await self._others(state.draft) if whole else {})
            message = await asyncio.to_thread(edit, working)
            changed = working.changed()
            if not changed:
                return None
            try:
                return await self.studio.save(who, state.draft, changed, message)
            except Clash:
                if attempt + 1 == _TRIES:
                    raise
        raise AssertionError("unreachable")

    async def state_of(self, draft: Draft) -> NluState:
        """The example files of any state."""
        files = {}
        for path, blob in sorted(draft.files.items()):
            if path.startswith(f"{FOLDER}/") and path.endswith((".yml", ".yaml")):
                file = self._files.get(blob)
                if file is None:
                    text = await self.studio.text(draft, path)
                    file = await asyncio.to_thread(NluFile, text)
                files[path] = _keep(self._files, blob, file)
        return NluState(draft, files)

    async def _others(self, draft: Draft) -> dict[str, str]:
        found = {}
        for path, blob in sorted(draft.files.items()):
            if path.startswith(_REFERRING) and path.endswith((".yml", ".yaml", ".tsv")):
                text = self._texts.get(blob)
                found[path] = _keep(self._texts, blob, await self.studio.text(draft, path) if text is None else text)
        return found

    def _alike(self, state: NluState, text: str, most: int) -> list[Alike]:
        parts = []
        with self._indexing:  # once, when several type at the same time
            for path, file in state.files.items():
                blob = state.draft.files[path]
                part = self._parts.get(blob)
                if part is None:
                    part = Part(file, self._read)
                    time.sleep(_BREATH_S)
                parts.append(_keep(self._parts, blob, part))
        return likest(parts, text, self._read, most)


def _keep(kept: OrderedDict[str, T], key: str, value: T) -> T:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _KEPT:
        kept.popitem(last=False)
    return value


def refuse_owned(working: Working, name: str, texts: Sequence[str]) -> None:
    """:raises Refused: another intent has one of them; Rasa would learn both."""
    now = working.now
    for text in texts:
        owner = now.owner(text)
        if owner is not None and owner != name:
            raise Refused("example_elsewhere", text=short(text), name=owner)
