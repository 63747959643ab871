"""The content studio's parts (part of :mod:`bot.bootstrap`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.bootstrap_parts import Parts
from bot.dialogue.workbench import RasaWorkbench
from bot.settings import Settings
from bot.storage.content_repo import GitContent
from bot.storage.live_content import LiveContent
from bot.usecases.studio import Studio
from bot.usecases.studio_report import recent_texts
from bot.web.staff.studio import StudioParts
from bot.workers.publishing import Publisher
from bot.workers.training import Trainer


def studio_parts(settings: Settings, made: Parts) -> StudioParts:
    """What editors' pages need; on a machine without the content repository they say so."""
    if not GitContent.is_one(settings.content_dir):
        return StudioParts()

    async def stored(model: str) -> bytes | None:
        async with made.store.begin() as tx:
            return await tx.model(model)

    bench = RasaWorkbench(settings.rasa_python, settings.model_dir, stored)
    publisher = Publisher(settings, made.store, made.clock, bench)
    recent = recent_texts(made.store, settings.locus, made.clock.now)
    trainer = Trainer(settings, made.store, made.clock, publisher, bench, recent)
    studio = Studio(GitContent(settings.content_dir), made.store, made.clock)
    return StudioParts(studio, bench, trainer, publisher)


async def train(parts: StudioParts, zone: Callable[[], ZoneInfo]) -> None:
    """Look after trainings, until cancelled."""
    if not (isinstance(parts.training, Trainer) and isinstance(parts.workbench, RasaWorkbench)):
        await asyncio.Event().wait()
        return
    try:
        await parts.training.keep(zone)
    finally:
        await parts.training.close()
        await parts.workbench.close()


def zone_of(content: LiveContent, locus: str) -> ZoneInfo:
    """The time zone of an office."""
    office = content.catalogue().loci.get(locus)
    return ZoneInfo(office.time_zone if office else "Asia/Jakarta")
