"""What every errand to an agency is given, and the submission it may have to build."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.domain.conversation import Case, Conversation
from bot.domain.messages import FileRef, Kind, Reply
from bot.errors import LoketError
from bot.ports import Agency, Submission
from bot.usecases.deps import Deps
from bot.usecases.life import agency_name
from bot.usecases.notify import Announcement, about_case, notify
from bot.usecases.replies import person_button
from bot.usecases.store import Tx


@dataclass(frozen=True)
class ErrandRun:
    """One try of an errand. ``verb`` may have a number (``repair-2``); ``repeated``: it was tried before, with an outcome that may be
    unknown.
    """

    deps: Deps
    case: Case
    agency: Agency
    integration: str
    verb: str
    repeated: bool = False

    @property
    def key(self) -> str:
        """The idempotency key: the same for every try of this errand."""
        return f"{self.case.id}:{self.verb}"

    @property
    def agency_ref(self) -> str:
        """The agency's number of the case.

        :raises LoketError: it has none yet.
        """
        if self.case.agency_ref is None:
            raise NoNumberYet("the case has no agency number yet")
        return self.case.agency_ref


class NoNumberYet(LoketError):
    """Nothing can be said to the agency about a case that it does not have."""

    code = "no_agency_number"


Verb = Callable[[ErrandRun], Awaitable[None]]
"""Does the errand; safe to repeat under its key. Raises as the agency does."""


async def submission_of(run: ErrandRun) -> Submission:
    """The case as the agency gets it."""
    deps, case = run.deps, run.case
    async with deps.store.begin() as tx:
        conversation = await tx.conversation(case.conversation_id)
        engine, draft = deps.form_of(conversation, case)
        files: list[tuple[FileRef, bytes, str]] = []
        for needed in engine.needed_files(draft):
            found = await tx.blob(UUID(needed.file.id)) if needed.file else None
            if found is not None:
                files.append((found[0], found[1], needed.path))
    return Submission(
        key=run.key,
        reference=case.reference or "",
        service=case.service,
        data=engine.payload(draft),
        files=tuple(files),
        variant=engine.variant(draft).id,
        ending=engine.variant(draft).ends.value,
        callback_url=f"{deps.callback_url}/{run.integration}",
    )


async def tell(deps: Deps, tx: Tx, case: Case, sentence: str, kind: Kind, key: str, **more: str) -> None:
    """News of a case in one sentence (or the form's own words for it); an error also offers a person. The same ``key`` says nothing."""

    def said(reader: Conversation) -> str:
        values = {"reference": case.reference or "", "agency": agency_name(deps, case, reader.language), **more}
        return deps.say(deps.words_for(case.service, sentence), reader, **values)

    async def words(reader: Conversation) -> Sequence[Reply]:
        buttons = (person_button(deps, reader),) if kind is Kind.ERROR else ()
        return [Reply(said(reader), kind, buttons, meta={"service": case.service, "application": case.reference})]

    def announced(reader: Conversation) -> Announcement:
        return about_case(deps, "status", case.service, case.reference, state=said(reader))(reader)

    await notify(tx, await tx.conversation(case.conversation_id), words, deps.now(), key, announced)
