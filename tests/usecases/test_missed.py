"""Messages whose webhook never came are asked for, stored once, and answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text

from bot.domain.messages import Inbound
from bot.errors import ChannelUnavailable
from bot.ports import ChannelAccount
from bot.usecases.attachments import Channels
from bot.usecases.receive import receive
from bot.workers.missed import GRACE, Missed
from tests.fakes import FakeChannel
from tests.usecases.conftest import World


class Provider(FakeChannel):
    """Keeps what people wrote, and when it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Inbound] = []
        self.asked: list[tuple[datetime, datetime]] = []
        self.away = False

    async def missed(self, account: ChannelAccount, since: datetime, until: datetime) -> Sequence[Inbound]:
        self.asked.append((since, until))
        if self.away:
            raise ChannelUnavailable("503")
        return [one for one in self.kept if since <= one.at < until]

    def written(self, world: World, number: int) -> Inbound:
        account = next(iter(self.accounts.values()))
        message = Inbound(account.id, f"u{number}", "citizen", world.clock.now(), text=f"pesan {number}")
        self.kept.append(message)
        return message


async def stored(world: World) -> list[str]:
    async with world.store.begin() as tx:
        return list((await tx.run(text("select external_id from inbox order by id"))).scalars())


async def test_what_no_webhook_brought_is_stored_once_and_what_came_is_left_alone(world: World) -> None:
    provider = Provider()
    looking = Missed(world.deps, Channels({"fake": provider}))
    account = next(iter(provider.accounts.values()))
    first = provider.written(world, 1)
    await receive(world.deps, account, [first])
    provider.written(world, 2)
    world.clock.at += GRACE + timedelta(seconds=1)
    assert await looking.look() == 1
    assert await looking.look() == 0
    assert await stored(world) == ["u1", "u2"]
    async with world.store.begin() as tx:
        repeats = await tx.run(text("select count(*) from exchange where outcome = 'repeat'"))
        assert repeats.scalar_one() == 0


async def test_a_fresh_message_is_left_to_its_webhook_except_before_the_gateway_listens(world: World) -> None:
    provider = Provider()
    looking = Missed(world.deps, Channels({"fake": provider}))
    provider.written(world, 1)
    world.clock.at += timedelta(seconds=2)
    assert await looking.look() == 0
    assert await looking.look(timedelta()) == 1


async def test_an_account_counts_as_asked_once_its_provider_has_answered(world: World) -> None:
    provider = Provider()
    looking = Missed(world.deps, Channels({"fake": provider}))
    provider.away = True
    await looking.look(timedelta())
    assert looking.unasked() == set(provider.accounts)
    provider.away = False
    await looking.look(timedelta())
    assert not looking.unasked()


async def test_after_a_provider_was_away_the_time_in_between_is_asked_for_too(world: World) -> None:
    provider = Provider()
    looking = Missed(world.deps, Channels({"fake": provider}))
    await looking.look()
    provider.away = True
    provider.written(world, 1)
    world.clock.at += timedelta(hours=1)
    assert await looking.look() == 0
    provider.away = False
    world.clock.at += timedelta(hours=1)
    assert await looking.look() == 1
    assert provider.asked[-1][0] < provider.asked[0][1]


async def test_what_came_while_the_clock_was_ahead_is_asked_for_once_it_is_right(world: World) -> None:
    provider = Provider()
    looking = Missed(world.deps, Channels({"fake": provider}))
    right = world.clock.at
    world.clock.at = right + timedelta(hours=1)
    await looking.look()
    world.clock.at = right + timedelta(minutes=10)
    provider.written(world, 1)
    world.clock.at += timedelta(minutes=10)
    assert await looking.look() == 1
