"""Twilio's error codes in our words.

Meanings as in Twilio's dictionary (twilio.com/docs/api/errors). Some come with the answer to ``Messages.create``, most of
the 63… later, with the status callback of the message (see :func:`of_code`, which serves both).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

from bot.errors import (
    ChannelError,
    ChannelMisconfigured,
    ChannelUnavailable,
    OptedOut,
    OutcomeUnknown,
    RecipientBlocked,
    TemplateRefused,
    Throttled,
    WindowClosed,
)


@dataclass(frozen=True)
class Row:
    """One code: what it becomes, and what it means for whoever reads the exchange log."""

    kind: type[ChannelError]
    meaning: str
    after: float = 0.0
    """Seconds to wait, for :class:`Throttled`."""


_SECOND, _MINUTE, _HOUR = 1.0, 60.0, 3600.0

CODES: dict[int, Row] = {
    # -- who we are: an operator has to mend it, messages wait
    10001: Row(ChannelMisconfigured, "account not active"),
    20003: Row(ChannelMisconfigured, "account SID or auth token wrong, or account suspended"),
    20005: Row(ChannelMisconfigured, "account not active"),
    20006: Row(ChannelMisconfigured, "access denied"),
    20008: Row(ChannelMisconfigured, "test credentials, which send nothing"),
    20010: Row(ChannelMisconfigured, "action disabled for the account"),
    20403: Row(ChannelMisconfigured, "forbidden for this account"),
    20404: Row(ChannelMisconfigured, "no such account or resource"),
    21212: Row(ChannelMisconfigured, "the sender is no valid number"),
    21408: Row(ChannelMisconfigured, "sending to that country is not enabled (geo permissions)"),
    21603: Row(ChannelMisconfigured, "no sender given"),
    21606: Row(ChannelMisconfigured, "the sender is not enabled for messages"),
    21607: Row(ChannelMisconfigured, "trial accounts send from the sandbox number only"),
    21608: Row(ChannelMisconfigured, "trial accounts send to verified numbers only"),
    21609: Row(ChannelMisconfigured, "the status callback address is invalid: LOKET_PUBLIC_URL"),
    21701: Row(ChannelMisconfigured, "no such Messaging Service"),
    21703: Row(ChannelMisconfigured, "the Messaging Service has no number for this recipient"),
    21704: Row(ChannelMisconfigured, "the Messaging Service has no sender"),
    21705: Row(ChannelMisconfigured, "the Messaging Service is invalid"),
    21910: Row(ChannelMisconfigured, "sender and recipient are not of the same channel"),
    30002: Row(ChannelMisconfigured, "account suspended"),
    63001: Row(ChannelMisconfigured, "WhatsApp does not accept Twilio's credentials for this sender"),
    63002: Row(ChannelMisconfigured, "WhatsApp does not know the sender"),
    63007: Row(ChannelMisconfigured, "Twilio knows no WhatsApp sender with that number: not registered, or offline"),
    63008: Row(ChannelMisconfigured, "the sender is misconfigured at Twilio"),
    63020: Row(ChannelMisconfigured, "Twilio's invitation in the Meta Business Manager was not accepted"),
    63022: Row(ChannelMisconfigured, "the certificate of the sender's display name is invalid: register again"),
    63051: Row(ChannelMisconfigured, "WhatsApp has locked the business account over its policies"),
    # -- too fast
    20429: Row(Throttled, "too many requests at once", 2 * _SECOND),
    14107: Row(Throttled, "message rate limit exceeded", 10 * _SECOND),
    21611: Row(Throttled, "the sender's queue is full", 5 * _MINUTE),
    30001: Row(Throttled, "queue overflow", 5 * _MINUTE),
    63017: Row(Throttled, "rate limit of the account exceeded", 5 * _SECOND),
    63018: Row(Throttled, "limit of the number, of this person, or of the day", 20 * _SECOND),
    63038: Row(Throttled, "daily limit of the account reached", _HOUR),
    # -- the person
    21610: Row(OptedOut, "the person used an opt-out word"),
    63014: Row(RecipientBlocked, "blocked by an action of the person"),
    63033: Row(RecipientBlocked, "the person does not receive messages of this sender"),
    63024: Row(RecipientBlocked, "invalid recipient: no WhatsApp there, terms not accepted, or a too old app"),
    63003: Row(RecipientBlocked, "WhatsApp does not find the recipient"),
    63015: Row(RecipientBlocked, "the person has not joined Twilio's sandbox (join <words>)"),
    63032: Row(RecipientBlocked, "WhatsApp does not let us write to this person (experiment)"),
    63036: Row(RecipientBlocked, "the number cannot be reached at this time"),
    21211: Row(RecipientBlocked, "the recipient is no valid number"),
    21214: Row(RecipientBlocked, "the recipient cannot be reached"),
    21217: Row(RecipientBlocked, "the recipient does not seem to be valid"),
    21612: Row(RecipientBlocked, "this sender cannot reach this recipient"),
    21614: Row(RecipientBlocked, "the recipient is no mobile number"),
    30003: Row(RecipientBlocked, "the recipient's device cannot be reached"),
    30005: Row(RecipientBlocked, "no such recipient"),
    30006: Row(RecipientBlocked, "a landline"),
    63031: Row(ChannelError, "sender and recipient are the same"),
    # -- the 24-hour window and templates
    63016: Row(WindowClosed, "the 24-hour window is closed: only an approved template may be sent"),
    21655: Row(TemplateRefused, "no such content template, or of another account"),
    21656: Row(TemplateRefused, "content variables invalid, empty or of the wrong number"),
    21654: Row(TemplateRefused, "content variables without content"),
    92006: Row(TemplateRefused, "the content SID is invalid"),
    92007: Row(TemplateRefused, "the content variables are invalid"),
    63027: Row(TemplateRefused, "WhatsApp has no such template in that language for this sender"),
    63028: Row(TemplateRefused, "wrong number of template values"),
    63029: Row(ChannelUnavailable, "the person's app could not load the template"),
    63030: Row(TemplateRefused, "the message holds something its kind does not take"),
    63040: Row(TemplateRefused, "template rejected by WhatsApp"),
    63041: Row(TemplateRefused, "template paused by WhatsApp after complaints"),
    63042: Row(TemplateRefused, "template disabled by WhatsApp after complaints"),
    # -- what is in the message: the same again would fail the same
    21602: Row(ChannelError, "the message is empty"),
    21604: Row(ChannelError, "no recipient given"),
    21617: Row(ChannelError, "longer than 1600 characters"),
    21619: Row(ChannelError, "neither text, file nor content"),
    21620: Row(ChannelError, "the file's address is invalid: LOKET_PUBLIC_URL"),
    21623: Row(ChannelError, "too many files"),
    21658: Row(ChannelError, "a parameter is too long"),
    11751: Row(ChannelError, "the file is too large"),
    12300: Row(ChannelError, "the file's Content-Type is not accepted"),
    30004: Row(ChannelError, "message blocked"),
    30007: Row(ChannelError, "message filtered"),
    63005: Row(ChannelError, "WhatsApp did not accept the content"),
    63006: Row(ChannelError, "the content could not be formatted for WhatsApp"),
    63013: Row(ChannelError, "against a policy of WhatsApp"),
    63021: Row(ChannelError, "content that WhatsApp does not take"),
    63025: Row(ChannelError, "the media exists already"),
    63026: Row(ChannelError, "flagged as spam"),
    63034: Row(ChannelError, "the file is larger than WhatsApp takes"),
    # -- the file could not be fetched from us, or not be handed on: may pass
    11200: Row(ChannelUnavailable, "Twilio could not fetch the file from us"),
    11205: Row(ChannelUnavailable, "Twilio could not connect to us for the file"),
    11210: Row(ChannelMisconfigured, "the host of LOKET_PUBLIC_URL is unknown to Twilio"),
    11220: Row(ChannelMisconfigured, "no TLS with LOKET_PUBLIC_URL"),
    11237: Row(ChannelMisconfigured, "the certificate of LOKET_PUBLIC_URL is not trusted"),
    63019: Row(ChannelUnavailable, "the file could not be downloaded from us"),
    63037: Row(ChannelUnavailable, "the file could not be handed to WhatsApp"),
    # -- Twilio's or WhatsApp's own trouble
    20409: Row(ChannelUnavailable, "conflict with another request"),
    20500: Row(ChannelUnavailable, "internal error of Twilio"),
    20503: Row(ChannelUnavailable, "Twilio is not available"),
    30008: Row(ChannelUnavailable, "unknown error"),
    30410: Row(ChannelUnavailable, "time-out of the provider"),
    63009: Row(ChannelUnavailable, "WhatsApp answered 5xx"),
    63010: Row(ChannelUnavailable, "internal error of Twilio"),
    63011: Row(ChannelUnavailable, "Twilio could not process the request"),
    63012: Row(ChannelUnavailable, "internal error of WhatsApp"),
    63023: Row(ChannelUnavailable, "generic error of WhatsApp"),
}


class NotSent(Exception):
    """The request did not leave: no connection, no name, no TLS."""


class NoAnswer(Exception):
    """The request left, and no whole answer came."""


def of_code(code: str | int, status: int = 0) -> ChannelError:
    """The error for Twilio's ``code``; of an unknown code the HTTP status decides."""
    number = int(code) if str(code).isdecimal() else 0
    row = CODES.get(number) or _by_status(status)
    words = f"Twilio {number or status}: {row.meaning}"
    if row.kind is Throttled:
        return Throttled(row.after, provider_code=str(number or status))
    return row.kind(words, provider_code=str(number or status))


def _by_status(status: int) -> Row:
    if status == 429:
        return Row(Throttled, "too many requests", 2 * _SECOND)
    if status in (401, 403):
        return Row(ChannelMisconfigured, "not allowed: account SID or auth token")
    if status >= 500:
        return Row(ChannelUnavailable, "an error of Twilio's own")
    return Row(ChannelError, "refused")


def translate(error: Exception, handed_over: bool = False) -> ChannelError:
    """Our error for one of the library's or of the connection; to be raised ``from`` it.

    ``handed_over``: the request was to send a message, so that no answer means an unknown outcome.
    """
    unknown: Callable[[str], ChannelError] = OutcomeUnknown if handed_over else ChannelUnavailable
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return of_code(error.code or 0, error.status)
    if isinstance(error, NotSent):
        return ChannelUnavailable("Twilio cannot be reached")
    if isinstance(error, NoAnswer):
        return unknown("the connection to Twilio broke before its answer")
    if isinstance(error, TwilioException):
        return ChannelUnavailable("Twilio's list could not be read")
    return unknown("Twilio's answer could not be read")
