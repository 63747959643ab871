"""What the agency of an application knows of the person already: fetched once, filled in, and its findings told at once.

Fetched with the identity check, or, for somebody whose face was verified before, right after the consent to this application.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.domain.application import State
from bot.domain.contact import EMAIL, PHONE
from bot.domain.conversation import Case, Citizen, Conversation
from bot.domain.form import Engine, Judgement
from bot.domain.form_draft import Draft
from bot.domain.form_model import own_key
from bot.domain.form_turn import VARIANT_PATH
from bot.domain.licence import Finding, findings
from bot.domain.messages import Button, Reply
from bot.domain.texts import word
from bot.errors import LoketError
from bot.usecases.deps import Deps
from bot.usecases.liveness import FACE
from bot.usecases.replies import person_button, wish_button
from bot.usecases.store import Tx
from bot.usecases.submit import spoken_date

log = logging.getLogger(__name__)

RECORD = "own_record"
"""Kind of the outside check that fetches it."""
_ABOUT = ("layanan", "profesi")
"""All that is taken over of a record of another profession."""
_PROVEN = 3


async def known_of(tx: Tx, citizen: Citizen) -> dict[str, Any]:
    """What fills forms for a proven person: the register's record, and how they said they are reached."""
    contacts = await tx.contacts(citizen.id)
    told = {name: contacts[kind].value for kind, name in ((PHONE, "telepon"), (EMAIL, "email")) if kind in contacts}
    return {**told, **citizen.data}


def asks_agency(deps: Deps, conversation: Conversation, case: Case) -> bool:
    """Whether the agency of a case keeps records of people that are not the civil register's."""
    agency = deps.agency_of(conversation, case.agency)
    return agency is not deps.register_of(conversation, case.agency) and "lookup" in agency.manifest.capabilities


def wanted(deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft, said: Judgement) -> bool:
    """Whether the answer is the consent of somebody who needs no identity check, so that nothing else would fetch the record."""
    asked = engine.question(draft)
    consents = said.value is True and asked is not None and asked.field_type == "consent"
    return consents and draft.assurance >= _PROVEN and asks_agency(deps, conversation, case)


async def own_record(deps: Deps, conversation: Conversation, case: Case, nik: str) -> dict[str, Any] | None:
    """The agency's record under the service's own keys; empty: it knows nothing; None: nobody could say."""
    if not asks_agency(deps, conversation, case):
        return {}
    try:
        found = await deps.agency_of(conversation, case.agency).lookup(nik)
    except LoketError as error:
        log.warning("the agency's own record could not be fetched", extra={"case": str(case.id), "code": error.code})
        return None
    if found is None:
        return {}
    same = found.data.get("layanan") == case.service
    kept = found.data if same else {key: found.data[key] for key in _ABOUT if found.data.get(key)}
    return {own_key(case.service, key): value for key, value in kept.items()}


async def fetch(deps: Deps, conversation: Conversation, case: Case) -> dict[str, Any]:
    """The finding of the outside check."""
    if conversation.citizen_id is None:
        return {"kind": RECORD, "ok": True, "record": None}
    async with deps.store.begin() as tx:
        citizen = await tx.citizen(conversation.citizen_id)
    return {"kind": RECORD, "ok": True, "record": await own_record(deps, conversation, case, citizen.nik)}


def taken(engine: Engine, draft: Draft, outside: Mapping[str, Any] | None) -> Draft:
    """The draft with the record just fetched in place of the one known before."""
    record = outside.get("record") if outside is not None and outside["kind"] == RECORD else None
    if record is None:
        return draft
    rest = {key: value for key, value in draft.known.items() if not key.startswith(own_key(draft.service, ""))}
    return engine.know(replace(draft, known=rest), record, draft.assurance)


# -- findings -----------------------------------------------------------------------------------------------------------


def settles(judgement: Judgement, outside: Mapping[str, Any] | None, draft: Draft) -> bool:
    """Whether the answer just taken may have brought findings up: the record came, may be shown now, or another variant counts."""
    proven = draft.assurance >= _PROVEN
    came = outside is not None and outside["kind"] in (RECORD, FACE)
    return proven and (came or judgement.path == VARIANT_PATH)


def told(deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft) -> tuple[list[Reply], bool]:
    """All findings in one message, and whether they stop the application (the case is cancelled then, not yet stored)."""
    prefix = own_key(draft.service, "")
    record = {key.removeprefix(prefix): value for key, value in draft.known.items() if key.startswith(prefix)}
    if draft.assurance < _PROVEN or not record:
        return [], False
    found = findings(record, draft.service, engine.variant(draft).id)
    if not found:
        return [], False
    stopped = any(one.stops for one in found)
    said = [one for one in found if one.stops] if stopped else found
    text = "\n\n".join(_sentence(deps, conversation, one, engine) for one in said)
    if stopped:
        case.state = State.DIBATALKAN.value
        conversation.case_id, conversation.form_active = None, False
    return [Reply(text, buttons=_buttons(deps, conversation, said, draft))], stopped


def _sentence(deps: Deps, conversation: Conversation, one: Finding, engine: Engine) -> str:
    params: dict[str, Any] = {"service": word(engine.service.name, conversation.language)}
    for key, value in one.params.items():
        if isinstance(value, date):
            params[key] = spoken_date(value, conversation.language)
        elif key == "places":
            params[key] = "\n".join(_place(deps, conversation, *row) for row in value)
        elif key == "points":
            params[key] = ", ".join(
                f"{deps.say(f'prefill.field.{name}', conversation)} {n}" for name, n in value.items()
            )
        else:
            params[key] = value
    return deps.say(f"prefill.{one.key}", conversation, **params)


def _place(deps: Deps, conversation: Conversation, number: str, place: str, until: date) -> str:
    date_ = spoken_date(until, conversation.language)
    return deps.say("prefill.place", conversation, number=number, place=place, date=date_)


def _buttons(deps: Deps, conversation: Conversation, said: list[Finding], draft: Draft) -> tuple[Button, ...]:
    """What can be done about it: withdraw one place, the licence of one's own profession; always a person."""
    buttons = []
    if any(one.stops for one in said):
        title = deps.say("prefill.button.withdraw", conversation)
        buttons.append(Button(title, f"niat:start_application:{draft.service}:pencabutan"))
    others = [one.service for one in said if one.service and deps.service(one.service) is not None]
    if others and not conversation.form_active:
        buttons.append(wish_button(deps, conversation, "start_application", others[0]))
    return (*buttons, person_button(deps, conversation))
