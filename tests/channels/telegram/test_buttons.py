"""Payloads that fit ``callback_data`` and those that do not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.messages import Button
from channels.telegram import buttons

PAYLOADS = st.text(max_size=120)
TITLES = st.text(min_size=1, max_size=64)


def shown(some: list[Button]) -> list[tuple[str, str]]:
    markup = buttons.keyboard(some)
    rows = markup.inline_keyboard if markup else ()
    return [(button.text, str(button.callback_data)) for row in rows for button in row]


def test_a_payload_that_fits_is_sent_as_it_is() -> None:
    payload = "jawab:" + "x" * 58
    assert buttons.data(Button("Ya", payload), 0) == payload
    assert buttons.read(payload, [("Ya", payload)]) == buttons.Press("Ya", payload)


def test_a_longer_payload_is_read_as_if_its_title_had_been_typed() -> None:
    choices = [Button("Baru", "jawab:q:" + "a" * 80), Button("Perpanjangan", "jawab:q:" + "b" * 80)]
    data = buttons.data(choices[1], 1)
    assert buttons.read(data, shown(choices)) == buttons.Press("Perpanjangan", None)


def test_two_long_payloads_with_titles_alike_are_told_apart() -> None:
    choices = [Button("Kecamatan " + "x" * 60 + end, "jawab:q:" + end * 80) for end in ("A", "B")]
    pairs = shown(choices)
    assert [buttons.read(data, pairs).title for _, data in pairs] == [choice.title for choice in choices]


def test_a_press_on_a_message_that_telegram_no_longer_tells_keeps_the_start_of_the_title() -> None:
    data = buttons.data(Button("Perpanjangan", "x" * 65), 1)
    assert buttons.read(data, []) == buttons.Press("Perpanjangan", None)


def test_the_pressed_button_stays_alone_with_its_mark_and_its_meaning() -> None:
    ((button,),) = buttons.pressed("Ya", "jawab:q:ya").inline_keyboard
    assert (button.text, button.callback_data) == ("✓ Ya", "jawab:q:ya")


def test_short_titles_lie_side_by_side_and_long_ones_do_not() -> None:
    def rows(*titles: str) -> list[int]:
        markup = buttons.keyboard([Button(title, title) for title in titles])
        assert markup is not None
        return [len(row) for row in markup.inline_keyboard]

    assert rows("A", "B", "AB", "O", "A+") == [3, 2]
    assert rows("Laki-laki", "Perempuan") == [2]
    assert rows("Ya", "Tidak, saya perbaiki dulu") == [1, 1]


@given(st.lists(st.builds(Button, title=TITLES, payload=PAYLOADS), min_size=1, max_size=13))
def test_every_button_is_one_that_telegram_takes_and_comes_back(some: list[Button]) -> None:
    pairs = shown(some)
    assert len(pairs) == len(some)
    for button, (title, data) in zip(some, pairs, strict=True):
        assert title.strip()
        assert 1 <= len(data.encode()) <= 64
        press = buttons.read(data, pairs)
        assert press.payload is None or press.payload == button.payload
        if press.payload is None and not button.title.startswith(buttons.PRESSED):
            assert press.title == title
