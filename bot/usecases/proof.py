"""One attempt to prove who somebody is: the pictures, and the record of the comparison."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from bot.domain.conversation import Case, Citizen, Conversation, IdentityCheck
from bot.ports import FaceVerdict
from bot.usecases.deps import Deps


@dataclass(frozen=True)
class Picture:
    """A stored file."""

    id: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Proof:
    """One attempt: who, where, for what."""

    deps: Deps
    conversation: Conversation
    case: Case
    citizen: Citizen

    def check(self, verdict: FaceVerdict, **more: Any) -> dict[str, Any]:
        """The record of a comparison, as JSON."""
        check = IdentityCheck(
            id=uuid4(),
            conversation_id=self.conversation.id,
            citizen_id=self.citizen.id,
            case_id=self.case.id,
            at=self.deps.now(),
            outcome=verdict.outcome,
            problem=verdict.problem,
            score=verdict.score,
            mode=verdict.mode,
            model=verdict.model,
            perceptual_hash=verdict.perceptual_hash,
        )
        return check_json(replace(check, **more))


def check_json(check: IdentityCheck) -> dict[str, Any]:
    """A check as recorded in a plan."""
    return {
        key: (value.isoformat() if key == "at" else str(value) if isinstance(value, UUID) else value)
        for key, value in vars(check).items()
    }
