"""``docs/asvs.yml`` as a page: ``python -m tests.asvs > docs/asvs.md``."""

from __future__ import annotations

from collections import Counter
from typing import Any

import yaml

from bot.settings import ROOT

FILE = ROOT / "docs" / "asvs.yml"
PAGE = ROOT / "docs" / "asvs.md"
STATUS = ("proved", "with a setting", "by design", "not applicable", "open")

_HEAD = """# Security, point by point

How Loket stands against the {standard}, levels 1 and 2: all {total} points, {counts}. Made of `docs/asvs.yml` by `python -m
tests.asvs > docs/asvs.md`; `tests/test_asvs.py` checks that no point is missing and that every test named here exists.

Numbers and levels are those of the standard (OWASP, CC BY-SA 4.0); what a point asks is said in our own few words, and the
standard's words count. *Proved* names tests that fail when the point does. *With a setting*: tests prove that the program does
it once the operator has named what only they can name (a certificate, a scanner, a list, a machine); how it stands without is
said, too. *By design* names the place to look at. *Not applicable* says why. *Open* says what is missing and why, or that it is
the operator's to do.
"""

_FOOT = """
## Times for updates

- A vulnerability in what strangers reach (gateway, widget, PostgreSQL): critical or exploited within 3 days, high within 14,
  others within 60, counted from the day an advisory names a mended version.
- In Rasa's environment (isolated, masked texts only) or in tools for tests: within 60 days, or an entry with reason, owner and
  date in `requirements/audit-accepted.yml`; `./loket test` fails when the date is over.
- All libraries: `./loket pin --upgrade` once a month, with the whole test suite behind it; it writes the day into
  `requirements/upgraded.txt`, and `./loket doctor` says when a month, or a quarter, has passed.
- What an installation consists of: `./loket sbom` (CycloneDX 1.6). Known vulnerabilities: `tests/test_dependencies.py`, wherever
  an advisory service can be reached.
"""


def table() -> dict[str, Any]:
    """The file as it is."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return found


def standard(found: dict[str, Any]) -> dict[str, int]:
    """Point -> level, of the whole standard at levels 1 and 2."""
    return {
        f"{section}.{number}": level
        for chapter in found["chapters"]
        for section, levels in chapter["points"].items()
        for level, numbers in levels.items()
        for number in numbers
    }


def page(found: dict[str, Any]) -> str:
    """The page, in Markdown."""
    counts = Counter(point["status"] for point in found["points"])
    said = ", ".join(f"{counts[status]} {status}" for status in STATUS)
    parts = [_HEAD.format(standard=found["standard"], total=len(found["points"]), counts=said)]
    for chapter in found["chapters"]:
        parts += [
            f"\n## {chapter['chapter']} {chapter['name']}\n\n| point | level | asks | status | by | tests |\n|---|---|---|---|---|---|"
        ]
        parts += [_row(point) for point in found["points"] if point["point"].split(".")[0] == str(chapter["chapter"])]
    opened = [
        f"- **{point['point']}** (level {point['level']}) {point['asks']}: {point['by']}"
        for point in found["points"]
        if point["status"] == "open"
    ]
    return "\n".join([*parts, "\n## Open\n", *opened]) + "\n" + _FOOT


def _row(point: dict[str, Any]) -> str:
    tests = "<br>".join(f"`{one}`" for one in point.get("tests", []))
    cells = (point["point"], point["level"], point["asks"], point["status"], point["by"], tests)
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    print(page(table()), end="")
