"""Everything that is not known for certain, in one list: which fact, who has to confirm it, and by when it is looked at again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.usecases.studio import Draft
from bot.usecases.studio_yaml import YamlDesk

_FOLDERS = ("services", "forms", "loci", "faq")
_NOT_KNOWN = ("hours", "address", "complaints")
"""Facts of an office that may be null."""


@dataclass(frozen=True)
class Doubt:
    """One fact. ``why``: ``unsure``, ``not_known``, or ``due`` (sure, but to be looked at again by now)."""

    file: str
    path: tuple[str, ...]
    text: str
    source: str
    keeper: str
    review_by: str
    why: str
    late: bool = False


async def doubts(desk: YamlDesk, draft: Draft, today: date) -> list[Doubt]:
    """All of them, what is late first, then by office and file; what several files share counts once."""
    held = {folder: await desk.held(draft, folder) for folder in _FOLDERS}
    parts = {_stem(path): value for path, value in held["services"].items()}
    services = {name: office_of(value, parts) for name, value in parts.items()}
    found: list[Doubt] = []
    for folder in _FOLDERS:
        for path, value in held[folder].items():
            found += in_file(path, value, office_of(value, parts), today, services)
    return sorted(found, key=lambda one: (not one.late, one.keeper, one.file, one.path))


def in_file(
    file: str, value: Any, office: str, today: date, services: Mapping[str, str] | None = None
) -> Iterator[Doubt]:
    """Those of one file. ``office``: who knows, where a fact does not say it nor the service it is about (``services``: slug ->
    office).
    """
    for path, node in _nodes(value, ()):
        review_by = str(node.get("review_by", ""))
        late = bool(review_by) and review_by <= today.isoformat()
        if node["certainty"] == "sure" and not late:
            continue
        why = "unsure" if node["certainty"] == "unsure" else "due"
        text = _said(node.get("text", node.get("answer", "")))
        keeper = str(node.get("keeper") or (services or {}).get(str(node.get("service")), office))
        yield Doubt(file, path, text, str(node.get("source", "")), keeper, review_by, why, late)
    if file.startswith("loci/") and isinstance(value, Mapping):
        nothing = Doubt(file, (), "", "", office, "", "not_known")
        yield from (replace(nothing, path=(key,)) for key in _NOT_KNOWN if value.get(key) is None)


def office_of(value: Any, others: Mapping[str, Any]) -> str:
    """The office that a file's facts belong to: its own, that of a part it extends, or its name."""
    if not isinstance(value, Mapping):
        return ""
    if "office" in value:
        return _said(value["office"])
    parents: Sequence[str] = value.get("extends") or ()
    for parent in reversed(parents):
        if office := office_of(others.get(parent), {**others, parent: None}):
            return office
    return _said(value["name"]) if "code" in value and "name" in value else ""


def _nodes(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Everything that says how certain it is."""
    if isinstance(value, Mapping):
        if "certainty" in value:
            yield path, value
        for key, inner in value.items():
            yield from _nodes(inner, (*path, str(key)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            name = inner.get("id") or inner.get("code") if isinstance(inner, Mapping) else None
            yield from _nodes(inner, (*path, str(name or place)))


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".yml")


def _said(words: Any) -> str:
    return str(words.get("id", "")) if isinstance(words, Mapping) else str(words or "")
