"""Follows the published model without a pause (runs inside Rasa, Python 3.10).

Rasa's own model server (``models:`` in endpoints.yml) loads a pulled model in the event loop: for seconds no turn is answered. Here a
model is fetched and loaded beside the running one, in a thread; then the agent's processor is exchanged in one step. Turns under
way end on the processor they began with. What cannot be loaded is tried no more, and the running model answers on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
from rasa.core.agent import Agent
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor

from bot.dialogue.rasa import speed

logger = logging.getLogger(__name__)

EVERY_S = 2.0
_TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=5)


class ModelFollower:
    """Asks ``<internal>/models/live`` and keeps the agent at that model."""

    def __init__(self, internal_url: str, every_s: float = EVERY_S) -> None:
        self._url = f"{internal_url.rstrip('/')}/models/live"
        self._every = every_s
        self.current = ""
        """Hash of the model that answers."""
        self.refused = ""
        """Hash of a model that could not be loaded."""
        self.swapped_at = 0.0

    async def follow(self, app: Any) -> None:
        """Until cancelled."""
        agent: Agent = app.ctx.agent
        if agent.processor is not None:
            self.current = agent.processor.model_path.name.partition(".")[0]
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
            while True:
                try:
                    await self.look(agent, http)
                except (aiohttp.ClientError, TimeoutError, OSError):
                    pass  # the gateway is away: the model stays
                except Exception as error:
                    logger.error("model_follower_failed error=%s", type(error).__name__)
                await asyncio.sleep(self._every)

    async def look(self, agent: Agent, http: aiohttp.ClientSession) -> bool:
        """Whether another model is in place now."""
        known = self.refused or self.current
        async with http.get(self._url, headers={"If-None-Match": f'"{known}"'}) as answer:
            if answer.status != 200:
                return False
            tag = answer.headers.get("ETag", "").strip('"')
            if not tag or tag == self.current:
                self.refused = ""
                return False
            data = await answer.read()
        began = time.monotonic()
        try:
            processor = await asyncio.get_running_loop().run_in_executor(None, _load, agent, tag, data)
        except Exception as error:
            self.refused = tag
            logger.error("model_refused model=%s error=%s", tag, type(error).__name__)
            return False
        _exchange(agent, processor)
        self.current, self.refused, self.swapped_at = tag, "", time.time()
        logger.warning("model_swapped model=%s seconds=%.1f", tag, time.monotonic() - began)
        return True


def _load(agent: Agent, tag: str, data: bytes) -> MessageProcessor:
    """In a thread: a processor of its own that shares the agent's stores."""
    folder = Path(tempfile.mkdtemp(prefix="loket-model-"))
    file = folder / f"{tag}.tar.gz"
    try:
        file.write_bytes(data)
        processor = MessageProcessor(
            model_path=file,
            tracker_store=agent.tracker_store,
            lock_store=agent.lock_store,
            action_endpoint=agent.action_endpoint,
            generator=agent.nlg,
            http_interpreter=agent.http_interpreter,
        )
        speed.install(processor)
        return processor
    finally:
        file.unlink(missing_ok=True)
        os.rmdir(folder)


def _exchange(agent: Agent, processor: MessageProcessor) -> None:
    """What ``Agent.load_model`` does after it has loaded."""
    agent.processor = processor
    agent.domain = processor.domain
    if agent.tracker_store is not None:
        agent.tracker_store.domain = processor.domain
    if isinstance(agent.nlg, TemplatedNaturalLanguageGenerator):
        agent.nlg.responses = processor.domain.responses if processor.domain else {}
