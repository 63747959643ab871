"""Whatever editors do in whatever order: the files stay what Rasa reads, say what was meant, and keep what nobody touched."""

from __future__ import annotations

import asyncio
import difflib
import json
import random
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue import generate
from bot.dialogue.train import _environment
from bot.ports_content import Author, Edit, FileChange, Revision
from bot.settings import ROOT
from bot.storage.content_repo import content_files
from bot.usecases import studio_nlu_whole as whole
from bot.usecases.studio import Studio
from bot.usecases.studio_nlu import Gone, Intents
from bot.usecases.studio_nlu_files import PROTECTED, Refused, plain_example
from bot.usecases.studio_nlu_new import NewIntent
from tests.fakes import FixedClock

from .studio_nlu_content import FILES, SITI, NoStore, intents_of

RASA_PYTHON = ROOT / ".venv" / "rasa" / "bin" / "python"


@dataclass
class MemoryHistory:
    """A content repository without a disk: :class:`bot.ports_content.ContentHistory` as far as the studio's edits need it."""

    now: dict[str, bytes]
    states: list[dict[str, bytes]] = field(default_factory=list)

    def head(self, branch: object) -> str:
        return str(len(self.states))

    def files(self, revision: str) -> Mapping[str, str]:
        return {path: data.hex() for path, data in self.now.items()}

    def blob(self, blob_id: str) -> bytes:
        return bytes.fromhex(blob_id)

    def save(self, edits: Mapping[str, Edit], author: Author, message: str, at: object) -> str:
        self.states.append(dict(self.now))
        for path, edit in edits.items():
            if edit.content is None:
                del self.now[path]
            else:
                self.now[path] = edit.content
        return self.head(None)

    def log(self, branch: object, most: int = 50, path: str | None = None) -> list[Revision]:
        return []

    def changes(self, before: str, after: str) -> list[FileChange]:
        return []


def desk_over(files: Mapping[str, bytes]) -> tuple[MemoryHistory, Intents]:
    history = MemoryHistory(dict(files))
    return history, intents_of(Studio(history, NoStore(), FixedClock()))  # type: ignore[arg-type]


NAMES = ["ask_cost", "tanya_parkir", "tanya_wifi", "info_baru", "info_lain"]
TEXTS = st.one_of(
    st.sampled_from(
        ["ada parkir mobil tidak", "halo", "- dua", "# pagar", "a: b", "'kutip", '"', "{x}", "🕌 di mana", "[x]"]
    ),
    st.text(min_size=1, max_size=30),
)
STEPS = st.tuples(
    st.sampled_from(["add", "change", "remove", "move", "rename", "merge", "delete", "create"]),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    TEXTS,
    st.integers(0, 9),
)


async def take(intents: Intents, step: tuple[str, str, str, str, int], meant: dict[str, list[str]]) -> str:
    """One step by an editor, and what it means; returns what was done (empty: it was refused, rightly or not)."""
    kind, name, other, text, n = step
    mine = meant.get(name, [])
    some = mine[n % len(mine)] if mine else "tidak ada"
    try:
        if kind == "add":
            await intents.add(SITI, name, [text])
            plain = plain_example(text)
            mine += [] if plain in mine else [plain]
        elif kind == "change":
            await intents.change(SITI, name, some, text, "")
            plain = plain_example(text)
            mine[:] = [one for one in dict.fromkeys(plain if one == some else one for one in mine)]
        elif kind == "remove":
            await intents.remove(SITI, name, [some])
            mine.remove(some)
        elif kind == "move":
            await intents.move(SITI, name, other, [some])
            mine.remove(some)
            meant[other] += [] if some in meant[other] else [some]
        elif kind == "rename":
            await whole.rename(intents, SITI, name, other)
            meant[other] = meant.pop(name)
        elif kind == "merge":
            await whole.merge(intents, SITI, name, other)
            meant[other] += [one for one in meant.pop(name) if one not in meant[other]]
        elif kind == "delete":
            await whole.delete(intents, SITI, name)
            del meant[name]
        else:
            new = NewIntent(name, (text, "contoh kedua"), {"id": text}, {"id": text[:20]})
            await whole.create(intents, SITI, new)
            meant[name] = list(dict.fromkeys(plain_example(one) for one in new.examples))
    except (Refused, Gone):
        return ""
    return kind


def read(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Examples by intent, as YAML has them."""
    found: dict[str, list[str]] = {}
    for path, data in sorted(files.items()):
        for entry in yaml.safe_load(data)["nlu"] if path.startswith("nlu/") else ():
            if "intent" in entry and isinstance(entry["examples"], str):
                lines = [line.removeprefix("- ").strip() for line in entry["examples"].splitlines() if line.strip()]
                found.setdefault(entry["intent"], []).extend(lines)
    return found


def comments(files: Mapping[str, bytes]) -> list[str]:
    kept = [path for path in FILES if path != "nlu/tanya_parkir.yml"]
    return [line for path in kept for line in re.findall(r"(?m)^ *#.*$", files[path].decode())]


def consistent(files: Mapping[str, bytes]) -> None:
    """Rules, domain and evaluation name what there is, and nothing else."""
    there = {*read(files), "answer", *(["bermetadata"] if b"bermetadata" in files["nlu/campur.yml"] else [])}
    assert set(yaml.safe_load(files["domain/domain.yml"])["intents"]) == there
    rules = yaml.safe_load(files["rules/rules.yml"])["rules"]
    assert len({one["rule"] for one in rules}) == len(rules)
    assert {step["intent"] for one in rules for step in one["steps"] if "intent" in step} <= there
    rows = files["eval/pesan.tsv"].decode().splitlines()[1:]
    assert {row.split("\t")[1] for row in rows} <= there
    assert set(yaml.safe_load(files["messages/id.yml"])["say"]) <= there | {"greet", "hours_unknown"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=1, max_size=10))
def test_after_any_steps_the_files_say_what_was_meant(steps: list[tuple[str, str, str, str, int]]) -> None:
    async def run() -> None:
        given_files = {path: text.encode() for path, text in FILES.items()}
        history, intents = desk_over(given_files)
        meant = read(history.now)
        for step in steps:
            before = dict(history.now)
            done = await take(intents, step, meant)
            after = history.now
            assert {name: sorted(texts) for name, texts in read(after).items()} == {
                name: sorted(texts) for name, texts in meant.items()
            }, step
            consistent(after)
            assert comments(after) == comments(given_files)
            if done in ("add", "change", "remove", "") or not done:
                changed = [
                    line
                    for path in {*before, *after}
                    for line in difflib.ndiff(
                        before.get(path, b"").decode().split("\n"), after.get(path, b"").decode().split("\n")
                    )
                    if line[:2] in ("+ ", "- ")
                ]
                assert len(changed) <= 2 or done == "remove", step
            assert done or before == after, step

    asyncio.run(run())


# -- Rasa itself -------------------------------------------------------------------------------------------------------------

_READS = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
for folder in sorted(Path(sys.argv[1]).iterdir()):
    found = {}
    for file in sorted(folder.glob("*.yml")):
        for one in RasaYAMLReader().read(file).training_examples:
            found.setdefault(one.get("intent"), []).append(one.get("text"))
    print(json.dumps({"folder": folder.name, "intents": found}), flush=True)
"""


@pytest.mark.rasa
async def test_rasa_reads_after_random_steps_what_was_meant(tmp_path: Path) -> None:
    dice = random.Random(8)  # noqa: S311 - the same editors each time
    odd = "#-:|>{}[]()\"'\\%@`!&*?,=~/ \t\n\u00e9\U0001f54c\u2028u0041"
    meant_by: dict[str, dict[str, list[str]]] = {}
    for n in range(40):
        history, intents = desk_over({path: text.encode() for path, text in FILES.items()})
        meant = read(history.now)
        for _ in range(12):
            text = "".join(dice.choice(odd + "abc") for _ in range(dice.randint(1, 14)))
            kind = dice.choice(["add", "add", "change", "remove", "move", "rename", "merge", "create"])
            await take(intents, (kind, dice.choice(NAMES), dice.choice(NAMES), text, dice.randint(0, 9)), meant)
        folder = tmp_path / f"{n:02}"
        folder.mkdir()
        for path, data in history.now.items():
            if path.startswith("nlu/"):
                (folder / path.removeprefix("nlu/")).write_bytes(data)
        meant_by[folder.name] = {name: sorted(texts) for name, texts in meant.items()}
    assert sum(len(texts) for one in meant_by.values() for texts in one.values()) > 300
    done = _rasa(tmp_path.parent, "-c", _READS, str(tmp_path))
    for line in done.stdout.splitlines():
        said: dict[str, Any] = json.loads(line)
        found = {name: sorted(texts) for name, texts in said["intents"].items() if name and name != "bermetadata"}
        assert found == meant_by.pop(said["folder"])
    assert not meant_by, done.stderr[-2000:]


@pytest.mark.rasa
async def test_rasa_validates_the_real_content_after_random_steps(tmp_path: Path) -> None:
    """`./loket rasa data validate` on what some hundred steps of editors leave, new and renamed intents with answers included."""
    history, intents = desk_over(content_files(ROOT / "data"))
    meant, dice = read(history.now), random.Random(20)  # noqa: S311
    done = []
    for n, name in enumerate(("tanya_parkir", "tanya_wifi", "info_musala")):
        new = NewIntent(name, tuple(f"{word} {name} nomor {n}" for word in ("ada", "di mana", "jam")), {"id": "Ada."})
        await whole.create(intents, SITI, new)
        meant[name] = list(new.examples)
    for n in range(120):
        kind = dice.choice(["add", "change", "remove", "move", "rename"])
        mine = sorted(set(meant) - PROTECTED)
        name = dice.choice(mine if kind == "rename" else [*sorted(meant), *mine])
        to = f"info_{n}" if kind == "rename" else dice.choice(sorted(meant))
        done.append(await take(intents, (kind, name, to, f"contoh acak {n}", n), meant))
    done.append(await take(intents, ("merge", sorted(set(meant) - PROTECTED)[0], "ask_cost", "", 0), meant))
    assert {"add", "change", "remove", "move", "rename", "merge"} <= set(done)
    assert {name: sorted(texts) for name, texts in read(history.now).items()} == {
        name: sorted(texts) for name, texts in meant.items()
    }
    for path, data in history.now.items():
        if path.startswith(("nlu/", "rules/", "domain/", "services/", "loci/")):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data)
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / generate.FILE_NAME).write_text(generate.training_data(tmp_path), "utf-8")
    data = [str(tmp_path / part) for part in ("nlu", "rules", "generated")]
    answer = _rasa(
        tmp_path, "-m", "rasa", "data", "validate", "--config", str(ROOT / "config.yml"), "--domain",
        str(tmp_path / "domain"), "--data", *data,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]


def _rasa(work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(RASA_PYTHON), "-W", "ignore", *arguments],
        cwd=work,
        env=_environment(ROOT, work),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
