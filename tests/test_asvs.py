"""The table of OWASP ASVS points: no point is missing, no test it names is invented, and the page says what the table says."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from bot.settings import ROOT
from tests.asvs import PAGE, STATUS, page, standard, table

TABLE = table()
POINTS = {point["point"]: point for point in TABLE["points"]}


@cache
def names_in(file: str) -> frozenset[str]:
    """Names of the tests of a file, read and not run."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_point_of_levels_1_and_2_is_there_once_with_its_level() -> None:
    wanted = standard(TABLE)
    assert len(wanted) == 253 and sum(level == 1 for level in wanted.values()) == 70
    assert [point["point"] for point in TABLE["points"]] == list(
        dict.fromkeys(point["point"] for point in TABLE["points"])
    )
    assert {number: point["level"] for number, point in POINTS.items()} == wanted


@pytest.mark.parametrize("chapter", [chapter["chapter"] for chapter in TABLE["chapters"]])
def test_every_test_that_a_chapter_names_exists(chapter: int) -> None:
    named = [
        one
        for number, point in POINTS.items()
        if number.split(".")[0] == str(chapter)
        for one in point.get("tests", [])
    ]
    missing = [one for one in named if one.partition("::")[2] not in names_in(one.partition("::")[0])]
    assert not missing
    assert all(one.startswith("tests/") and "::test_" in one for one in named)


def test_what_is_proved_names_tests_and_everything_says_by_what() -> None:
    for number, point in POINTS.items():
        assert set(point) <= {"point", "level", "asks", "status", "by", "tests"}, number
        assert point["status"] in STATUS, number
        assert bool(point.get("tests")) or point["status"] not in ("proved", "with a setting"), (
            f"{number} is proved by nothing"
        )
        assert not (point.get("tests") and point["status"] == "not applicable"), number
        assert len(point["asks"]) > 3 and len(point["by"]) > (20 if point["status"] == "open" else 2), number


def test_the_page_is_made_of_the_table() -> None:
    assert PAGE.read_text("utf-8") == page(TABLE), "python -m tests.asvs > docs/asvs.md"
