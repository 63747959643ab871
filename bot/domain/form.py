"""The form engine: what to ask next, whether something answers it, what the draft becomes. One engine for every
service.

Pure and synchronous. A draft goes through JSON between any two calls, may be continued in another language or on
another machine, and is never changed in place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.domain.catalogue import Ending, Service, Variant
from bot.domain.fields import TYPES
from bot.domain.fields.base import Parsed, Verdict, no, wrong
from bot.domain.form_ask import Asker
from bot.domain.form_command import run_command
from bot.domain.form_commands import Command, command_of, correction_target, has_none
from bot.domain.form_draft import Draft, Mode
from bot.domain.form_find import find_items
from bot.domain.form_groups import extendable, shrinkable
from bot.domain.form_judge import (
    judge_cancel,
    judge_choosing,
    judge_confirm,
    judge_item,
    judge_review,
    split_correction,
)
from bot.domain.form_results import nested
from bot.domain.form_sheet import Item, Sheet, State
from bot.domain.form_turn import (
    CANCEL_PATH,
    CHOOSE_PATH,
    CONFIRM,
    REVIEW_PATH,
    VARIANT_PATH,
    Action,
    Judgement,
    NeededFile,
    Question,
)
from bot.domain.messages import FileRef
from bot.domain.payloads import AnswerPayload
from bot.domain.texts import Say

__all__ = ["Action", "Command", "Draft", "Engine", "Judgement", "Mode", "NeededFile", "Question", "command_of"]

_WEAK_TYPES = frozenset({"name", "place", "text", "address"})
_ENDED = (Mode.DONE, Mode.CANCELLED, Mode.REFERRED)


class Engine:
    """Leads through the form of one service in one language. Cheap to make: one per turn."""

    def __init__(self, service: Service, texts: Say, language: str, today: date) -> None:
        """:raises ValueError: the service has no form."""
        if service.form is None:
            raise ValueError(f"{service.slug} has no form")
        self.service = service
        self.today = today
        self.language = language
        self.asker = Asker(texts, language)
        self._sheets: list[tuple[Draft, Sheet]] = []

    # -- asking
    # ---------------------------------------------------------------------------------------------------------

    def start(self, known: Mapping[str, Any] | None = None, assurance: int = 0, variant: str | None = None) -> Draft:
        """A new draft. ``known`` is the person's record from the civil register, if their identity is already
        proven.
        """
        return Draft(self.service.slug, self.today, variant=variant, known=dict(known or {}), assurance=assurance)

    def question(self, draft: Draft) -> Question | None:
        """What to ask now, or None when the draft is confirmed, cancelled or referred. A paused draft gives the question it
        was left at.
        """
        if draft.mode in _ENDED:
            return None
        sheet = self.sheet(draft)
        step = self._step(draft, sheet)
        if draft.mode is Mode.CANCELLING:
            return self.asker.cancelling(draft, step)
        if draft.mode is Mode.CORRECTING and draft.asked:
            item = sheet.by_path.get(draft.asked)
            if item is not None:
                return self.asker.field(draft, item, sheet, step)
            return self.asker.choosing(draft, sheet, step)
        item = sheet.first_open
        if item is None:
            return self.asker.review(draft, sheet, step)
        if item.state is State.OFFERED:
            return self.asker.confirm(draft, sheet.offered(item.group), step)
        return self.asker.field(draft, item, sheet, step)

    def stands_at(self, draft: Draft) -> str | None:
        """Path of the open question, without the numbers of repeated sections; None when the draft is over. Names a field, never
        what was answered.
        """
        if draft.mode in _ENDED:
            return None
        item = self.sheet(draft).first_open
        return REVIEW_PATH if item is None else ".".join(part for part in item.path.split(".") if not part.isdigit())

    def progress(self, draft: Draft) -> tuple[int, int]:
        """(number of the open question, how many there are as things stand)."""
        return self._step(draft, self.sheet(draft))

    def review_text(self, draft: Draft) -> str:
        """Numbered list of all answers."""
        return self.asker.review_text(self.sheet(draft))

    # -- judging
    # --------------------------------------------------------------------------------------------------------

    def judge(self, draft: Draft, answer: str | AnswerPayload | FileRef) -> Judgement:
        """Whether a text, a button or a file answers the open question. Changes nothing.

        :raises ValueError: nothing is open (the draft is confirmed, cancelled or referred).
        """
        question = self.question(draft)
        if question is None:
            raise ValueError("nothing is open")
        if isinstance(answer, AnswerPayload):
            if answer.question != question.id:
                return self._judged(question.path, (no("form.stale"), Action.ANSWER), None)
            return self._judge(draft, question.path, answer.value, pressed=True)
        return self._judge(draft, question.path, answer)

    def judge_at(self, draft: Draft, path: str, answer: str | FileRef) -> Judgement:
        """The same for any field that counts, whatever is open: what a member of staff fills in."""
        return self._judge(draft, path, answer)

    def _judge(self, draft: Draft, path: str, answer: str | FileRef, *, pressed: bool = False) -> Judgement:
        sheet = self.sheet(draft)
        item = sheet.by_path.get(path)
        if item is not None:
            parsed, action = judge_item(item, sheet, answer, self.today, self.language, pressed=pressed)
            judged = self._judged(path, (parsed, action), item, echo=not pressed)
            if parsed.problem == "form.cannot_skip" and item.field.type == "document":
                return replace(judged, problem_text=self.asker.papers_needed(sheet))
            return judged
        if isinstance(answer, FileRef):
            return self._judged(path, (no("form.text_expected"), Action.ANSWER), None)
        if path == CANCEL_PATH:
            return self._judged(path, judge_cancel(answer), None)
        if path == REVIEW_PATH:
            return self._judged(path, self._changeable(draft, sheet, judge_review(sheet, answer, self.language)), None)
        if path == CHOOSE_PATH:
            return self._judged(
                path, self._changeable(draft, sheet, judge_choosing(sheet, answer, self.language)), None
            )
        group = path[: -len(CONFIRM) - 1]
        return self._judged(path, judge_confirm(sheet.offered(group), answer, sheet, self.language), None)

    def _changeable(self, draft: Draft, sheet: Sheet, judged: tuple[Parsed, Action]) -> tuple[Parsed, Action]:
        parsed, action = judged
        found = find_items(sheet, str(parsed.value), self.language) if parsed.ok and action is Action.EDIT else []
        if len(found) == 1 and self.bar(draft, found[0]):
            return wrong(self.bar(draft, found[0]) or "form.locked"), action
        return judged

    def _judged(self, path: str, judged: tuple[Parsed, Action], item: Item | None, *, echo: bool = True) -> Judgement:
        parsed, action = judged
        say = self.asker.say
        if not parsed.ok:
            params = {"label": item.words(item.field.label, self.language) if item else "", **parsed.params}
            problem = say(parsed.problem or "form.unclear", **params)
            return Judgement(parsed.verdict, path, problem_text=problem, action=action, offers=parsed.offers)
        heard = warning = ""
        if item is not None and action is Action.ANSWER:
            shown = TYPES[item.field.type].show(parsed.value, item.field, self.language)
            heard = say("form.heard", value=shown) if parsed.interpreted and echo else ""
            warning = say(parsed.warning, **parsed.params) if parsed.warning else ""
        check = item.field.check if item is not None and action is Action.ANSWER else None
        return Judgement(parsed.verdict, path, parsed.value, "", check, heard, warning, action)

    # -- changing
    # -------------------------------------------------------------------------------------------------------

    def accept(self, draft: Draft, judgement: Judgement) -> Draft:
        """The draft after an accepted judgement.

        :raises ValueError: the judgement is not ok.
        """
        if not judgement.ok:
            raise ValueError("not an answer")
        path, action = judgement.path, judgement.action
        if action is Action.SUBMIT:
            return self.advanced(draft, mode=Mode.DONE, asked=None)
        if action is Action.CANCEL:
            return self.advanced(draft, mode=Mode.CANCELLED, asked=None)
        if action is Action.KEEP:
            return self.advanced(draft, mode=Mode.FILLING, asked=None)
        if action is Action.EDIT:
            return self.correcting(draft, str(judgement.value))
        if action is Action.CONFIRM:
            return self._confirmed(draft, path, judgement.value)
        if path == VARIANT_PATH:
            return self.choose(draft, judgement.value)
        answers = {p: v for p, v in draft.answers.items() if p != path}
        skipped = tuple(p for p in draft.skipped if p != path)
        if action is Action.SKIP:
            skipped = (*skipped, path)
        else:
            answers[path] = judgement.value
        history = draft.history if path in draft.history else (*draft.history, path)
        draft = replace(draft, by_staff=tuple(p for p in draft.by_staff if p != path))
        return self.advanced(draft, answers=answers, skipped=skipped, history=history, mode=Mode.FILLING, asked=None)

    def refused(self, draft: Draft, judgement: Judgement) -> Draft:
        """The draft after a judgement that is not ok. The question stays the same one; what was offered can be named by its
        number from now on.
        """
        return replace(draft, offered={judgement.path: judgement.offers}) if judgement.offers else draft

    def choose(self, draft: Draft, variant: str) -> Draft:
        """The draft for another variant. Answers that still count are kept."""
        referred = self.service.variant(variant).ends is Ending.REFERRAL
        mode = Mode.REFERRED if referred else Mode.FILLING
        history = draft.history if VARIANT_PATH in draft.history else (*draft.history, VARIANT_PATH)
        return self.advanced(draft, variant=variant, history=history, mode=mode, asked=None)

    def _confirmed(self, draft: Draft, path: str, declined: Sequence[str]) -> Draft:
        offered = self.sheet(draft).offered(path[: -len(CONFIRM) - 1])
        taken = {i.path: i.value for i in offered if i.path not in declined}
        return self.advanced(
            draft,
            answers={**draft.answers, **taken},
            declined=(*draft.declined, *declined),
            history=(*draft.history, path),
            mode=Mode.FILLING,
            asked=None,
        )

    def advanced(self, draft: Draft, **changes: Any) -> Draft:
        """A changed draft, without answers that no longer count, in review when nothing is missing."""
        changed = replace(draft, **{"moved": "", **changes}, offered={}, turn=draft.turn + 1)
        sheet = self.sheet(changed)
        kept = {i.path for i in sheet.items}
        draft = replace(
            changed,
            answers={p: v for p, v in changed.answers.items() if p in kept},
            skipped=tuple(p for p in changed.skipped if p in kept),
            history=tuple(step for step in changed.history if sheet.counts(step)),
        )
        if draft.mode in (Mode.FILLING, Mode.REVIEWING):
            draft = replace(draft, mode=Mode.FILLING if sheet.first_open else Mode.REVIEWING)
        if len(draft.answers) == len(changed.answers) and len(draft.skipped) == len(changed.skipped):
            # Nothing fell away: what was computed for the one holds for the other.
            self._sheets = [(draft, sheet), *self._sheets[:1]]
        return draft

    def correcting(self, draft: Draft, target: str) -> Draft:
        """The draft about to correct what ``target`` names (words or a review number); asks which when that is not
        one field.
        """
        found = find_items(self.sheet(draft), target, self.language)
        asked = found[0].path if len(found) == 1 and not self.bar(draft, found[0]) else f"?{target}"
        return self.advanced(draft, mode=Mode.CORRECTING, asked=asked)

    def bar(self, draft: Draft, item: Item) -> str | None:
        """Text key of why a field cannot be corrected by typing, or None.

        The register's identity data cannot, nor what follows another answer; in a repair only what was asked for can.
        """
        if item.field.locked and any(r.known and draft.known.get(r.known) is not None for r in item.field.fill):
            return "form.locked"
        if item.source is not None:
            return "form.follows"
        in_repair = item.path in draft.repair or item.path in draft.history
        return "form.not_in_repair" if draft.repair and not in_repair else None

    def know(self, draft: Draft, known: Mapping[str, Any], assurance: int) -> Draft:
        """After an identity check was passed: the person's record and the level that now holds."""
        return self.advanced(draft, known={**draft.known, **known}, assurance=max(assurance, draft.assurance))

    def forget(self, draft: Draft, paths: Collection[str]) -> Draft:
        """Take answers back so that they are asked again, e.g. after a failed identity check. Internal fields may
        be named by their id alone.
        """
        paths = {
            i.path for i in self.sheet(draft).items if i.path in paths or (i.section.internal and i.field.id in paths)
        }
        answers = {p: v for p, v in draft.answers.items() if p not in paths}
        skipped = tuple(p for p in draft.skipped if p not in paths)
        history = tuple(p for p in draft.history if p not in paths)
        return self.advanced(draft, answers=answers, skipped=skipped, history=history, mode=Mode.FILLING, asked=None)

    def repair(self, draft: Draft, paths: Sequence[str]) -> Draft:
        """A submitted draft reopened at ``paths`` only (fields, or whole sections); unknown paths are left aside.
        Ends in a review again.
        """
        draft = replace(draft, repair=())
        sheet = self.sheet(draft)
        named = [
            i
            for i in sheet.items
            if not i.section.internal and any(i.path == p or i.path.startswith(p + ".") for p in paths)
        ]
        # What follows another answer is mended there.
        sources = [sheet.by_path.get(i.source, i) if i.source else i for i in named]
        wanted = tuple(dict.fromkeys(i.path for i in sources if self.bar(draft, i) is None))
        answers = {p: v for p, v in draft.answers.items() if p not in wanted}
        skipped = tuple(p for p in draft.skipped if p not in wanted)
        return self.advanced(
            draft, answers=answers, skipped=skipped, history=(), repair=wanted, mode=Mode.FILLING, asked=None
        )

    # -- reserved words
    # -------------------------------------------------------------------------------------------------

    def command_of(self, draft: Draft, text: str) -> Command | None:
        """The reserved word that a message is, unless it answers the open question strongly or, for free words,
        only resembles one.
        """
        question = self.question(draft)
        if question is None:
            return command_of(text)
        if question.optional and has_none(text) and self.judge(draft, text).verdict is not Verdict.STRONG:
            return Command.SKIP
        command = command_of(text, tolerant=question.field_type not in _WEAK_TYPES)
        if command in (Command.REMOVE, Command.ADD):
            return command if self._groups_allow(draft, command) else None
        if command in (None, Command.SKIP) or (command is Command.RESUME and draft.mode is Mode.PAUSED):
            return command
        if command is Command.CORRECT:
            # "Ganti bahasa Inggris" is no correction: it has to name a field, or nothing at all.
            named = split_correction(correction_target(text) or "")[0]
            if named and not find_items(self.sheet(draft), named, self.language):
                return None
            if question.field_type in ("review", "correct"):
                return command
        return None if self.judge(draft, text).verdict is Verdict.STRONG else command

    def _groups_allow(self, draft: Draft, command: Command) -> bool:
        if command is Command.REMOVE:
            return bool(shrinkable(self.sheet(draft)))
        return draft.mode is not Mode.FILLING and bool(extendable(self.sheet(draft)))

    def command(self, draft: Draft, command: Command, text: str = "") -> tuple[Draft, str]:
        """Carry a reserved word out. Returns the draft and what to say before the next question ("" for nothing).

        ``PERSON`` and ``HELP`` leave the draft as it is. ``text`` is the whole message, for corrections.
        """
        return run_command(self, draft, command, text)

    # -- results
    # --------------------------------------------------------------------------------------------------------

    def needed_files(self, draft: Draft) -> tuple[NeededFile, ...]:
        """The papers of the application as it stands, sent or missing; no selfie."""
        items = [i for i in self.sheet(draft).items if i.field.type == "document" and not i.section.internal]
        return tuple(
            NeededFile(
                i.path, i.words(i.field.label, self.language), i.field.optional, FileRef(**i.value) if i.value else None
            )
            for i in items
        )

    def payload(self, draft: Draft) -> dict[str, Any]:
        """What the agency gets: nested data without consent, identity proof and files (see :meth:`needed_files`)."""
        return nested(self.sheet(draft))

    def variant(self, draft: Draft) -> Variant:
        """The chosen variant; of a service with only one, that one."""
        return self.service.variant(draft.variant)

    def identity(self, draft: Draft) -> dict[str, Any]:
        """Answers of the internal sections (consent, NIK, birth date, selfie) by field id."""
        return {i.field.id: i.value for i in self.sheet(draft).items if i.section.internal and i.value is not None}

    def sheet(self, draft: Draft) -> Sheet:
        """The draft laid over the form. Drafts never change, so the last two are kept."""
        for known, sheet in self._sheets:
            if known is draft:
                return sheet
        sheet = Sheet(self.service, draft)
        self._sheets = [(draft, sheet), *self._sheets[:1]]
        return sheet

    def _step(self, draft: Draft, sheet: Sheet) -> tuple[int, int]:
        taken = len(draft.history)
        total = max(1, taken + sheet.open_steps())
        return min(taken + 1, total), total
