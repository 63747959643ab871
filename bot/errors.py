"""Errors that say what to do next.

An adapter translates its library's errors into these (``raise … from``). Code above an adapter looks at the attributes,
never at the message: ``retryable`` decides whether a worker tries again, ``text_key`` names the sentence of
``data/messages`` that the citizen reads, ``alert`` asks for an operator's eye.
"""

from __future__ import annotations

from typing import Any


class LoketError(Exception):
    """Root of every error that Loket raises on purpose."""

    retryable: bool = False
    """Trying the same thing again later may succeed."""
    alert: bool = False
    """An operator should look at it."""
    code: str = "error"
    """Stable name for logs and metrics; never personal."""
    text_key: str = "error.unexpected"
    """The sentence the person reads (``data/messages``)."""

    def __init__(self, message: str = "", /, **params: Any) -> None:
        super().__init__(message or self.code)
        self.params = params


class SettingsError(LoketError):
    """A setting is missing or wrong; the message says which and how to mend it."""

    code = "settings"
    alert = True


class RegistryError(LoketError):
    """A plugin folder is half a plugin; refused at start."""

    code = "registry"
    alert = True


class ContentError(LoketError):
    """A file of ``data/`` is wrong: the message is ``file:line: what is wrong; remedy``."""

    code = "content"


class Fenced(LoketError):
    """The lease of this turn passed to another worker: stop, write nothing."""

    code = "fenced"


class DialogueUnavailable(LoketError):
    """Rasa does not answer (starting, restarting, overloaded). The message is not at fault; its tries are not counted."""

    code = "dialogue_unavailable"
    retryable = True
    text_key = "error.busy"


class EmptyTurn(LoketError):
    """Rasa answered 200 with nothing to say, which is a failure of the turn."""

    code = "empty_turn"
    retryable = True
    alert = True


class RejectedFile(LoketError):
    """An uploaded file cannot be used. ``status`` is the HTTP status of the chat API (413, 415 or 422)."""

    code = "rejected_file"

    def __init__(self, text_key: str, status: int, /, **params: Any) -> None:
        super().__init__(text_key, **params)
        self.text_key = text_key
        self.status = status


class AgencyError(LoketError):
    """An agency refused for good (4xx, invalid data): no retry, a person looks at it."""

    code = "agency_refused"
    alert = True
    text_key = "error.agency_refused"


class AgencyUnavailable(LoketError):
    """An agency is down, slow or answers 5xx: retry with back-off under the same idempotency key."""

    code = "agency_unavailable"
    retryable = True
    text_key = "error.agency_down"


class ChannelError(LoketError):
    """A message could not be sent; see the subclasses. This one itself: refused for good (bad recipient, bad content).

    ``provider_code`` is the provider's own number, for operators.
    """

    code = "channel"

    def __init__(self, message: str = "", /, provider_code: str | None = None, **params: Any) -> None:
        super().__init__(message, **params)
        self.provider_code = provider_code


class ChannelUnavailable(ChannelError):
    """The provider is unreachable or 5xx: retry with back-off."""

    code = "channel_unavailable"
    retryable = True


class Throttled(ChannelError):
    """The provider asks to wait ``after`` seconds."""

    code = "throttled"
    retryable = True

    def __init__(self, after: float, /, provider_code: str | None = None) -> None:
        super().__init__("throttled", provider_code, after=after)
        self.after = after


class RecipientBlocked(ChannelError):
    """The person blocked us or left: nothing more is sent on this channel."""

    code = "recipient_blocked"


class OptedOut(ChannelError):
    """The person used the provider's opt-out words (Twilio 21610): silence until they write again."""

    code = "opted_out"


class WindowClosed(ChannelError):
    """Free text is not allowed any more; an approved template is (Twilio 63016)."""

    code = "window_closed"


class TemplateRefused(ChannelError):
    """The template is unknown, not approved, paused, or its values do not fit."""

    code = "template_refused"
    alert = True


class ChannelMisconfigured(ChannelError):
    """Credentials, sender or webhook are wrong: nothing can be sent until an operator mends it; messages are kept."""

    code = "channel_misconfigured"
    retryable = True
    alert = True


class OutcomeUnknown(ChannelError):
    """The connection broke after the message was handed over: it may have been sent (see ``Channel.sent_before``)."""

    code = "outcome_unknown"
    retryable = True


class Conflict(LoketError):
    """The state moved on under the caller (compare-and-set lost)."""

    code = "conflict"
    text_key = "error.conflict"


class NotFound(LoketError):
    """There is no such thing, or it is not this person's."""

    code = "not_found"
    text_key = "error.not_found"


class InvalidMessage(LoketError):
    """A client sent something that is no message. ``status`` is the HTTP status of the chat API."""

    code = "invalid_message"

    def __init__(self, text_key: str, status: int = 422, /, **params: Any) -> None:
        super().__init__(text_key, **params)
        self.text_key = text_key
        self.status = status
