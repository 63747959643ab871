"""Styles and scripts of the staff pages. Browsers keep them for a year, under an address that changes with any of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

_STATIC = Path(__file__).resolve().parents[1] / "static"
TYPES = {
    "staff.css": "text/css",
    "accounts.css": "text/css",
    "errands.css": "text/css",
    "privacy.css": "text/css",
    "console.css": "text/css",
    "studio.css": "text/css",
    "figures.css": "text/css",
    "survey.css": "text/css",
    "staff.js": "text/javascript",
    "console.js": "text/javascript",
    "console_drafts.js": "text/javascript",
    "console_write.js": "text/javascript",
    "console_keys.js": "text/javascript",
    "enrol.js": "text/javascript",
    "studio_intents.js": "text/javascript",
    "htmx.min.js": "text/javascript",
    "loket.svg": "image/svg+xml",
}
"""What is served, and as what."""


def file_of(name: str, static: Path = _STATIC) -> Path | None:
    """None: there is none of that name, or the checkout is without its npm assets (the pages work without)."""
    file = static / ("vendor" if name.startswith("htmx") else "") / name
    return file if name in TYPES and file.is_file() else None


def version(static: Path = _STATIC) -> str:
    """Differs when any of them does."""
    digest = hashlib.sha256()
    for name in TYPES:
        file = file_of(name, static)
        digest.update(file.read_bytes() if file is not None else b"")
    return digest.hexdigest()[:12]
