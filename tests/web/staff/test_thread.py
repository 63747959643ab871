"""How a line of a talk is shown to staff."""

from __future__ import annotations

import pytest

from bot.web.staff.thread import bold


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Silakan ke *loket A* ya.", "Silakan ke <strong>loket A</strong> ya."),
        ("*Hari ini*: 2*3*4", "<strong>Hari ini</strong>: 2*3*4"),
        ("* bukan *", "* bukan *"),
        ("https://contoh.go.id/a*b*c", "https://contoh.go.id/a*b*c"),
        ("<b>x</b> *<i>&*", "&lt;b&gt;x&lt;/b&gt; <strong>&lt;i&gt;&amp;</strong>"),
        ("", ""),
    ],
)
def test_staff_read_bold_words_as_the_citizen_does_and_nothing_else_becomes_markup(text: str, shown: str) -> None:
    assert str(bold(text)) == shown
