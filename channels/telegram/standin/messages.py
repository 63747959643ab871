"""What a message of a bot may hold, checked as Telegram checks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.telegram.standin.state import BotState, StoredFile, bad_request, units

MOST_TEXT = 4096
MOST_CAPTION = 1024
MOST_DATA = 64
MOST_BUTTONS = 100
MOST_IN_ROW = 8
_MOST_PHOTO = 10 * 1024 * 1024
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


@dataclass(frozen=True)
class Upload:
    """A file in a request."""

    name: str
    type: str
    data: bytes


def check_text(p: Mapping[str, Any], entities: Any) -> dict[str, Any]:
    """``text`` and ``entities`` of sendMessage.

    :raises ApiError: too long, empty, or entities out of place.
    """
    if p.get("parse_mode"):
        raise bad_request("unsupported parse_mode")  # of this stand-in: Loket sends entities
    text = str(p.get("text", "")).strip()
    if not text.strip(_INVISIBLE + " \n"):
        raise bad_request("message text is empty")
    if units(text) > MOST_TEXT:
        raise bad_request("message is too long")
    return {"text": text, **_entities(text, entities, "entities")}


def sent_photo(bot: BotState, p: Mapping[str, Any], entities: Any) -> dict[str, Any]:
    """Photo and caption of sendPhoto."""
    upload = _upload(p, "photo")
    if len(upload.data) > _MOST_PHOTO:
        raise bad_request("file is too big for a photo")
    if not upload.data.startswith(_IMAGES):
        raise bad_request("IMAGE_PROCESS_FAILED")
    caption = _caption(p, entities)
    return {"photo": photo_sizes(bot.store(upload.data, upload.name, "image/jpeg", "photos")), **caption}


def sent_document(bot: BotState, p: Mapping[str, Any], entities: Any) -> dict[str, Any]:
    """Document and caption of sendDocument."""
    upload = _upload(p, "document")
    caption = _caption(p, entities)
    return {"document": document(bot.store(upload.data, upload.name, upload.type, "documents")), **caption}


def document(stored: StoredFile) -> dict[str, Any]:
    """The Bot API's Document."""
    return {
        "file_id": stored.id,
        "file_unique_id": stored.id[-8:],
        "file_name": stored.name,
        "mime_type": stored.type,
        "file_size": len(stored.data),
    }


def photo_sizes(stored: StoredFile) -> list[dict[str, Any]]:
    """The Bot API's PhotoSizes: a preview that cannot be fetched, and the photo."""
    small = {"file_id": f"{stored.id}s", "file_unique_id": "s", "width": 90, "height": 67, "file_size": 1253}
    large = {"file_id": stored.id, "file_unique_id": stored.id[-8:], "width": 1280, "height": 960}
    return [small, {**large, "file_size": len(stored.data)}]


def keyboard(markup: Any) -> dict[str, Any]:
    """An inline keyboard.

    :raises ApiError: as Telegram refuses it.
    """
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list):
        raise bad_request("object expected as reply markup")
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS or any(len(row) > MOST_IN_ROW for row in rows):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        if not str(button.get("text", "")).strip():
            raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        if not 1 <= len(str(button.get("callback_data", "")).encode()) <= MOST_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    return {"inline_keyboard": rows}


def bold(message: dict[str, Any]) -> list[str]:
    """The bold stretches of a message, as a phone shows them."""
    text = str(message.get("text") or message.get("caption") or "").encode("utf-16-le")
    entities = message.get("entities") or message.get("caption_entities") or []
    spans = ((e["offset"] * 2, (e["offset"] + e["length"]) * 2) for e in entities if e["type"] == "bold")
    return [text[start:end].decode("utf-16-le", "replace") for start, end in spans]


def _caption(p: Mapping[str, Any], entities: Any) -> dict[str, Any]:
    if p.get("parse_mode"):
        raise bad_request("unsupported parse_mode")
    caption = str(p.get("caption", "")).strip()
    if units(caption) > MOST_CAPTION:
        raise bad_request("message caption is too long")
    return {"caption": caption, **_entities(caption, entities, "caption_entities")} if caption else {}


def _entities(text: str, entities: Any, name: str) -> dict[str, Any]:
    if not entities:
        return {}
    length = units(text)
    for entity in entities:
        start, size = entity.get("offset"), entity.get("length")
        if not isinstance(start, int) or not isinstance(size, int) or start < 0 or size < 1 or start + size > length:
            raise bad_request(f"can't parse entities: entity out of the text at offset {start}")
    return {name: entities[:100]}


def _upload(p: Mapping[str, Any], name: str) -> Upload:
    found = p.get(name)
    if isinstance(found, str) and found.startswith("attach://"):
        found = p.get(found.removeprefix("attach://"))
    if not isinstance(found, Upload):
        raise bad_request(f"there is no {name} in the request")
    if not found.data:
        raise bad_request("file must be non-empty")
    return found
