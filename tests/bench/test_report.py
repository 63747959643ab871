"""What a benchmark prints."""

from __future__ import annotations

import json
import re

import pytest

from bot.bench.main import BENCHES
from bot.bench.report import Result, percentile
from bot.settings import ROOT


def test_the_result_is_one_json_line_of_flat_numbers_with_the_baseline_beside_it() -> None:
    line = Result(
        "turns", {"turns_per_s_16": 80.0, "p95_ms_16": 210.0}, {"turns_per_s_16": 20.0, "p95_ms_16": 900.0}
    ).json()
    found = json.loads(line)
    assert set(found) == {"name", "figures", "baseline", "machine"} and "\n" not in line
    assert found["figures"].keys() == found["baseline"].keys() and found["machine"]


def test_without_a_baseline_it_is_null() -> None:
    assert json.loads(Result("x", {"a_ms": 1.0}).json())["baseline"] is None


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_the_nearest_rank(share: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


def test_the_table_names_both_sides_and_their_ratio() -> None:
    table = Result("turns", {"turns_per_s_1": 30.0}, {"turns_per_s_1": 10.0}).table()
    assert "stock" in table and "3.00" in table


def test_the_documented_benches_are_the_ones_there_are() -> None:
    documented = set(re.findall(r"^## `(\w+)`", (ROOT / "docs" / "bench.md").read_text("utf-8"), re.MULTILINE))
    assert set(BENCHES) == documented
