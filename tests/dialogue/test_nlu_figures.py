"""What the numbers about the understanding mean."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bot.dialogue.nlu_figures import Bin, Judged, calibration_error, figures, reliability
from bot.dialogue.nlu_plot import reliability_svg

FEW = [
    Judged("a", "greet", "greet", 0.95),
    Judged("b", "greet", "deny", 0.55, "ktp", "ktp"),
    Judged("c", "deny", "deny", 0.95, "kk", None),
    Judged("d", "out_of_scope", "out_of_scope", 0.85),
    Judged("e", "deny", "out_of_scope", 0.55),
]


def test_figures_are_what_they_say() -> None:
    found = figures(FEW)
    assert found["messages"] == 5
    assert found["intent_accuracy"] == pytest.approx(3 / 5)
    assert found["intents"]["greet"] == {"messages": 2, "precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3)}
    assert found["macro_f1"] == pytest.approx((2 / 3 + 1 / 2 + 2 / 3) / 3)
    assert (found["out_of_scope_precision"], found["out_of_scope_recall"]) == (0.5, 1.0)
    assert found["service_accuracy"] == pytest.approx(4 / 5)
    assert found["service_accuracy_where_named"] == pytest.approx(1 / 2)
    assert found["both_accuracy"] == pytest.approx(2 / 5)
    assert {(one["wanted"], one["found"], one["messages"]) for one in found["confusions"]} == {
        ("greet", "deny", 1),
        ("deny", "out_of_scope", 1),
    }


def test_examples_have_no_services_to_be_right_about() -> None:
    assert not any("service" in name or name == "both_accuracy" for name in figures(FEW, with_services=False))


def test_nothing_measured_is_no_error() -> None:
    assert figures([])["intent_accuracy"] == 0.0


def test_calibration_compares_confidence_with_the_share_of_right_answers() -> None:
    assert reliability(FEW) == [
        Bin(2, pytest.approx(0.55), 0.0),
        Bin(1, pytest.approx(0.85), 1.0),
        Bin(2, pytest.approx(0.95), 1.0),
    ]
    assert calibration_error(FEW) == pytest.approx((0.55 * 2 + 0.15 + 0.05 * 2) / 5)
    assert calibration_error([Judged("a", "greet", "greet", 1.0)]) == 0.0


def test_the_picture_is_well_formed_and_has_a_dot_per_step() -> None:
    tree = ElementTree.fromstring(reliability_svg(reliability(FEW), "uji <coba> & lain"))  # noqa: S314 (our own)
    dots = [one for one in tree.iter() if one.tag.endswith("circle")]
    assert len(dots) == 3
    heights = [float(one.attrib["cy"]) for one in dots]
    assert heights[0] > heights[1] == heights[2]
