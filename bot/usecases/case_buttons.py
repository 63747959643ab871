"""Buttons below what is said of a case, by service: forms of their own (a complaint, a queue ticket, a visit at home) have their own.

Register a service here by one line; the others get what every application has. What a button asks for is a verb of
:mod:`bot.usecases.case_wishes`, or a wish.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.domain.conversation import Case, Conversation
from bot.domain.messages import Button
from bot.domain.payloads import command
from bot.usecases import complaint_buttons, queue_words
from bot.usecases.deps import Deps

Buttons = Callable[[Deps, Conversation, Case], Sequence[Button]]

CASE_BUTTONS: Mapping[str, Buttons] = {
    "pengaduan": complaint_buttons.buttons,
    queue_words.QUEUE: queue_words.buttons,
    queue_words.VISIT: queue_words.visit_buttons,
}
"""By slug of the service or form."""

Lines = Callable[[Deps, Conversation, Case], Sequence[str]]

CASE_LINES: Mapping[str, Lines] = {
    queue_words.QUEUE: queue_words.ticket_lines,
}
"""What is said of a case besides its state, by slug."""


def case_button(deps: Deps, conversation: Conversation, case: Case, verb: str) -> Button:
    """The button of a verb of ``CASE_WISHES``; its title is ``button.<verb>`` (``forms.<slug>.button.<verb>`` where there is one)."""
    return Button(deps.say(deps.words_for(case.service, f"button.{verb}"), conversation), command(f"{verb}-{case.id}"))
