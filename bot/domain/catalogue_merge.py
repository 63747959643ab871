"""A service's mapping laid over its base parts: what is joined, what is merged, what is added. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.domain.texts import fill

Node = Mapping[str, Any]
_JOINED = ("legal_basis", "referrals", "before", "requirements_extra")
_MERGED = ("codes", "parts", "terms")


class Flaw(Exception):
    """Something is wrong at ``node`` (a mapping of the file), or at its ``key``: what, and what to do."""

    def __init__(self, node: object, message: str, remedy: str, key: str = "") -> None:
        super().__init__(message)
        self.node = node
        self.key = key
        self.message = message
        self.remedy = remedy


def ancestry(names: Iterable[str], bases: Mapping[str, Node], node: object, above: tuple[str, ...] = ()) -> list[str]:
    """The base parts that ``names`` stand for, each once, what a part extends before the part.

    :raises Flaw: a part that is not there, or that extends itself.
    """
    found: list[str] = []
    for name in names:
        if name not in bases:
            raise Flaw(node, f"there is no sound base file {name}.yml", "check the name, or mend that file", "extends")
        if name in above:
            raise Flaw(node, f"{name}.yml extends itself", "take it out of one of the `extends`", "extends")
        found += ancestry(bases[name].get("extends", ()), bases, bases[name], (*above, name))
        found.append(name)
    return list(dict.fromkeys(found))


def merged(bases: Sequence[Node], own: Node) -> dict[str, Any]:
    """A service's mapping laid over its base parts: facts and the like are joined, code lists, parts and terms merged,
    the rest replaced; then what is ``…_extra`` is added and terms are put in.

    :raises Flaw: something is added to what is not there.
    """
    result: dict[str, Any] = {}
    for data in (*bases, own):
        for key, value in data.items():
            if key == "facts":
                # The first few are said: those of the service itself before those of its family.
                result[key] = [*value, *result.get(key, ())]
            elif key in _JOINED:
                result[key] = [*result.get(key, ()), *value]
            elif key in _MERGED:
                result[key] = {**result.get(key, {}), **value}
            elif key != "codes_extra":
                result[key] = value
        if "codes_extra" in data:
            _add_codes(result, data["codes_extra"])
    result["variants"] = [_with_extra(v, result) for v in result["variants"]] if "variants" in result else []
    if not result["variants"]:
        del result["variants"]
    terms = result.get("terms", {})
    return {key: value if key == "terms" else _worded(value, terms) for key, value in result.items()}


def _add_codes(result: dict[str, Any], extra: Node) -> None:
    lists = dict(result.get("codes", {}))
    for name, rows in extra.items():
        if name not in lists:
            known = ", ".join(lists) or "none"
            raise Flaw(extra, f"there is no code list '{name}' to add to", f"lists that exist: {known}")
        new = {row["code"]: row for row in rows}
        kept = [new.pop(row["code"], row) for row in lists[name]]
        lists[name] = [*kept, *new.values()]
    result["codes"] = lists


def _with_extra(variant: Node, data: Node) -> Node:
    extra = [
        row
        for row in data.get("requirements_extra", ())
        if variant["id"] in row.get("variants", () if variant.get("ends") == "referral" else (variant["id"],))
    ]
    if not extra:
        return variant
    longer: Node = _like(variant, {**variant, "requirements": [*variant.get("requirements", ()), *extra]})
    return longer


def unknown_variants(data: Node) -> Iterator[tuple[Node, str]]:
    """Rows of ``requirements_extra`` that name a variant which is not there, with that name."""
    ids = {v["id"] for v in data.get("variants", ())}
    for row in data.get("requirements_extra", ()):
        for name in row.get("variants", ()):
            if name not in ids:
                yield row, name


def _worded(node: Any, terms: Node, language: str = "id") -> Any:
    """The same with ``{term}`` replaced, in the language of the wording it stands in."""
    if not terms:
        return node
    if isinstance(node, str):
        return fill(node, **{name: _term(word, language) for name, word in terms.items()}) if "{" in node else node
    if isinstance(node, Mapping):
        spoken = set(node) <= {"id", "en", "jv"}
        return _like(node, {k: _worded(v, terms, k if spoken else language) for k, v in node.items()})
    if isinstance(node, list):
        return _like(node, [_worded(v, terms, language) for v in node])
    return node


def _term(word: str | Node, language: str) -> str:
    return word if isinstance(word, str) else str(word.get(language) or word["id"])


def _like(node: Any, content: Any) -> Any:
    """``content`` as the kind of ``node``, which keeps the lines of the file it came from."""
    same = node.__class__(content)
    same.__dict__.update(getattr(node, "__dict__", {})) if hasattr(same, "__dict__") else None
    return same
