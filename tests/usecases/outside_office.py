"""An office whose handoffs a Chatwoot account answers: the account on loopback, the real adapter, the real worker."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.domain.conversation import Conversation
from bot.domain.handoff import Ticket
from bot.errors import RejectedFile
from bot.ports import CleanFile
from bot.storage.outside import OutsideQueue
from bot.usecases.store_outside import OutsideCase
from bot.workers.outside import OutsideWorker
from integrations.chatwoot.accounts import Account
from integrations.chatwoot.adapter import Chatwoot
from tests.servers.chatwoot import ACCOUNT, INBOX, SECRET, TOKEN, signed
from tests.servers.chatwoot import Chatwoot as Server
from tests.usecases.conftest import World
from tests.usecases.desk import asks, ticket_of


class AsItIs:
    """Takes every file but ``bad``."""

    async def clean(self, data: bytes) -> CleanFile:
        if data == b"bad":
            raise RejectedFile("file.broken", 422)
        return CleanFile(data, "application/pdf", 0, 0)


@dataclass
class Outside:
    """The account and what connects it with the world."""

    world: World
    server: Server
    desk: Chatwoot
    worker: OutsideWorker

    async def settle(self, seconds: float = 0) -> None:
        """After so much time, everything that is due is done, and what was said is heard."""
        self.world.clock.at += timedelta(seconds=seconds)
        await self._work()

    async def _work(self) -> None:
        self.worker._deps = self.world.deps
        await self.worker.settle()

    async def tells(self, *events: dict[str, Any]) -> None:
        """Webhooks come, in this order; then what they are about is done."""
        for event in events:
            body, headers = signed(event, self.world.clock.now().timestamp())
            told = self.desk.parse_webhook(body, headers)
            assert told is not None
            async with self.world.store.begin() as tx:
                await tx.hear_outside(self.desk.id, told.ref, self.world.clock.now())
        await self._work()

    async def handed(self, who: Conversation) -> tuple[Ticket, str]:
        """Somebody asks for a person; their ticket, and its conversation there."""
        await asks(self.world, who)
        await self.settle()
        ticket = await ticket_of(self.world, who)
        case = await self.case(ticket)
        assert case.ref is not None
        return ticket, case.ref

    async def case(self, ticket: Ticket) -> OutsideCase:
        async with self.world.store.begin() as tx:
            found = await tx.outside_case(ticket.id)
        assert found is not None
        return found

    def read(self, ref: str, *, private: bool = False, ours: bool = True) -> list[str]:
        """What stands there: of the citizen, or private notes."""
        messages = self.server.conversations[int(ref)]["messages"]
        kinds = (1,) if private or not ours else (0,)
        return [one["content"] for one in messages if one["private"] is private and one["message_type"] in kinds]


@contextlib.asynccontextmanager
async def outside_office(world: World) -> AsyncIterator[Outside]:
    """The world's office has an account, and no desk of its own is staffed."""
    server = Server()
    listening = await server.start()
    desk = Chatwoot(Account("", server.url, ACCOUNT, INBOX, TOKEN, SECRET), world.clock, timeout_s=0.4)
    world.deps = replace(world.deps, desks={desk.id: desk})
    world.dialogue.steps._deps = world.deps  # type: ignore[union-attr]
    worker = OutsideWorker(world.deps, OutsideQueue(world.store), "", AsItIs())
    yield Outside(world, server, desk, worker)
    await desk.close()
    await listening.close()
