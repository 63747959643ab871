"""How the body of a call is written: JSON, a form, or a form with files in it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from bot.domain.messages import FileRef
from bot.errors import AgencyError

_UNSAFE = re.compile(r'[\r\n"\\\x00-\x1f]')


def files_of(files: Sequence[tuple[FileRef, bytes, str]]) -> list[dict[str, Any]]:
    """The attachments as a template names them: ``field, name, type, size, content`` (base64), ``sha256``."""
    return [
        {
            "field": path,
            "name": ref.name,
            "type": ref.type,
            "size": len(content),
            "content": base64.b64encode(content).decode(),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for ref, content, path in files
    ]


async def encoded(
    call: Mapping[str, Any], filled: Any, files: Sequence[tuple[FileRef, bytes, str]], key: str
) -> tuple[bytes, str]:
    """Body and its type. In a thread, for it may hold tens of megabytes. The same input gives the same bytes."""
    send = call.get("send", "json")
    if send == "form":
        return urlencode(_flat(filled)).encode(), "application/x-www-form-urlencoded"
    if send == "multipart":
        return await asyncio.to_thread(_multipart, call, filled, files, key)
    return await asyncio.to_thread(_json, filled), "application/json"


def _json(filled: Any) -> bytes:
    return json.dumps(filled, ensure_ascii=False).encode()


def _flat(filled: Any) -> list[tuple[str, str]]:
    if not isinstance(filled, dict) or any(isinstance(value, dict | list) for value in filled.values()):
        raise AgencyError("a form has no nested fields")
    return [(name, _written(value)) for name, value in filled.items()]


def _written(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) or value is None else str(value)


def _multipart(
    call: Mapping[str, Any], filled: Any, files: Sequence[tuple[FileRef, bytes, str]], key: str
) -> tuple[bytes, str]:
    boundary = "loket-" + hashlib.sha256(key.encode()).hexdigest()[:32]
    parts = []
    if "body_part" in call:  # everything as one part of JSON
        parts.append(_part(boundary, f'name="{call["body_part"]}"', "application/json", _json(filled)))
    else:
        for name, value in _flat(filled):
            parts.append(_part(boundary, f'name="{_safe(name)}"', "text/plain; charset=utf-8", value.encode()))
    names = call.get("file_fields", {})
    for ref, content, path in files:
        field = names.get(path, call.get("file_part", path))
        where = f'name="{_safe(field)}"; filename="{_safe(ref.name)}"'
        parts.append(_part(boundary, where, ref.type, content))
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _part(boundary: str, where: str, type_: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {where}\r\nContent-Type: {_safe(type_)}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text)
