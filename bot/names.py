"""What services are called, also those whose catalogue file is not there yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_ABBREVIATION = 4
"""Names this short are abbreviations (KTP, KIA, SIP) and written in capitals."""


def service_names(content_dir: Path) -> dict[str, str]:
    """Slug -> name in Indonesian: the first name of each service in ``nlu/services.yml``."""
    data: dict[str, Any] = yaml.safe_load((content_dir / "nlu" / "services.yml").read_text("utf-8"))
    names: dict[str, str] = {}
    for entry in data["nlu"]:
        slug = entry.get("synonym")
        if slug:
            names[str(slug)] = _name(str(slug), str(entry["examples"]))
    return names


def _name(slug: str, examples: str) -> str:
    if slug.startswith("sip-"):
        return f"SIP {slug.removeprefix('sip-').replace('-', ' ')}"
    first = examples.strip().splitlines()[0].removeprefix("- ").strip()
    return first.upper() if len(first) <= _ABBREVIATION else first[0].upper() + first[1:]
