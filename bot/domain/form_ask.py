"""Wording of the next question: heading, sentence, help, numbered choices, buttons."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from bot.domain import payloads
from bot.domain.fields import TYPES
from bot.domain.fields.base import Context
from bot.domain.fields.choices import MAX_LISTED
from bot.domain.fields.clean import words_of
from bot.domain.fields.slots import SlotTime
from bot.domain.form_draft import Draft, Mode
from bot.domain.form_find import find_items
from bot.domain.form_groups import extendable, shrinkable
from bot.domain.form_judge import EDIT, NO, SKIP, SUBMIT, YES
from bot.domain.form_model import OWN
from bot.domain.form_sheet import Item, Sheet, State
from bot.domain.form_turn import CANCEL_PATH, CHOOSE_PATH, CONFIRM, REVIEW_PATH, VARIANT_PATH, Question
from bot.domain.messages import Button, Kind
from bot.domain.texts import Say, fill, word

PART = 750
"""Characters of one message of a review: what WhatsApp takes with buttons (1,024), less its frame and closing words."""
_IDENTITY_CHECKS = frozenset({"civil_register", "face"})


@dataclass(frozen=True)
class Asker:
    """Words questions in one language."""

    texts: Say
    language: str

    def say(self, key: str, **params: object) -> str:
        """A sentence of ``data/messages``."""
        return self.texts.say(key, self.language, **params)

    def cancelling(self, draft: Draft, step: tuple[int, int]) -> Question:
        """ "Really cancel?"."""
        id = question_id(draft, CANCEL_PATH)
        buttons = (self._button(id, "form.button.cancel", YES), self._button(id, "form.button.keep", NO))
        return Question(id, CANCEL_PATH, "yes_no", self.say("form.cancel_sure"), buttons, Kind.QUESTION, "text", step)

    def review(self, draft: Draft, sheet: Sheet, step: tuple[int, int]) -> Question:
        """The whole application, to be sent or corrected."""
        id = question_id(draft, REVIEW_PATH)
        buttons = (self._button(id, "form.button.submit", SUBMIT), self._button(id, "form.button.edit", EDIT))
        *before, last = self._review_parts(sheet)
        text = f"{last}\n\n{self.say('form.review_ask')}"
        return Question(id, REVIEW_PATH, "review", text, buttons, Kind.REVIEW, "text", step, before=tuple(before))

    def choosing(self, draft: Draft, sheet: Sheet, step: tuple[int, int]) -> Question:
        """ "Which one shall be changed?"."""
        target = (draft.asked or "?")[1:]
        items = find_items(sheet, target, self.language) or sheet.reviewed
        lines = [self.line(sheet.reviewed.index(i) + 1, i, titled=True) for i in items]
        text = "\n".join([self.say("form.which"), *lines])
        return Question(question_id(draft, CHOOSE_PATH), CHOOSE_PATH, "correct", text, (), Kind.QUESTION, "text", step)

    def confirm(self, draft: Draft, items: list[Item], step: tuple[int, int]) -> Question:
        """Values of the person's record, confirmed at once."""
        path = f"{items[0].group}.{CONFIRM}"
        id = question_id(draft, path)
        lines = [self.line(n, i) for n, i in enumerate(items, 1)]
        own = any(rule.known and rule.known.startswith(OWN) for item in items for rule in item.field.fill)
        heading = self.say("form.confirm_recorded" if own else "form.confirm_known")
        text = "\n".join([heading, *lines, self.say("form.confirm_ask")])
        buttons = (self._button(id, "form.button.right", YES), self._button(id, "form.button.wrong", NO))
        return Question(id, path, "confirm", text, buttons, Kind.QUESTION, "text", step)

    def field(self, draft: Draft, item: Item, sheet: Sheet, step: tuple[int, int]) -> Question:
        """One field."""
        field, id = item.field, question_id(draft, item.path)
        kind = TYPES[field.type]
        parts = [self._heading(draft, item, sheet), self._papers(draft, item, sheet)]
        if draft.mode is Mode.CORRECTING and item.state in (State.ANSWERED, State.FILLED):
            parts.append(self.say("form.current", value=kind.show(item.value, field, self.language)))
        unasked = item.path == VARIANT_PATH and sheet.service.which_variant is None
        asked = self.say("form.which_variant") if unasked else item.words(field.ask, self.language)
        parts.append(asked)
        parts += [item.words(field.help, self.language)] if field.help else []
        if 0 < len(field.choices) <= MAX_LISTED:
            parts.append(
                "\n".join(f"{n}. {item.words(c.label, self.language)}" for n, c in enumerate(field.choices, 1))
            )
        elif field.type == "slot":
            # What is free is offered by number, too: not every channel shows buttons.
            offers = draft.offered.get(item.path, ())
            parts.append("\n".join(f"{n}. {self._offered(o, item, draft)}" for n, o in enumerate(offers, 1)))
        if field.optional:
            parts.append(self.say("form.may_skip"))
        identity = (
            field.check in _IDENTITY_CHECKS or field.type == "selfie" or (item.section.internal and field.type == "nik")
        )
        return Question(
            id=id,
            path=item.path,
            field_type=field.type,
            text="\n".join(p for p in parts if p),
            buttons=self._buttons(id, item, draft),
            kind=Kind.IDENTITY if identity else Kind.QUESTION,
            accepts=kind.accepts,
            step=step,
            file_kind=field.type if kind.accepts == "file" else None,
            optional=field.optional,
        )

    def review_text(self, sheet: Sheet) -> str:
        """All answers under their headings, numbered through."""
        return "\n".join([self.say("form.review_title"), *self._review_blocks(sheet)])

    def _review_parts(self, sheet: Sheet) -> list[str]:
        """The review as messages that fit a phone's screen; only a group that is longer than one is cut."""
        parts: list[str] = []
        for piece in (piece for block in self._review_blocks(sheet) for piece in _pieces(block)):
            if parts and len(parts[-1]) + len(piece) < PART:
                parts[-1] += "\n" + piece
            else:
                parts.append(piece)
        if len(parts) < 2:
            return ["\n".join([self.say("form.review_title"), *parts])]
        of = len(parts)
        return [f"{self.say('form.review_part', n=n, of=of)}\n{part}" for n, part in enumerate(parts, 1)]

    def _review_blocks(self, sheet: Sheet) -> list[str]:
        """One text per group, then what else has to be said."""
        blocks: list[list[str]] = []
        group = None
        for n, item in enumerate(sheet.reviewed, 1):
            if item.group != group:
                group = item.group
                title = item.words(item.section.title, self.language).upper()
                blocks.append([] if item.path == VARIANT_PATH else [f"\n{title}"])
            mark = f" {self.say('form.by_staff')}" if item.path in sheet.draft.by_staff else ""
            blocks[-1].append(self.line(n, item) + mark)
        said = ["\n".join(block) for block in blocks]
        said += ["\n" + self.say("form.review_usual")] if any(i.usual for i in sheet.reviewed) else []
        said += ["\n" + self.say("form.review_recorded")] if any(_recorded(i) for i in sheet.reviewed) else []
        for section, _ in shrinkable(sheet) or extendable(sheet):
            title = " ".join(fill(word(section.title, self.language), n="").split())
            said.append("\n" + self.say("form.review_groups", title=title))
        return said

    def line(self, number: int, item: Item, *, titled: bool = False) -> str:
        """ "4. Nama: Siti Aminah", marked when nobody has said it yet."""
        label = item.words(item.field.label, self.language)
        title = item.words(item.section.title, self.language)
        if titled and not set(words_of(title)) & set(words_of(label)):
            label += f" ({title})"
        value = "–" if item.value is None else TYPES[item.field.type].show(item.value, item.field, self.language)
        return f"{number}. {label}: {value}{' *' if item.usual else ''}"

    def _heading(self, draft: Draft, item: Item, sheet: Sheet) -> str:
        if draft.mode is Mode.CORRECTING or item.section.id == VARIANT_PATH:
            return ""
        before = draft.history[-1].rpartition(".")[0] if draft.history else ""
        title = item.words(item.section.title, self.language)
        return "" if before == item.group or not title else self.say("form.heading", title=title)

    def _papers(self, draft: Draft, item: Item, sheet: Sheet) -> str:
        """Before the first of several papers: all that are needed, so that they can be got together."""
        missing = missing_papers(sheet)
        last = sheet.by_path.get(draft.history[-1]) if draft.history else None
        if item.field.type != "document" or len(missing) < 2 or (last is not None and last.field.type == "document"):
            return ""
        return "\n".join([self.say("form.papers", n=len(missing)), *self.bullets(missing)])

    def papers_needed(self, sheet: Sheet) -> str:
        """Why a paper cannot be left out, with all that are missing, at once."""
        missing = self.bullets(missing_papers(sheet))
        return "\n".join([self.say("form.papers_needed"), *missing, self.say("form.papers_later")])

    def bullets(self, items: list[Item]) -> list[str]:
        """Their labels, a line each."""
        return [f"• {item.words(item.field.label, self.language)}" for item in items]

    def _buttons(self, id: str, item: Item, draft: Draft) -> tuple[Button, ...]:
        field = item.field
        buttons = [
            Button(self._offered(offer, item, draft), payloads.answer(id, offer))
            for offer in draft.offered.get(item.path, ())
        ]
        if 0 < len(field.choices) <= MAX_LISTED:
            buttons += [Button(item.words(c.label, self.language), payloads.answer(id, c.code)) for c in field.choices]
        elif field.type in ("yes_no", "consent"):
            prefix = "form.button.agree" if field.type == "consent" else "form.button.yes"
            buttons += [self._button(id, prefix, YES), self._button(id, "form.button.no", NO)]
        if field.optional:
            buttons.append(self._button(id, "form.button.skip", SKIP))
        return tuple(buttons)

    def _offered(self, offer: str, item: Item, draft: Draft) -> str:
        kind = TYPES[item.field.type]
        if isinstance(kind, SlotTime):
            return kind.short(offer, self.language)
        parsed = kind.parse(offer, item.field, Context(draft.started_at, self.language))
        return kind.show(parsed.value, item.field, self.language) if parsed.ok else offer

    def _button(self, id: str, key: str, value: str) -> Button:
        return Button(self.say(key), payloads.answer(id, value))


def _recorded(item: Item) -> bool:
    """Whether a value was taken over from the agency's own record and nobody has seen it yet."""
    own = any(rule.known and rule.known.startswith(OWN) for rule in item.field.fill)
    return own and item.state is State.FILLED and not item.usual and item.source is None


def _pieces(block: str) -> list[str]:
    """A text cut between lines, where it is longer than a message."""
    pieces = [""]
    for line in block.split("\n"):
        if len(pieces[-1]) + len(line) >= PART:
            pieces.append("")
        pieces[-1] += line if not pieces[-1] else f"\n{line}"
    return pieces if len(pieces) > 1 else [block]


def missing_papers(sheet: Sheet) -> list[Item]:
    """The papers that are needed and not there yet."""
    return [i for i in sheet.items if i.open and i.field.type == "document" and not i.field.optional]


def question_id(draft: Draft, path: str) -> str:
    """Short and different at every occurrence of a question; says nothing about its content."""
    seed = f"{draft.service}/{path}/{draft.turn}"
    return f"{draft.turn}-{blake2b(seed.encode(), digest_size=4).hexdigest()}"
