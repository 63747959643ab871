"""Where the template of a citizen's face comes from: the civil register's picture, or officers at the counter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID, uuid4

from bot.domain.conversation import Citizen, Conversation, EnrolledFace, Enrolment
from bot.errors import Conflict, NotFound, RejectedFile
from bot.ports import Agency
from bot.usecases.deps import Deps
from bot.usecases.store import Tx

REGISTER, COUNTER = "register", "counter"


async def template_of(deps: Deps, conversation: Conversation, agency: str, citizen: Citizen) -> EnrolledFace | None:
    """The template to compare with, made anew when the engine or the register's pictures changed; None: no picture is known.

    One made at the counter stays as long as its engine does: officers saw the person. Nothing is stored here.
    """
    async with deps.store.begin() as tx:
        kept = await tx.face(citizen.id)
    if kept is not None and kept.model != deps.faces.model:
        kept = None
    if kept is not None and kept.source == COUNTER:
        return kept
    pictures = await deps.register_of(conversation, agency).faces(citizen.nik)
    digest = digest_of(pictures)
    if kept is not None and kept.digest == digest:
        return kept
    try:
        return EnrolledFace(await deps.faces.enrol(pictures), deps.faces.model, REGISTER, digest) if pictures else None
    except RejectedFile:
        return None


def digest_of(pictures: Sequence[bytes]) -> str:
    """Names a set of pictures."""
    return hashlib.sha256(b"".join(hashlib.sha256(picture).digest() for picture in pictures)).hexdigest()[:32]


async def end_trust(tx: Tx, citizen_id: UUID, besides: UUID | None = None) -> int:
    """Every conversation in which the citizen proved themselves is back at level 1; how many. ``besides``: one the caller holds
    and lowers itself.
    """
    channels = await tx.channels_of(citizen_id)
    await tx.distrust(citizen_id)
    for conversation_id in channels:
        if conversation_id == besides:
            continue
        conversation = await tx.conversation(conversation_id, lock=True)
        if conversation.citizen_id == citizen_id:
            conversation.assurance, conversation.assured_until = min(conversation.assurance, 1), None
            await tx.save_conversation(conversation)
    return len(channels)


# -- at the counter -----------------------------------------------------------------------------------------------------

PICTURES = 2
"""Taken of a person at the counter: two on this side halve the wrong refusals (face.md 3)."""


async def at_counter(deps: Deps, locus: str, nik: str, pictures: Sequence[bytes], officer: str) -> Enrolment:
    """Make a template from pictures an officer took of the person before them. Where a face is known already, a second officer
    has to confirm (``waiting``); else it holds at once (``done``).

    :raises bot.errors.NotFound: the register does not know the NIK.
    :raises bot.errors.RejectedFile: not two pictures, or they are not good enough (its text says why).
    """
    if len(pictures) != PICTURES or pictures[0] == pictures[1]:
        raise RejectedFile("enrol.two", 422)
    person = await _register(deps, locus).lookup(nik)
    if person is None:
        raise NotFound("person")
    template = await deps.faces.enrol(pictures)
    for picture in pictures:
        look = await deps.faces.look(picture)
        if look.problem is not None:  # both have to be good: the second is no filler
            raise RejectedFile(look.problem, 422)
    async with deps.store.begin() as tx:
        known = await tx.citizen_by_nik(nik, lock=True)
        citizen = known or Citizen(uuid4(), person.nik, person.name, person.birth_date, dict(person.data))
        if known is None:
            await tx.save_citizen(citizen, deps.now())
    before = await _known(deps, locus, citizen)
    likeness = (await deps.faces.verify(before.template, pictures)).outcome if before is not None else ""
    now = deps.now()
    made = Enrolment(uuid4(), citizen.id, locus, deps.faces.model, officer, now, template, likeness=likeness)
    async with deps.store.begin() as tx:
        if before is None:
            await _take(deps, tx, made, officer)
        else:
            await tx.drop_enrolments(citizen.id)
            await tx.put_enrolment(made)
        detail = {"citizen": str(citizen.id), "likeness": likeness, "state": made.state}
        await tx.audit(officer, "face.enrolled", str(made.id), detail, now)
    return made


async def decide(deps: Deps, enrolment_id: UUID, locus: str, accepted: bool, officer: str) -> None:
    """The second officer's word.

    :raises bot.errors.NotFound: no such enrolment at this office.
    :raises bot.errors.Conflict: it is decided, the engine changed since, or it is the officer's own.
    """
    async with deps.store.begin() as tx:
        made = await tx.enrolment(enrolment_id, lock=True)
        if made.locus != locus:
            raise NotFound("enrolment")
        stale = accepted and made.model != deps.faces.model
        if made.state != "waiting" or made.made_by == officer or stale:
            raise Conflict("enrolment")
        if accepted:
            await _take(deps, tx, made, officer)
        else:
            made.state, made.template, made.decided_by, made.decided_at = "refused", None, officer, deps.now()
            await tx.put_enrolment(made)
        detail = {"citizen": str(made.citizen_id), "state": made.state}
        await tx.audit(officer, "face.enrolment_decided", str(made.id), detail, deps.now())


async def unlock(deps: Deps, nik: str, officer: str) -> Citizen:
    """An officer saw the person and their card: failed attempts are forgotten.

    :raises bot.errors.NotFound: nobody with that NIK has written yet.
    """
    async with deps.store.begin() as tx:
        citizen = await tx.citizen_by_nik(nik)
        if citizen is None:
            raise NotFound("citizen")
        for subject in (f"face:{citizen.id}", f"civil_register:{nik}"):
            await tx.forgive(subject)
        await tx.audit(officer, "identity.unlocked", str(citizen.id), {}, deps.now())
    return citizen


async def _take(deps: Deps, tx: Tx, made: Enrolment, officer: str) -> None:
    """The template holds from now on. What was proven with the one before does so no longer."""
    assert made.template is not None
    await end_trust(tx, made.citizen_id)
    await tx.save_face(made.citizen_id, EnrolledFace(made.template, made.model, COUNTER), deps.now())
    await tx.forgive(f"face:{made.citizen_id}")
    made.state, made.template, made.decided_by, made.decided_at = "done", None, officer, deps.now()
    await tx.put_enrolment(made)


async def _known(deps: Deps, locus: str, citizen: Citizen) -> EnrolledFace | None:
    """The face known so far: the stored template, else the register's picture."""
    async with deps.store.begin() as tx:
        kept = await tx.face(citizen.id)
    if kept is not None and kept.model == deps.faces.model:
        return kept
    pictures = await _register(deps, locus).faces(citizen.nik)
    try:
        return EnrolledFace(await deps.faces.enrol(pictures), deps.faces.model, REGISTER) if pictures else None
    except RejectedFile:
        return None


def _register(deps: Deps, locus: str) -> Agency:
    office = deps.catalogue().loci[locus]
    name = office.register or next(iter(office.agencies))
    return deps.agencies[office.agencies.get(name, name)]
