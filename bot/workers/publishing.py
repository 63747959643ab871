"""Publishes content: the draft is checked and, where it needs one, gets a model; then git, model and release move together.

Order: train, store the model, commit to ``main``, record the release. A kill in between leaves either the old state, or a commit
that the next gateway to start records (:meth:`Publisher.register`); nothing is ever half published.
"""

from __future__ import annotations

import asyncio
import io
import logging
import tarfile
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.content import load_catalogue
from bot.dialogue.train import content_hash, ensure
from bot.errors import ContentError
from bot.ports_content import Author, Branch
from bot.settings import ROOT, Settings
from bot.storage.content_repo import GitContent
from bot.storage.store import PgStore
from bot.texts import YamlTexts
from bot.usecases.store_content import Release

log = logging.getLogger(__name__)

MODELS_KEPT = 5
"""Releases whose models stay, to go back to at once."""
_LOOK_EVERY_S = 5.0


class Publisher:
    """What this machine publishes; on a machine without the content repository it does nothing."""

    def __init__(self, settings: Settings, store: PgStore) -> None:
        self._settings = settings
        self._store = store
        self._repo = GitContent(settings.content_dir) if GitContent.is_one(settings.content_dir) else None

    @property
    def repo(self) -> GitContent:
        """:raises bot.errors.ContentError: the repository is on another machine."""
        if self._repo is None:
            raise ContentError("the content repository is not on this machine, or LOKET_CONTENT_DIR is a plain folder")
        return self._repo

    async def register(self, now: datetime) -> Release | None:
        """Record what ``main`` holds, if the newest release is another state: the first one, an upgrade, a publication cut off."""
        if self._repo is None:
            return None
        newest = await asyncio.to_thread(lambda: self.repo.log(Branch.LIVE, 1)[0])
        live = await self._live()
        if live is not None and live.commit == newest.id:
            return None
        kind = "seed" if live is None else "upgrade"
        hash_ = await asyncio.to_thread(content_hash, ROOT, self._settings.content_dir)
        return await self._record(Release(newest.id, hash_, kind, newest.author.name, newest.message, now))

    async def publish(
        self, draft: str, author: Author, reason: str, now: datetime, say: Callable[[str], None], approved_by: str = ""
    ) -> Release:
        """The draft as it was seen goes live.

        :raises bot.errors.ContentError: it is faulty, or cannot be trained; every fault is a line.
        :raises bot.errors.Conflict: the draft moved on meanwhile.
        """
        hash_ = await self.prepare(draft, now, say)
        commit = await asyncio.to_thread(self.repo.publish, draft, author, reason, now)
        release = Release(commit, hash_, "publish", author.name, reason, now, approved_by or None)
        return await self._record(release)

    async def go_back(self, release_id: int, author: Author, reason: str, now: datetime) -> Release:
        """An earlier release goes live again, with the model it had (if that is gone, it is trained anew).

        :raises bot.errors.NotFound: no such release.
        """
        async with self._store.begin() as tx:
            old = next((one for one in await tx.releases(500) if one.id == release_id), None)
        if old is None:
            raise ContentError("no such release")
        hash_ = await self.prepare(old.commit, now, lambda step: log.info("%s", step))
        commit = await asyncio.to_thread(self.repo.go_back, old.commit, author, reason, now)
        return await self._record(Release(commit, hash_, "rollback", author.name, reason, now))

    async def prepare(self, revision: str, now: datetime, say: Callable[[str], None]) -> str:
        """Check a state and store its model; returns the model's hash."""
        with tempfile.TemporaryDirectory(prefix="loket-draft-") as name:
            folder = Path(name)
            await asyncio.to_thread(_unpack, self.repo.archive(revision), folder)
            await asyncio.to_thread(_refuse_faults, folder)
            hash_ = await asyncio.to_thread(content_hash, ROOT, folder)
            async with self._store.begin() as tx:
                if await tx.has_model(hash_):
                    return hash_
            s = self._settings
            model = await asyncio.to_thread(ensure, ROOT, folder, s.model_dir, s.rasa_python, say)
        async with self._store.begin() as tx:
            await tx.put_model(hash_, await asyncio.to_thread(model.read_bytes), now)
        return hash_

    async def offer_model(self) -> None:
        """Store the live model as soon as it is trained on this machine, so that others have it; then do nothing, until cancelled."""
        while self._repo is not None and not await self._offered():  # noqa: ASYNC110 (a file and another process)
            await asyncio.sleep(_LOOK_EVERY_S)
        await asyncio.Event().wait()

    async def _offered(self) -> bool:
        try:
            live = await self._live()
            file = self._settings.model_dir / f"{live.model}.tar.gz" if live is not None else None
            if live is None or file is None or not file.is_file():
                return False
            async with self._store.begin() as tx:
                if not await tx.has_model(live.model):
                    await tx.put_model(live.model, await asyncio.to_thread(file.read_bytes), live.at)
        except Exception as error:
            log.warning("the model cannot be stored yet", extra={"code": type(error).__name__})
            return False
        return True

    async def _live(self) -> Release | None:
        async with self._store.begin() as tx:
            return await tx.live_release()

    async def _record(self, release: Release) -> Release:
        bundle = await asyncio.to_thread(self.repo.archive, release.commit)
        async with self._store.begin() as tx:
            live = await tx.live_release()
            if live is not None and live.commit == release.commit:
                return live  # another gateway of this machine was quicker
            made = await tx.put_release(release, bundle)
            await tx.forget_models(MODELS_KEPT)
            await tx.audit(
                release.author, f"content.{release.kind}", release.commit, {"reason": release.reason}, release.at
            )
        log.info("content published", extra={"release": made.id, "commit": made.commit, "kind": made.kind})
        return made


def _refuse_faults(folder: Path) -> None:
    """:raises ContentError: what a gateway could not read."""
    load_catalogue(folder)
    YamlTexts(folder / "messages")


def _unpack(archive: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
