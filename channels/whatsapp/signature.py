"""Whether a webhook comes from Twilio (twilio.com/docs/usage/webhooks/webhooks-security).

Twilio signs the address it calls, query included, with all form fields, by HMAC-SHA1 under the auth token; a JSON body is
named in the address by its SHA-256 instead. The library's validator tries the address with and without its port.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, parse_qsl, urlsplit

from multidict import MultiDict
from twilio.request_validator import RequestValidator

from bot.ports import WebhookRequest

MOST_FIELDS = 400
"""An incoming message has about 30 form fields, and three for each of at most 10 files."""


def is_form(headers: Mapping[str, str]) -> bool:
    """Whether the body is a form, which it is unless another type is named."""
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return not kind or kind.split(";")[0].strip().lower() == "application/x-www-form-urlencoded"


def form(body: bytes) -> MultiDict[str]:
    """The fields of a form body, in order, empty ones too.

    :raises ValueError: no UTF-8, or too many fields.
    """
    fields = parse_qsl(
        body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS, strict_parsing=False
    )
    return MultiDict(fields)


def verify(validator: RequestValidator, request: WebhookRequest) -> bool:
    """Whether the signature fits. Never raises; takes the same time wherever the signature is wrong."""
    given = next((value for name, value in request.headers.items() if name.lower() == "x-twilio-signature"), "")
    if not given:
        return False
    try:
        if is_form(request.headers):
            return bool(validator.validate(request.url, form(request.body), given))
        if "bodySHA256" not in parse_qs(urlsplit(request.url).query):
            return False
        return bool(validator.validate(request.url, request.body.decode("utf-8"), given))
    except (ValueError, TypeError):  # no address, no port, no UTF-8: garbage, or somebody tries
        return False
