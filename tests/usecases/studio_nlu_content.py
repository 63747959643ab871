"""A small content for tests of the studio's intents: everything that can name an intent is in it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.dialogue.nlu.normalise import words
from bot.storage.content_repo import GitContent
from bot.usecases.studio import Editor, Studio
from bot.usecases.studio_nlu import Intents
from tests.fakes import FixedClock

SITI, BUDI = Editor("siti", "Siti Editor"), Editor("budi", "Budi Editor")

FILES = {
    "nlu/ask_cost.yml": """# Biaya.
version: "3.1"

nlu:
  - intent: ask_cost  # kontrak
    examples: |
      - biaya bikin ktp berapa
      - berapa tarif sip dokter
      - gratis atau bayar
""",
    "nlu/tanya_parkir.yml": """version: "3.1"

nlu:
  # dari meja depan
  - intent: tanya_parkir
    examples: |
      - ada parkir mobil tidak
      - parkir motor bayar berapa

      - parkirnya di mana
""",
    "nlu/campur.yml": """version: "3.1"

nlu:
  - intent: tanya_wifi
    examples: |
      - ada wifi gratis
      - kata sandi wifi apa
  - intent: tanya_parkir
    examples: |
      - parkir sepeda di sebelah mana
  - lookup: sapaan
    examples: |
      - halo
  - intent: bermetadata
    examples:
      - text: contoh lain
        metadata: {x: 1}
""",
    "nlu/services.yml": """version: "3.1"

nlu:
  - synonym: sip
    examples: |
      - surat izin praktik
  - synonym: other:sim
    examples: |
      - surat izin mengemudi
# penutup
""",
    "rules/rules.yml": """# Satu aturan per maksud.
version: "3.1"

rules:
  - rule: ask_cost
    steps:
      - intent: ask_cost
      - action: action_answer_service

  # parkir dijawab dengan teks
  - rule: tanya_parkir
    steps:
      - intent: tanya_parkir
      - action: action_say

  - rule: tanya_wifi
    steps:
      - intent: tanya_wifi
      - action: action_say
""",
    "domain/domain.yml": """version: "3.1"
intents:
  - ask_cost
  - tanya_parkir  # meja depan
  - tanya_wifi
  - bermetadata
  - answer
actions:
  - action_say
""",
    "messages/id.yml": """# Kalimat.
say:
  greet: Halo
  hours_unknown: Belum tahu
  tanya_parkir: |-
    Parkir di belakang.

    Gratis.
  tanya_wifi: "Ada. Tanya petugas."
wish:
  ask_cost: Biayanya
  tanya_parkir: Parkir
penutup:
  x: y
""",
    "messages/en.yml": """say:
  tanya_parkir: Behind the house.
""",
    "faq/loket.yml": """faq:
  - id: parkir-inap
    questions:
      - boleh parkir menginap
    answer:
      id: Tidak.
    wish: tanya_parkir
    certainty: sure
""",
    "eval/pesan.tsv": (
        "text\tintent\tservice\nparkirnya luas?\ttanya_parkir\t\nada tanya_parkir\task_cost\t\nsewa parkir?\ttanya_parkir\t\n"
    ),
    "services/ktp.yml": "slug: ktp\nbutton: niat:tanya_parkir:ktp\nnote: tanya_parkir bukan maksud di sini\n",
}  # fmt: skip


class NoStore:
    """Takes the audit entries of a studio and keeps them."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []

    @asynccontextmanager
    async def begin(self) -> Any:
        yield self

    async def audit(self, actor: str, action: str, *_: Any) -> None:
        self.entries.append((actor, action))


def studio_of(folder: Path, files: dict[str, str] | None = None) -> Studio:
    """A studio over a repository of its own."""
    clock = FixedClock()
    content = {path: text.encode() for path, text in (files or FILES).items()}
    return Studio(GitContent.seed(folder, content, clock.now()), NoStore(), clock)  # type: ignore[arg-type]


def intents_of(studio: Studio) -> Intents:
    """As the pages use it."""
    return Intents(studio, words)
