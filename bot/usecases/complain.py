"""A complaint in chat: told in the citizen's own words, few questions, a ticket with a date; where the complaints stand."""

from __future__ import annotations

from bot.domain.application import State, clock_runs
from bot.domain.awaiting import KEY as AWAITS
from bot.domain.catalogue import Service, Variant, spoken
from bot.domain.complaints import OTHER, afraid, joined, kind_of, story
from bot.domain.conversation import Case
from bot.domain.fields.files import Document
from bot.domain.messages import Button, FileRef, Kind, Reply
from bot.domain.payloads import intent
from bot.usecases import apply, handoff
from bot.usecases.complaint_buttons import FORM, LATE
from bot.usecases.life import promised_day
from bot.usecases.plan import TOOK_FILE
from bot.usecases.replies import person_button, plain, wish_button
from bot.usecases.submit import spoken_date
from bot.usecases.track import status_reply
from bot.usecases.turn import Effect, Turn

_STORY, _PHOTO, _NUMBER = "laporan.cerita", "laporan.foto", "laporan.nomor_permohonan"
_WHERE = "laporan.kejadian"
_MONEY = "pungli"
_MOST_SHOWN = 3


async def step(turn: Turn) -> Effect:
    """The action of both wishes: to complain, and to hear of a complaint."""
    return await (track(turn) if turn.call.intent == "track_complaint" else start(turn))


async def start(turn: Turn) -> Effect:
    """Take a complaint up: what was told already is its first answer; a form that is open is laid aside."""
    form = turn.deps.service(FORM)
    if form is None or not turn.deps.reaches(turn.conversation, form.agency):
        # This office is connected with no complaints desk: a person, never an automatic reply and then nothing.
        return await _to_a_person(turn)
    text = "" if turn.plan.message.startswith("/") else turn.plan.text
    if turn.call.form_active:
        case = await turn.draft_case()
        if case is not None and case.service == FORM:
            return await _more(turn, case, text)
        return await _begin(turn, form, story(text) or "", _file(turn))
    if story(text) is None and _named(turn, form) is None and _file(turn) is None:
        return Effect([_tell_me(turn)])
    return await _begin(turn, form, story(text) or "", _file(turn))


async def told(turn: Turn, text: str, file: FileRef | None) -> Effect:
    """The story, after it was asked for."""
    return await _begin(turn, turn.deps.known_service(FORM), text, file)


def _tell_me(turn: Turn) -> Reply:
    """The wish alone: calm words, and the question that needs no form."""
    deps, conversation = turn.deps, turn.conversation
    known = deps.locus(conversation).complaints
    also = f"\n\n{spoken(known, conversation.language, deps.texts)}" if known is not None else ""
    text = deps.say("complain.tell", conversation) + also
    return Reply(text, Kind.QUESTION, (person_button(deps, conversation),), meta={"service": FORM, AWAITS: "cerita"})


async def _to_a_person(turn: Turn) -> Effect:
    effect = await handoff.request_person(turn, complaint=True)
    known = turn.deps.locus(turn.conversation).complaints
    if known is not None:
        effect.replies.append(Reply(spoken(known, turn.conversation.language, turn.deps.texts)))
    return effect


# -- the form ----------------------------------------------------------------------------------------------------------


async def _begin(turn: Turn, form: Service, text: str, file: FileRef | None) -> Effect:
    aside = await turn.draft_case() if turn.call.form_active else None
    kind = _named(turn, form) or (kind_of(text, form) or form.variant(OTHER) if text else None)
    late = await _spoken_of(turn) if kind is not None and kind.id == LATE else None
    # Of what is overdue here we know all that the story would say.
    known = late is not None and not text
    if late is not None and known:
        text = _late_story(turn, late)
    effect = await apply.begin_form(turn, form, kind)
    took = await _fill(turn, text, file, late.reference if late is not None else None, (_WHERE,) if known else ())
    opening = _opening(turn, text, kind, aside, late if known else None)
    if took:
        opening.meta[TOOK_FILE] = True
    effect.replies = [opening]
    return effect


def _named(turn: Turn, form: Service) -> Variant | None:
    """The kind that a button named."""
    wanted = turn.plan.params.get("variant")
    return next((v for v in form.variants if v.id == wanted), None)


def _file(turn: Turn) -> FileRef | None:
    """The picture that came with the words."""
    raw = turn.plan.params.get("file")
    return FileRef(**raw) if raw else None


def _late_story(turn: Turn, case: Case) -> str:
    """What is overdue, in the citizen's name. Without its number: that is left out where somebody stays anonymous."""
    deps, conversation = turn.deps, turn.conversation
    name = deps.service_name(case.service, conversation.language)
    day, zone = promised_day(deps, conversation, case), deps.zone(conversation)
    if day is not None and day < deps.today(conversation):
        return deps.say("complain.late", conversation, service=name, date=spoken_date(day, conversation.language))
    since = spoken_date((case.submitted_at or case.created_at).astimezone(zone).date(), conversation.language)
    return deps.say("complain.long", conversation, service=name, date=since)


async def _fill(turn: Turn, text: str, file: FileRef | None, number: str | None, skipped: tuple[str, ...]) -> bool:
    """What is known already, and what need not be asked; whether the file was taken."""
    case = await turn.draft_case()
    if case is None:
        return False
    engine, draft = turn.form(case)
    taken = Document().take(file) if file is not None else None
    photo = taken.value if taken is not None and taken.ok else None
    known = {_STORY: joined("", text), _PHOTO: photo, _NUMBER: number}
    answers = {path: value for path, value in known.items() if value}
    await turn.save(case, engine.advanced(draft, answers={**draft.answers, **answers}, skipped=skipped))
    return photo is not None


async def _spoken_of(turn: Turn) -> Case | None:
    """The person's own application that the talk is about: named, or of the service spoken of, or the only one."""
    mine = [c for c in await turn.tx.cases_of(turn.conversation) if c.reference is not None and c.service != FORM]
    named = [c for c in mine if c.reference == turn.plan.reference]
    running = [c for c in mine if clock_runs(State(c.state))]
    about = [c for c in running if c.service in (turn.call.service, turn.conversation.topic)]
    for found in (named, about, running):
        if len(found) == 1:
            return found[0]
    return None


def _opening(turn: Turn, text: str, kind: Variant | None, aside: Case | None, late: Case | None) -> Reply:
    """Calm, short, and safe: nobody has to pay, nobody has to argue, who is threatened comes first."""
    deps, conversation = turn.deps, turn.conversation
    keys = ["complain.noted" if text else "complain.begin"] if late is None else []
    keys += ["complain.money"] if kind is not None and kind.id == _MONEY else []
    keys += ["complain.threat"] if afraid(text) else []
    said = [deps.say("complain.noted_late", conversation, reference=late.reference or "")] if late is not None else []
    said += [deps.say(key, conversation) for key in keys]
    if aside is not None:
        name = deps.service_name(aside.service, conversation.language)
        said.append(deps.say("apply.laid_aside", conversation, service=name))
    buttons: tuple[Button, ...] = (person_button(deps, conversation),)
    if kind is not None and kind.id == LATE and late is None:
        # Who is angry because of a late document wants to know where it is, too.
        buttons = (wish_button(deps, conversation, "track_application"), *buttons)
    return Reply("\n\n".join(said), buttons=buttons, meta={"service": FORM})


async def _more(turn: Turn, case: Case, text: str) -> Effect:
    """Who is angry writes more while the questions are asked: it belongs to the story."""
    deps, conversation = turn.deps, turn.conversation
    engine, draft = turn.form(case)
    more = story(text)
    if more is None:
        name = deps.service_name(FORM, conversation.language)
        return Effect([plain(deps, conversation, "apply.already", service=name)])
    before = str(draft.answers.get(_STORY) or "")
    await turn.save(case, engine.advanced(draft, answers={**draft.answers, _STORY: joined(before, more)}))
    return Effect([plain(deps, conversation, "complain.more")])


# -- where they stand --------------------------------------------------------------------------------------------------


async def track(turn: Turn) -> Effect:
    """The person's complaints with state, ticket and date, newest first, each with what can be done."""
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    mine = [c for c in await tx.cases_of(conversation) if c.service == FORM and (c.reference or c.state == State.DRAFT)]
    wanted = [c for c in mine if c.reference == turn.plan.reference]
    shown = wanted or mine[:_MOST_SHOWN]
    if shown:
        return Effect([await status_reply(deps, tx, conversation, case) for case in shown])
    begin = Button(deps.say("wish.make_complaint", conversation), intent("make_complaint"))
    return Effect([Reply(deps.say("complain.none", conversation), buttons=(begin, person_button(deps, conversation)))])
