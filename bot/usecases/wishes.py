"""The intents of the contract (design 4), and what is special about some."""

from __future__ import annotations

from bot.ports import Texts

INTENTS = frozenset(
    {
        "ask_requirements", "ask_cost", "ask_duration", "ask_procedure", "ask_hours", "ask_location", "ask_service_list",
        "start_application", "continue_application", "track_application", "cancel_application", "update_profile",
        "view_profile", "verify_identity", "make_complaint", "track_complaint", "talk_to_human", "book_queue",
        "ask_mobile_service", "give_feedback", "download_document", "ask_privacy", "change_language", "greet", "thanks",
        "goodbye", "affirm", "deny", "help", "stop_notifications", "out_of_scope", "chitchat_bot",
    }
)  # fmt: skip
"""Everything a citizen can want."""

SMALL_TALK = frozenset(
    {"affirm", "deny", "greet", "thanks", "goodbye", "chitchat_bot", "out_of_scope", "give_feedback"}
)
"""Never stronger than a field that could take the text: "Bagus" is a name, "oke" may be an answer."""

GOALS = INTENTS - {"affirm", "deny", "greet", "thanks", "goodbye", "chitchat_bot", "out_of_scope"}
"""Wishes that something is done about: each has a name to offer it by (``wish.<intent>`` in the texts)."""

_INTERNAL = frozenset({"", "answer"})


def is_wish(intent: str, texts: Texts) -> bool:
    """Whether something is said to it: one of the contract, or one that content staff added with an answer of its own."""
    return intent in INTENTS or (intent not in _INTERNAL and texts.has(f"say.{intent}"))


def is_goal(intent: str, texts: Texts) -> bool:
    """The same of :data:`GOALS`: an added one is offered where it has a short name."""
    return intent in GOALS or (intent not in INTENTS | _INTERNAL and texts.has(f"wish.{intent}"))
