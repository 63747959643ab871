"""The draft of the content as editors see and change it: read, save without overwriting each other, undo, look back.

Everything the studio changes goes through :meth:`Studio.save`: one commit on the draft, by whoever did it, with an audit entry. A
file is saved against the blob its editor saw; when somebody was quicker, nothing is saved and :class:`Clash` tells both versions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.errors import Conflict, NotFound
from bot.ports import Clock
from bot.ports_content import Author, Branch, ContentHistory, Edit, FileChange, Revision
from bot.usecases.store import Store


@dataclass(frozen=True)
class Editor:
    """Who changes something."""

    username: str
    name: str

    @property
    def author(self) -> Author:
        """As git knows them; no real address enters the history."""
        return Author(self.name, f"{self.username}@loket.local")


@dataclass(frozen=True)
class Draft:
    """The draft at one moment. ``files``: path -> blob id, which an editor hands back when saving."""

    revision: str
    files: Mapping[str, str]


class Clash(Conflict):
    """Somebody else changed a file meanwhile: ``theirs`` is what it holds now (None: it is gone), by path."""

    def __init__(self, head: str, theirs: Mapping[str, bytes | None]) -> None:
        super().__init__("content", head=head, paths=", ".join(sorted(theirs)))
        self.head = head
        self.theirs = dict(theirs)


class Studio:
    """The content of this installation, for editing."""

    def __init__(self, history: ContentHistory, store: Store, clock: Clock) -> None:
        self._history = history
        self._store = store
        self._clock = clock

    @property
    def history(self) -> ContentHistory:
        """The repository itself, for those who publish."""
        return self._history

    async def draft(self) -> Draft:
        """As it is now."""
        return await self.at(await asyncio.to_thread(self._history.head, Branch.DRAFT))

    async def live(self) -> Draft:
        """What is published."""
        return await self.at(await asyncio.to_thread(self._history.head, Branch.LIVE))

    async def at(self, revision: str) -> Draft:
        """An earlier state.

        :raises bot.errors.NotFound: no such revision.
        """
        return Draft(revision, await asyncio.to_thread(self._history.files, revision))

    async def text(self, draft: Draft, path: str) -> str:
        """A file's text.

        :raises bot.errors.NotFound: no such file.
        """
        if path not in draft.files:
            raise NotFound(path)
        return (await asyncio.to_thread(self._history.blob, draft.files[path])).decode()

    async def texts(self, draft: Draft, folder: str) -> dict[str, str]:
        """Every file below ``folder/``, by its path."""
        wanted = {path: blob for path, blob in draft.files.items() if path.startswith(f"{folder}/")}

        def read() -> dict[str, str]:
            return {path: self._history.blob(blob).decode() for path, blob in sorted(wanted.items())}

        return await asyncio.to_thread(read)

    async def save(self, who: Editor, draft: Draft, changed: Mapping[str, str | None], message: str) -> str:
        """Files with their new text (None: away with it) as one commit on the draft; returns the revision.

        :param draft: what the editor saw; only the files that change have to be as they were.
        :raises Clash: one of them is not; nothing is saved.
        :raises bot.errors.ContentError: a path that is no place for content.
        """
        edits = {
            path: Edit(None if text is None else text.encode(), draft.files.get(path)) for path, text in changed.items()
        }
        return await self._commit(who, edits, message, "content.edit")

    async def undo(self, who: Editor, revision: str) -> str:
        """Take one commit of the draft back, if its files are still as it left them.

        :raises Clash: somebody went on from there.
        :raises bot.errors.NotFound: no such commit, or the first one.
        """
        commit = next((one for one in await self.log(500) if one.id == revision), None)
        if commit is None or not commit.parents:
            raise NotFound("content revision")
        after = await self.at(revision)
        edits = {
            change.path: Edit(change.before, after.files.get(change.path))
            for change in await self.changes(commit.parents[0], revision)
        }
        return await self._commit(who, edits, f"Batal: {commit.message}", "content.undo")

    async def discard(self, who: Editor, path: str) -> str:
        """One file of the draft is again what is published."""
        draft, live = await self.draft(), await self.live()
        blob = live.files.get(path)
        content = None if blob is None else await asyncio.to_thread(self._history.blob, blob)
        edits = {path: Edit(content, draft.files.get(path))}
        return await self._commit(who, edits, f"{path}: kembali ke yang terbit", "content.discard")

    async def log(self, most: int = 50, path: str | None = None, branch: Branch = Branch.DRAFT) -> Sequence[Revision]:
        """Commits, newest first."""
        return await asyncio.to_thread(self._history.log, branch, most, path)

    async def changes(self, before: str, after: str) -> Sequence[FileChange]:
        """Files that differ between two revisions, by path."""
        return await asyncio.to_thread(self._history.changes, before, after)

    async def pending(self) -> Sequence[FileChange]:
        """What the draft has beyond what is published."""
        draft, live = await self.draft(), await self.live()
        return await self.changes(live.revision, draft.revision)

    async def _commit(self, who: Editor, edits: Mapping[str, Edit], message: str, action: str) -> str:
        now = self._clock.now()
        try:
            made = await asyncio.to_thread(self._history.save, edits, who.author, message, now)
        except Conflict as error:
            now_there = await self.draft()
            theirs = {
                path: await asyncio.to_thread(self._history.blob, now_there.files[path])
                if path in now_there.files
                else None
                for path, edit in edits.items()
                if now_there.files.get(path) != edit.base
            }
            raise Clash(now_there.revision, theirs) from error
        async with self._store.begin() as tx:
            await tx.audit(who.username, action, made, {"files": sorted(edits), "message": message}, now)
        return made
