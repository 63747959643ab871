""" "Unduh tanda terima": the receipt of an application as a PDF, made when it is asked for: most people need only the number."""

from __future__ import annotations

import asyncio
from uuid import UUID

from bot.domain.catalogue import Ending
from bot.domain.conversation import Case
from bot.domain.messages import Kind, Reply
from bot.domain.receipt import Receipt
from bot.domain.receipt import receipt as receipt_of
from bot.domain.texts import word
from bot.usecases.life import promised_day
from bot.usecases.replies import plain
from bot.usecases.submit import spoken_date
from bot.usecases.turn import Effect, Turn

VERB = "tanda"
"""Of the button."""


async def receipt_pdf(turn: Turn, case_id: UUID) -> Effect:
    """The receipt as an attachment, to its applicant only."""
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    mine = {case.id: case for case in await tx.cases_of(conversation)}
    case = mine.get(case_id)
    if case is None or case.reference is None:
        return Effect([plain(deps, conversation, "error.stale_button", Kind.ERROR)])
    # Drawn outside the event loop; the library is loaded by the first who asks.
    content = await asyncio.to_thread(_drawn, _content(turn, case))
    name = f"tanda-terima-{case.reference}.pdf"
    file = await tx.put_blob(conversation.id, "receipt", name, "application/pdf", content, deps.now())
    text = deps.say("receipt.here", conversation, reference=case.reference)
    meta = {"service": case.service, "application": case.reference}
    return Effect([Reply(text, Kind.RECEIPT, attachments=(file,), meta=meta)])


def _drawn(content: Receipt) -> bytes:
    from bot.domain.receipt_pdf import draw

    return draw(content)


def _content(turn: Turn, case: Case) -> Receipt:
    deps, conversation = turn.deps, turn.conversation
    language = conversation.language
    engine, draft = turn.form(case)
    service = deps.known_service(case.service)
    variant = engine.variant(draft)
    promised = promised_day(deps, conversation, case)
    handed_in = case.submitted_at or case.created_at
    return receipt_of(
        lambda key, **params: deps.say(deps.words_for(case.service, f"receipt.{key}"), conversation, **params),
        office=word(deps.locus(conversation).name, language),
        number=case.reference or "",
        service=word(service.name, language),
        variant=word(variant.name, language) if len(service.variants) > 1 else "",
        submitted=spoken_date(handed_in.astimezone(deps.zone(conversation)).date(), language),
        promised=spoken_date(promised, language) if promised is not None else "",
        papers=[paper.label for paper in engine.needed_files(draft) if paper.file is not None],
        booking=variant.ends is Ending.BOOKING,
        free=service.free,
        check_url=f"{deps.check_url}/{case.reference}",
    )
