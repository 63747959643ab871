"""The capture page: a one-time link, frames from the phone's own camera signed to it, and the verdict on them.

The page asks for a straight look and then for movements in random order. Each frame is judged at once, so that the page can say
what to do; the frames that showed what was asked for decide at the end, and the form in the chat goes on by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.domain import liveness
from bot.domain.conversation import Capture, Case, Conversation
from bot.domain.fields.base import Verdict
from bot.domain.form import Judgement
from bot.domain.liveness import Kind, Pose
from bot.domain.messages import Kind as Says
from bot.domain.messages import Reply
from bot.errors import LoketError
from bot.ports import Look
from bot.usecases import prefill
from bot.usecases.challenge import SELFIE
from bot.usecases.comparing import compare
from bot.usecases.deps import Deps
from bot.usecases.handoff_identity import unproven
from bot.usecases.identity import settle_picture, trust
from bot.usecases.linking import offer_by_proof
from bot.usecases.liveness import CAPTURE, FACE, copied, hold_of, settled, subjects
from bot.usecases.proof import Picture, Proof
from bot.usecases.replies import person_button, questions
from bot.usecases.store import Tx
from bot.usecases.turn import Turn

log = logging.getLogger(__name__)

LIFE = timedelta(minutes=10)
STRAIGHT = "straight"
MOST_FRAMES = 240
"""A frame a second for four minutes: more is no person trying."""


class CaptureClosed(LoketError):
    """The link is used, over, or not for this application any more."""

    code = "capture_closed"
    text_key = "capture.closed"


class BadFrame(LoketError):
    """A frame that was not made by this page: wrong signature or number."""

    code = "bad_frame"
    text_key = "capture.closed"


JUDGING = "judging"
ENDS = {"accepted": "capture.accepted", "officer": "identity.officer", "refused": "identity.no_match"}
"""States after the verdict, and what is said when its answer was lost on the way."""


@dataclass(frozen=True)
class Session:
    """What a started page gets. ``key``: signs its frames."""

    key: bytes
    steps: list[str]
    expires_at: datetime


@dataclass(frozen=True)
class Progress:
    """What the page shows next. ``hint``: text key, or None when the frame was good; ``end``: ``accepted``, ``officer`` or
    ``refused``, with ``hint`` as the reason.
    """

    step: int
    hint: str | None = None
    end: str | None = None


# -- the link -----------------------------------------------------------------------------------------------------------


def wanted(deps: Deps, conversation: Conversation, asked: str | None) -> bool:
    """Whether the open question is answered on the capture page."""
    here = asked is not None and asked.rpartition(".")[2] == SELFIE
    return here and deps.policy.liveness == CAPTURE and conversation.citizen_id is not None


async def link(turn: Turn, case: Case) -> Reply:
    """A fresh link, and how it is used."""
    return await offer(turn.deps, turn.tx, turn.conversation, case)


async def offer(deps: Deps, tx: Tx, conversation: Conversation, case: Case) -> Reply:
    """The same outside a turn."""
    assert conversation.citizen_id is not None
    token, now = secrets.token_urlsafe(24), deps.now()
    steps = [STRAIGHT, *(kind.value for kind in liveness.sequence(deps.faces.sees_mouth, secrets.randbelow))]
    await tx.put_capture(
        Capture(deps.token_hash(token), conversation.id, conversation.citizen_id, case.id, steps, now, now + LIFE)
    )
    address = f"{deps.capture_url}/{token}"
    text = deps.say("capture.link", conversation, link=address)
    return Reply(text, Says.IDENTITY, (person_button(deps, conversation),), meta={"capture": address})


# -- the page -----------------------------------------------------------------------------------------------------------


async def look_up(deps: Deps, token: str) -> Conversation:
    """The conversation of a link that can be started; looking at it uses nothing up (chat programs preview links).

    :raises CaptureClosed: it cannot be started.
    """
    async with deps.store.begin() as tx:
        capture = await _live(deps, tx, token, "offered")
        return await tx.conversation(capture.conversation_id)


async def start(deps: Deps, token: str) -> Session:
    """The person pressed the button: the link is used up.

    :raises CaptureClosed: it cannot be started, or the person has to wait after failures.
    """
    async with deps.store.begin() as tx:
        capture = await _live(deps, tx, token, "offered", lock=True)
        conversation = await tx.conversation(capture.conversation_id)
        if (
            await hold_of(tx, await _subjects(tx, conversation, capture.citizen_id), conversation, deps.now())
            is not None
        ):
            raise CaptureClosed("too many failures")
        capture.state, capture.key = "open", secrets.token_bytes(32)
        await tx.put_capture(capture)
        return Session(capture.key, capture.steps, capture.expires_at)


async def _live(deps: Deps, tx: Tx, token: str, state: str, *, lock: bool = False) -> Capture:
    capture = await tx.capture(deps.token_hash(token), lock)
    if capture is None or capture.state != state or deps.now() >= capture.expires_at:
        raise CaptureClosed("no such link, used or over")
    return capture


async def _started(deps: Deps, tx: Tx, token: str) -> Capture:
    capture = await tx.capture(deps.token_hash(token), lock=True)
    if capture is None or capture.state == "offered" or deps.now() >= capture.expires_at:
        raise CaptureClosed("no such link, not started or over")
    return capture


async def _subjects(tx: Tx, conversation: Conversation, citizen_id: UUID) -> list[str]:
    trusted = await tx.trust(conversation.id, citizen_id) is not None
    return subjects(FACE, conversation, str(citizen_id), trusted)


# -- frames -------------------------------------------------------------------------------------------------------------


def signature(key: bytes, seq: int, step: int, frame: bytes) -> str:
    """What the page sends beside a frame: HMAC-SHA-256 over its number, the step it is for, and its SHA-256."""
    message = f"{seq}\n{step}\n{hashlib.sha256(frame).hexdigest()}"
    return hmac.digest(key, message.encode(), "sha256").hex()


async def take(deps: Deps, token: str, seq: int, step: int, signed: str, frame: bytes) -> Progress:
    """Judge one frame. One for another step than the open one (its answer was lost) is answered with where it stands.

    :raises CaptureClosed: the page was not started, or its time is over.
    :raises BadFrame: not signed with the page's key, or an old number.
    """
    async with deps.store.begin() as tx:
        capture = await _started(deps, tx, token)
        if capture.key is None or not hmac.compare_digest(signature(capture.key, seq, step, frame), signed.lower()):
            raise BadFrame("wrong signature")
        if not capture.seq < seq <= MOST_FRAMES:
            raise BadFrame("old number, or too many frames")
        capture.seq = seq
        await tx.put_capture(capture)
    if capture.state in ENDS:
        return Progress(len(capture.steps), ENDS[capture.state], capture.state)
    if capture.state == JUDGING:
        return Progress(len(capture.steps), "capture.checking")
    if step != len(capture.frames):
        return Progress(len(capture.frames))
    look = await deps.faces.look(frame)
    problem = _problem(capture, look)
    if problem is not None:
        return Progress(step, problem)
    return await _good(deps, token, step, frame, look)


def _problem(capture: Capture, look: Look) -> str | None:
    """Why a frame does not do for the open step."""
    straight = not capture.frames
    if look.problem == "face.turned":
        return "liveness.look_straight" if straight else "liveness.turn_less"
    if look.problem is not None or look.pose is None:
        return look.problem or "face.none"
    if straight:
        return liveness.straight_problem(look.pose)
    first = capture.frames[0]
    return liveness.problem((Kind(capture.steps[len(capture.frames)]),), Pose(first["yaw"], first["mouth"]), look.pose)


async def _good(deps: Deps, token: str, step: int, frame: bytes, look: Look) -> Progress:
    async with deps.store.begin() as tx:
        capture = await _started(deps, tx, token)
        if capture.state == "open" and step == len(capture.frames) and look.pose is not None:
            kept = await tx.put_blob(capture.conversation_id, SELFIE, "swafoto.jpg", "image/jpeg", frame, deps.now())
            entry = {"blob": kept.id, "yaw": look.pose.yaw, "mouth": look.pose.mouth}
            capture.frames = [*capture.frames, entry]
            if len(capture.frames) == len(capture.steps):
                capture.state = JUDGING
            await tx.put_capture(capture)
            last = capture.state == JUDGING
        else:
            last = False
    if not last:
        return Progress(len(capture.frames))
    try:
        return await _finish(deps, capture)
    except LoketError as error:
        if isinstance(error, CaptureClosed):
            raise
        return await _reopen(deps, capture, error)


async def _reopen(deps: Deps, capture: Capture, error: LoketError) -> Progress:
    """The register or the matcher is away: the last step is asked for again, so that the page tries once more by itself."""
    log.warning("frames could not be judged", extra={"code": error.code})
    async with deps.store.begin() as tx:
        again = await tx.capture(capture.token_hash, lock=True)
        if again is not None and again.state == JUDGING:
            await tx.delete_blob(UUID(again.frames[-1]["blob"]))
            again.state, again.frames = "open", again.frames[:-1]
            await tx.put_capture(again)
    return Progress(len(capture.steps) - 1, error.text_key)


# -- the verdict --------------------------------------------------------------------------------------------------------


async def _finish(deps: Deps, capture: Capture) -> Progress:
    async with deps.store.begin() as tx:
        conversation = await tx.conversation(capture.conversation_id)
        case = await tx.case(capture.case_id)
        citizen = await tx.citizen(capture.citizen_id)
        pictures = [await _kept(tx, entry["blob"]) for entry in capture.frames]
        before = await tx.perceptual_hashes(citizen.id)
    proof = Proof(deps, conversation, case, citizen)
    found = await _judge(proof, pictures, before, "_".join(capture.steps[1:]))
    found |= {"citizen": str(citizen.id)}
    found["drop"] = [p.id for p in pictures if not (found.get("officer") and p is pictures[0])]
    return await _settle(deps, capture, found)


async def _kept(tx: Tx, blob_id: str) -> Picture:
    blob = await tx.blob(UUID(blob_id))
    if blob is None:
        raise CaptureClosed("a frame is gone")
    return Picture(blob_id, blob[1])


async def _judge(proof: Proof, pictures: list[Picture], before: list[str], asked: str) -> dict[str, Any]:
    """The straight frame with the first movement decides; every other frame must show the same person."""
    straight, *moved = pictures
    compared = [one for one in [await compare(proof, [straight, other]) for other in moved] if one is not None]
    if len(compared) < len(moved):
        return {"kind": FACE, "ok": False, "problem": "identity.no_enrolled_face", "locked": True}
    verdicts = [one.verdict for one in compared]
    verdict = verdicts[0]
    copy = copied(proof, verdict, before, verdict.perceptual_hash)
    if copy is not None:
        return copy
    odd = next((one for one in verdicts if one.outcome == "unusable"), None)
    if odd is not None:
        counts = odd.problem == "face.different"
        return {"ok": False, "problem": odd.problem, "counts": counts, "check": proof.check(odd, liveness=asked)}
    if any(one.outcome == "no_match" for one in verdicts[1:]) and verdict.outcome == "match":
        verdict = replace(verdict, outcome="officer")
    return await settled(proof, compared[0].face, verdict, [straight, moved[0]], asked)


async def _settle(deps: Deps, capture: Capture, found: dict[str, Any]) -> Progress:
    now = deps.now()
    async with deps.store.begin() as tx:
        conversation = await tx.conversation(capture.conversation_id, lock=True)
        case = await tx.case(capture.case_id, lock=True)
        found["subjects"] = await _subjects(tx, conversation, capture.citizen_id)
        ended = await tx.capture(capture.token_hash, lock=True)
        if ended is None or ended.state != JUDGING:
            raise CaptureClosed("judged already")
        asks = _asks_for_it(deps, conversation, case, capture)
        if found["ok"] and asks is None:
            found |= {"ok": False, "problem": "capture.closed"}
        replies = await settle_picture(deps, tx, conversation, found)
        if asks is not None and found["ok"]:
            engine, draft = deps.form_of(conversation, case)
            draft = await trust(deps, tx, conversation, case, engine, draft, asks, capture.citizen_id)
            case.draft, case.updated_at = draft.to_json(), now
            conversation.form_active, conversation.case_id = True, case.id
            findings, stopped = prefill.told(deps, conversation, case, engine, draft)
            await tx.put_case(case)
            replies = [Reply(deps.say("capture.accepted", conversation), Says.IDENTITY)]
            replies += await offer_by_proof(deps, tx, conversation)
            replies += findings if stopped else [*findings, *questions(deps, conversation, case)]
        elif found.get("officer"):
            conversation.form_active = False
        else:
            replies += await _refused(deps, tx, conversation, found, now)
        # Rasa's tracker stands elsewhere now: an unknown mark makes it be rebuilt before the next turn.
        conversation.turn_mark = f"capture.{now.timestamp()}"
        end = "accepted" if found["ok"] else "officer" if found.get("officer") else "refused"
        ended.state, ended.frames = end, []
        await tx.put_capture(ended)
        await tx.save_conversation(conversation)
        await tx.say(conversation.id, replies, now, key=f"capture:{capture.token_hash.hex()[:16]}")
    return Progress(len(capture.steps), found["problem"] if end == "refused" else ENDS[end], end)


async def _refused(deps: Deps, tx: Tx, conversation: Conversation, found: dict[str, Any], now: datetime) -> list[Reply]:
    """How to get another link; where no further try is left, a person helps instead."""
    hold = await hold_of(tx, found["subjects"], conversation, now) if found.get("counts") else None
    if hold is not None and hold.locked:
        found["locked"] = True
    helped = await unproven(deps, tx, conversation, found)
    return helped or [Reply(deps.say("capture.another", conversation), Says.IDENTITY)]


def _asks_for_it(deps: Deps, conversation: Conversation, case: Case, capture: Capture) -> Judgement | None:
    """The answer that goes into the form, if it still asks for it and the person is still the same."""
    if case.state != "draft" or conversation.citizen_id != capture.citizen_id:
        return None
    engine, draft = deps.form_of(conversation, case)
    asked = engine.question(draft)
    if asked is None or asked.path.rpartition(".")[2] != SELFIE:
        return None
    return Judgement(Verdict.STRONG, asked.path, {"id": "", "name": "selfie", "type": "image/jpeg", "size": 0})
