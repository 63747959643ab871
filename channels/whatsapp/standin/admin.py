"""Senders, Messaging Services and the typing indicator (twilio.com/docs/whatsapp/api/senders, …/messaging/api/service-resource)."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from channels.whatsapp.standin.contents import problem
from channels.whatsapp.standin.state import SANDBOX_NUMBER, WhatsAppSender, World

_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")


class AdminApi:
    """``/v2/Channels/Senders``, ``/v1/Services``, ``/v2/Indicators``."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """To be added to an application."""
        return [
            web.get("/v2/Channels/Senders", self.senders),
            web.get("/v2/Channels/Senders/{sid}", self.sender),
            web.post("/v2/Channels/Senders/{sid}", self.change_sender),
            web.get("/v1/Services/{sid}", self.service),
            web.post("/v1/Services/{sid}", self.change_service),
            web.post("/v2/Indicators/Typing.json", self.typing),
        ]

    async def senders(self, request: web.Request) -> web.Response:
        """All numbers; the shared sandbox number is none of the account's."""
        if request.query.get("Channel") != "whatsapp":
            return problem(400, 20422, "Invalid Parameter")
        own = [_sender(one) for one in self._world.senders.values() if _is_own(one)]
        meta = {"key": "senders", "page": 0, "page_size": 50, "next_page_url": None, "previous_page_url": None}
        return web.json_response({"senders": own, "meta": meta})

    async def sender(self, request: web.Request) -> web.Response:
        """One number."""
        found = self._by_sid(request.match_info["sid"])
        return web.json_response(_sender(found)) if found else problem(404, 20404, "Not found")

    async def change_sender(self, request: web.Request) -> web.Response:
        """Its webhook."""
        found = self._by_sid(request.match_info["sid"])
        if found is None:
            return problem(404, 20404, "Not found")
        given = await request.json()
        webhook = given.get("webhook") if isinstance(given, dict) else None
        if not isinstance(webhook, dict):
            return problem(400, 20422, "Invalid Parameter")
        found.callback_url = str(webhook.get("callback_url", found.callback_url))
        found.status_callback_url = str(webhook.get("status_callback_url", found.status_callback_url))
        return web.json_response(_sender(found), status=202)

    async def service(self, request: web.Request) -> web.Response:
        """One Messaging Service."""
        found = self._world.senders.get(request.match_info["sid"])
        return web.json_response(_service(found)) if found and found.is_service else problem(404, 20404, "Not found")

    async def change_service(self, request: web.Request) -> web.Response:
        """Its webhook."""
        found = self._world.senders.get(request.match_info["sid"])
        if found is None or not found.is_service:
            return problem(404, 20404, "Not found")
        given = await request.post()
        found.callback_url = str(given.get("InboundRequestUrl", found.callback_url))
        found.status_callback_url = str(given.get("StatusCallback", found.status_callback_url))
        if "UseInboundWebhookOnNumber" in given:
            found.on_number = str(given["UseInboundWebhookOnNumber"]).lower() == "true"
        return web.json_response(_service(found))

    async def typing(self, request: web.Request) -> web.Response:
        """Marks the citizen's message as read and shows "typing"."""
        given = await request.post()
        sid = str(given.get("messageId", ""))
        if given.get("channel") != "whatsapp" or not _SID.fullmatch(sid):
            return problem(400, 20422, "Invalid Parameter")
        message = self._world.messages.get(sid)
        if message is None or not message.inbound:
            return problem(404, 20404, "Not found")
        phone = self._world.phone(message.person)
        phone.typing += 1
        phone.seen.add(sid)
        return web.json_response({"success": True})

    def _by_sid(self, sid: str) -> WhatsAppSender | None:
        return next((one for one in self._world.senders.values() if one.sid == sid and _is_own(one)), None)


def _is_own(sender: WhatsAppSender) -> bool:
    return not sender.is_service and sender.address != SANDBOX_NUMBER


def _sender(sender: WhatsAppSender) -> dict[str, Any]:
    return {
        "sid": sender.sid,
        "status": sender.status,
        "sender_id": f"whatsapp:{sender.address}",
        "webhook": {
            "callback_url": sender.callback_url or None,
            "callback_method": "POST",
            "status_callback_url": sender.status_callback_url or None,
            "status_callback_method": "POST",
        },
        "configuration": {"waba_id": "1000000000000"},
        "profile": {"name": "Loket"},
        "properties": {"quality_rating": "HIGH", "messaging_limit": "1K Customers/24hr"},
        "offline_reasons": [] if sender.status == "ONLINE" else [{"code": 63111, "message": "not verified yet"}],
        "url": f"https://messaging.twilio.com/v2/Channels/Senders/{sender.sid}",
    }


def _service(sender: WhatsAppSender) -> dict[str, Any]:
    return {
        "sid": sender.sid,
        "friendly_name": "Loket",
        "inbound_request_url": sender.callback_url or None,
        "inbound_method": "POST",
        "status_callback": sender.status_callback_url or None,
        "use_inbound_webhook_on_number": sender.on_number,
    }
