"""What the open question of a form asks for."""

from __future__ import annotations

from bot.domain.form import Engine
from bot.domain.form_draft import Draft
from bot.domain.form_sheet import Item


def asked(engine: Engine, draft: Draft) -> Item | None:
    """The field of the open question; None where no question is open."""
    question = engine.question(draft)
    return engine.sheet(draft).by_path.get(question.path) if question is not None else None


def tells(engine: Engine, draft: Draft) -> bool:
    """Whether it asks for the person's own story: whole sentences, which only look like a wish."""
    item = asked(engine, draft)
    return item is not None and item.field.options.get("told") is True


def field_type(engine: Engine, draft: Draft) -> str:
    """The type of its field; empty where no question is open."""
    item = asked(engine, draft)
    return item.field.type if item is not None else ""
