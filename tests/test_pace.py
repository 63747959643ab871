"""Not faster than a provider allows, neither in all nor to one person."""

from __future__ import annotations

from bot.workers.pace import Pace


class Time:
    def __init__(self) -> None:
        self.at = 100.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Everybody waits at the same time here: the clock stands."""
        self.waits.append(round(seconds, 3))


async def test_one_person_gets_so_many_a_second_and_another_one_need_not_wait() -> None:
    time = Time()
    pace = Pace(time.now, time.sleep)
    for _ in range(3):
        await pace.turn("bot", 100, "siti", 1)
    await pace.turn("bot", 100, "budi", 1)
    assert [wait for wait in time.waits if wait > 0.1] == [1.0, 2.0]


async def test_an_account_keeps_its_rate_over_all_chats() -> None:
    time = Time()
    pace = Pace(time.now, time.sleep)
    for n in range(5):
        await pace.turn("bot", 4, f"chat {n}", 1)
    await pace.turn("other", 4, "chat x", 1)
    assert time.waits == [0.25, 0.5, 0.75, 1.0]


async def test_after_a_pause_nobody_waits() -> None:
    time = Time()
    pace = Pace(time.now, time.sleep)
    await pace.turn("bot", 1, "siti", 1)
    time.at += 5
    await pace.turn("bot", 1, "siti", 1)
    assert time.waits == []
