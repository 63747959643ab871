"""The published content as one process holds it: catalogue, sentences, frequent questions; exchanged in one go when something else is
published.

Where content comes from:

- where the installation publishes (``follows``): the newest release in the database; before the first one, the folder;
- else from a plain folder that somebody named (tests, a developer's copy): once, and nothing can be published.

What cannot be read never takes the place of what could: the old content stays and an operator is told.
"""

from __future__ import annotations

import asyncio
import io
import logging
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content import load_catalogue
from bot.domain.catalogue import Catalogue
from bot.domain.faq import FaqIndex
from bot.errors import ContentError
from bot.settings import SHIPPED_CONTENT
from bot.storage.pg import listen
from bot.storage.store import PgStore
from bot.storage.tx_content import CHANNEL
from bot.texts import YamlTexts

log = logging.getLogger(__name__)

Words = Callable[[str], list[str]]
_UNREADABLE = (ContentError, tarfile.TarError, OSError, ValueError)
_RELEASES_BACK = 20


@dataclass(frozen=True)
class Content:
    """One published state, read."""

    release: int
    """0: from a plain folder."""
    catalogue: Catalogue
    texts: YamlTexts
    faqs: FaqIndex


class LiveContent:
    """Hands out the content that is live now; it is also the port :class:`bot.ports.Texts`."""

    def __init__(self, store: PgStore, folder: Path, words: Words, follows: bool = True) -> None:
        self._store = store
        self._folder = folder
        self._follows = follows
        self._words = words
        self._content: Content | None = None
        self._refused = 0
        self._turn = asyncio.Lock()

    @property
    def now(self) -> Content:
        """What is live."""
        if self._content is None:
            raise ContentError("the content is not loaded yet")
        return self._content

    def catalogue(self) -> Catalogue:
        """Services, offices, forms."""
        return self.now.catalogue

    def faqs(self) -> FaqIndex:
        """Frequent questions."""
        return self.now.faqs

    def say(self, key: str, language: str, **params: Any) -> str:
        """See :class:`bot.ports.Texts`."""
        return self.now.texts.say(key, language, **params)

    def has(self, key: str) -> bool:
        """See :class:`bot.ports.Texts`."""
        return self.now.texts.has(key)

    async def start(self) -> None:
        """Load what is live.

        :raises bot.errors.ContentError: there is nothing to load, or it is faulty.
        """
        if self._follows and (await self.refresh() or await self._fall_back()):
            return
        self._content = await asyncio.to_thread(_read, 0, self._folder, self._words)

    async def refresh(self) -> bool:
        """Take over what is live in the database, if it is something else; whether it was."""
        async with self._turn:
            async with self._store.begin() as tx:
                live = await tx.live_release()
                known = self._content.release if self._content is not None else 0
                if live is None or live.id in (known, self._refused):
                    return False
                bundle = await tx.bundle(live.id)
            try:
                fresh = await asyncio.to_thread(_unpacked, live.id, bundle or b"", self._words)
            except _UNREADABLE as error:
                self._refused = live.id
                code = error.code if isinstance(error, ContentError) else type(error).__name__
                log.error(
                    "published content cannot be read, the old one stays", extra={"release": live.id, "code": code}
                )
                return False
            self._content = fresh
            log.info("content is live", extra={"release": live.id, "commit": live.commit})
            return True

    async def _fall_back(self) -> bool:
        """The newest release that can be read; whether there is one. An older version beside a newer one starts with what it had before
        the newer one's content was published.
        """
        async with self._store.begin() as tx:
            earlier = [one.id for one in await tx.releases(_RELEASES_BACK) if one.id != self._refused]
        for release in earlier:
            async with self._store.begin() as tx:
                bundle = await tx.bundle(release)
            try:
                self._content = await asyncio.to_thread(_unpacked, release, bundle or b"", self._words)
            except _UNREADABLE:
                continue
            log.warning("an earlier release is used, the newest cannot be read", extra={"release": release})
            return True
        return False

    async def follow(self, database_url: str) -> None:
        """Take over every release from now on, until cancelled."""
        if not self._follows:
            await asyncio.Event().wait()
        heard = asyncio.Event()
        listening = asyncio.create_task(listen(database_url, (CHANNEL,), lambda *_: heard.set(), heard.set))
        try:
            while True:
                await heard.wait()
                heard.clear()
                try:
                    await self.refresh()
                except Exception:
                    log.exception("live content cannot be looked at, trying again")
                    await asyncio.sleep(1)
                    heard.set()
        finally:
            listening.cancel()


def _unpacked(release: int, bundle: bytes, words: Words) -> Content:
    with tempfile.TemporaryDirectory(prefix="loket-content-") as folder:
        with tarfile.open(fileobj=io.BytesIO(bundle)) as tar:
            tar.extractall(folder, filter="data")
        return _read(release, Path(folder), words)


def _read(release: int, folder: Path, words: Words) -> Content:
    catalogue = load_catalogue(folder)
    return Content(
        release,
        catalogue,
        YamlTexts(folder / "messages", SHIPPED_CONTENT / "messages"),
        FaqIndex(catalogue.faqs, words),
    )
