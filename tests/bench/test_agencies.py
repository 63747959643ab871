"""The bench of agencies with a small crowd: whatever goes wrong, every application is there exactly once and everybody is told."""

from __future__ import annotations

from bot.bench import agencies
from bot.settings import Settings


def test_every_application_arrives_exactly_once_and_everybody_has_their_document() -> None:
    said: list[str] = []
    figures = agencies.run(Settings.from_env({}), 40, said.append).figures
    assert figures["applications"] == figures["accepted_exactly_once"] == figures["told"] == 40, (figures, said)
    assert figures["lost"] == figures["twice"] == figures["told_twice"] == figures["held_up"] == 0, (figures, said)
    assert figures["tries"] > 40 and figures["outages"] == 1
