"""What citizens' rights leave to a job: the address of an erased chat, questions nobody answered, clocks that run out."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from bot.domain.data_rights import SHELL, WARNING, sort_out
from bot.usecases.deps import Deps
from bot.usecases.privacy_core import kept_files
from bot.usecases.store import Tx

log = logging.getLogger(__name__)

_QUESTIONS = timedelta(days=1)


async def sweep(deps: Deps) -> int:
    """One round; how many clocks were warned of."""
    now = deps.now()
    async with deps.store.begin() as tx:
        await tx.drop_asked(None, before=now - _QUESTIONS)
        due = await tx.erasures(now - SHELL)
    for conversation_id, asked_at in due:
        try:
            async with deps.store.begin() as tx:
                await _finish(deps, tx, conversation_id, asked_at)
        except Exception:  # one that cannot be ended keeps no other from its end, nor any clock from its warning
            log.exception("an erasure could not be ended", extra={"conversation": str(conversation_id)})
    return await _warn(deps)


async def _finish(deps: Deps, tx: Tx, conversation_id: UUID, asked_at: datetime) -> None:
    """When nothing has to be told there any more the chat's address goes, and what was told since."""
    now = deps.now()
    here = await tx.conversation(conversation_id, lock=True)
    if here.last_inbound_at is not None and here.last_inbound_at > asked_at:
        await tx.end_erasure(here, now, anonymous=False)  # they wrote again: what came since is theirs
        return
    cases = sort_out(await tx.all_cases([here.id], None))
    if cases.running:
        return
    kept = await kept_files(tx, cases.stays)
    await tx.erase([here.id], None, [case.id for case in cases.goes], [case.id for case in cases.stays], kept, now)
    await tx.end_erasure(here, now, anonymous=True)
    await tx.audit("loket", "privacy.forgotten", str(here.id), {"stays": len(cases.stays)}, now)


async def _warn(deps: Deps) -> int:
    now = deps.now()
    async with deps.store.begin() as tx:
        late = await tx.unwarned_requests(now + WARNING)
        for request in late:
            request.warned_at = now
            await tx.put_data_request(request)
            detail = {"locus": request.locus, "due": request.due_at.isoformat()}
            await tx.audit("loket", "privacy.warned", request.number, detail, now)
            log.warning("a citizen's data request is due within a day", extra={"request": request.number})
        if late:
            await tx.notify_staff()
    return len(late)
