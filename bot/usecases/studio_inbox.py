"""The studio's inbox: what was misunderstood, brought together, and what an editor makes of it.

A correction counts as evaluation data (:mod:`bot.domain.corrections`) until it is released for training; then it moves to the
examples of its intent. Texts are masked when they are kept, when they are shown and when they enter the draft.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.domain.clusters import Read, clusters
from bot.domain.corrections import PATH, Correction, correction, read, with_these, without
from bot.domain.nlu_file import NluFile
from bot.domain.understood import UNSURE, Turned
from bot.errors import ContentError
from bot.usecases.masking import mask_more
from bot.usecases.store import Store
from bot.usecases.store_studio import Period
from bot.usecases.studio import Clash, Draft, Editor, Studio

MOST = 3000
"""Messages of a period that are looked at."""
ELSEWHERE = "out_of_scope"
_TRIES = 3
_SETTLED_LATELY = 100

Changes = Callable[[Draft], Awaitable[Mapping[str, str | None]]]
"""What becomes of which files of a draft."""


@dataclass(frozen=True)
class Wording:
    """One text of a cluster, masked, and the messages that say it."""

    text: str
    ids: tuple[int, ...]
    conversation: str
    """One in which it was said."""


@dataclass(frozen=True)
class Cluster:
    """What belongs together, the commonest wording first."""

    turns: tuple[Turned, ...]
    wordings: tuple[Wording, ...]

    @property
    def text(self) -> str:
        """The wording that stands for all."""
        return self.wordings[0].text

    @property
    def ids(self) -> tuple[int, ...]:
        """Of all its messages."""
        return tuple(one.heard.inbox_id for one in self.turns)

    @property
    def cost(self) -> int:
        """What it costs: see :attr:`bot.domain.understood.Turned.cost`."""
        return sum(one.cost for one in self.turns)

    @property
    def handed(self) -> int:
        """How many were followed by a person."""
        return sum(one.handed for one in self.turns)

    @property
    def left(self) -> int:
        """How many were the citizen's last word."""
        return sum(one.left and not one.handed for one in self.turns)

    @property
    def marked(self) -> int:
        """How many an editor marked as wrong."""
        return sum(one.marked for one in self.turns)

    @property
    def unsure(self) -> int:
        """How many were not answered."""
        return sum(one.heard.told.became in UNSURE for one in self.turns)

    @property
    def suggestion(self) -> tuple[str, float]:
        """The intent that the model holds likeliest over all of them, and its mean confidence. Where a turn is marked as wrong, what was
        understood is not it.
        """
        sums: Counter[str] = Counter()
        for one in self.turns:
            told = one.heard.told
            ranking = told.ranking or ((told.intent, told.confidence),)
            for name, chance in ranking[1:] if one.marked and len(ranking) > 1 else ranking:
                sums[name] += int(chance * 10_000)
        best = max(sums, key=lambda name: (sums[name], name), default="")
        return best, sums[best] / 10_000 / len(self.turns) if best else 0.0

    @property
    def service(self) -> str:
        """The service most of them name; empty: none."""
        named = Counter(one.heard.told.service for one in self.turns if one.heard.told.service)
        return str(named.most_common(1)[0][0]) if named else ""


@dataclass(frozen=True)
class Inbox:
    """What is to be done, the dearest first. ``full``: there is more than was looked at."""

    clusters: tuple[Cluster, ...]
    messages: int
    full: bool


class StudioInbox:
    """The inbox of one installation; every call names the office."""

    def __init__(self, store: Store, studio: Studio, now: Callable[[], datetime], read_words: Read) -> None:
        self._store = store
        self._studio = studio
        self._now = now
        self._read = read_words

    async def look(self, period: Period, below: float) -> Inbox:
        """The clusters of a period."""
        async with self._store.begin() as tx:
            turns = await tx.misunderstood(period, below, MOST + 1)
            names = await tx.names_in([one.heard.conversation_id for one in turns])
        shown = [(one, masked(one, names)) for one in turns[:MOST]]
        found = await asyncio.to_thread(self._cluster, shown)
        return Inbox(tuple(found), len(shown), len(turns) > MOST)

    def _cluster(self, shown: Sequence[tuple[Turned, str]]) -> list[Cluster]:
        said: dict[str, list[Turned]] = defaultdict(list)
        for one, text in shown:
            said[text].append(one)
        texts = list(said)
        groups = clusters(texts, self._read, [len(said[text]) for text in texts])
        found = [_cluster({texts[at]: said[texts[at]] for at in group}) for group in groups]
        return sorted(found, key=lambda one: (-one.cost, -len(one.turns), one.text))

    async def group(self, period: Period, below: float, member: int) -> Cluster | None:
        """The cluster that a message is in now; None: it is settled."""
        found = await self.look(period, below)
        return next((one for one in found.clusters if member in one.ids), None)

    async def chosen(self, locus: str, groups: Sequence[Collection[int]]) -> list[Cluster]:
        """Clusters by the messages in them, as somebody saw them; what was settled since is left out."""
        ids = {id_ for group in groups for id_ in group}
        async with self._store.begin() as tx:
            turns = {one.heard.inbox_id: one for one in await tx.understood_rows(ids, locus) if not one.settled}
            names = await tx.names_in([one.heard.conversation_id for one in turns.values()])
        found = []
        for group in groups:
            said: dict[str, list[Turned]] = defaultdict(list)
            for one in (turns[id_] for id_ in group if id_ in turns):
                said[masked(one, names)].append(one)
            found += [_cluster(said)] if said else []
        return found

    async def lately(self, period: Period) -> list[tuple[Turned, str]]:
        """What was settled last, masked."""
        async with self._store.begin() as tx:
            turns = await tx.settled(period, _SETTLED_LATELY)
            names = await tx.names_in([one.heard.conversation_id for one in turns])
        return [(one, masked(one, names)) for one in turns]

    # -- what editors do ------------------------------------------------------------------------------------------------

    async def assign(
        self, who: Editor, locus: str, ids: Collection[int], texts: Sequence[str], intent: str, service: str = ""
    ) -> str:
        """These texts mean ``intent``; the messages are settled. Returns the commit of the draft.

        :raises bot.errors.ContentError: no text, or the draft has no such intent.
        """
        known = await self.intents(await self._studio.draft())
        if intent not in known:
            raise ContentError(f"there is no intent {intent[:64]!r} in the draft")
        new = [correction(mask_more(text), intent, service) for text in texts if text.strip()]
        if not new:
            raise ContentError("there is no text to be learnt from")
        message = f"Koreksi: {len(new)} pesan berarti {intent}"
        made = await self._save(who, lambda text: {PATH: with_these(text, new)}, message)
        settled = "elsewhere" if intent == ELSEWHERE else "assigned"
        await self._settle(who, locus, ids, settled, made)
        return made

    async def accept(self, who: Editor, locus: str, chosen: Sequence[Cluster]) -> str:
        """Several clusters become what the model holds likeliest; one commit. Clusters whose suggestion the draft does not know are left.

        :raises bot.errors.ContentError: nothing is left of them.
        """
        known = await self.intents(await self._studio.draft())
        good = [one for one in chosen if one.suggestion[0] in known]
        new = [
            correction(mask_more(wording.text), one.suggestion[0], one.service)
            for one in good
            for wording in one.wordings
            if wording.text.strip()
        ]
        if not new:
            raise ContentError("nothing was chosen that has a suggestion")
        made = await self._save(
            who, lambda text: {PATH: with_these(text, new)}, f"Koreksi: {len(new)} pesan sesuai usulan"
        )
        await self._settle(who, locus, [id_ for one in good for id_ in one.ids], "assigned", made)
        return made

    async def dismiss(self, who: Editor, locus: str, ids: Collection[int]) -> None:
        """Nothing is to be learnt from these."""
        await self._settle(who, locus, ids, "dismissed", "")

    async def reopen(self, who: Editor, locus: str, ids: Collection[int]) -> None:
        """Back on the list; what was written into the draft stays there."""
        async with self._store.begin() as tx:
            count = await tx.reopen_understood(locus, inbox_ids=ids)
            await tx.audit(who.username, "inbox.reopened", locus, {"messages": count}, self._now())

    async def undo(self, who: Editor, locus: str, commit: str) -> str:
        """A correction is taken back: in the draft, and its messages are on the list again.

        :raises bot.usecases.studio.Clash: somebody went on from there.
        """
        made = await self._studio.undo(who, commit)
        async with self._store.begin() as tx:
            await tx.reopen_understood(locus, commit=commit)
        return made

    async def _settle(self, who: Editor, locus: str, ids: Collection[int], settled: str, commit: str) -> None:
        async with self._store.begin() as tx:
            now = self._now()
            count = await tx.settle_understood(ids, locus, settled, who.username, now, commit)
            await tx.audit(who.username, f"inbox.{settled}", locus, {"messages": count, "commit": commit}, now)

    # -- corrections ----------------------------------------------------------------------------------------------------

    async def corrections(self) -> list[Correction]:
        """All that measure and are not released yet."""
        return read(await self._file(await self._studio.draft()))

    async def release(self, who: Editor, texts: Collection[str]) -> str:
        """For training: they become examples of their intents and measure no longer.

        :raises bot.errors.ContentError: none of them is there, or an intent is gone from the draft.
        """

        async def change(draft: Draft) -> dict[str, str | None]:
            text = await self._file(draft)
            chosen = _chosen(text, texts)
            changed: dict[str, str | None] = {PATH: without(text, [one.text for one in chosen])}
            where = await self.intents(draft)
            for intent in sorted({one.intent for one in chosen}):
                if intent not in where:
                    raise ContentError(f"there is no intent {intent} in the draft any more")
                path = where[intent]
                before = changed.get(path) or await self._studio.text(draft, path)
                more = [one.text for one in chosen if one.intent == intent]
                changed[path] = NluFile(before).add(intent, more).text
            return changed

        return await self._commit(who, change, f"{len(set(texts))} koreksi dilepas untuk pelatihan")

    async def withdraw(self, who: Editor, texts: Collection[str]) -> str:
        """Corrections that were none."""

        def change(text: str) -> dict[str, str | None]:
            return {PATH: without(text, [one.text for one in _chosen(text, texts)])}

        return await self._save(who, change, f"{len(set(texts))} koreksi dihapus")

    async def intents(self, draft: Draft) -> Mapping[str, str]:
        """The draft's intents and the file each is edited in."""
        found: dict[str, str] = {}
        for path, text in (await self._studio.texts(draft, "nlu")).items():
            for section in NluFile(text).sections:
                if section.kind == "intent" and section.indent:
                    found.setdefault(section.name, path)
        return found

    async def _file(self, draft: Draft) -> str:
        return await self._studio.text(draft, PATH) if PATH in draft.files else ""

    async def _save(self, who: Editor, change: Callable[[str], Mapping[str, str | None]], message: str) -> str:
        async def changed(draft: Draft) -> Mapping[str, str | None]:
            return change(await self._file(draft))

        return await self._commit(who, changed, message)

    async def _commit(self, who: Editor, change: Changes, message: str) -> str:
        """Save what ``change`` makes of the draft; when somebody was quicker, of what they left: lines are added and taken out by what
        they say, so that nobody's work is overwritten.
        """
        for _ in range(_TRIES - 1):
            draft = await self._studio.draft()
            try:
                return await self._studio.save(who, draft, await change(draft), message)
            except Clash:
                continue
        draft = await self._studio.draft()
        return await self._studio.save(who, draft, await change(draft), message)


def masked(one: Turned, names: Mapping[UUID, Sequence[str]]) -> str:
    """Its text without what is known of the person."""
    return mask_more(one.heard.text, names.get(one.heard.conversation_id, ()))


def _cluster(said: Mapping[str, Sequence[Turned]]) -> Cluster:
    wordings = [
        Wording(text, tuple(one.heard.inbox_id for one in turns), str(turns[0].heard.conversation_id))
        for text, turns in said.items()
    ]
    wordings.sort(key=lambda one: -len(one.ids))
    return Cluster(tuple(one for turns in said.values() for one in turns), tuple(wordings))


def _chosen(text: str, texts: Collection[str]) -> list[Correction]:
    wanted = {one.casefold() for one in texts}
    found = [one for one in read(text) if one.text.casefold() in wanted]
    if not found:
        raise ContentError("these corrections are not in the draft any more")
    return found
