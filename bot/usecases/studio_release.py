"""From a trained draft to a release: what stops it, who has to agree, publishing, going back.

The gate is asked again at the moment of publishing, on the server: a page that was open for long cannot publish past it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.release_gate import FILE, Approval, Evidence, GateRules, Stop, gate, may_approve, read_rules
from bot.errors import Conflict, ContentError, NotFound
from bot.ports import Clock
from bot.ports_content import Branch, ContentHistory, FileChange
from bot.ports_studio import DraftFault, Publishing
from bot.usecases.store import Store
from bot.usecases.store_content import Release
from bot.usecases.store_training import ApprovalCase, Run
from bot.usecases.studio import Editor
from bot.usecases.studio_report import DraftReport

_LOOKED = 200
_COMPARED = ("eval/", "percakapan/")
"""What a comparison rests on besides the model."""


class Stopped(ContentError):
    """The gate does not let the draft pass; ``stops`` says why."""

    def __init__(self, stops: Sequence[Stop]) -> None:
        super().__init__("the release gate stops this draft", kind="gate")
        self.stops = tuple(stops)


@dataclass(frozen=True)
class Standing:
    """Where the draft stands on its way to the citizens."""

    revision: str
    live: Release | None
    changed: Sequence[FileChange]
    faults: Sequence[DraftFault]
    model: str
    """Empty: it cannot be told, the catalogue is faulty."""
    run: Run | None
    """The newest finished training that speaks for this state."""
    report: DraftReport | None
    rules: GateRules
    stops: Sequence[Stop]
    authors: tuple[str, ...]
    """User names of those who wrote what is new."""
    approval: ApprovalCase | None
    """The newest of this very state."""

    @property
    def needs_model(self) -> bool:
        """Whether what changed has to be trained."""
        return bool(self.model) and (self.live is None or self.live.model != self.model)

    @property
    def approved(self) -> bool:
        """Whether somebody who may has agreed, or nobody has to."""
        if self.rules.approval is Approval.ONE:
            return True
        case = self.approval
        return case is not None and case.verdict == "approved" and case.decided_by not in self.authors

    def may_approve(self, who: str) -> bool:
        """Whether this publisher's agreement counts."""
        return may_approve(self.rules, who, self.authors)


class Releasing:
    """The way of a draft to the citizens, and back."""

    def __init__(self, history: ContentHistory, store: Store, clock: Clock, publishing: Publishing) -> None:
        self._history = history
        self._store = store
        self._clock = clock
        self._publishing = publishing

    async def standing(self) -> Standing:
        """Of the draft as it is now."""
        revision, main = await asyncio.to_thread(self._heads)
        faults = await self._publishing.check(revision)
        model = await self._model(revision)
        changed = await asyncio.to_thread(self._history.changes, main, revision)
        authors = await asyncio.to_thread(self._authors, revision, main)
        rules = await asyncio.to_thread(self._rules, main)
        async with self._store.begin() as tx:
            live = await tx.live_release()
            runs = [run for run in await tx.runs(_LOOKED) if run.state == "done" and run.model == model]
            approvals = await tx.approvals(revision, 1)
        run = await asyncio.to_thread(self._speaking, runs, revision)
        report = await self.report(run.id) if run is not None else None
        evidence = Evidence(
            faults=len(faults),
            needs_model=live is None or live.model != model,
            trained=report is not None,
            changes=report.labelled.changes(report.known_before) if report is not None else (),
            failed_talks=[talk.name for talk in report.failed_talks] if report is not None else (),
            untested_talks=any(change.path.startswith("percakapan/") for change in changed),
        )
        return Standing(
            revision,
            live,
            changed,
            faults,
            model,
            run if report is not None else None,
            report,
            rules,
            gate(rules, evidence),
            authors,
            approvals[0] if approvals else None,
        )

    async def report(self, run: int) -> DraftReport | None:
        """What a training found, if that is kept still."""
        async with self._store.begin() as tx:
            data = await tx.report(run)
        return DraftReport.of_json(data) if data is not None else None

    async def propose(self, who: Editor, revision: str, reason: str) -> int:
        """Ask that this state be published.

        :raises Stopped: the gate is closed.
        :raises Conflict: the draft moved on meanwhile.
        """
        standing = await self._seen(revision)
        self._refuse(standing)
        now = self._clock.now()
        async with self._store.begin() as tx:
            number = await tx.put_approval(revision, reason, who.username, now)
            await tx.audit(who.username, "content.propose", revision, {"reason": reason, "approval": number}, now)
        return number

    async def decide(self, who: Editor, approval: int, verdict: str, note: str) -> None:
        """A publisher agrees (``approved``) or not (``declined``).

        :raises Conflict: somebody decided already, the draft moved on, or this person wrote what is to be agreed to.
        """
        standing = await self.standing()
        case = standing.approval
        if case is None or case.id != approval or verdict not in ("approved", "declined"):
            raise Conflict("approval", kind="moved")
        if verdict == "approved" and not standing.may_approve(who.username):
            raise Conflict("approval", kind="own")
        now = self._clock.now()
        async with self._store.begin() as tx:
            if not await tx.decide_approval(approval, verdict, note, who.username, now):
                raise Conflict("approval", kind="decided")
            about = {"approval": approval, "note": note}
            await tx.audit(who.username, f"content.{verdict}", standing.revision, about, now)

    async def publish(self, who: Editor, revision: str, reason: str) -> int:
        """The draft as it was seen goes live; returns the release's number.

        :raises Stopped: the gate is closed.
        :raises Conflict: the draft moved on, nothing is new, or nobody has agreed yet.
        :raises ContentError: it cannot be published now; what is live stays.
        """
        standing = await self._seen(revision)
        if not standing.changed:
            raise Conflict("content", kind="nothing")
        self._refuse(standing)
        if not standing.approved:
            raise Conflict("content", kind="unapproved")
        case = standing.approval
        approved_by = case.decided_by if case is not None and case.verdict == "approved" else None
        return await self._publishing.publish_draft(revision, who.author, reason, approved_by or "")

    async def take_back(self, who: Editor, release: int, reason: str) -> int:
        """An earlier release goes live again. Nobody has to agree: it was live before, and haste may be needed."""
        return await self._publishing.take_back(release, who.author, reason)

    async def changes_of(self, release: Release, before: Release | None) -> Sequence[FileChange]:
        """What a release changed against the one before it."""
        if before is None:
            return []
        return await asyncio.to_thread(self._history.changes, before.commit, release.commit)

    # -- helpers --------------------------------------------------------------------------------------------------------

    async def _seen(self, revision: str) -> Standing:
        standing = await self.standing()
        if standing.revision != revision:
            raise Conflict("content", kind="moved")
        return standing

    def _refuse(self, standing: Standing) -> None:
        if standing.stops:
            raise Stopped(standing.stops)

    def _heads(self) -> tuple[str, str]:
        return self._history.head(Branch.DRAFT), self._history.head(Branch.LIVE)

    async def _model(self, revision: str) -> str:
        try:
            return await self._publishing.model_of(revision)
        except ContentError:
            return ""

    def _rules(self, main: str) -> GateRules:
        """The published ones; what cannot be read counts as the usual."""
        try:
            return read_rules(self._history.read(main, FILE).decode())
        except (NotFound, ContentError):
            return GateRules()

    def _speaking(self, runs: Sequence[Run], revision: str) -> Run | None:
        """The newest run of the same model, tried on the same own tests."""
        mine = _own_tests(self._history.files(revision))
        for run in runs:
            try:
                if run.revision == revision or _own_tests(self._history.files(run.revision)) == mine:
                    return run
            except NotFound:  # of another repository, before a restore
                continue
        return None

    def _authors(self, draft: str, main: str) -> tuple[str, ...]:
        """Of every commit of the draft since it was what is live."""
        live = self._history.files(main)
        names = []
        for commit in self._history.log(Branch.DRAFT, _LOOKED):
            if commit.id == main or self._history.files(commit.id) == live:
                break
            names.append(commit.author.address.partition("@")[0])
        return tuple(dict.fromkeys(names))


def _own_tests(files: Mapping[str, str]) -> dict[str, str]:
    return {path: blob for path, blob in files.items() if path.startswith(_COMPARED)}
