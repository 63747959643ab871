"""The buttons below a complaint, by its state."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.application import State
from bot.domain.conversation import Case, Conversation
from bot.domain.messages import Button
from bot.domain.payloads import command, intent
from bot.usecases.deps import Deps
from bot.usecases.replies import person_button

FORM, LATE = "pengaduan", "terlambat"
"""Slug of the complaint, and its variant about what is overdue."""
SETTLED, REOPEN, ADD = "beres", "buka", "tambah"
"""Verbs of :mod:`bot.usecases.case_wishes`."""
_VERBS = {
    State.DIAJUKAN: (ADD,),
    State.VERIFIKASI_BERKAS: (ADD,),
    State.PERLU_PERBAIKAN: (ADD,),
    State.DIPROSES: (ADD,),
    State.TERBIT: (SETTLED, REOPEN),
    State.SELESAI: (REOPEN,),
}


def buttons(deps: Deps, conversation: Conversation, case: Case) -> Sequence[Button]:
    """What the citizen can do with it now; a person, where nothing else is left."""
    verbs = _VERBS.get(State(case.state), ())
    found = [
        Button(deps.say(f"forms.{case.service}.button.{v}", conversation), command(f"{v}-{case.id}")) for v in verbs
    ]
    return found or [person_button(deps, conversation)]


def late_button(deps: Deps, conversation: Conversation, case: Case | None = None) -> Button:
    """ "Adukan keterlambatan": the complaint about what is overdue, for who asks where it is; ``case``: of this one."""
    about = case.reference if case is not None else None
    return Button(deps.say("button.complain_late", conversation), intent("make_complaint", FORM, LATE, about))
