"""A content repository with few examples, so that a training takes a third of the time; everything else is what Loket comes with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.domain.nlu_file import NluFile, Section
from bot.ports_content import Author, Branch, Edit
from bot.settings import SHIPPED_CONTENT
from bot.storage.content_repo import GitContent, content_files

KEPT = 45
"""Examples of each intent."""
TRIED = 6
"""Of which so many are the office's own labelled messages: a model that is not spoilt knows them."""
SPOILT = "ask_cost"
"""What the planted regression is about."""
AT = datetime(2026, 11, 1, tzinfo=UTC)
_AUTHOR = Author("Persiapan", "persiapan@loket.local")


def small_repository(folder: Path) -> None:
    """A repository whose published state is small; a service that starts on it changes nothing (its origin is the shipped content)."""
    shipped = content_files(SHIPPED_CONTENT)
    repo = GitContent.seed(folder, shipped, AT)
    known = repo.files(repo.head(Branch.DRAFT))
    edits = {path: Edit(data, known.get(path)) for path, data in _small(shipped).items() if shipped.get(path) != data}
    draft = repo.save(edits, _AUTHOR, "isi kecil", AT)
    repo.publish(draft, _AUTHOR, "isi kecil", AT)
    repo.close()


def _small(shipped: dict[str, bytes]) -> dict[str, bytes]:
    small: dict[str, bytes] = {}
    tried = ["text\tintent\tservice"]
    for path, data in shipped.items():
        if not path.startswith("nlu/"):
            continue
        file = NluFile(data.decode())
        for section in file.sections:
            if section.kind == "intent" and section.indent:
                file = file.remove(section.name, list(dict.fromkeys(section.examples[KEPT:])))
                tried += [f"{text}\t{section.name}\t" for text in _tried(section)]
        small[path] = file.text.encode()
    small["eval/pesan.tsv"] = ("\n".join(tried) + "\n").encode()
    return small


def _tried(section: Section) -> list[str]:
    """Messages it surely understands: examples it has seen. Of costs some it has not: only those show that it was misled."""
    seen = section.examples[:KEPT]
    if section.name == SPOILT:
        seen = tuple(text for text in section.examples[KEPT:] if "biaya" in text)
    return [text for text in seen if len(text) > 12 and "[" not in text][:TRIED]
