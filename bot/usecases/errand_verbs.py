"""What can be done at an agency, by verb. A form of its own registers its verbs here, one line each."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.alarms import Alarm
from bot.domain.application import TERMINAL, State
from bot.domain.conversation import Case, CaseEvent
from bot.domain.messages import Kind
from bot.errors import AgencyError
from bot.ports import Reconciles
from bot.usecases import complaint_errands, queue_errands, queue_words
from bot.usecases.errand_base import ErrandRun, Verb, submission_of, tell
from bot.usecases.life import integration, move
from bot.usecases.store import Tx
from bot.usecases.track import keep_document


async def hand_in(run: ErrandRun) -> None:
    """The case reaches the agency exactly once: under one key, and after an unknown outcome the agency is asked first."""
    if run.case.agency_ref is not None or run.case.state in TERMINAL:
        return  # a push told its number before the answer did, or it is over
    found = await _ask(run, run.key) if run.repeated else None
    await _keep_number(run, found or await run.agency.submit(await submission_of(run)))


async def _ask(run: ErrandRun, key: str) -> str | None:
    """Whether an earlier try arrived after all; an agency that cannot be asked gets it again under the same key."""
    if "find" not in _offers(run) or not isinstance(run.agency, Reconciles):
        return None
    return await run.agency.find(key, run.case.reference or "")


def _offers(run: ErrandRun) -> frozenset[str]:
    manifest = getattr(run.agency, "manifest", None)
    return manifest.capabilities if manifest is not None else frozenset({"find"})


async def _keep_number(run: ErrandRun, agency_ref: str) -> None:
    deps = run.deps
    async with deps.store.begin() as tx:
        others = [one for one in await tx.cases_by_agency_ref(agency_ref) if await _same_desk(run, one)]
        if not others:
            case = await tx.case(run.case.id, lock=True)
            case.agency_ref = agency_ref
            await tx.put_case(case)
            if case.service in FOLLOWED:
                await tx.put_due(case.id, FOLLOWED[case.service], deps.now())
            return
        await tx.put_alarm(Alarm.FOREIGN, run.integration, deps.now(), case=run.case, code="number_taken")
    raise AgencyError("the agency's number is another case's")


async def _same_desk(run: ErrandRun, other: Case) -> bool:
    return other.id != run.case.id and integration(run.deps, other) == run.integration


async def mend(run: ErrandRun) -> None:
    """The repaired case goes back; one that the agency never took goes in anew."""
    if run.case.state in TERMINAL:
        return
    if run.case.agency_ref is None:
        await hand_in(run)
    else:
        await run.agency.repair(run.agency_ref, await submission_of(run))


async def withdraw(run: ErrandRun) -> None:
    """The citizen takes the case back."""
    await _call_off(run, "pemohon")
    deps = run.deps
    async with deps.store.begin() as tx:
        case = await tx.case(run.case.id, lock=True)
        if await move(deps, tx, case, State.DIBATALKAN, CaseEvent("dibatalkan", State.DIBATALKAN.value, deps.now())):
            await _drop_hand_in(run, tx)
            await tell(deps, tx, case, "submit.withdrawn", Kind.STATUS, f"withdrawn:{case.id}")


async def expire(run: ErrandRun) -> None:
    """Nobody repaired it in time: the agency need not wait any longer."""
    if _can(run, "cancel"):
        await _call_off(run, "kedaluwarsa")


async def _call_off(run: ErrandRun, reason: str) -> None:
    deps, agency_ref = run.deps, run.case.agency_ref
    if agency_ref is None:
        agency_ref = await _ask(run, f"{run.case.id}:submit")
    if agency_ref is not None:
        await run.agency.cancel(agency_ref, reason, run.key)
    elif "find" not in _offers(run):
        # It may lie there all the same, with its number lost: a person has to ask.
        async with deps.store.begin() as tx:
            if any(one.verb == "submit" and one.attempts for one in await tx.errands_of(run.case.id)):
                await tx.put_alarm(Alarm.WITHDRAWN, run.integration, deps.now(), case=run.case)


async def _drop_hand_in(run: ErrandRun, tx: Tx) -> None:
    """What is withdrawn need not be handed in any more."""
    for one in await tx.errands_of(run.case.id):
        if one.state == "failed" and one.verb != run.verb:
            await tx.settle_errand(run.case.id, one.verb, "loket", run.deps.now())


def _can(run: ErrandRun, capability: str) -> bool:
    manifest = getattr(run.agency, "manifest", None)
    return manifest is None or capability in manifest.capabilities


async def fetch(run: ErrandRun) -> None:
    """The finished document, into the citizen's chat."""
    name, content = await run.agency.document(run.agency_ref)
    await keep_document(run.deps, run.case.id, name, content)


FOLLOWED: Mapping[str, str] = {queue_words.QUEUE: "ticket"}
"""What is fetched of a form as soon as the agency has it."""

VERBS: Mapping[str, Verb] = {
    "submit": hand_in,
    "repair": mend,
    "cancel": withdraw,
    "expire": expire,
    "document": fetch,
    "ticket": queue_errands.hand_over,
    "words": complaint_errands.bring_words,
    "reopen": complaint_errands.reopen,
    "close": complaint_errands.close,
}
"""By the verb without its number. Errands of one case are done in the order in which they became due."""
