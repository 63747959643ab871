"""From a stored message to a plan: reserved words first, then the field, then Rasa (design 3.3)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from time import perf_counter
from typing import Any

from bot.domain.awaiting import KEY as AWAITS
from bot.domain.awaiting import Heard, heard
from bot.domain.conversation import Case, Conversation, Holder, InboxRow
from bot.domain.delivery import stop_word
from bot.domain.fields.base import Verdict
from bot.domain.fields.choices import yes_or_no
from bot.domain.fields.clean import only_pictures
from bot.domain.form import Engine, Judgement
from bot.domain.form_commands import Command, command_of
from bot.domain.form_draft import Draft
from bot.domain.handoff_words import wants_bot
from bot.domain.joining import MAX_CHARACTERS
from bot.domain.language import language_of
from bot.domain.linking import DECLINE, UNDO, WISH, YES, Linking, Meant, code_alone, declined, linking_of
from bot.domain.messages import FileRef, Standing, Unread
from bot.domain.offers import chosen
from bot.domain.payloads import AnswerPayload, CommandPayload, IntentPayload, intent, parse_payload
from bot.domain.privacy_words import privacy_wish
from bot.domain.reference import find_reference
from bot.domain.revocation import wants_face_deleted
from bot.domain.variants import variant_meant
from bot.ports import Understanding
from bot.usecases import prefill, prefill_agrees, privacy, queue_outside, resting
from bot.usecases.asked import field_type, tells
from bot.usecases.deps import LICENCE, Deps
from bot.usecases.masking import mask
from bot.usecases.outside import outside_check
from bot.usecases.plan import ALONE, Plan, judgement_json
from bot.usecases.wishes import INTENTS, SMALL_TALK, is_wish

_ABOUT = "syarat"
"""Word that makes a name a question about a service."""
_NAMES = frozenset({"name", "place"})
"""Types of fields whose answers are bare names."""
_BARE = 2
"""Words of a bare name."""
_SHORT = 6
"""Words of a text that may be nothing but the name of a service."""
ANSWER = "/answer"
_START = re.compile(r"\s*/start(@\w+)?\s*")
WEB = "web"
"""The channel that is fetched: nothing is sent there, so there is nothing to stop."""
_SLASH = re.compile(r"[/\s]*(?:(?<=/)(\w+)(?:@\w+)?)?")

# What is said about connecting conversations, by its plan.
_LINKING = {Meant.CODE: "link_code", Meant.WISH: "link_wish", Meant.YES: "link_yes", Meant.UNDO: "link_undo"}
_LINK_BUTTONS = {YES: "link_yes", DECLINE: "link_no", WISH: "link_wish", UNDO: "link_undo", **privacy.BUTTONS}

_OF_TICKETS = frozenset({"giliran", "jadwal"})
"""Buttons below a ticket that need the queue's agency."""

# Reserved words that mean a wish when no form is open.
_WISHES = {
    Command.PERSON: "talk_to_human",
    Command.RESUME: "continue_application",
    Command.WHERE: "continue_application",
    Command.CANCEL: "cancel_application",
    Command.HELP: "help",
}


def _asks_for_one(engine: Engine, draft: Draft) -> bool:
    """Whether the open question is which application is meant."""
    question = engine.question(draft)
    return question is not None and question.path.endswith(".nomor_permohonan")


def without_slash(text: str) -> str:
    """Typed commands are words like any other: "/petugas", "/batal@bot" are "petugas", "batal"."""
    start = _SLASH.match(text)
    assert start is not None
    return ((start[1] or "") + text[start.end() :]).strip()


class Planner:
    """Plans one message."""

    def __init__(self, deps: Deps, conversation: Conversation, case: Case | None, row: InboxRow) -> None:
        self._deps = deps
        self._conversation = conversation
        self._case = case if conversation.form_active else None
        self._resting = case if not conversation.form_active else None
        self._body = row.body
        self._said = without_slash(row.body.get("text") or "")
        self._form: tuple[Engine, Draft] | None = deps.form_of(conversation, self._case) if self._case else None
        self._to_a_person = row.seq <= conversation.returned_seq
        """Written while a person spoke, who gave the conversation back without having seen it."""
        self.rasa_s = 0.0
        """Seconds spent waiting for Rasa to read a text."""

    async def plan(self) -> Plan:
        """The plan; may ask Rasa to read a text, or an outside register.

        :raises bot.errors.DialogueUnavailable: Rasa has to read the text and is away.
        """
        plan = await self._plan()
        if self._form is not None and self._case is not None:
            await queue_outside.prepare(self._deps, self._conversation, self._case, *self._form, plan)
        elif self._resting is not None and plan.message == f"/{_WISHES[Command.RESUME]}":
            form = self._deps.form_of(self._conversation, self._resting)
            await queue_outside.prepare(self._deps, self._conversation, self._resting, *form, plan)
        return plan

    async def _plan(self) -> Plan:
        body = self._body
        if body.get("payload"):
            return await self._payload(body["payload"])
        if body.get("file"):
            return await self._file(FileRef(**body["file"]))
        if body.get("unread") or body.get("location") or body.get("lost"):
            return await self._no_words()
        if body.get("start") is not None or _START.fullmatch(body.get("text") or ""):
            return await self._start(body.get("start") or "")
        if body.get("edits") and self._form is not None:
            return self._new(local="edited")
        return await self._text(self._said)

    def _new(self, message: str = "", local: str = "", **more: Any) -> Plan:
        return Plan(
            message=message,
            local=local,
            form_active=self._conversation.form_active,
            before=self._conversation.turn_mark,
            text=self._said,
            case_id=str(self._conversation.case_id) if self._conversation.case_id else None,
            draft_turn=self._form[1].turn if self._form else -1,
            **more,
        )

    # -- buttons ----------------------------------------------------------------------------------------------------

    async def _payload(self, raw: str) -> Plan:
        payload = parse_payload(raw)
        if isinstance(payload, IntentPayload) and is_wish(payload.intent, self._deps.texts):
            entities = json.dumps({"service": payload.service}) if payload.service else ""
            params = {"variant": payload.variant} if payload.variant else {}
            return self._new(f"/{payload.intent}{entities}", params=params, reference=payload.reference)
        if isinstance(payload, CommandPayload) and payload.command in _LINK_BUTTONS:
            return self._new(local=_LINK_BUTTONS[payload.command])
        if isinstance(payload, CommandPayload):
            return await self._command(payload.command)
        if isinstance(payload, AnswerPayload) and self._form:
            engine, draft = self._form
            return await self._judged(engine.judge(draft, payload))
        return self._new(local="stale_button")

    async def _command(self, command: str) -> Plan:
        if command == Command.PERSON:
            return self._new("/talk_to_human")
        if self._form and command in set(Command):
            return self._new(local="command", params={"command": command})
        if command in set(Command) and Command(command) in _WISHES:
            return self._new(f"/{_WISHES[Command(command)]}")
        return self._new(local="stale_button", params={"command": command, **await self._about_ticket(command)})

    async def _about_ticket(self, command: str) -> Mapping[str, Any]:
        """What a button below a ticket needs of the queue's agency."""
        verb, _, case_id = command.partition("-")
        tickets = await queue_outside.own_tickets(self._deps, self._conversation) if verb in _OF_TICKETS else []
        meant = [case for case in tickets if str(case.id) == case_id]
        return await queue_outside.looked_up(self._deps, self._conversation, verb, meant)

    async def _ticket_wish(self, text: str) -> Plan | None:
        """A wish about a ticket that the person has: "sekarang nomor berapa", "ganti jadwal antrean"."""
        verb = queue_outside.wish_about_ticket(text)
        tickets = await queue_outside.own_tickets(self._deps, self._conversation) if verb else []
        if not tickets:
            return None
        found = await queue_outside.looked_up(self._deps, self._conversation, verb, tickets)
        return self._new(local="ticket_wish", params={"verb": verb, **found})

    # -- what is no text --------------------------------------------------------------------------------------------

    async def _no_words(self) -> Plan:
        """A voice note, a place on the map, a file that could not be fetched: says what to do instead."""
        lost = self._body.get("lost")
        if lost:
            if self._form is None and self._body.get("caption"):
                return await self._beside_a_file(lost)
            return self._new(local="lost_file", params=lost)
        return self._new(local="unread", params={"kind": self._body.get("unread") or "location"})

    async def _start(self, code: str) -> Plan:
        """``/start``, as Telegram sends it when a person presses "Start" or follows a link that carries ``code``."""
        bare = code_alone(code)
        return self._new(local="link_code", params={"code": bare}) if bare else self._new(local="start")

    async def _beside_a_file(self, about: dict[str, Any]) -> Plan:
        """The words beside a file are a message, too; ``about`` the file a sentence is said besides."""
        self._said = without_slash(self._body["caption"])
        plan = await self._text(self._said)
        plan.params = {**plan.params, "beside": about, "file": self._body.get("file")}
        return plan

    # -- files ------------------------------------------------------------------------------------------------------

    async def _file(self, file: FileRef) -> Plan:
        if self._conversation.memory.get(AWAITS):
            self._said = without_slash(self._body.get("caption") or "")
            return self._awaited(Heard.SAID, asdict(file))
        if self._form is None:
            if self._body.get("caption"):
                return await self._beside_a_file({"key": "error.unexpected_file", "params": {}})
            return self._new(local="unexpected_file")
        engine, draft = self._form
        question = engine.question(draft)
        if question is None or question.accepts != "file":
            return self._new(local="unexpected_file")
        return await self._judged(engine.judge(draft, file))

    # -- text -------------------------------------------------------------------------------------------------------

    def _anywhere(self, text: str) -> str:
        """The handler of what means the same in and out of a form; empty: none."""
        if not text:
            return "empty"
        if self._conversation.account != WEB and stop_word(text) is Standing.STOPPED:
            return "stopped"
        if stop_word(text) is Standing.OPEN and "notif" in text.casefold():
            return "started"
        if len(text) > MAX_CHARACTERS:
            return "too_long"
        if wants_face_deleted(text):
            return "forget_face"
        right = privacy_wish(text, in_form=self._form is not None)
        return privacy.LOCALS[right] if right is not None else ""

    async def _text(self, text: str) -> Plan:
        if local := self._anywhere(text):
            return self._new(local=local)
        said = heard(text, self._conversation.memory) if self._conversation.memory.get(AWAITS) else None
        if said is not None:
            return self._awaited(said)
        if self._conversation.state in (Holder.QUEUED, Holder.AGENT) and wants_bot(text):
            return self._new(local="to_bot")
        linked = await self._linking(text)
        if linked is not None:
            return linked
        return await (self._free_text(text) if self._form is None else self._form_text(text, *self._form))

    async def _free_text(self, text: str) -> Plan:
        reference = find_reference(text)
        if reference is not None and len(text) <= len(reference) + 12:
            return self._new("/track_application", reference=reference)
        if only_pictures(text):
            return self._new(local="unread", params={"kind": Unread.STICKER.value})
        if (wish := await self._ticket_wish(text)) is not None:
            return wish
        pressed = chosen(text, {} if self._to_a_person else self._conversation.memory)
        pressed = pressed or self._variant_named(text)
        if pressed is not None:
            return await self._payload(pressed)
        command = command_of(text, tolerant=False)
        if command in _WISHES:
            return self._new(f"/{_WISHES[command]}")
        masked = self._masked(text)
        if not masked:
            return self._new(local="empty")
        if (resumed := await self._answers_what_rests(text)) is not None:
            return resumed
        named = await self._wish_of_a_name(masked)
        return named or self._new(masked, reference=reference, language=language_of(text))

    def _awaited(self, said: Heard, file: dict[str, Any] | None = None) -> Plan:
        """The answer to what the last reply asked outside a form."""
        wish = self._conversation.memory[AWAITS]
        return self._new(local="awaited", params={"wish": wish, "heard": said.value, "file": file})

    async def _linking(self, text: str) -> Plan | None:
        """A wish about the several conversations of one person; inside a form only what does not answer its question."""
        meant = linking_of(text)
        if meant is None:
            return self._new(local="link_no") if declined(text, self._conversation.memory) else None
        if self._form is not None and not await self._beats_the_question(meant, text, *self._form):
            return None
        return self._new(local=_LINKING[meant.meant], params={"code": meant.code, "channel": meant.channel})

    async def _beats_the_question(self, meant: Linking, text: str, engine: Engine, draft: Draft) -> bool:
        if engine.question(draft) is None or (meant.sure and meant.meant in (Meant.CODE, Meant.YES)):
            return True
        verdict = engine.judge(draft, text).verdict
        if meant.sure or verdict is Verdict.NO:
            return verdict is not Verdict.STRONG
        # "Lepas" may be a word of an answer; where conversations are connected it is what they were told to write.
        return verdict is Verdict.WEAK and meant.meant is Meant.UNDO and await self._connected()

    async def _connected(self) -> bool:
        person = self._conversation.person_id
        async with self._deps.store.begin() as tx:
            return person is not None and len(await tx.conversations_of(person)) > 1

    def _variant_named(self, text: str) -> str | None:
        """Asked "which one?", people answer in their own words: "yang hilang"."""
        for _, raw in self._conversation.memory.get("buttons") or ():
            payload = parse_payload(raw)
            service = self._deps.service(payload.service or "") if isinstance(payload, IntentPayload) else None
            if isinstance(payload, IntentPayload) and payload.variant and service and len(text.split()) <= _SHORT:
                meant = variant_meant(text, service)
                return intent(payload.intent, service.slug, meant.id) if meant is not None else None
        return None

    async def _answers_what_rests(self, text: str) -> Plan | None:
        judgement = await resting.answered(self._deps, self._conversation, text)
        return self._new(local="resume_with", judgement=judgement_json(judgement)) if judgement is not None else None

    async def _wish_of_a_name(self, masked: str) -> Plan | None:
        """Asked "which service?", people answer with its name alone: the wish they had goes on."""
        wish = self._conversation.memory.get("wish")
        if wish not in INTENTS or len(masked.split()) > _SHORT:
            return None
        # A name alone says no wish, and names count only with a wish that is about a service.
        asked = f"{_ABOUT} {LICENCE}" if self._conversation.topic == LICENCE else _ABOUT
        read = await self._read(f"{asked} {masked}")
        return self._new(f"/{wish}{json.dumps({'service': read.service})}") if read.service else None

    async def _form_text(self, text: str, engine: Engine, draft: Draft) -> Plan:
        if self._conversation.memory.get(ALONE):
            pressed = chosen(text, self._conversation.memory)
            if pressed is not None:
                return await self._payload(pressed)
            if yes_or_no(text) is False or command_of(text, tolerant=False) is Command.CANCEL:
                return self._new(local=privacy.BUTTONS[privacy.NOTHING])
        command = engine.command_of(draft, text)
        if command is Command.PERSON:
            return self._new("/talk_to_human")
        if command is not None:
            return self._new(local="command", params={"command": command.value})
        reference = find_reference(text)
        if reference is not None and not _asks_for_one(engine, draft):
            return self._new("/track_application", reference=reference)
        judgement = engine.judge(draft, text)
        if judgement.verdict is Verdict.STRONG:
            return await self._judged(judgement)
        masked = self._masked(text)
        # Words to a person are no answer to a question that was asked before they came, unless they could be nothing else.
        if judgement.verdict is Verdict.WEAK and not self._to_a_person:
            if tells(engine, draft) or not await self._interrupts(masked, field_type(engine, draft)):
                return await self._judged(judgement)
        heard = None if judgement.verdict is Verdict.WEAK else judgement_json(judgement)
        return self._new(masked or ANSWER, judgement=heard, language=language_of(text))

    async def _interrupts(self, masked: str, asked: str) -> bool:
        """Whether a text that could be the answer is, with confidence, a wish instead."""
        if not masked:
            return False
        read, policy = await self._read(masked), self._deps.policy
        bare = asked in _NAMES and len(masked.split()) <= _BARE
        sure = read.confidence >= (policy.interrupt_in_brief if bare else policy.interrupt_confidence)
        return sure and read.intent not in SMALL_TALK and is_wish(read.intent, self._deps.texts)

    async def _read(self, masked: str) -> Understanding:
        before = perf_counter()
        read = await self._deps.dialogue.parse(masked)
        self.rasa_s += perf_counter() - before
        return read

    async def _judged(self, judgement: Judgement) -> Plan:
        plan = self._new(ANSWER, judgement=judgement_json(judgement))
        if (
            judgement.ok
            and self._form
            and self._case
            and prefill.wanted(self._deps, self._conversation, self._case, *self._form, judgement)
        ):
            plan.outside = await prefill.fetch(self._deps, self._conversation, self._case)
        elif judgement.ok and judgement.check and self._form and self._case:
            plan.outside = await outside_check(
                self._deps, self._conversation, self._case, self._form[0], self._form[1], judgement
            )
        elif judgement.ok and self._form and self._case:
            plan.outside = await queue_outside.booking(
                self._deps, self._conversation, self._case, *self._form, judgement
            ) or await prefill_agrees.check(self._deps, self._conversation, self._case, *self._form, judgement)
        return plan

    def _masked(self, text: str) -> str:
        known: list[str] = []
        if self._form is not None:
            known = [str(v) for k, v in self._form[1].known.items() if k in ("nama", "no_kk", "nik")]
            known += [v for k, v in self._form[1].answers.items() if k.endswith("nama") and isinstance(v, str)]
        return mask(text, known)
