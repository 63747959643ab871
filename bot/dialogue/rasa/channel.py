"""Loket's own way into Rasa, in place of Rasa's REST channel.

``POST /webhooks/loket/turn``  ``{conversation, message, metadata: {inbox_id, lease_no}, before, mark, form_active}``
    200 ``[{"ref": …}, …]``: the steps whose replies are to be shown, in order
    400 the request is malformed; 500 the turn failed, nothing of it counts
    503 not now: no model is loaded yet, or the gateway that runs the actions is away; nothing of the turn counts
``GET /webhooks/loket/health``  200 or 503 ``{"ready": bool, "model": hash, "refused": hash}``

The gateway is the truth of a conversation and Rasa's tracker a cache. Every turn has a mark, and says after which mark
it comes. A tracker that stands exactly there is used again; in any other case (Rasa restarted, another replica, a turn
that was run but never recorded) a fresh one is seeded from the request, under a new sender id.

An answer in the form ("/answer") leaves nothing to understand and, unless the form ends with it, nothing to decide: the action that
judges it is called straight away, and the tracker stays where it stands: in the form, asking.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    REQUESTED_SLOT,
)
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.dialogue.rasa import speed
from bot.dialogue.rasa.action_endpoint import ANSWER, ASKED_SLOT, FORM, TRACE, ActionEndpoint, ActionsAway, TurnFailed
from bot.dialogue.rasa.models import ModelFollower

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turn:
    """One request, checked."""

    conversation: str
    message: str
    inbox_id: int
    lease_no: int
    before: str
    mark: str
    form_active: bool

    @classmethod
    def of(cls, body: Any) -> Turn:
        """:raises ValueError, KeyError, TypeError: malformed."""
        metadata = body["metadata"]
        turn = cls(
            conversation=str(body["conversation"]),
            message=str(body["message"]),
            inbox_id=int(metadata["inbox_id"]),
            lease_no=int(metadata["lease_no"]),
            before=str(body.get("before") or ""),
            mark=str(body["mark"]),
            form_active=bool(body["form_active"]),
        )
        if not (turn.conversation and turn.message.strip() and turn.mark):
            raise ValueError("empty conversation, message or mark")
        return turn

    @property
    def is_answer(self) -> bool:
        """Whether it is the answer the form waits for."""
        return self.form_active and self.message == f"/{ANSWER}"

    @property
    def metadata(self) -> dict[str, Any]:
        """What the actions have to know of the turn."""
        return {"conversation": self.conversation, "inbox_id": self.inbox_id, "lease_no": self.lease_no}


@dataclass(frozen=True)
class Place:
    """Where the tracker of a conversation stands."""

    mark: str
    sender: str
    turns: int


class Places:
    """The ``limit`` conversations used last, and the sender id to go on with."""

    def __init__(self, limit: int, rotate_after: int) -> None:
        self._limit = limit
        self._rotate_after = rotate_after
        self._places: OrderedDict[str, Place] = OrderedDict()

    def take(self, turn: Turn) -> Place | None:
        """The place to go on from, or None to start afresh.

        It is taken out: while the turn runs, and after it failed, nobody can go on from it. A long tracker makes every
        prediction slower, so after ``rotate_after`` turns a fresh one is due.
        """
        place = self._places.pop(turn.conversation, None)
        if place is None or place.mark != turn.before or place.turns >= self._rotate_after:
            return None
        return place

    def put(self, turn: Turn, sender: str, turns: int) -> None:
        """The turn is done: the next one may go on from here."""
        self._places[turn.conversation] = Place(turn.mark, sender, turns)
        self._places.move_to_end(turn.conversation)
        while len(self._places) > self._limit:
            self._places.popitem(last=False)


class LoketInput(InputChannel):
    """The channel; options come from ``credentials.yml``."""

    def __init__(self, conversations: int = 5000, rotate_after: int = 6, models: str = "") -> None:
        self._places = Places(conversations, rotate_after)
        self._models = ModelFollower(models) if models else None

    @classmethod
    def name(cls) -> str:
        """Part of the address: ``/webhooks/loket``."""
        return "loket"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> LoketInput:
        """Options of ``credentials.yml``."""
        return cls(**(credentials or {}))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The two routes. ``on_new_message`` is not used: it hides failures and waits for a lock that nobody needs."""
        routes = Blueprint("loket", __name__)

        @routes.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            ready = _processor(request.app) is not None
            models = self._models
            told = {"model": models.current, "refused": models.refused} if models is not None else {}
            return response.json({"ready": ready, **told}, status=200 if ready else 503)

        @routes.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            return await self._answer(request)

        @routes.listener("after_server_start")
        async def follow(app: Sanic[Any, Any], _loop: Any) -> None:
            if self._models is not None:
                app.add_task(self._models.follow(app))

        @routes.listener("before_server_stop")
        async def close(app: Sanic[Any, Any], _loop: Any) -> None:
            processor = _processor(app)
            if processor is not None and isinstance(processor.action_endpoint, ActionEndpoint):
                await processor.action_endpoint.close()

        return routes

    async def _answer(self, request: Request) -> HTTPResponse:
        try:
            turn = Turn.of(request.json)
        except Exception:  # sanic's own error for broken JSON included
            return response.json({"error": "malformed"}, status=400)
        processor = _processor(request.app)
        if processor is None:
            return response.json({"error": "no_model"}, status=503)
        TRACE.set(request.headers.get("traceparent", ""))  # a connection is a task, its requests come one by one
        try:
            return response.json(await self._run(processor, turn))
        except ActionsAway as error:
            logger.warning("actions_away inbox_id=%s error=%s", turn.inbox_id, _describe(error))
            return response.json({"error": "actions_away"}, status=503)
        except (Exception, TurnFailed) as error:
            # The class only: messages of exceptions may quote the text.
            logger.error("turn_failed inbox_id=%s error=%s", turn.inbox_id, _describe(error))
            return response.json({"error": "turn_failed"}, status=500)

    async def _run(self, processor: MessageProcessor, turn: Turn) -> list[dict[str, Any]]:
        place = self._places.take(turn)
        sender = place.sender if place is not None else f"{turn.conversation}.{turn.mark}"
        endpoint = processor.action_endpoint
        try:
            if turn.is_answer and isinstance(endpoint, ActionEndpoint):
                said = await endpoint.judge(sender, turn.metadata)
                if said is not None:
                    if place is not None:
                        self._places.put(turn, sender, place.turns)
                    return _refs(said)
            if place is None:
                await _seed(processor, sender, turn.form_active)
            said = await self._handle(processor, turn, sender)
            self._places.put(turn, sender, place.turns + 1 if place is not None else 1)
            return _refs(said)
        finally:
            if isinstance(endpoint, ActionEndpoint):
                endpoint.forget(sender)

    async def _handle(self, processor: MessageProcessor, turn: Turn, sender: str) -> list[dict[str, Any]]:
        """Rasa's own turn: what it said."""
        output = CollectingOutputChannel()
        message = UserMessage(turn.message, output, sender, input_channel=self.name(), metadata=turn.metadata)
        await processor.handle_message(message)
        tracker = await processor.tracker_store.retrieve(sender)
        if tracker is None or tracker.latest_action_name != ACTION_LISTEN_NAME:
            raise TurnFailed(str(tracker and tracker.latest_action_name), "no rule ended the turn")
        return list(output.messages)


def _refs(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    customs = (one.get("custom") or {} for one in said)
    return [{"ref": custom["ref"]} for custom in customs if "ref" in custom]


def _processor(app: Sanic[Any, Any]) -> MessageProcessor | None:
    """What runs turns, once there is a model; calling actions through our endpoint."""
    agent: Agent | None = getattr(app.ctx, "agent", None)
    if agent is None or agent.processor is None:
        return None
    processor = agent.processor
    if agent.action_endpoint is not None and not isinstance(agent.action_endpoint, ActionEndpoint):
        agent.action_endpoint = ActionEndpoint.of(agent.action_endpoint)
    if processor.action_endpoint is not agent.action_endpoint:  # a newly pulled model brings a new processor
        processor.action_endpoint = agent.action_endpoint
    speed.install(processor)
    return processor


async def _seed(processor: MessageProcessor, sender: str, form_active: bool) -> None:
    """Save a tracker that stands where the gateway says, with the events a real run would have left."""
    tracker = await processor.get_tracker(sender)
    events: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    if form_active:
        events += [ActionExecuted(ACTION_LISTEN_NAME), ActionExecuted(FORM), ActiveLoop(FORM)]
        events += [SlotSet(REQUESTED_SLOT, ASKED_SLOT)]
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    tracker.update_with_events(events, processor.domain)
    await processor.save_tracker(tracker)


def _describe(error: BaseException) -> str:
    return str(error) if isinstance(error, TurnFailed) else type(error).__name__
