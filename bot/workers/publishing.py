"""Publishes content: the draft is checked and, where it needs one, gets a model; then git, model and release move together.

Order: train, store the model, commit to ``main``, record the release. A kill in between leaves either the old state, or a commit
that the next gateway to start records (:meth:`Publisher.register`); nothing is ever half published.

The studio publishes through :class:`bot.ports_studio.Publishing`, which never trains, and tries a new model before it goes live.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import tarfile
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from bot.content import read_catalogue
from bot.dialogue.train import content_hash, ensure
from bot.domain.canned import read_seeds
from bot.domain.templates import check_templates
from bot.errors import ContentError, NotFound
from bot.ports import Clock
from bot.ports_content import Author, Branch
from bot.ports_studio import DraftFault, Workbench
from bot.settings import ROOT, SHIPPED_CONTENT, Settings
from bot.storage.content_repo import GitContent
from bot.storage.pg import DatabaseAway
from bot.storage.store import PgStore
from bot.texts import DEFAULT, YamlTexts
from bot.usecases import studio_check
from bot.usecases.store_content import Release

log = logging.getLogger(__name__)

MODELS_KEPT = 5
"""Releases whose models stay, to go back to at once."""
_LOOK_EVERY_S = 5.0
_CHECKS_KEPT = 8
_TRIED = "halo"


class Publisher:
    """What this machine publishes; on a machine without the content repository it does nothing."""

    def __init__(
        self, settings: Settings, store: PgStore, clock: Clock | None = None, workbench: Workbench | None = None
    ) -> None:
        """``clock`` and ``workbench``: of the studio."""
        self._settings = settings
        self._store = store
        self._clock = clock
        self._workbench = workbench
        self._repo = GitContent(settings.content_dir) if GitContent.is_one(settings.content_dir) else None
        self._checked: OrderedDict[str, tuple[Sequence[DraftFault], str]] = OrderedDict()
        """Faults and model of states looked at; a state never changes."""
        self._checking = asyncio.Lock()
        self._moving = asyncio.Lock()
        self._left = ""
        """What ``main`` held at the last look without being recorded."""
        self._behind = ""
        """What ``main`` holds although something else was published since."""

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
        if await self._superseded(newest.id):
            # A copy left behind: an older version started again with a folder of its own, or one restored from a backup.
            if self._behind != newest.id:
                self._behind = newest.id
                log.warning("the content here is older than what is published, and left", extra={"commit": newest.id})
            return None
        kind = "seed" if live is None else "upgrade"
        hash_ = await asyncio.to_thread(content_hash, ROOT, self._settings.content_dir)
        made = Release(newest.id, hash_, kind, newest.author.name, newest.message, now)
        return await self._record(made, newest.author)

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
        return await self._record(release, author)

    async def go_back(self, release_id: int, author: Author, reason: str, now: datetime) -> Release:
        """An earlier release goes live again, with the model it had (if that is gone, it is trained anew).

        :raises bot.errors.NotFound: no such release.
        """
        old = await self._release(release_id)
        hash_ = await self.prepare(old.commit, now, lambda step: log.info("%s", step))
        commit = await asyncio.to_thread(self.repo.go_back, old.commit, author, reason, now)
        return await self._record(Release(commit, hash_, "rollback", author.name, reason, now), author)

    async def prepare(self, revision: str, now: datetime, say: Callable[[str], None]) -> str:
        """Check a state and store its model; returns the model's hash."""
        faults, hash_ = await self._look(revision)
        if faults:
            raise ContentError("\n".join(map(fault_line, faults)))
        async with self._store.begin() as tx:
            if await tx.has_model(hash_):
                return hash_
        s = self._settings
        model = s.model_dir / f"{hash_}.tar.gz"
        if not await asyncio.to_thread(model.is_file):
            async with self.unpacked(revision) as folder:
                await asyncio.to_thread(ensure, ROOT, folder, s.model_dir, s.rasa_python, say)
        async with self._store.begin() as tx:
            await tx.put_model(hash_, await asyncio.to_thread(model.read_bytes), now)
        return hash_

    # -- for the studio -------------------------------------------------------------------------------------------------

    async def check(self, revision: str) -> Sequence[DraftFault]:
        """See :class:`bot.ports_studio.Publishing`."""
        return (await self._look(revision))[0]

    async def model_of(self, revision: str) -> str:
        """See :class:`bot.ports_studio.Publishing`."""
        model = (await self._look(revision))[1]
        if not model:
            raise ContentError("the catalogue cannot be read", kind="faulty")
        return model

    async def publish_draft(self, draft: str, author: Author, reason: str, approved_by: str) -> int:
        """See :class:`bot.ports_studio.Publishing`."""
        faults, model = await self._look(draft)
        if faults or not model:
            raise ContentError("\n".join(map(fault_line, faults)), kind="faulty")
        await self._have(model, train=False)
        async with self._moved():
            made = await self.publish(draft, author, reason, self._now(), _quietly, approved_by)
        return made.id

    async def take_back(self, release: int, author: Author, reason: str) -> int:
        """See :class:`bot.ports_studio.Publishing`."""
        old = await self._release(release)
        await self._have(old.model, train=True)
        async with self._moved():
            made = await self.go_back(release, author, reason, self._now())
        return made.id

    @contextlib.asynccontextmanager
    async def unpacked(self, revision: str) -> AsyncIterator[Path]:
        """A state as files in a folder, for as long as the block lasts."""
        with tempfile.TemporaryDirectory(prefix="loket-draft-") as name:
            folder = Path(name)
            await asyncio.to_thread(lambda: _unpack(self.repo.archive(revision), folder))
            yield folder

    async def settle(self) -> None:
        """Record what ``main`` holds if that was cut off (disk full, database away); twice seen, so that nobody is in the middle of it."""
        if self._repo is None or self._moving.locked():
            return
        newest = await asyncio.to_thread(self.repo.head, Branch.LIVE)
        live = await self._live()
        left, self._left = self._left, newest if live is not None and live.commit != newest else ""
        if left and left == self._left:
            await asyncio.to_thread(self.repo.check_out)
            await self.register(self._now())

    @contextlib.asynccontextmanager
    async def _moved(self) -> AsyncIterator[None]:
        """A full disk or a database that is away leaves what is live as it was, and is said.

        :raises ContentError: ``kind`` is ``disk``: nothing happened; ``later``: it goes live as soon as it can be recorded.
        """
        async with self._moving:
            before = await asyncio.to_thread(self.repo.head, Branch.LIVE)
            try:
                yield
            except (OSError, *DatabaseAway) as error:
                after = await asyncio.to_thread(self.repo.head, Branch.LIVE)
                log.error(
                    "a publication was cut off", extra={"code": type(error).__name__, "committed": after != before}
                )
                raise ContentError("cut off", kind="disk" if after == before else "later") from error

    async def _look(self, revision: str) -> tuple[Sequence[DraftFault], str]:
        async with self._checking:  # two open pages ask for the same
            if revision not in self._checked:
                async with self.unpacked(revision) as folder:
                    self._checked[revision] = await asyncio.to_thread(_faults_and_model, folder)
                while len(self._checked) > _CHECKS_KEPT:
                    self._checked.popitem(last=False)
            return self._checked[revision]

    async def _have(self, model: str, *, train: bool) -> None:
        """A model that is not the live one has to be there and to load before it answers citizens.

        :raises ContentError: it does not, or is not there and may not be trained now.
        """
        live = await self._live()
        if live is not None and live.model == model:
            return
        try:
            if self._workbench is not None:
                await self._workbench.look(model, [_TRIED])
        except NotFound as error:
            if not train:
                raise ContentError("this model is not trained", kind="untrained") from error
        except ContentError as error:
            raise ContentError(str(error), kind="model") from error

    async def _release(self, number: int) -> Release:
        async with self._store.begin() as tx:
            found = next((one for one in await tx.releases(500) if one.id == number), None)
        if found is None:
            raise ContentError("no such release")
        return found

    def _now(self) -> datetime:
        if self._clock is None:
            raise ContentError("this publisher has no clock")
        return self._clock.now()

    # -- models and releases --------------------------------------------------------------------------------------------

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

    async def _superseded(self, commit: str) -> bool:
        async with self._store.begin() as tx:
            return await tx.was_released(commit)

    async def _record(self, release: Release, author: Author) -> Release:
        bundle = await asyncio.to_thread(self.repo.archive, release.commit)
        async with self._store.begin() as tx:
            live = await tx.live_release()
            if live is not None and live.commit == release.commit:
                return live  # another gateway of this machine was quicker
            made = await tx.put_release(release, bundle)
            await tx.forget_models(MODELS_KEPT)
            about = {"reason": release.reason, "release": made.id, "approved_by": release.approved_by or ""}
            actor = author.address.partition("@")[0]
            await tx.audit(actor, f"content.{release.kind}", release.commit, about, release.at)
        log.info("content published", extra={"release": made.id, "commit": made.commit, "kind": made.kind})
        return made


def faults_of(folder: Path) -> list[DraftFault]:
    """Everything wrong with a folder of content, in order of file and line."""
    files = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8", errors="replace")
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".yml", ".tsv") and not path.relative_to(folder).as_posix().startswith(".git/")
    }
    found = studio_check.check(files, _program())
    found += [
        DraftFault.at(f.file, f.line, "other", message=f.message, remedy=f.remedy) for f in read_catalogue(folder)[1]
    ]
    found += _others(folder)
    return sorted(set(found))


@cache
def _program() -> dict[str, str]:
    """The sentences that this version of the program says."""
    ours = YamlTexts(SHIPPED_CONTENT / "messages")
    return {key: ours.template(key, DEFAULT) or "" for key in ours.keys()}


def _others(folder: Path) -> Iterator[DraftFault]:
    """Templates of notices, canned answers."""
    for name, fault in check_templates(folder)[1]:
        message, _, remedy = fault.partition("; ")
        yield DraftFault.at(f"templates/{name}", 1, "other", message=message, remedy=remedy)
    try:
        read_seeds(folder)
    except ContentError as error:
        file, line, message = str(error).split(":", 2)
        yield DraftFault.at(file, int(line), "other", message=message.strip(), remedy="")


def _faults_and_model(folder: Path) -> tuple[Sequence[DraftFault], str]:
    faults = faults_of(folder)
    try:
        return faults, content_hash(ROOT, folder)
    except ContentError:
        return faults, ""


def fault_line(fault: DraftFault) -> str:
    """``file:line: what; remedy``."""
    values = fault.params
    if fault.kind == "other":
        what = "; ".join(part for part in (values.get("message", ""), values.get("remedy", "")) if part)
    else:
        what = " ".join([fault.kind, *(f"{name}={value!r}" for name, value in fault.values)])
    return f"{fault.file}:{fault.line}: {what}"


def _quietly(step: str) -> None:
    log.info("%s", step)


def _unpack(archive: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
