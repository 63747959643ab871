"""A PDF is let through when it opens, is not encrypted and brings nothing that acts or is packed inside.

Its bytes stay as they are: rewriting would break the signatures of officially signed documents.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

HEADER_WITHIN = 1024
MAX_OBJECTS = 100_000
_OTHER_KINDS = (b"MZ", b"PK", b"\x7fELF", b"#!", b"<")
"""Programs, archives, scripts, web pages in disguise: readers accept the header anywhere in the first 1 KiB."""

_ACTIVE_KEYS = frozenset(
    {"/JavaScript", "/JS", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/XFA", "/RichMedia", "/RichMediaContent"}
)
_ACTIVE_VALUES = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/RichMedia", "/EmbeddedFile"}
    | {"/FileAttachment", "/Movie", "/Sound", "/3D"}
)
_TYPED_BY = ("/S", "/Type", "/Subtype")
_RAW_NAMES = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?)\b")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def looks_like_pdf(data: bytes) -> bool:
    """``%PDF-`` within the first 1 KiB, and nothing else in front."""
    head = data[:HEADER_WITHIN]
    return b"%PDF-" in head and not head.lstrip().startswith(_OTHER_KINDS)


def problem(data: bytes) -> str | None:
    """Text key of what is wrong with a PDF, or None."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            return "file.pdf_locked"
        if len(reader.pages) == 0:
            return "file.broken"
        return "file.pdf_active" if _is_active(reader, data) else None
    except Exception:  # pypdf throws many kinds at a damaged file; RecursionError and MemoryError among them
        return "file.broken"


def _is_active(reader: PdfReader, data: bytes) -> bool:
    # A reader that rebuilds a damaged table sees objects pypdf may not: so the raw bytes are searched as well.
    if _RAW_NAMES.search(_ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), data)):
        return True
    return any(_acts(thing) for thing in _objects(reader)) or _acts(reader.trailer)


def _objects(reader: PdfReader) -> Iterable[Any]:
    """Every object of the file, those inside compressed object streams too."""
    names = [(number, generation) for generation, table in reader.xref.items() for number in table]
    names += [(number, 0) for number in reader.xref_objStm]
    if len(names) > MAX_OBJECTS:
        raise ValueError("too many objects")
    for number, generation in names:
        if number:
            yield reader.get_object(IndirectObject(number, generation, reader))


def _acts(thing: Any) -> bool:
    """Whether a dictionary in ``thing``, without following references, is an action or holds a file."""
    if isinstance(thing, DictionaryObject):
        if _ACTIVE_KEYS & {str(key) for key in thing}:
            return True
        if any(str(thing[key]) in _ACTIVE_VALUES for key in _TYPED_BY if key in thing):  # resolved: it may be indirect
            return True
        return any(_acts(value) for value in dict.values(thing))
    if isinstance(thing, ArrayObject):
        return any(_acts(value) for value in list.__iter__(thing))
    return False
