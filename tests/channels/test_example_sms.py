"""The example of docs/add-a-channel.md does what the page says, and the page shows what the example is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml
from twilio.request_validator import RequestValidator

from bot import registry
from bot.domain.messages import Inbound, Receipt, Standing, StandingChange, Unread
from bot.errors import ChannelMisconfigured, OptedOut
from bot.ports import WebhookRequest
from bot.settings import Settings
from tests.channels.contract import CLOCK, config
from tests.fakes import FixedClock

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://loket.example/webhooks/sms/628000000800"
SID = "SM" + "0a" * 16


def test_the_page_shows_the_manifest_of_the_example() -> None:
    page = (ROOT / "docs/add-a-channel.md").read_text("utf-8")
    shown = yaml.safe_load(page.split("```yaml\n")[1].split("```")[0])
    assert shown == yaml.safe_load((ROOT / "docs/examples/sms/manifest.yml").read_text("utf-8"))


def test_its_settings_reach_it_from_the_environment() -> None:
    env = Settings.from_env(config("sms")).to_env()
    channel = registry.channels("docs.examples")["sms"].build(env, FixedClock())
    (account,) = channel.accounts.values()
    assert (account.id, account.locus, account.address) == ("sms:628000000800", "33.28", "+628000000800")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Body": "Halo"}, [Inbound("sms:628000000800", SID, "+628000000001", AT, text="Halo")]),
        ({"Body": ""}, [Inbound("sms:628000000800", SID, "+628000000001", AT, unread=Unread.OTHER)]),
        ({"Body": "x", "From": "INFO"}, []),
        (
            {"Body": "STOP", "OptOutType": "STOP"},
            [StandingChange("sms:628000000800", "+628000000001", Standing.STOPPED, AT)],
        ),
        ({"MessageStatus": "delivered"}, [Receipt("sms:628000000800", SID, "delivered", AT)]),
        (
            {"MessageStatus": "failed", "ErrorCode": "30003"},
            [Receipt("sms:628000000800", SID, "failed", AT, "30003")],
        ),
        ({"MessageStatus": "queued"}, []),
    ],
)
def test_a_signed_webhook_is_read(fields: dict[str, str], expected: list[object]) -> None:
    channel = registry.channels("docs.examples")["sms"].build(config("sms"), CLOCK)
    (account,) = channel.accounts.values()
    form = {"MessageSid": SID, "From": "+628000000001", "To": "+628000000800", **fields}
    signature = RequestValidator(config("sms")["LOKET_X_SMS_AUTH_TOKEN"]).compute_signature(URL, form)
    request = WebhookRequest(URL, {"X-Twilio-Signature": signature}, urlencode(form).encode())
    assert channel.verify(account, request)
    assert not channel.verify(account, WebhookRequest(URL + "x", request.headers, request.body))
    assert channel.parse(account, request, AT) == expected


def test_codes_of_receipts_are_explained() -> None:
    channel = registry.channels("docs.examples")["sms"].build(config("sms"), CLOCK)
    assert isinstance(channel.explain("21610"), OptedOut)
    assert isinstance(channel.explain("20003"), ChannelMisconfigured)
    assert channel.explain("no number").code == "channel"
