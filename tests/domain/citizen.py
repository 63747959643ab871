"""A citizen at the engine: sends messages, every draft goes through JSON in between."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from bot.domain.catalogue import Service
from bot.domain.form import Command, Draft, Engine, Judgement, Question
from bot.domain.messages import FileRef
from bot.domain.payloads import parse_payload
from tests.domain.spec import TODAY, birth, texts

KNOWN = {
    "nama": "AHMAD FAUZI",
    "nik": "3328990101900001",
    "no_kk": "3328991001150001",
    "tempat_lahir": "TEGAL",
    "tanggal_lahir": "1990-01-01",
    "kewarganegaraan": "WNI",
}


def photo(name: str) -> FileRef:
    return FileRef(name, f"{name}.jpg", "image/jpeg", 1000)


class Citizen:
    """``said`` holds what the engine answered last, besides the next question."""

    def __init__(
        self,
        service: Service | None = None,
        *,
        language: str = "id",
        assurance: int = 0,
        today: date = TODAY,
        variant: str | None = None,
    ) -> None:
        self.engine = Engine(service or birth(), texts(), language, today)
        self.draft = self.engine.start(KNOWN if assurance >= 3 else {}, assurance, variant)
        self.said = ""
        self.judgement: Judgement | None = None

    @property
    def question(self) -> Question:
        question = self.engine.question(self.draft)
        assert question is not None, f"nothing is asked ({self.draft.mode})"
        return question

    @property
    def shown(self) -> str:
        """Everything the open question says, a long review's first parts included."""
        return "\n".join([*self.question.before, self.question.text])

    @property
    def path(self) -> str:
        return self.question.path

    def send(self, *messages: str | FileRef) -> Citizen:
        for message in messages:
            self.draft = Draft.from_json(json.loads(json.dumps(self.draft.to_json())))
            command = self.engine.command_of(self.draft, message) if isinstance(message, str) else None
            if command is not None:
                self.command(command, message if isinstance(message, str) else "")
            else:
                self._answer(self.engine.judge(self.draft, message))
        return self

    def command(self, command: Command, text: str = "") -> None:
        self.judgement = None
        self.draft, self.said = self.engine.command(self.draft, command, text)

    def press(self, title: str) -> Citizen:
        payload = next(b.payload for b in self.question.buttons if b.title == title)
        parsed = parse_payload(payload)
        assert parsed is not None
        self._answer(self.engine.judge(self.draft, parsed))  # type: ignore[arg-type]
        return self

    def _answer(self, judgement: Judgement) -> None:
        self.judgement = judgement
        self.said = judgement.problem_text or judgement.heard
        if not judgement.ok:
            self.draft = self.engine.refused(self.draft, judgement)
            return
        self.draft = self.engine.accept(self.draft, judgement)
        # What the use case does after an outside check was passed.
        if judgement.check == "civil_register":
            self.draft = self.engine.know(self.draft, {}, 2)
        elif judgement.check == "face":
            self.draft = self.engine.know(self.draft, KNOWN, 3)

    @property
    def payload(self) -> dict[str, Any]:
        return self.engine.payload(self.draft)


def at_review() -> Citizen:
    """A father who has answered everything, with level 3 from before."""
    return Citizen(assurance=3).send(
        "ya", "ya", "ayah", "081234567890", "-",
        "Siti Aminah", "P", "1", "Tegal", "17-8-2025", "07.30", "1", "1", "2", "3,2", "49",
        "1", "Nur Hayati", "3328994502920002", "Tegal", "5-2-1992",
        "Slamet", "3328990303700003", "-", "Budi", "3328990404710004", "-",
        photo("surat"), photo("nikah"), photo("kk"), photo("ktp_ibu"), photo("ktp_ayah"),
    )  # fmt: skip
