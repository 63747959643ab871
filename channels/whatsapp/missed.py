"""Messages whose webhook never reached us, asked for afterwards.

Twilio calls a webhook for at most 15 seconds, retries included (twilio.com/docs/usage/webhooks/webhooks-connection-overrides,
``tt``), and never again. It keeps the message, though (twilio.com/docs/messaging/api/message-resource). What that
resource does not tell: the payload of a pressed button (its words come as text) and a person's other address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from bot.domain.messages import Inbound
from bot.ports import ChannelAccount
from channels.whatsapp import parse
from channels.whatsapp.accounts import PREFIX
from channels.whatsapp.errors import NoAnswer, NotSent, translate

MOST = 1000
_API = "https://api.twilio.com"


async def missed(
    client: Client,
    accounts: Mapping[str, ChannelAccount],
    account: ChannelAccount,
    since: datetime,
    until: datetime,
) -> Sequence[Inbound]:
    """What people sent to a number from ``since`` on and before ``until``, oldest first; most of it is known already.

    :raises bot.errors.ChannelError: Twilio cannot be asked.
    """
    start = since.astimezone(UTC).replace(microsecond=0)
    try:
        listed = await client.messages.list_async(
            to=PREFIX + account.address, date_sent_after=start, limit=MOST, page_size=MOST
        )
        found = []
        # The list is newest first and tells whole seconds: turned around, what came within one second keeps its order.
        for message in sorted(reversed(listed), key=_moment):
            if str(message.direction) == "inbound" and start <= _moment(message) < until:
                fields = await _fields(client, message)
                at = _moment(message)
                events = parse.events(account, accounts, fields, at)
                found += [event for event in events if isinstance(event, Inbound)]
    except (TwilioException, NotSent, NoAnswer) as error:
        raise translate(error) from error
    return found


def _moment(message: MessageInstance) -> datetime:
    return message.date_sent or message.date_created or datetime.min.replace(tzinfo=UTC)


async def _fields(client: Client, message: MessageInstance) -> dict[str, str]:
    """The message as its webhook would have told it."""
    fields = {
        "MessageSid": str(message.sid),
        "SmsStatus": "received",
        "From": str(message.from_ or ""),
        "To": str(message.to or ""),
        "Body": message.body or "",
        "NumMedia": message.num_media or "0",
    }
    if fields["NumMedia"] != "0":
        base = f"{_API}/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}/Media"
        for n, file in enumerate(await client.messages(message.sid).media.list_async(limit=parse.MOST_FILES)):
            fields |= {f"MediaUrl{n}": f"{base}/{file.sid}", f"MediaContentType{n}": file.content_type or ""}
    return fields
