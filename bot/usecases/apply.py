"""An application in chat: start, ask, take an answer, go on, cancel."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from bot.domain.application import State
from bot.domain.catalogue import Ending, Service, Variant
from bot.domain.conversation import Case
from bot.domain.fields.base import Verdict
from bot.domain.form import Engine, Judgement
from bot.domain.form_commands import Command
from bot.domain.form_draft import Draft, Mode
from bot.domain.form_turn import VARIANT_PATH
from bot.domain.messages import Button, Kind, Reply
from bot.domain.texts import word
from bot.usecases import capture, complaint_case, prefill, prefill_agrees, profile_save, queue_settle
from bot.usecases.burst import said_back
from bot.usecases.deps import LICENCE
from bot.usecases.identity import settle_outside
from bot.usecases.interrupted import go_back, laid_aside
from bot.usecases.life import REOPENS
from bot.usecases.linking import offer_by_proof
from bot.usecases.liveness import FACE
from bot.usecases.moving import bring_here
from bot.usecases.offered import civil_services
from bot.usecases.plan import judgement_of
from bot.usecases.queue_outside import KINDS
from bot.usecases.replies import person_button, plain, questions, wish_button
from bot.usecases.steps import Outcome
from bot.usecases.submit import submit
from bot.usecases.turn import Effect, Turn
from bot.usecases.variants import referred, variant_of, visit
from bot.usecases.wishes import SMALL_TALK, is_wish

OPEN_STATES = (State.DRAFT, State.PERLU_PERBAIKAN)


async def start_application(turn: Turn) -> Effect:
    """Open a form for the service meant, or go on with the draft there is."""
    deps, conversation = turn.deps, turn.conversation
    slug = turn.meant
    if turn.call.form_active:
        case = await turn.draft_case()
        return Effect([plain(deps, conversation, "apply.already", service=_name(turn, case.service if case else ""))])
    if slug is None or slug == LICENCE:
        from bot.usecases.inform import which_profession, which_service

        return Effect([(which_service if slug is None else which_profession)(turn, "start_application")])
    conversation.topic = slug
    service = deps.service(slug)
    variant = await variant_of(turn, service) if service is not None else None
    if service is not None and (elsewhere := _elsewhere(service, variant)) is not None:
        return Effect([referred(turn, service, elsewhere)])
    if service is None or service.form is None or not deps.offers(conversation, slug):
        buttons = (person_button(deps, conversation),)
        return Effect([Reply(deps.say("apply.not_here", conversation, service=_name(turn, slug)), buttons=buttons)])
    case = await turn.draft_case()
    if case is not None and case.state in OPEN_STATES and case.service == slug:
        return await _go_on(turn, case, variant)
    return await begin_form(turn, service, variant)


def _elsewhere(service: Service, variant: Variant | None) -> Variant | None:
    """The variant meant, if it is somebody else's matter; also when all of them are and none is named."""
    if variant is None and all(v.ends is Ending.REFERRAL for v in service.variants):
        variant = service.variants[0]
    return variant if variant is not None and variant.ends is Ending.REFERRAL else None


async def _go_on(turn: Turn, case: Case, variant: Variant | None) -> Effect:
    """The draft there is; when other words name another variant now, for that one."""
    engine, draft = turn.form(case)
    if variant is None or draft.variant == variant.id or case.state != State.DRAFT:
        return await continue_application(turn)
    draft, _ = engine.command(draft, Command.RESUME)
    await turn.save(case, engine.choose(draft, variant.id))
    effect = await continue_application(turn)
    effect.replies += _chosen(turn, engine.service, variant)
    return effect


async def begin_form(
    turn: Turn, service: Service, variant: Variant | None = None, given: Mapping[str, Any] | None = None
) -> Effect:
    """A new draft, for the variant the person's words named; ``given``: answers known already, by field path."""
    deps, conversation, slug = turn.deps, turn.conversation, service.slug
    engine = Engine(service, deps.texts, conversation.language, deps.today(conversation))
    level = await _level_for(turn, slug)
    known: dict[str, Any] = dict(given or {})
    if level >= 3 and conversation.citizen_id is not None:
        known |= await prefill.known_of(turn.tx, await turn.tx.citizen(conversation.citizen_id))
    now = deps.now()
    case = Case(
        id=uuid4(),
        locus=conversation.locus,
        service=slug,
        conversation_id=conversation.id,
        state=State.DRAFT.value,
        draft=replace(
            engine.start(known, level, variant.id if variant is not None else None), resumes=await laid_aside(turn)
        ).to_json(),
        variant=variant.id if variant is not None else None,
        agency=service.agency,
        created_at=now,
        updated_at=now,
        citizen_id=conversation.citizen_id if level >= 3 else None,
        begun_by=turn.call.inbox_id,
    )
    await turn.tx.put_case(case)
    conversation.case_id = case.id
    conversation.form_active = True
    opening = (
        Reply(word(service.opening, conversation.language))
        if service.opening is not None
        else plain(deps, conversation, "apply.start", service=_name(turn, slug))
    )
    sole = service.variants[0] if len(service.variants) == 1 else None
    return Effect([opening, *_chosen(turn, service, variant or sole)], Outcome.OPEN_FORM)


async def _level_for(turn: Turn, slug: str) -> int:
    """The assurance that holds for a service: a sensitive one wants a face that was verified lately."""
    deps, conversation = turn.deps, turn.conversation
    level = conversation.level(deps.now())
    if level < 3 or slug not in deps.policy.step_up_services or conversation.citizen_id is None:
        return level
    trust = await turn.tx.trust(conversation.id, conversation.citizen_id)
    fresh = trust is not None and deps.now() - trust.last_at < deps.policy.step_up
    return level if fresh else 2


def _chosen(turn: Turn, service: Service, variant: Variant | None) -> list[Reply]:
    """What is said once the variant is clear: which one was understood, and that a visit will be needed."""
    said: list[Reply] = []
    if variant is not None and len(service.variants) > 1:
        name = word(variant.name, turn.conversation.language)
        said.append(plain(turn.deps, turn.conversation, "apply.variant", variant=name))
    if variant is not None and variant.ends is Ending.BOOKING:
        said.append(visit(turn, service, variant))
    return said


async def continue_application(turn: Turn) -> Effect:
    """Take up the draft (or the case to be repaired) where it was left."""
    deps, conversation = turn.deps, turn.conversation
    if turn.call.form_active:
        case = await turn.draft_case()
        if case is not None:
            engine, draft = turn.form(case)
            _, reply = engine.command(draft, Command.WHERE)
            return Effect([Reply(reply)])
    case = await _open_case(turn)
    if case is None:
        from bot.usecases.survey import resumed

        nothing = Reply(deps.say("apply.nothing_open", conversation), buttons=_start_buttons(turn))
        return await resumed(turn) or Effect([nothing])
    if case.state == State.PERLU_PERBAIKAN and case.service in REOPENS:
        # A complaint is not filled in again: what the office wants to know is answered in own words.
        return await complaint_case.ask_more(turn, case.id)
    waiting = [c for c in await turn.tx.pending_checks(conversation.locus) if c.case_id == case.id]
    if waiting:
        return Effect([Reply(deps.say("identity.officer_waiting", conversation), Kind.IDENTITY)])
    await bring_here(turn, case)
    engine, draft = turn.form(case)
    if case.state == State.PERLU_PERBAIKAN and draft.mode is Mode.DONE:
        events = await turn.tx.events(case.id)
        draft = engine.repair(draft, _repair_fields(case))
        opening = deps.say("apply.repair", conversation, note=_last_note(events), reference=case.reference or "")
    else:
        draft, _ = engine.command(draft, Command.RESUME)
        opening = deps.say("apply.resume", conversation, service=_name(turn, case.service))
    await turn.save(case, draft)
    conversation.case_id = case.id
    conversation.topic = case.service
    conversation.form_active = True
    return Effect([Reply(opening)], Outcome.OPEN_FORM)


def _repair_fields(case: Case) -> list[str]:
    return [str(path) for path in case.draft.get("repair_asked", [])] or list(case.draft.get("repair", []))


def _last_note(events: list[Any]) -> str:
    return next((e.note for e in reversed(events) if e.state == State.PERLU_PERBAIKAN and e.note), "-")


async def _open_case(turn: Turn) -> Case | None:
    case = await turn.draft_case()
    if case is not None and case.state in OPEN_STATES:
        return case
    for other in await turn.tx.cases_of(turn.conversation):
        if other.state in OPEN_STATES:
            return await turn.tx.case(other.id, lock=True)
    return None


# -- the form -----------------------------------------------------------------------------------------------------------


async def ask(turn: Turn) -> Effect:
    """Say the question the form is at."""
    case = await turn.draft_case()
    replies = await asked(turn, case) if case is not None else []
    if not replies:
        return Effect([plain(turn.deps, turn.conversation, "apply.nothing_open")], Outcome.DONE)
    return Effect(replies)


async def asked(turn: Turn, case: Case) -> list[Reply]:
    """The question a form is at; where it is answered on the capture page, with a fresh link."""
    first = await queue_settle.offer(turn, case)
    replies = [*first, *questions(turn.deps, turn.conversation, case, turn.form(case))]
    if replies and capture.wanted(turn.deps, turn.conversation, str(replies[-1].meta.get("field") or "")):
        offered = await capture.link(turn, case)
        replies[-1] = replace(offered, meta={**replies[-1].meta, **offered.meta})
    return replies


_SETTLES = dict.fromkeys(KINDS, queue_settle.settle)
"""Who settles a finding of an outside check, by its kind; the others are about identity."""


async def take_answer(turn: Turn) -> Effect:
    """Judge done, effect now: the answer is taken, refused with its reason, or was no answer at all."""
    deps, conversation, plan = turn.deps, turn.conversation, turn.plan
    case = await turn.draft_case()
    if case is None:
        conversation.form_active = False
        return Effect([plain(deps, conversation, "apply.nothing_open")], Outcome.CLOSE_FORM)
    engine, draft = turn.form(case)
    if not plan.judgement:
        return await _no_answer(turn, None)
    judgement = judgement_of(plan.judgement)
    not_taken = await _not_taken(turn, case, draft, judgement)
    if not_taken is not None:
        return not_taken
    conversation.misses = 0
    if plan.outside is not None and plan.outside["kind"] not in (prefill.RECORD, prefill_agrees.AGREES):
        refused = await _SETTLES.get(plan.outside["kind"], settle_outside)(turn, case, engine, draft, judgement)
        if refused is not None:
            return refused
        draft = Draft.from_json(case.draft)
    else:
        draft = engine.accept(draft, judgement)
        await _note_consent(turn, case, engine, judgement)
        draft = prefill.taken(engine, draft, plan.outside)
    findings = await prefill_agrees.warned(turn, case, engine, draft, judgement)
    if prefill.settles(judgement, plan.outside, draft):
        findings, stopped = prefill.told(deps, conversation, case, engine, draft)
        if stopped:
            await turn.save(case, draft)
            return await _over(turn, draft, findings)
    await turn.save(case, draft)
    effect = await _after(turn, case, engine, draft, judgement)
    if not judgement.heard:
        effect.replies = [*said_back(deps, conversation, engine, draft, judgement.path), *effect.replies]
    effect.replies += findings
    if plan.outside is not None and plan.outside["kind"] == FACE:
        effect.replies += await offer_by_proof(deps, turn.tx, conversation)
    return effect


async def _not_taken(turn: Turn, case: Case, draft: Draft, judgement: Judgement) -> Effect | None:
    """Why a text is not taken as the answer; None: it is one."""
    if judgement.verdict is Verdict.NO:
        effect = await _no_answer(turn, judgement)
        if effect.outcome is Outcome.INVALID:
            await _remember_offers(turn, case, judgement)
        return effect
    if turn.plan.draft_turn != draft.turn:
        # Something (an officer, another channel) moved the form on since the text was judged: ask what is open now.
        return Effect(outcome=Outcome.INVALID)
    if not judgement.ok:
        await _remember_offers(turn, case, judgement)
        return Effect([Reply(judgement.problem_text, Kind.ERROR)], Outcome.INVALID)
    return None


async def _remember_offers(turn: Turn, case: Case, judgement: Judgement) -> None:
    """What the reason of a refusal lists can be named by its number in the next message."""
    engine, draft = turn.form(case)
    if judgement.offers and turn.plan.draft_turn == draft.turn:
        await turn.save(case, engine.refused(draft, judgement))


async def _no_answer(turn: Turn, judgement: Judgement | None) -> Effect:
    deps, conversation, call = turn.deps, turn.conversation, turn.call
    sure = call.confidence >= deps.policy.wish_confidence
    if is_wish(call.intent, deps.texts) and (judgement is None or (sure and call.intent not in SMALL_TALK)):
        conversation.misses = 0
        return Effect(outcome=Outcome.INTERRUPT)
    if (
        judgement is not None
        and sure
        and call.intent in SMALL_TALK - {"out_of_scope", "affirm", "deny"}
        and conversation.misses == 0
    ):
        # "makasih", "halo": answered as such once; the form asks again right after.
        conversation.misses += 1
        return Effect(outcome=Outcome.INTERRUPT)
    conversation.misses += 1
    text = (
        judgement.problem_text if judgement and judgement.problem_text else deps.say("say.not_understood", conversation)
    )
    buttons = (person_button(deps, conversation),) if conversation.misses >= 2 else ()
    return Effect([Reply(text, Kind.ERROR, buttons)], Outcome.INVALID)


async def _note_consent(turn: Turn, case: Case, engine: Engine, judgement: Judgement) -> None:
    """A consent is a receipt: which words, when, on which channel."""
    if judgement.value is not True:
        return
    asked = engine.question(Draft.from_json(case.draft))
    if asked is None or asked.field_type != "consent":
        return
    digest = hashlib.sha256(asked.text.encode()).hexdigest()
    await turn.tx.put_consent(turn.conversation, case.id, case.service, digest[:12], digest, turn.deps.now())


async def _after(turn: Turn, case: Case, engine: Engine, draft: Draft, judgement: Judgement) -> Effect:
    deps, conversation = turn.deps, turn.conversation
    said = [Reply(text) for text in (judgement.heard, judgement.warning_text) if text]
    if draft.mode is Mode.REFERRED:
        case.state = State.DIBATALKAN.value
        await turn.tx.put_case(case)
        conversation.case_id, conversation.form_active = None, False
        return await _over(turn, draft, [*said, referred(turn, engine.service, engine.variant(draft))])
    if draft.mode is Mode.CANCELLED:
        case.state = State.DIBATALKAN.value
        await turn.tx.put_case(case)
        conversation.case_id, conversation.form_active = None, False
        key = deps.words_for(case.service, "apply.cancelled")
        text = deps.say(key, conversation, service=_name(turn, case.service))
        return await _over(turn, draft, [*said, Reply(text, buttons=_start_buttons(turn))])
    if draft.mode is Mode.DONE:
        conversation.form_active = False
        hand_in = profile_save.save if case.service == profile_save.FORM else submit
        return await _over(turn, draft, [*said, *await hand_in(turn, case, engine, draft)])
    if judgement.path == VARIANT_PATH and engine.variant(draft).ends is Ending.BOOKING:
        said.append(visit(turn, engine.service, engine.variant(draft)))
    return Effect(said, Outcome.NEXT)


async def _over(turn: Turn, draft: Draft, said: list[Reply]) -> Effect:
    """The form is over; one that was laid aside for it asks on."""
    back = await go_back(turn, draft)
    return Effect([*said, *back], Outcome.NEXT if back else Outcome.COMPLETE)


def _name(turn: Turn, slug: str) -> str:
    return turn.deps.service_name(slug, turn.conversation.language)


def _start_buttons(turn: Turn) -> tuple[Button, ...]:
    """What can be applied for here."""
    offered = [
        slug for slug in civil_services(turn.deps, turn.conversation) if turn.deps.known_service(slug).form is not None
    ][:3]
    return tuple(wish_button(turn.deps, turn.conversation, "start_application", slug) for slug in offered)
