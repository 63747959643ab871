"""From a stored message to a plan: reserved words first, then the field, then Rasa (design 3.3)."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any

from bot.domain.conversation import Case, Conversation, InboxRow
from bot.domain.fields.base import Verdict
from bot.domain.form import Engine, Judgement
from bot.domain.form_commands import Command, command_of
from bot.domain.form_draft import Draft
from bot.domain.language import language_of
from bot.domain.messages import FileRef
from bot.domain.offers import chosen
from bot.domain.payloads import AnswerPayload, CommandPayload, IntentPayload, intent, parse_payload
from bot.domain.reference import find_reference
from bot.domain.variants import variant_meant
from bot.ports import Understanding
from bot.usecases.deps import LICENCE, Deps
from bot.usecases.masking import mask
from bot.usecases.outside import outside_check
from bot.usecases.plan import Plan, judgement_json
from bot.usecases.wishes import INTENTS, SMALL_TALK

MAX_CHARACTERS = 4000
_ABOUT = "syarat"
"""Word that makes a name a question about a service."""
_SHORT = 6
"""Words of a text that may be nothing but the name of a service."""
ANSWER = "/answer"

# Reserved words that mean a wish when no form is open.
_WISHES = {
    Command.PERSON: "talk_to_human",
    Command.RESUME: "continue_application",
    Command.WHERE: "continue_application",
    Command.CANCEL: "cancel_application",
    Command.HELP: "help",
}


class Planner:
    """Plans one message."""

    def __init__(self, deps: Deps, conversation: Conversation, case: Case | None, row: InboxRow) -> None:
        self._deps = deps
        self._conversation = conversation
        self._case = case if conversation.form_active else None
        self._body = row.body
        self._form: tuple[Engine, Draft] | None = deps.form_of(conversation, self._case) if self._case else None
        self.rasa_s = 0.0
        """Seconds spent waiting for Rasa to read a text."""

    async def plan(self) -> Plan:
        """The plan; may ask Rasa to read a text, or an outside register.

        :raises bot.errors.DialogueUnavailable: Rasa has to read the text and is away.
        """
        if self._body.get("payload"):
            return await self._payload(self._body["payload"])
        if self._body.get("file"):
            return await self._file(FileRef(**self._body["file"]))
        return await self._text(self._body.get("text") or "")

    def _new(self, message: str = "", local: str = "", **more: Any) -> Plan:
        return Plan(
            message=message,
            local=local,
            form_active=self._conversation.form_active,
            before=self._conversation.turn_mark,
            text=self._body.get("text") or "",
            case_id=str(self._conversation.case_id) if self._conversation.case_id else None,
            draft_turn=self._form[1].turn if self._form else -1,
            **more,
        )

    # -- buttons ----------------------------------------------------------------------------------------------------

    async def _payload(self, raw: str) -> Plan:
        payload = parse_payload(raw)
        if isinstance(payload, IntentPayload) and payload.intent in INTENTS:
            entities = json.dumps({"service": payload.service}) if payload.service else ""
            params = {"variant": payload.variant} if payload.variant else {}
            return self._new(f"/{payload.intent}{entities}", params=params)
        if isinstance(payload, CommandPayload):
            return self._command(payload.command)
        if isinstance(payload, AnswerPayload) and self._form:
            engine, draft = self._form
            return await self._judged(engine.judge(draft, payload))
        return self._new(local="stale_button")

    def _command(self, command: str) -> Plan:
        if command == Command.PERSON:
            return self._new("/talk_to_human")
        if self._form and command in set(Command):
            return self._new(local="command", params={"command": command})
        if command in set(Command) and Command(command) in _WISHES:
            return self._new(f"/{_WISHES[Command(command)]}")
        return self._new(local="stale_button", params={"command": command})

    # -- files ------------------------------------------------------------------------------------------------------

    async def _file(self, file: FileRef) -> Plan:
        if self._form is None:
            return self._new(local="unexpected_file")
        engine, draft = self._form
        question = engine.question(draft)
        if question is None or question.accepts != "file":
            return self._new(local="unexpected_file")
        return await self._judged(engine.judge(draft, file))

    # -- text -------------------------------------------------------------------------------------------------------

    async def _text(self, text: str) -> Plan:
        if not text.strip():
            return self._new(local="empty")
        if len(text) > MAX_CHARACTERS:
            return self._new(local="too_long")
        if self._form is not None:
            return await self._form_text(text, *self._form)
        reference = find_reference(text)
        if reference is not None and len(text) <= len(reference) + 12:
            return self._new("/track_application", reference=reference)
        pressed = chosen(text, self._conversation.memory)
        pressed = pressed or self._variant_named(text)
        if pressed is not None:
            return await self._payload(pressed)
        command = command_of(text, tolerant=False)
        if command in _WISHES:
            return self._new(f"/{_WISHES[command]}")
        masked = self._masked(text)
        if not masked:
            return self._new(local="empty")
        wish = await self._wish_of_a_name(masked)
        return wish or self._new(masked, reference=reference, language=language_of(text))

    def _variant_named(self, text: str) -> str | None:
        """Asked "which one?", people answer in their own words: "yang hilang"."""
        for _, raw in self._conversation.memory.get("buttons") or ():
            payload = parse_payload(raw)
            service = self._deps.service(payload.service or "") if isinstance(payload, IntentPayload) else None
            if isinstance(payload, IntentPayload) and payload.variant and service and len(text.split()) <= _SHORT:
                meant = variant_meant(text, service)
                return intent(payload.intent, service.slug, meant.id) if meant is not None else None
        return None

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
        while text.lstrip().startswith("/"):
            text = text.lstrip()[1:]
        command = engine.command_of(draft, text)
        if command is Command.PERSON:
            return self._new("/talk_to_human")
        if command is not None:
            return self._new(local="command", params={"command": command.value})
        reference = find_reference(text)
        if reference is not None:
            return self._new("/track_application", reference=reference)
        judgement = engine.judge(draft, text)
        if judgement.verdict is Verdict.STRONG:
            return await self._judged(judgement)
        masked = self._masked(text)
        if judgement.verdict is Verdict.WEAK and not await self._interrupts(masked):
            return await self._judged(judgement)
        heard = None if judgement.verdict is Verdict.WEAK else judgement_json(judgement)
        return self._new(masked or ANSWER, judgement=heard, language=language_of(text))

    async def _interrupts(self, masked: str) -> bool:
        """Whether a text that could be the answer is, with confidence, a wish instead."""
        if not masked:
            return False
        read = await self._read(masked)
        return read.intent in INTENTS - SMALL_TALK and read.confidence >= self._deps.policy.interrupt_confidence

    async def _read(self, masked: str) -> Understanding:
        before = perf_counter()
        read = await self._deps.dialogue.parse(masked)
        self.rasa_s += perf_counter() - before
        return read

    async def _judged(self, judgement: Judgement) -> Plan:
        plan = self._new(ANSWER, judgement=judgement_json(judgement))
        if judgement.ok and judgement.check and self._form and self._case:
            plan.outside = await outside_check(
                self._deps, self._conversation, self._case, self._form[0], self._form[1], judgement
            )
        return plan

    def _masked(self, text: str) -> str:
        known: list[str] = []
        if self._form is not None:
            known = [str(v) for k, v in self._form[1].known.items() if k in ("nama", "no_kk", "nik")]
            known += [v for k, v in self._form[1].answers.items() if k.endswith("nama") and isinstance(v, str)]
        return mask(text, known)
