"""The content of a draft, read as a gateway would read it: for looking at what it would say before it is published."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from weakref import WeakKeyDictionary

from bot.content import load_catalogue
from bot.domain.faq import FaqIndex
from bot.errors import ContentError
from bot.storage.live_content import Content, Words
from bot.texts import YamlTexts
from bot.usecases.studio import Draft, Studio

_FOLDERS = ("services", "forms", "loci", "wilayah", "faq", "alih", "messages")
_read: WeakKeyDictionary[Studio, tuple[str, Content]] = WeakKeyDictionary()
"""The draft looked at last: reading the whole catalogue takes a second."""


async def draft_content(studio: Studio, draft: Draft, words: Words) -> Content:
    """Catalogue, sentences and frequent questions of a draft.

    :raises bot.errors.ContentError: it is faulty; the message names file and line.
    """
    known = _read.get(studio)
    if known is not None and known[0] == draft.revision:
        return known[1]
    try:
        files = {path: text for folder in _FOLDERS for path, text in (await studio.texts(draft, folder)).items()}
    except UnicodeDecodeError as error:
        raise ContentError("a file of the draft is no UTF-8 text") from error
    content = await asyncio.to_thread(_laid_out, files, words)
    _read[studio] = (draft.revision, content)
    return content


def _laid_out(files: Mapping[str, str], words: Words) -> Content:
    with tempfile.TemporaryDirectory(prefix="loket-draft-") as name:
        folder = Path(name)
        for path, text in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        catalogue = load_catalogue(folder)
        return Content(0, catalogue, YamlTexts(folder / "messages"), FaqIndex(catalogue.faqs, words))
