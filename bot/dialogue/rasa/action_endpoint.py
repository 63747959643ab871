"""How Rasa calls the gateway's actions: one connection pool, small payloads, and no failure swallowed.

Rasa opens a new connection per action, sends the whole tracker with it, and after a failing action goes on as if it had
said nothing. This endpoint keeps its connections, sends only what the actions read, and ends the turn.

Where the form asks on after a step, the gateway has asked in that same step: the answer then also brings the question
(``asks`` beside its reference), and the call by which Rasa's form asks is answered with it, without asking the gateway.
"""

from __future__ import annotations

import asyncio
import json
from contextvars import ContextVar
from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

FORM = "service_form"
ASKED_SLOT = "service_answer"
VALIDATE = f"validate_{FORM}"
ASK = f"action_ask_{FORM}_{ASKED_SLOT}"
ANSWER = "answer"
"""Intent of a form's answer: the gateway has judged it, Rasa gets no text."""

TRACE: ContextVar[str] = ContextVar("traceparent", default="")
"""W3C trace context of the turn under way, passed on as it came: Rasa makes no spans of its own."""

_RANKED = 4
"""Wishes that a person may be asked to choose from, and one more."""
_KEPT_OF_TRACKER = ("sender_id", "slots", "active_loop", "latest_action_name", "paused", "followup_action")


class TurnFailed(BaseException):
    """An action could not be run. Not an ``Exception``: Rasa's processor catches every one of those and goes on."""

    def __init__(self, action: str, reason: str) -> None:
        super().__init__(f"{action}: {reason}")
        self.action = action
        self.reason = reason


class ActionsAway(TurnFailed):
    """The gateway is not there (restarting, its database is): not the turn's fault, it may be tried again and again."""


_AWAY = (502, 503, 504)


class ActionEndpoint(EndpointConfig):
    """Drop-in for the endpoint that Rasa made from ``endpoints.yml``."""

    _session: aiohttp.ClientSession | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: dict[str, tuple[str, dict[str, Any]]] = {}
        """By sender id: the action that is called next, if it is the one that was answered already, and its answer."""

    @classmethod
    def of(cls, stock: EndpointConfig) -> ActionEndpoint:
        """The same address and options."""
        return cls(
            stock.url,
            stock.params,
            stock.headers,
            stock.basic_auth,
            stock.token,
            stock.token_name,
            stock.cafile,
            **stock.kwargs,
        )

    async def request(self, *_: Any, **kwargs: Any) -> Any:
        """Post one action call and return the answer.

        :raises ClientResponseError: the action rejected its execution (status 400), which Rasa handles.
        :raises ActionsAway: the gateway cannot be reached, or says that it cannot work now.
        :raises TurnFailed: anything else went wrong.
        """
        call = kwargs["json"]
        name, sender = str(call.get("next_action")), str(call.get("sender_id"))
        if name == VALIDATE and call["tracker"]["slots"].get(ASKED_SLOT) is None:
            return {"events": [], "responses": []}  # on opening and on coming back there is no answer to judge
        known = self._known.pop(sender, None)
        if known is not None and known[0] == name:
            return known[1]
        answer = await self._post(name, slim(call))
        asking = [said for said in answer["responses"] if _asks(said)]
        if asking:
            answer["responses"] = [said for said in answer["responses"] if not _asks(said)]
            self._known[sender] = (ASK, {"events": [], "responses": asking})
        return answer

    async def judge(self, sender: str, metadata: dict[str, Any]) -> list[dict[str, Any]] | None:
        """Have the answer judged that the form waits for; what is to be said, or None unless the form simply asks on.

        In that case the turn is to be run by Rasa, which gets the answer that came here when it asks for it.

        :raises ClientResponseError, ActionsAway, TurnFailed: as :meth:`request`.
        """
        answer = await self._post(VALIDATE, judgement_call(sender, metadata))
        if any(_asks(said) for said in answer["responses"]):
            return list(answer["responses"])
        self._known[sender] = (VALIDATE, answer)
        return None

    def forget(self, sender: str) -> None:
        """The turn of this sender is over."""
        self._known.pop(sender, None)

    async def _post(self, name: str, call: dict[str, Any]) -> dict[str, Any]:
        if self._session is None:
            limit = float(self.kwargs.get("timeout_s", 30))
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=limit))
        headers = {"traceparent": TRACE.get()} if TRACE.get() else None
        try:
            async with self._session.post(self.url, json=call, headers=headers) as response:
                if response.status == 400:
                    raise ClientResponseError(400, str(response.reason), await response.text())
                if response.status != 200:
                    raise (ActionsAway if response.status in _AWAY else TurnFailed)(name, f"status {response.status}")
                return _well_formed(json.loads(await response.read()), name)
        except ClientResponseError:
            raise
        except aiohttp.ClientConnectionError as error:
            raise ActionsAway(name, type(error).__name__) from error
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            raise TurnFailed(name, type(error).__name__) from error

    async def close(self) -> None:
        """Drop the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _well_formed(answer: Any, action: str) -> dict[str, Any]:
    parts = [answer.get("events"), answer.get("responses")] if isinstance(answer, dict) else [None]
    if not all(isinstance(part, list) and all(isinstance(one, dict) for one in part) for part in parts):
        raise TurnFailed(action, "malformed answer")
    return dict(answer)


def _asks(said: dict[str, Any]) -> bool:
    return bool((said.get("custom") or {}).get("asks"))


def judgement_call(sender: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """The call Rasa's form makes to have an answer judged, as :func:`slim` leaves it."""
    understood = {"name": ANSWER, "confidence": 1.0}
    slot = {"event": "slot", "name": ASKED_SLOT, "value": f"/{ANSWER}"}
    return {
        "next_action": VALIDATE,
        "sender_id": sender,
        "tracker": {
            "sender_id": sender,
            "slots": {ASKED_SLOT: f"/{ANSWER}", "requested_slot": ASKED_SLOT},
            "active_loop": {"name": FORM},
            "latest_action_name": "action_listen",
            "paused": False,
            "followup_action": None,
            "latest_message": {"intent": understood, "intent_ranking": [understood], "entities": []},
            "events": [{"event": "user", "metadata": metadata}, slot],
        },
    }


def slim(call: dict[str, Any]) -> dict[str, Any]:
    """The call without what no action reads: the texts, most of the ranking, all events before the latest message."""
    tracker = call["tracker"]
    message = tracker.get("latest_message") or {}
    kept = {key: tracker.get(key) for key in _KEPT_OF_TRACKER}
    kept["latest_message"] = {
        "intent": message.get("intent") or {},
        "intent_ranking": (message.get("intent_ranking") or [])[:_RANKED],
        "entities": message.get("entities") or [],
    }
    kept["events"] = _since_latest_message(tracker.get("events") or [])
    return {**call, "tracker": kept}


def _since_latest_message(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    tail: list[dict[str, Any]] = []
    for event in reversed(events):
        if event["event"] == "user":
            tail.append({"event": "user", "metadata": event.get("metadata")})
            break
        tail.append({key: event[key] for key in ("event", "name", "value") if key in event})
    return tail[::-1]
