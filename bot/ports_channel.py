"""What the use cases and workers need of a channel, as protocols (part of :mod:`bot.ports`, which passes them on)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.domain.messages import Event, Inbound, MediaRef, Outgoing
from bot.errors import ChannelError


@dataclass(frozen=True)
class ChannelManifest:
    """``channels/<id>/manifest.yml``."""

    id: str
    name: str
    pull: bool
    """The person fetches messages from us (web): nothing is sent, nothing can be sent twice."""
    buttons: int
    """Most buttons a message can carry; 0: numbered text."""
    text_limit: int
    """Most characters of one message."""
    attachments: bool
    settings: tuple[str, ...] = ()
    """Settings the channel cannot do without. None of them set: the channel is off."""
    options: tuple[str, ...] = ()
    """Settings it can do without."""
    button_limit: int = 64
    """Most characters of a button's title; a longer one makes the choices numbered text."""
    caption_limit: int = 1024
    """Most characters beside a file."""
    window_hours: int = 0
    """Free text only so many hours after the person last wrote, then approved templates; 0: always."""
    rate_per_s: float = 20.0
    """Messages an account may send per second."""
    chat_rate_per_s: float = 1.0
    """Messages one person should get per second."""


@dataclass(frozen=True)
class ChannelAccount:
    """One bot or number. Ids of messages are unique within it."""

    id: str
    """``<channel>:<name>``, as stored with every row."""
    locus: str
    """The office it speaks for."""
    key: str
    """Last part of its webhook's address; no secret."""
    address: str = ""
    """What people see: ``@bot`` or the number."""


@dataclass(frozen=True)
class WebhookRequest:
    """A request to ``/webhooks/<channel>/<key>``. ``url`` is as the provider sees it, proxy or not; header names in any case."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Sent:
    """What the provider said on accepting a message."""

    external_id: str


@runtime_checkable
class Channel(Protocol):
    """One way to reach a citizen; one folder of ``channels/``."""

    manifest: ChannelManifest
    accounts: Mapping[str, ChannelAccount]
    """By id; none: the channel is off."""

    def verify(self, account: ChannelAccount, request: WebhookRequest) -> bool:
        """Whether the webhook really comes from the provider (constant time)."""
        ...

    def parse(self, account: ChannelAccount, request: WebhookRequest, at: datetime) -> Sequence[Event]:
        """What a verified webhook holds; unknown kinds give an empty list.

        :raises bot.errors.InvalidMessage: it is no message of this provider at all.
        """
        ...

    async def send(self, account: ChannelAccount, recipient: str, message: Outgoing) -> Sent:
        """Hand one message to the provider.

        :raises bot.errors.ChannelError: a typed failure.
        """
        ...

    async def fetch(self, account: ChannelAccount, media: MediaRef, most_bytes: int) -> bytes:
        """The content of a file a person sent; only ever from the provider's own hosts.

        :raises bot.errors.RejectedFile: larger than ``most_bytes``, or gone for good.
        :raises bot.errors.ChannelError: try later.
        """
        ...

    async def seen(self, account: ChannelAccount, recipient: str, mark: str | None, pressed: str | None) -> None:
        """Show that the message arrived and is worked on: answer the press, mark the button, "typing". Never raises."""
        ...

    async def sent_before(
        self,
        account: ChannelAccount,
        recipient: str,
        message: Outgoing,
        since: datetime,
        known: Collection[str] = (),
    ) -> Sent | None:
        """Whether an earlier try, whose answer was lost, arrived after all. None: not, or the provider cannot be asked.

        :param known: ids of other messages to that person: the bot may have said the same words in between.
        :raises bot.errors.ChannelError: ask later.
        """
        ...

    async def setup(self, public_url: str) -> list[str]:
        """Make the provider know us (webhooks, commands, templates); what was done, a line each.

        :raises bot.errors.ChannelError: it was not done.
        """
        ...

    async def check(self) -> list[str]:
        """What is wrong with settings, connection or credentials; empty when all is well."""
        ...


@runtime_checkable
class Polled(Protocol):
    """A channel that can also ask for its messages, for machines without a public address."""

    polls: bool
    """Whether it is to be asked."""

    async def poll(self, account: ChannelAccount, at: datetime) -> Sequence[Event]:
        """Wait (at most half a minute) for messages; they come again until :meth:`polled`.

        :raises bot.errors.ChannelError: try later.
        """
        ...

    async def polled(self, account: ChannelAccount) -> None:
        """All that :meth:`poll` gave last is stored: the provider may forget it."""
        ...


@runtime_checkable
class Recovers(Protocol):
    """A channel that can be asked for what people wrote while no webhook of it got through."""

    async def missed(self, account: ChannelAccount, since: datetime, until: datetime) -> Sequence[Inbound]:
        """What was sent from ``since`` on and before ``until``, oldest first, known or not; the same external ids as by webhook.

        :raises bot.errors.ChannelError: ask later.
        """
        ...


@runtime_checkable
class Introduces(Protocol):
    """A channel whose provider knows what people see of an account (``ChannelAccount.address``), which no setting says."""

    async def introduce(self) -> None:
        """Ask for what is not known yet; who does not answer stays without."""
        ...


@runtime_checkable
class Explains(Protocol):
    """A channel whose provider tells failures later, with a receipt."""

    def explain(self, provider_code: str) -> ChannelError:
        """What the code of a failed receipt means."""
        ...


@runtime_checkable
class Templated(Protocol):
    """A channel whose notices need approved templates outside the window."""

    async def templates(self, account: ChannelAccount) -> Sequence[tuple[str, str, str, str, str | None]]:
        """``(name, language, provider's id, approval, reason)`` of every text of ``data/templates``.

        :raises bot.errors.ChannelError: ask later.
        """
        ...
