"""What comes out of a filled form."""

from __future__ import annotations

from typing import Any

from bot.domain.fields import TYPES
from bot.domain.form_model import MORE, QUIET
from bot.domain.form_sheet import Item, Sheet


def nested(sheet: Sheet) -> dict[str, Any]:
    """Answers by section and field, repeated sections as lists; without consent, identity proof and files."""
    data: dict[str, Any] = {}
    for item in sheet.items:
        if item.section.internal or item.value is None or item.open or not _told(item):
            continue
        where = data
        if item.index is None:
            where = data.setdefault(item.section.id, {})
        else:
            rows = data.setdefault(item.section.id, [])
            rows.extend({} for _ in range(item.index + 1 - len(rows)))
            where = rows[item.index]
        where[item.field.id] = item.value
    return data


def _told(item: Item) -> bool:
    field = item.field
    return field.id != MORE and QUIET not in field.options and TYPES[field.type].accepts != "file"
