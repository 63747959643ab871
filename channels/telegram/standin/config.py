"""What the stand-in is told at start; it reads no environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TelegramSandbox:
    """Settings of the stand-in."""

    tokens: tuple[str, ...]
    """The bots that @BotFather would have made."""
    chat_rate_per_s: float = 1.0
    """Messages a second into one chat, after a burst; 0: no limit."""
    chat_burst: int = 20
    bot_rate_per_s: float = 30.0
    """Messages a second of one bot; 0: no limit."""
    retry_first_s: float = 1.0
    """Wait after a webhook that was not answered 2xx; doubled each time."""
    retry_most_s: float = 60.0
    webhook_timeout_s: float = 60.0
    query_life_s: float = 60.0
    """How long a pressed button can be answered."""
    seed: int = 0
    """Of the faults that hit a share of all calls."""
    first_id: int = 1
    """Of updates and messages. A stand-in that begins anew has to go on above what it gave before, as Telegram does: the gateway
    ignores what it knows."""
    hosts: tuple[str, ...] = ()
    """Further host names a request may carry, beside this machine's own."""
