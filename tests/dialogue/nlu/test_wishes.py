"""What follows from wish and names together."""

from __future__ import annotations

import pytest

from bot.dialogue.nlu.wishes import Rules, Understood, second_wish, settle
from tests.dialogue.nlu.conftest import DATA, component

RULES = Rules.of(component(1))


def test_the_wishes_of_the_configuration_exist() -> None:
    known = {file.stem for file in (DATA / "nlu").glob("*.yml")}
    assert RULES.about_service | RULES.maybe_about_service | RULES.second | RULES.anew | {RULES.elsewhere} <= known


@pytest.mark.parametrize(
    ("read", "service", "other"),
    [
        (Understood("ask_cost", 0.9, service="kk"), "kk", None),
        (Understood("ask_cost", 0.9, profession="sip-perawat"), "sip-perawat", None),
        (Understood("ask_hours", 0.9, profession="sip-perawat"), None, None),
        (Understood("make_complaint", 0.9, service="ktp", profession=None), "ktp", None),
        (Understood("make_complaint", 0.9, profession="sip-bidan"), None, None),
        (Understood("ask_privacy", 0.9, service="ktp"), None, None),
        (Understood("out_of_scope", 0.9, service="sip", other="bpjs"), None, "bpjs"),
        (Understood("ask_requirements", 0.9, service="kk", other="kua"), "kk", None),
    ],
)
def test_a_name_counts_where_the_wish_can_be_about_it(read: Understood, service: str | None, other: str | None) -> None:
    settled = settle(read, RULES)
    assert (settled.service, settled.other) == (service, other)
    assert settle(settled, RULES) == settled


def wish(name: str, confidence: float = 0.9, service: str | None = None, also: str | None = None) -> Understood:
    return Understood(name, confidence, service, also=also)


@pytest.mark.parametrize(
    ("main", "parts", "second"),
    [
        (wish("ask_requirements", service="kk"), [wish("ask_requirements"), wish("ask_cost")], "ask_cost:kk"),
        (wish("ask_cost", service="kk"), [wish("ask_cost"), wish("ask_location")], "ask_location"),
        (
            wish("ask_requirements", service="ktp"),
            [wish("ask_requirements", service="ktp"), wish("ask_requirements", service="kia")],
            "ask_requirements:kia",
        ),
        (wish("ask_cost", service="kk"), [wish("ask_cost"), wish("ask_hours", 0.4)], None),
        (wish("ask_cost", service="kk"), [wish("thanks"), wish("ask_cost"), wish("greet")], None),
        (wish("ask_cost", service="kk"), [wish("ask_cost"), wish("out_of_scope")], None),
        (wish("ask_cost", service="kk"), [wish("ask_cost"), wish("ask_cost")], None),
        (wish("make_complaint"), [wish("ask_cost"), wish("ask_hours")], None),
        (wish("ask_cost"), [], None),
        (wish("start_application", service="ktp", also="kia"), [], "start_application:kia"),
        (wish("ask_hours", also="kia"), [], None),
        (wish("ask_cost", service="ktp", also="kk,kia"), [], "ask_cost:kk,ask_cost:kia"),
        (
            wish("ask_cost", service="kk"),
            [wish("ask_cost"), wish("ask_duration"), wish("ask_requirements"), wish("ask_hours"), wish("ask_location")],
            "ask_duration:kk,ask_requirements:kk,ask_hours",
        ),
        (wish("ask_duration", service="kk"), [wish("start_application", service="kk"), wish("ask_duration")], None),
        (
            wish("ask_duration", service="kk"),
            [wish("ask_duration"), wish("start_application", service="kia")],
            "start_application:kia",
        ),
    ],
)
def test_a_second_wish_is_another_sure_and_real_one(
    main: Understood, parts: list[Understood], second: str | None
) -> None:
    assert second_wish(main, parts, RULES) == second
