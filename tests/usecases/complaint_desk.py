"""A complaints desk in memory, and people who complain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.domain.conversation import Conversation
from bot.domain.messages import FileRef
from bot.ports import AgencyStatus
from bot.usecases.track import apply_status
from tests.usecases.conftest import RegisterAgency, World
from tests.usecases.test_cases import errands

EXTORTION = "petugas loket minta uang 200 ribu buat ktp saya"
RUDE = "PETUGASNYA KASAR BANGET SAYA DIBENTAK DI DEPAN ORANG BANYAK!!!"


class Desk(RegisterAgency):
    """The complaints desk in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, str, str]] = []
        self.pictures: list[bytes] = []
        self.refusal: Exception | None = None

    async def find(self, key: str, reference: str) -> str | None:
        return None

    async def submit(self, submission: Any) -> str:
        await super().submit(submission)
        return f"LPR-{list(self.submitted).index(submission.key) + 1}"

    async def add(self, agency_ref: str, text: str, files: Sequence[tuple[FileRef, bytes]], key: str) -> None:
        self._said("words", text, key)
        self.pictures += [content for _, content in files]

    async def close_case(self, agency_ref: str, key: str) -> None:
        self._said("close", "", key)

    async def reopen(self, agency_ref: str, reason: str, key: str) -> None:
        self._said("reopen", reason, key)

    def _said(self, what: str, text: str, key: str) -> None:
        self._fail()
        if self.refusal is not None:
            raise self.refusal
        if key not in {known for _, _, known in self.heard}:
            self.heard.append((what, text, key))

    @property
    def words(self) -> list[tuple[str, str]]:
        return [(what, text) for what, text, _ in self.heard]


@pytest.fixture
def desk(world: World) -> Desk:
    made = Desk()
    world.deps.agencies["lapor"] = made  # type: ignore[index]
    world.dialogue.words = {
        "lapor": "make_complaint", "minta uang": "make_complaint", "kasar": "make_complaint", "bohong": "make_complaint",
        "terlambat": "make_complaint", "toilet": "make_complaint", "mengadu": "make_complaint", "keluhan saya": "track_complaint",
        **world.dialogue.words,
    }  # fmt: skip
    return made


def fields(said: list[dict[str, Any]]) -> str:
    return str(said[-1]["meta"].get("field") or said[-1]["meta"].get("kind"))


async def complain(world: World, who: Conversation, story: str = EXTORTION, how: str = "anonim") -> str:
    """A whole complaint without a picture; returns its number."""
    said = await world.say(who, story)
    answers = {
        "laporan.kejadian": "loket 3 di MPP, tadi pagi", "laporan.harapan": "ditindak", "pelapor.cara": how,
        "pelapor.nama": "Karso Wijaya", "pelapor.telepon": "081234567890", "_periksa": "kirim",
    }  # fmt: skip
    for _ in range(10):
        if said[-1]["meta"]["kind"] == "receipt":
            return str(said[-1]["meta"]["application"])
        said = await world.say(
            who, answers.get(fields(said), "kirim" if said[-1]["meta"]["kind"] == "review" else "lewati")
        )
    raise AssertionError(said)


async def push(world: World, state: str, key: str, note: str | None = None, ref: str = "LPR-1") -> list[dict[str, Any]]:
    assert await apply_status(world.deps, "lapor", AgencyStatus(ref, state, world.clock.now(), key, note))
    return []


async def answered(world: World, who: Conversation, key: str = "9") -> dict[str, Any]:
    """Handed in, and answered by the office; returns the news."""
    await errands(world)
    await push(world, "terbit", key, "Petugasnya sudah kami tegur.")
    return (await world.news(who))[-1]


def button(said: dict[str, Any], title: str) -> str:
    return next(str(b["payload"]) for b in said["buttons"] if b["title"] == title)
