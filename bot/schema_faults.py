"""What a JSON schema finds wrong in a YAML file, as ``file:line: what; remedy`` that a person understands."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from bot.errors import ContentError
from bot.yaml_lines import LineMap, line_of

_TYPES = {
    "string": "a text",
    "object": "a mapping",
    "array": "a list",
    "integer": "a whole number",
    "boolean": "true or false",
    "number": "a number",
    "null": "null",
}


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to mend in a file."""

    file: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}; {self.remedy}"


def unreadable(error: ContentError) -> Fault:
    """What :func:`bot.yaml_lines.load` refused."""
    file, line, rest = str(error).split(":", 2)
    message, _, remedy = rest.strip().partition("; ")
    return Fault(file, int(line), message, remedy)


def faults_of(validator: Draft202012Validator, data: LineMap, guide: str) -> Iterator[Fault]:
    """Everything the schema finds wrong; ``guide`` is the page to look at where a fault has no shorter remedy."""
    for error in validator.iter_errors(data):
        yield fault_at(error, data, guide)


def fault_at(error: ValidationError, data: LineMap, guide: str) -> Fault:
    """One fault, at its line."""
    path = list(error.absolute_path)
    message, remedy = _worded(error, guide)
    if error.validator == "additionalProperties":
        path.append(_strangers(error)[0])
    where = ".".join(map(str, error.absolute_path))
    return Fault(data.file, line_of(data, path), f"{where}: {message}" if where else message, remedy)


def _worded(error: ValidationError, guide: str) -> tuple[str, str]:
    value: Any = error.validator_value
    instance: Any = error.instance
    if error.validator == "additionalProperties":
        stranger = _strangers(error)[0]
        allowed = _properties(error)
        close = difflib.get_close_matches(stranger, allowed, 1)
        return (
            f"unknown key '{stranger}'",
            f"did you mean '{close[0]}'?" if close else f"possible keys: {', '.join(allowed)}",
        )
    if error.validator == "required":
        missing = [key for key in value if key not in instance]
        return f"{', '.join(missing)} missing", "add it"
    if error.validator == "type":
        kinds = [value] if isinstance(value, str) else value
        return f"{instance!r} does not fit here", f"write {' or '.join(_TYPES[k] for k in kinds)}" + (
            " (in quotes)" if "string" in kinds else ""
        )
    if error.validator == "enum":
        return f"{instance!r} is not possible here", f"use one of: {', '.join(map(str, value))}"
    return error.message, f"see {guide}"


def _strangers(error: ValidationError) -> list[str]:
    instance: Any = error.instance
    return [key for key in instance if key not in _properties(error)]


def _properties(error: ValidationError) -> list[str]:
    schema: Any = error.schema
    return list(schema.get("properties", {}))
