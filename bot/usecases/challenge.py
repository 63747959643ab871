"""Where the open challenge of a selfie stands in a form: beside the first picture, so that it goes when that goes."""

from __future__ import annotations

from bot.domain.form import Engine
from bot.domain.form_draft import Draft
from bot.domain.liveness import Challenge

SELFIE, CHALLENGE = "selfie", "tantangan"
"""Ids of the two questions in ``data/services/_prelude.yml``."""


def challenge_of(engine: Engine, draft: Draft) -> Challenge | None:
    """The open challenge."""
    first = engine.identity(draft).get(SELFIE)
    found = first.get("challenge") if isinstance(first, dict) else None
    return Challenge.from_json(found) if found else None
