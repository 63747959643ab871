"""Uploaded files as answers."""

from __future__ import annotations

from typing import Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.messages import FileRef

_SHOWN = {"id": "sudah kami terima", "en": "received", "jv": "sampun kulo tampi"}


class Document:
    """A photo (JPEG after cleaning) or a PDF of a paper."""

    name: ClassVar[str] = "document"
    accepts: ClassVar[str] = "file"
    types: ClassVar[tuple[str, ...]] = ("image/jpeg", "image/png", "application/pdf")

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        return no(f"field.{self.name}.expected")

    def take(self, file: FileRef) -> Parsed:
        """The file as the answer."""
        if file.type not in self.types:
            return wrong(f"field.{self.name}.type")
        return strong({"id": file.id, "name": file.name, "type": file.type, "size": file.size})

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return _SHOWN.get(language, _SHOWN["id"])


class Selfie(Document):
    """A picture of the person's own face."""

    name: ClassVar[str] = "selfie"
    types: ClassVar[tuple[str, ...]] = ("image/jpeg", "image/png")
