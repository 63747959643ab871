"""The selfie, and the challenge that follows it: what is checked, in which order, and what each finding means.

First a selfie: usable, never sent before, no copy of the registered picture, like enough. Then, unless the installation
has it off, a second one that shows what was asked for at random; both together decide. Findings are recorded in the turn's
plan (keys: :mod:`bot.usecases.outside`); :mod:`bot.usecases.identity` carries them out.

Keys of a finding here: ``probes`` ([SHA-256, perceptual hash] to be remembered), ``drop`` (files to be deleted), ``challenge``
(the one to be answered next), ``restart`` (the first selfie is asked for again), ``anew`` (so is the NIK).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.domain import liveness
from bot.domain.attempts import Hold, crowd_hold, crowd_of, longest
from bot.domain.conversation import Case, Conversation, EnrolledFace, IdentityCheck
from bot.domain.form import Engine, Judgement
from bot.domain.form_draft import Draft
from bot.domain.liveness import Challenge
from bot.domain.picture_hash import ENROLLED_DISTANCE, SAME_SHOT, same_picture
from bot.ports import FaceVerdict
from bot.usecases.challenge import CHALLENGE, SELFIE, challenge_of
from bot.usecases.comparing import compare
from bot.usecases.deps import Deps
from bot.usecases.proof import Picture, Proof
from bot.usecases.store import Tx

FACE = "face"
OFF, CHAT, CAPTURE = "off", "chat", "capture"
"""What an installation asks for (``LOKET_LIVENESS``)."""
ENROLLED, REPEATED = "enrolled", "repeated"


def refused(problem: str, **more: Any) -> dict[str, Any]:
    """A finding that ends the attempt."""
    return {"kind": FACE, "ok": False, "problem": problem, "params": {}, **more}


def subjects(kind: str, conversation: Conversation, other: str, trusted: bool = False) -> list[str]:
    """Whose attempts count. ``other``: the citizen or the NIK. Where somebody has proven themselves before, strangers' failures
    elsewhere do not hold them up.
    """
    own = f"{kind}:conversation:{conversation.id}"
    return [own] if trusted else [own, f"{kind}:{other}"]


async def hold_of(tx: Tx, names: list[str], conversation: Conversation, now: datetime) -> Hold | None:
    """What keeps the attempt off: too many failures of a subject, or of everybody at the same network address."""
    holds = [(await tx.attempts(name)).hold(now) for name in names]
    if conversation.origin is not None:
        holds.append(crowd_hold((await tx.attempts(crowd_of(conversation.origin, now))).failures, now))
    return longest(holds)


def held(kind: str, hold: Hold, now: datetime) -> dict[str, Any]:
    """The finding for an attempt that comes too early."""
    if hold.locked:
        locked = "identity.face_locked" if kind == FACE else "identity.register_locked"
        return refused(locked, locked=True) | {"kind": kind}
    return refused("identity.wait", away=True) | {"kind": kind, "params": {"minutes": hold.minutes(now)}}


def asks_challenge(deps: Deps, engine: Engine, draft: Draft) -> bool:
    """Whether a second picture is wanted after the first."""
    return deps.policy.liveness != OFF and any(i.field.id == CHALLENGE for i in engine.sheet(draft).items)


async def face_check(
    deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft, judgement: Judgement
) -> dict[str, Any]:
    """The picture just sent, against the enrolled face of the NIK that was matched, 1:1."""
    if conversation.citizen_id is None:
        # The draft came from another conversation, or the person of the NIK had everything erased meanwhile.
        return refused("identity.again", anew=True, drop=[str(judgement.value["id"])])
    now = deps.now()
    async with deps.store.begin() as tx:
        citizen = await tx.citizen(conversation.citizen_id)
        sent = await _picture(tx, str(judgement.value["id"]))
        trusted = await tx.trust(conversation.id, citizen.id) is not None
        names = subjects(FACE, conversation, str(citizen.id), trusted)
        hold = await hold_of(tx, names, conversation, now)
    if sent is None:
        return refused("face.none")
    if hold is not None:
        return held(FACE, hold, now) | {"drop": [sent.id]}
    proof = Proof(deps, conversation, case, citizen)
    if judgement.path.rpartition(".")[2] == CHALLENGE:
        found = await _answered(proof, engine, draft, sent)
    else:
        found = await _first(proof, sent, asks_challenge(deps, engine, draft))
    return {"citizen": str(citizen.id), "subjects": names, **found}


async def _picture(tx: Tx, blob_id: str) -> Picture | None:
    found = await tx.blob(UUID(blob_id))
    return None if found is None else Picture(blob_id, found[1])


# -- the first selfie ---------------------------------------------------------------------------------------------------


async def _first(proof: Proof, sent: Picture, challenged: bool) -> dict[str, Any]:
    deps = proof.deps
    if deps.policy.liveness == CAPTURE and challenged:
        return refused("liveness.by_link", drop=[sent.id])
    async with deps.store.begin() as tx:
        if await tx.seen_picture(sent.sha256):
            verdict = FaceVerdict("unusable", "identity.repeated")
            return refused("identity.repeated", check=proof.check(verdict, suspicion=REPEATED), drop=[sent.id])
        before = await tx.perceptual_hashes(proof.citizen.id)
    compared = await compare(proof, [sent])
    if compared is None:
        return refused("identity.no_enrolled_face", locked=True, drop=[sent.id])
    verdict = compared.verdict
    copy = copied(proof, verdict, before, verdict.perceptual_hash)
    if copy is not None:
        return copy | {"drop": [sent.id]}
    if verdict.outcome in ("match", "officer") and challenged:
        challenge = liveness.new(liveness.in_chat(deps.faces.sees_mouth), secrets.randbelow, deps.now())
        return {"kind": FACE, "ok": True, "challenge": challenge.to_json()}
    return await settled(proof, compared.face, verdict, [sent])


def copied(proof: Proof, verdict: FaceVerdict, before: list[str], hashed: str | None) -> dict[str, Any] | None:
    """The refusal of a picture that is none of today."""
    if verdict.nearest is not None and verdict.nearest < ENROLLED_DISTANCE:
        # Kind words all the same: somebody may have sent the photo of their own card.
        check = proof.check(replace(verdict, outcome="unusable", problem="identity.copy"), suspicion=ENROLLED)
        return refused("identity.copy", check=check, counts=True)
    if hashed is not None and any(same_picture(hashed, other) for other in before):
        check = proof.check(replace(verdict, outcome="unusable", problem="identity.repeated"), suspicion=REPEATED)
        return refused("identity.repeated", check=check)
    return None


async def settled(
    proof: Proof, face: EnrolledFace | None, verdict: FaceVerdict, compared: list[Picture], asked: str = ""
) -> dict[str, Any]:
    """What the comparison of all pictures means. After a match the template is kept, with the fresh pictures of a strong one
    that was alive.
    ``face``: None when the agency compared, which keeps its own.
    """
    officer = verdict.outcome == "officer"
    extended = False
    if verdict.outcome == "match" and face is not None:
        fresh = (
            [picture.data for picture in compared]
            if verdict.strong and asked and proof.deps.policy.fresh_frames
            else []
        )
        extended = await keep(proof, face, fresh)
    kept = UUID(compared[0].id) if officer else None
    hashes = verdict.hashes or (verdict.perceptual_hash,)
    judged = verdict.outcome in ("match", "officer", "no_match")
    return {
        "kind": FACE,
        "ok": verdict.outcome == "match",
        "officer": officer,
        "problem": verdict.problem or "identity.no_match",
        "params": {},
        "counts": verdict.outcome == "no_match",
        "check": proof.check(verdict, selfie_blob=kept, liveness=asked),
        "probes": [[p.sha256, h] for p, h in zip(compared, hashes, strict=False)] if judged else [],
        "drop": [p.id for p in compared if not (officer and p is compared[0])],
        "extended": extended,
    }


# -- the challenge ------------------------------------------------------------------------------------------------------


async def _answered(proof: Proof, engine: Engine, draft: Draft, sent: Picture) -> dict[str, Any]:
    deps = proof.deps
    challenge = challenge_of(engine, draft)
    async with deps.store.begin() as tx:
        kept = engine.identity(draft).get(SELFIE) or {}
        first = await _picture(tx, str(kept["id"])) if kept.get("id") else None
        seen = await tx.seen_picture(sent.sha256)
        before = await tx.perceptual_hashes(proof.citizen.id)
    if challenge is None or first is None:
        return refused("liveness.gone", restart=True, drop=[sent.id])
    if deps.now() >= challenge.expires_at:
        return _once_more(proof, challenge, "liveness.late", first, sent, anew=True)
    if first.sha256 == sent.sha256:
        return _once_more(proof, challenge, "liveness.same_picture", first, sent)
    if seen:
        check = proof.check(FaceVerdict("unusable", "identity.repeated"), suspicion=REPEATED)
        return _once_more(proof, challenge, "identity.repeated", first, sent) | {"check": check}
    compared = await compare(proof, [first, sent])
    if compared is None:
        return refused("identity.no_enrolled_face", locked=True, restart=True, drop=[first.id, sent.id])
    verdict = compared.verdict
    copy = copied(proof, verdict, before, verdict.hashes[-1] if verdict.hashes else None)
    if copy is not None:
        return copy | {"restart": True, "drop": [first.id, sent.id]}
    if verdict.problem == "face.different":
        check = proof.check(verdict, liveness=challenge.code)
        return refused(verdict.problem, check=check, counts=True, restart=True, drop=[first.id, sent.id])
    if verdict.outcome == "unusable":
        problem = "liveness.turn_less" if verdict.problem == "face.turned" else verdict.problem
        return refused(problem or "face.none", drop=[sent.id])
    failed = _not_shown(challenge, verdict)
    if failed is not None:
        return _once_more(proof, challenge, failed, first, sent)
    found = await settled(proof, compared.face, verdict, [first, sent], challenge.code)
    return found | {"restart": not found["ok"] and not found["officer"]}


def _not_shown(challenge: Challenge, verdict: FaceVerdict) -> str | None:
    if verdict.apart is not None and verdict.apart < SAME_SHOT:
        return "liveness.same_picture"
    if len(verdict.poses) != 2:
        return "liveness.unseen"
    return liveness.problem(challenge.kinds, *verdict.poses)


def _once_more(
    proof: Proof, challenge: Challenge, problem: str, first: Picture, sent: Picture, *, anew: bool = False
) -> dict[str, Any]:
    """The same challenge again, or (``anew``) another one; after too many the first selfie is asked for again."""
    number = challenge.number + 1
    if number > liveness.TRIES:
        verdict = FaceVerdict("unusable", problem)
        check = proof.check(verdict, liveness=challenge.code)
        return refused("liveness.start_again", check=check, counts=True, restart=True, drop=[first.id, sent.id])
    now = proof.deps.now()
    again = replace(challenge, issued_at=now, number=number)
    if anew:
        again = liveness.new(liveness.in_chat(proof.deps.faces.sees_mouth), secrets.randbelow, now, number)
    return refused(problem, challenge=again.to_json(), drop=[sent.id])


async def keep(proof: Proof, face: EnrolledFace, fresh: Sequence[bytes]) -> bool:
    """Store the template after a success. ``fresh``: pictures of a strong one, added as far as there is room; whether any was.

    Nothing is kept where the consent ended while the pictures were compared.
    """
    deps, citizen, extended = proof.deps, proof.citizen, face
    if fresh:
        extended = replace(face, template=await deps.faces.extend(face.template, fresh))
    async with deps.store.begin() as tx:
        await tx.conversation(proof.conversation.id, lock=True)  # whoever withdraws or erases holds it meanwhile
        if await tx.consent_of(proof.case.id) is None:
            return False
        if await tx.face(citizen.id) != extended:
            await tx.save_face(citizen.id, extended, deps.now())
    return extended != face


# -- records ------------------------------------------------------------------------------------------------------------


def check_of(data: dict[str, Any]) -> IdentityCheck:
    """The inverse of :func:`check_json`."""
    values = dict(data)
    for key in ("id", "conversation_id", "citizen_id", "case_id", "selfie_blob"):
        values[key] = UUID(values[key]) if values[key] else None
    values["at"] = datetime.fromisoformat(values["at"])
    return IdentityCheck(**values)
