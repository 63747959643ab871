"""Comparing a face with the one on record, 1:1: by our own matcher, or by the agency itself where an office has it so.

An office whose file says ``faces: agency`` sends the picture to its civil register, with the receipt of consent; the register's
pictures never come here then, and ours is not kept there. What a picture shows (a face at all, straight, turned, the same person on
both) is looked at here in either case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.conversation import EnrolledFace
from bot.errors import AgencyError, NotFound
from bot.ports import FaceVerdict, Look, MatchesFaces
from bot.usecases.enrol import template_of
from bot.usecases.proof import Picture, Proof

BY_AGENCY = "agency"
"""Value of ``faces`` in a locus's file, and the mode of such a verdict."""


@dataclass(frozen=True)
class Compared:
    """``face``: the template it was compared with; None: the agency compared."""

    verdict: FaceVerdict
    face: EnrolledFace | None


async def compare(proof: Proof, pictures: Sequence[Picture]) -> Compared | None:
    """All pictures of one proof, the straight one first; None: no face is known of the person.

    :raises bot.errors.AgencyUnavailable: try later.
    :raises bot.errors.AgencyError: the agency refuses, or there is no consent to show it.
    """
    agency = _agency(proof)
    if agency is not None:
        return await _asked(proof, agency, pictures)
    face = await template_of(proof.deps, proof.conversation, proof.case.agency, proof.citizen)
    if face is None:
        return None
    return Compared(await proof.deps.faces.verify(face.template, [picture.data for picture in pictures]), face)


def _agency(proof: Proof) -> MatchesFaces | None:
    deps, conversation = proof.deps, proof.conversation
    if deps.locus(conversation).faces != BY_AGENCY:
        return None
    register = deps.register_of(conversation, proof.case.agency)
    if "match" not in register.manifest.capabilities or not isinstance(register, MatchesFaces):
        raise AgencyError("this office's register compares no faces")
    return register


async def _asked(proof: Proof, agency: MatchesFaces, pictures: Sequence[Picture]) -> Compared | None:
    deps = proof.deps
    first, *others = pictures
    look = await deps.faces.look(first.data)
    if look.problem is not None:
        return Compared(_seen("unusable", look), None)
    rest = await _same_person(proof, first, others) if others else None
    if rest is not None and rest.outcome in ("unusable", "no_match"):
        # Of two people on the two pictures neither is proven.
        problem = rest.problem if rest.outcome == "unusable" else "face.different"
        return Compared(replace(rest, outcome="unusable", problem=problem, nearest=None), None)
    async with deps.store.begin() as tx:
        consent = await tx.consent_of(proof.case.id)
    if consent is None:
        raise AgencyError("no receipt of consent for this application")
    try:
        answer = await agency.match(proof.citizen.nik, first.data, str(consent[0]), consent[1])
    except NotFound:
        return None
    outcome = (
        "officer" if rest is not None and rest.outcome == "officer" and answer.outcome == "match" else answer.outcome
    )
    verdict = replace(_seen(outcome, look), score=answer.score)
    if rest is None:
        return Compared(verdict, None)
    poses = (*verdict.poses, *rest.poses)
    return Compared(replace(verdict, poses=poses, hashes=(*verdict.hashes, *rest.hashes), apart=rest.nearest), None)


def _seen(outcome: str, look: Look) -> FaceVerdict:
    poses = (look.pose,) if look.pose is not None else ()
    hashed = look.perceptual_hash
    return FaceVerdict(outcome, look.problem, None, BY_AGENCY, BY_AGENCY, hashed, poses, (hashed,))


async def _same_person(proof: Proof, first: Picture, others: Sequence[Picture]) -> FaceVerdict:
    """The further pictures against the first, here: a template for the length of this proof, kept nowhere."""
    faces = proof.deps.faces
    return await faces.verify(await faces.enrol([first.data]), [picture.data for picture in others])
