"""What the console needs besides the desk: files made safe, what channels can do, templates, first canned answers, the boards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web

from bot.domain.canned import Seed
from bot.domain.conversation import Conversation
from bot.domain.delivery import window_open
from bot.domain.templates import MessageTemplate
from bot.ports import ChannelManifest, Media
from bot.usecases.attachments import Channels
from bot.usecases.seen import Seen
from bot.web.staff.console_feed import Feed


@dataclass(frozen=True)
class ConsoleParts:
    """``media`` None: agents send no files. ``most_bytes``: of one file."""

    media: Media | None = None
    channels: Channels = field(default_factory=Channels)
    templates: Mapping[str, MessageTemplate] = field(default_factory=dict)
    """By what they serve."""
    seeds: tuple[Seed, ...] = ()
    most_bytes: int = 16_000_000
    seen: Seen = field(init=False)
    """Shows citizens on push channels that somebody types."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "seen", Seen(self.channels))

    def manifest(self, account: str) -> ChannelManifest | None:
        """What the channel of an account can do, as far as it is configured."""
        channel = self.channels.by_id.get(account.partition(":")[0])
        return None if channel is None else channel.manifest


PARTS = web.AppKey("console_parts", ConsoleParts)
FEED = web.AppKey("console_feed", Feed)


@dataclass(frozen=True)
class Window:
    """Whether free text may be sent now, on a channel that limits that. ``until``: None when it is shut."""

    hours: int
    until: datetime | None

    @property
    def open(self) -> bool:
        """Whether it is open."""
        return self.until is not None


def window_of(
    parts: ConsoleParts, conversation: Conversation, last_citizen_at: datetime | None, now: datetime
) -> Window | None:
    """None: the channel knows no window. ``last_citizen_at``: as the ticket knows it, before the turn of the message."""
    manifest = parts.manifest(conversation.account)
    if manifest is None or not manifest.window_hours:
        return None
    hours = manifest.window_hours
    last = max((at for at in (conversation.last_inbound_at, last_citizen_at) if at is not None), default=None)
    open_now = window_open(hours, last, now)
    return Window(hours, last + timedelta(hours=hours, minutes=-1) if open_now and last is not None else None)
