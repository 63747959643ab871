"""Looks a draft through before it is saved: what a gateway could not read, and which model it would need."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

from bot.content import read_catalogue
from bot.dialogue.generate import training_data
from bot.domain.yaml_nodes import Node, compose
from bot.errors import ContentError
from bot.ports import ChannelManifest
from bot.registry import channel_manifest
from bot.settings import ROOT
from bot.usecases.studio_yaml import Checked

T = TypeVar("T")

_NAMED = ("services/", "loci/")
"""Where the names come from that a model learns (:func:`bot.dialogue.generate.training_data`)."""
_TRUTHS = frozenset(word for one in ("yes", "no", "on", "off", "y", "n") for word in (one, one.title(), one.upper()))
"""Words that other readers of YAML take for true or false."""
_KEPT = 6
"""States whose findings are remembered: the one before an edit is most often the one after the last edit."""
_CHANNELS = ("web", "telegram", "whatsapp")


class Sound:
    """Implements :data:`bot.usecases.studio_yaml.Check`. Each part is looked through once for the same files."""

    def __init__(self) -> None:
        self._catalogues: OrderedDict[str, Checked] = OrderedDict()
        self._models: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, files: Mapping[str, str]) -> Checked:
        """What is found in these files."""
        return await asyncio.to_thread(self._look, files)

    def _look(self, files: Mapping[str, str]) -> Checked:
        read = {path: text for path, text in files.items() if not path.startswith("messages/")}
        if any(path.startswith("loci/") and "\ntexts:" in text for path, text in read.items()):
            read |= {path: text for path, text in files.items() if path == "messages/id.yml"}  # an office rewords some
        found = self._catalogue(read)
        said = [
            fault for path, text in files.items() if path.startswith("messages/") for fault in _sentences(path, text)
        ]
        return replace(found, faults=(*found.faults, *said))

    def _catalogue(self, files: Mapping[str, str]) -> Checked:
        key = _digest(files)
        known = self._catalogues.get(key)
        if known is None:
            named = {path: text for path, text in files.items() if path.startswith(_NAMED)}
            with tempfile.TemporaryDirectory(prefix="loket-draft-") as name:
                folder = Path(name)
                for path, text in files.items():
                    file = folder / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text, "utf-8")
                catalogue, faults = read_catalogue(folder)
                model = self._model(_digest(named), folder)
            known = Checked(tuple((one.file, one.line, one.message, one.remedy) for one in faults), model, catalogue)
        _keep(self._catalogues, key, known)
        return known

    def _model(self, key: str, folder: Path) -> str:
        """Names the training data that the catalogue gives: a model learns nothing else of it."""
        known = self._models.get(key)
        if known is None:
            try:
                known = hashlib.sha256(training_data(folder).encode()).hexdigest()
            except ContentError:
                known = ""
        _keep(self._models, key, known)
        return known


sound = Sound()
"""Of this process: it holds findings by content, nothing of any session."""


def _keep(held: OrderedDict[str, T], key: str, value: T) -> None:
    held[key] = value
    held.move_to_end(key)
    while len(held) > _KEPT:
        held.popitem(last=False)


def _digest(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for path, text in sorted(files.items()):
        digest.update(f"{path}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()


@lru_cache(maxsize=32)
def _sentences(path: str, text: str) -> tuple[tuple[str, int, str, str], ...]:
    """What :class:`bot.texts.YamlTexts` would refuse in a file."""
    try:
        root = compose(text)
    except ContentError as error:
        where, _, message = str(error).partition(": ")
        return ((path, int(where.removeprefix("line ") or 1), message, "mend that line"),)
    if root is None or root.kind != "map":
        return ((path, 1, "not a mapping", "write `section:` and sentences below it"),)
    return tuple(_no_sentence(path, root, ""))


def _no_sentence(path: str, node: Node, prefix: str) -> Iterator[tuple[str, int, str, str]]:
    for key, item in node.entries:
        if item.kind == "map":
            yield from _no_sentence(path, item, f"{prefix}{key.value}.")
        elif not isinstance(item.value, str) or item.style is None and item.value in _TRUTHS:
            yield path, item.line, f"{prefix}{key.value} is no sentence", "put it in quotes"


@cache
def channels() -> Mapping[str, ChannelManifest]:
    """What each channel can show, by name."""
    manifests = [channel_manifest(ROOT / "channels" / name) for name in _CHANNELS]
    return {one.name: one for one in manifests}
