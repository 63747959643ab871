"""Background jobs around delivery: approvals are asked for, the log does not grow for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from bot.domain.messages import Reply
from bot.errors import ChannelUnavailable
from bot.ports import ChannelAccount
from bot.workers.jobs import EXCHANGES_LIFE, forget_expired, look_at_templates
from tests.fakes import FakeChannel
from tests.storage.outbox_office import STATUS, Office

Row = tuple[str, str, str, str, str | None]


class Approving(FakeChannel):
    """Like WhatsApp: its provider has to approve texts."""

    rows: Sequence[Row] = ()
    away = False

    async def templates(self, account: ChannelAccount) -> Sequence[Row]:
        if self.away:
            raise ChannelUnavailable("503")
        return self.rows


async def test_a_template_is_used_once_the_provider_has_approved_it_and_no_longer_than_that(office: Office) -> None:
    office.channel = channel = Approving()
    office.windowed()
    deps: Any = SimpleNamespace(now=office.clock.now)
    who = await office.writes()
    office.later(hours=30)

    async def news(approval: str, *, away: bool = False) -> int:
        channel.rows, channel.away = [("loket_status", "id", "HX1", approval, None)], away
        await look_at_templates(deps, office.store, {"fake": channel, "plain": FakeChannel()})
        before = len(channel.sent)
        await office.say(who, Reply("kabar", meta=STATUS), notice=True)
        await office.work()
        return len(channel.sent) - before

    assert await news("approved") == 1
    assert await news("pending", away=True) == 1  # what was last known holds while the provider is away
    assert await news("paused") == 0


async def test_the_log_is_forgotten_after_a_month(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu")
    await office.work()
    deps: Any = SimpleNamespace(now=office.clock.now)
    office.clock.at += EXCHANGES_LIFE - timedelta(minutes=1)
    await forget_expired(deps, office.store)
    async with office.store.begin() as tx:
        assert len(await tx.exchanges(who)) == 1
    office.later(minutes=2)
    await forget_expired(deps, office.store)
    async with office.store.begin() as tx:
        assert await tx.exchanges(who) == []
