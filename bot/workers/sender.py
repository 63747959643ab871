"""Sends one claimed message: decides how, hands its parts over, writes down what became of them (design 3.6)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from bot import tracing
from bot.domain import delivery
from bot.domain.delivery import Decision, Elsewhere, Quiet, Situation, Way, decide, elsewhere, retry_in, window_open
from bot.domain.messages import Kind, OutFile, Outgoing, Sender, Standing, Template
from bot.domain.rendering import parts
from bot.domain.templates import MessageTemplate
from bot.errors import (
    ChannelError,
    ChannelMisconfigured,
    ChannelUnavailable,
    Fenced,
    OptedOut,
    OutcomeUnknown,
    RecipientBlocked,
    TemplateRefused,
    Throttled,
    WindowClosed,
)
from bot.ports import Channel, ChannelAccount, Clock, Explains, Texts
from bot.storage.exchanges import described
from bot.storage.media_links import MediaLinks
from bot.storage.outbox import NUDGE, OutboxQueue, OutboxRow
from bot.workers.figures import SENT, UNKNOWN
from bot.workers.pace import Pace

log = logging.getLogger(__name__)

UNDELIVERED = "undelivered"
"""``outbox.via`` of news whose failure came with a receipt: it looks for another way."""
_OURS = {
    one.code: one
    for one in (WindowClosed, RecipientBlocked, OptedOut, TemplateRefused, ChannelUnavailable, ChannelMisconfigured)
}
_LOST = {"blocked": "recipient_blocked", "stopped": "opted_out"}


@dataclass
class _Try:
    """One message in hand: what is known of the try that failed last."""

    row: OutboxRow
    channel: Channel
    account: ChannelAccount
    message: Outgoing | None = None
    part: int = 0
    doubt: datetime | None = None
    """When a try began of which nobody knows whether it arrived."""
    clock: float = 0.0

    def log(self, outcome: str, provider_code: str | None = None) -> dict[str, Any]:
        """The line of the exchange log."""
        detail = described(self.message, self.part) if self.message is not None else {}
        ms = round((perf_counter() - self.clock) * 1000) if self.clock else None
        return {"outcome": outcome, "provider_code": provider_code, "ms": ms, "detail": detail}


class MessageSender:
    """``quiet`` gives the quiet hours of an office, ``templates`` are by what they serve."""

    def __init__(
        self,
        queue: OutboxQueue,
        channels: Mapping[str, Channel],
        clock: Clock,
        texts: Texts,
        links: MediaLinks,
        templates: Mapping[str, MessageTemplate] | None = None,
        quiet: Callable[[str], Quiet | None] = lambda _: None,
        pace: Pace | None = None,
    ) -> None:
        self.queue = queue
        self.clock = clock
        self._channels = channels
        self._texts = texts
        self._links = links
        self._templates = templates or {}
        self._quiet = quiet
        self._pace = pace or Pace()
        self.paused: dict[str, datetime] = {}
        """Accounts whose provider asked to wait, and until when."""

    async def deliver(self, row: OutboxRow) -> None:
        """Send it, or write down why not. Never raises for a failure of this one message."""
        name = row.account.partition(":")[0]
        channel = self._channels.get(name)
        account = channel.accounts.get(row.account) if channel is not None else None
        try:
            with tracing.process("outbox", row.trace, message=row.id, conversation=row.conversation_id, channel=name):
                if channel is None or account is None:
                    await self._keep(row, "no_channel")
                else:
                    await self._tried(_Try(row, channel, account))
        except Fenced:
            log.info("another worker has the message", extra={"outbox": row.id})

    # -- deciding -----------------------------------------------------------------------------------------------------

    async def _tried(self, attempt: _Try) -> None:
        try:
            try:
                self._heed_the_receipt(attempt)
                await self._do(attempt, decide(await self._situation(attempt)))
            except (WindowClosed, TemplateRefused) as error:
                # Whatever we counted, the provider knows better: decide once more, with its word.
                await self._note(attempt, error)
                await self._do(attempt, decide(await self._situation(attempt, error)), error.code)
        except Fenced:
            raise
        except ChannelError as error:
            await self._failed(attempt, error)
        except Exception:
            log.exception("message could not be sent", extra={"outbox": attempt.row.id})
            await self._again(attempt, "unexpected", attempt.log("unexpected"))

    @staticmethod
    def _heed_the_receipt(attempt: _Try) -> None:
        """A failure that came with a receipt is one like those of the sending itself.

        :raises bot.errors.ChannelError: that failure.
        """
        code = attempt.row.error_code or ""
        if attempt.row.via != UNDELIVERED:
            return
        if isinstance(attempt.channel, Explains) and code not in _OURS:
            raise attempt.channel.explain(code)
        raise _OURS.get(code, ChannelError)("told by receipt", provider_code=code)

    async def _situation(self, attempt: _Try, error: ChannelError | None = None) -> Situation:
        """What is needed to decide; the database is asked for other ways only when the straight one is barred. ``error``: what
        the provider just said; a window that it called closed is open again once the person has written.
        """
        row, manifest, now = attempt.row, attempt.channel.manifest, self.clock.now()
        late = row.via == UNDELIVERED or row.error_code == WindowClosed.code
        refused = (error is not None or row.error_code == WindowClosed.code) and not (
            late and attempt.message is None and _newer(row.written_at, row.since)
        )
        situation = Situation(
            now=now,
            notice=row.notice,
            standing=row.standing,
            written_at=row.created_at,
            window_hours=manifest.window_hours,
            last_inbound_at=row.written_at,
            refused=refused,
            quiet=self._quiet(row.locus),
        )
        straight = (
            row.standing is Standing.OPEN and not refused and window_open(manifest.window_hours, row.written_at, now)
        )
        if straight:
            return situation
        situation = await self._with_ways(row, situation)
        return replace(situation, template=None) if isinstance(error, TemplateRefused) else situation

    async def _with_ways(self, row: OutboxRow, situation: Situation) -> Situation:
        template, complete = await self._template(row)
        return replace(
            situation,
            template=template,
            complete=complete,
            nudged=template is not None and await self.queue.nudged(row),
            others=await self._others(row) if row.notice else (),
        )

    async def _template(self, row: OutboxRow) -> tuple[Template | None, bool]:
        """The approved template of a message, and whether it says all of it."""
        answer = not row.notice and row.reply.kind is not Kind.HANDOFF  # who joined or left is not worth a call
        about = row.reply.meta.get("template") or ({"serves": "answer"} if answer else {})
        template = self._templates.get(about.get("serves", ""))
        if template is None:
            return None, False
        approved = await self.queue.approved(row.account, template.name)
        language = next((one for one in (template.language(row.language), "id") if one in approved), None)
        if language is None:
            return None, False
        values = template.filled(about.get("values") or {})
        return Template(template.name, language, values), template.complete and not about.get("more")

    async def _others(self, row: OutboxRow) -> list[Elsewhere]:
        found = []
        for other in await self.queue.others(row):
            channel = self._channels.get(other.account.partition(":")[0])
            if channel is None or other.account not in channel.accounts:
                continue
            manifest = channel.manifest
            is_open = manifest.pull or window_open(manifest.window_hours, other.written_at, self.clock.now())
            found.append(Elsewhere(other.conversation_id, other.standing, manifest.pull, is_open))
        return found

    # -- doing --------------------------------------------------------------------------------------------------------

    async def _do(self, attempt: _Try, decision: Decision, code: str | None = None) -> None:
        row, now = attempt.row, self.clock.now()
        code = code or row.error_code
        if decision.way is Way.TEXT:
            await self._text(attempt)
        elif decision.way is Way.TEMPLATE:
            await self._templated(attempt, decision, code)
        elif decision.way is Way.ELSEWHERE and decision.conversation is not None:
            await self._elsewhere(attempt, decision.conversation, decision.reason)
        elif decision.way is Way.HOLD:
            await self._hold(row, decision, code)
        else:
            lost = decision.reason == Standing.BLOCKED
            why = _LOST.get(decision.reason, decision.reason)
            await self.queue.settle(row, "failed" if lost else "dropped", now, code=why)
            SENT.labels("failed" if lost else "dropped").inc()

    async def _text(self, attempt: _Try) -> None:
        row = attempt.row

        def say(key: str, **params: Any) -> str:
            return self._texts.say(key, row.language, **params)

        messages = parts(row.reply, attempt.channel.manifest, str(row.id), await self._files(row), say)
        for number in range(row.parts, len(messages)):
            await self._hand_over(attempt, number, messages[number])
        await self.queue.settle(row, "sent", self.clock.now(), via=Way.TEXT.value)
        SENT.labels("sent").inc()

    async def _templated(self, attempt: _Try, decision: Decision, code: str | None) -> None:
        """A template in place of the message, or one that asks the person to write so that it can follow."""
        row = attempt.row
        part = NUDGE if decision.then else row.parts
        await self._hand_over(attempt, part, Outgoing(f"{row.id}.t{part}", template=decision.template))
        SENT.labels("template").inc()
        if decision.then:
            await self._hold(row, decision, code)
        else:
            await self.queue.settle(row, "sent", self.clock.now(), via=Way.TEMPLATE.value)

    async def _hand_over(self, attempt: _Try, part: int, message: Outgoing) -> None:
        """One part to the provider; one that may have arrived already is looked for first."""
        row, channel, account = attempt.row, attempt.channel, attempt.account
        manifest = channel.manifest
        chat = str(row.conversation_id)
        await self._pace.turn(account.id, manifest.rate_per_s, chat, manifest.chat_rate_per_s)
        await self.queue.renew(row, self.clock.now())
        attempt.message, attempt.part, attempt.clock = message, part, perf_counter()
        sent, began = None, self.clock.now()
        if row.error_code == OutcomeUnknown.code and row.since is not None and part in (row.parts, NUDGE):
            attempt.doubt = began = row.since
            others = await self.queue.sent_since(row, account.id, row.since)
            sent = await channel.sent_before(account, row.recipient, message, row.since, others)
            UNKNOWN.labels("repeated" if sent is None else "found").inc()
            attempt.doubt = None
        outcome = "ok" if sent is None else "found"
        if sent is None:
            try:
                # Its address is no part of the trace: Telegram's has the bot's token in it.
                with tracing.span("send", "client", channel=manifest.id, part=part):
                    sent = await channel.send(account, row.recipient, message)
            except OutcomeUnknown:
                attempt.doubt = began
                raise
        now = self.clock.now()
        await self.queue.sent(row, part, account.id, sent.external_id, now, attempt.log(outcome))

    async def _files(self, row: OutboxRow) -> dict[str, OutFile]:
        now = self.clock.now()
        return {
            id_: OutFile(name, type_, self._links.link(UUID(id_), now), data)
            for id_, (name, type_, data) in (await self.queue.files(row.reply)).items()
        }

    async def _elsewhere(self, attempt: _Try, to: UUID, reason: str) -> None:
        await self.queue.relay(attempt.row, to, _LOST.get(reason, reason), self.clock.now())
        SENT.labels("elsewhere").inc()

    async def _hold(self, row: OutboxRow, decision: Decision, code: str | None) -> None:
        """Until its hour, or until the person writes: later than what was known when this was decided."""
        now = self.clock.now()
        await self.queue.settle(
            row,
            "created",
            now,
            code=code,
            next_at=decision.until or now + delivery.TOO_OLD,
            via=str(decision.reason),
            since=row.written_at or row.created_at,
        )
        SENT.labels("held").inc()

    # -- failing ------------------------------------------------------------------------------------------------------

    async def _failed(self, attempt: _Try, error: ChannelError) -> None:
        row, now = attempt.row, self.clock.now()
        line = attempt.log(error.code, error.provider_code)
        if isinstance(error, Throttled) and row.via != UNDELIVERED:
            until = now + timedelta(seconds=error.after)
            self.paused[row.account] = until
            code = OutcomeUnknown.code if attempt.doubt else error.code
            await self.queue.settle(row, "created", now, code=code, next_at=until, since=attempt.doubt, log=line)
            SENT.labels("throttled").inc()
        elif isinstance(error, RecipientBlocked | OptedOut):
            blocked = isinstance(error, RecipientBlocked)
            standing = Standing.BLOCKED if blocked else Standing.STOPPED
            # News goes round again and finds another way; an answer has none.
            state = "created" if row.notice else "failed"
            await self.queue.settle(row, state, now, code=error.code, log=line, standing=standing)
            SENT.labels("failed").inc()
        elif isinstance(error, ChannelMisconfigured):
            await self._keep(row, error.code, line)
        elif isinstance(error, OutcomeUnknown):
            await self._again(attempt, error.code, line, unknown=True)
        elif error.retryable:
            await self._again(attempt, error.code, line)
        else:
            # The provider's own number says more than our "refused".
            await self._give_up(attempt, error.provider_code or error.code, line)

    async def _again(self, attempt: _Try, code: str, line: dict[str, Any], *, unknown: bool = False) -> None:
        row, now = attempt.row, self.clock.now()
        pause = retry_in(row.attempts + 1, now - row.created_at)
        if pause is None:
            await self._give_up(attempt, code, line, unknown=unknown)
            return
        doubt = attempt.doubt
        await self.queue.settle(
            row,
            "created",
            now,
            code=OutcomeUnknown.code if doubt else code,
            next_at=now + pause,
            failed=True,
            unknown=unknown,
            since=doubt,
            log=line,
        )
        SENT.labels("retry").inc()

    async def _give_up(self, attempt: _Try, code: str, line: dict[str, Any], *, unknown: bool = False) -> None:
        """For good; news looks for another conversation of the person, an answer is shown to the staff as failed."""
        row, now = attempt.row, self.clock.now()
        await self._write(attempt, line)
        decision = elsewhere(Situation(now, row.notice, others=await self._others(row)), code)
        if decision.conversation is not None and not unknown:
            await self._elsewhere(attempt, decision.conversation, code)
            return
        log.warning("message given up", extra={"outbox": row.id, "code": code, "attempts": row.attempts + 1})
        await self.queue.settle(row, "failed", now, code=code, failed=True, unknown=unknown)
        SENT.labels("failed").inc()
        if row.reply.sender is Sender.AGENT:
            async with self.queue.store.begin() as tx:
                await tx.notify_staff()

    async def _keep(self, row: OutboxRow, code: str, line: dict[str, Any] | None = None) -> None:
        """An operator has to mend something: nothing is lost, nothing counted."""
        now = self.clock.now()
        log.error("messages cannot be sent until this is mended", extra={"account": row.account, "code": code})
        next_at = now + delivery.MISCONFIGURED_PAUSE
        await self.queue.settle(row, "created", now, code=code, next_at=next_at, log=line)
        SENT.labels("kept").inc()

    async def _note(self, attempt: _Try, error: ChannelError) -> None:
        if error.alert:
            log.error("a template was refused", extra={"outbox": attempt.row.id, "code": error.code})
        await self._write(attempt, attempt.log(error.code, error.provider_code))

    async def _write(self, attempt: _Try, line: dict[str, Any]) -> None:
        row = attempt.row
        async with self.queue.store.begin() as tx:
            await tx.put_exchange(
                row.account, "out", at=self.clock.now(), conversation_id=row.conversation_id, outbox_id=row.id, **line
            )


def _newer(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)
