"""The content studio's parts (part of :mod:`bot.bootstrap`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from bot.bootstrap_parts import Parts
from bot.dialogue.workbench import RasaWorkbench
from bot.domain.nlu_report import scores
from bot.settings import Settings
from bot.storage.content_repo import GitContent
from bot.storage.live_content import LiveContent
from bot.storage.store import PgStore
from bot.usecases.studio import Studio
from bot.usecases.studio_report import DraftReport, recent_texts
from bot.web.staff.studio import Scores, StudioParts
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
    return StudioParts(studio, bench, trainer, publisher, _scores(made.store))


def _scores(store: PgStore) -> Scores:
    """F1 of every intent in the newest report, by name; empty before the first training."""
    known: dict[int, dict[str, float]] = {}

    async def newest() -> Mapping[str, float]:
        async with store.begin() as tx:
            run = next((one for one in await tx.runs() if one.state == "done"), None)
            if run is None or run.id in known:
                return known.get(run.id, {}) if run is not None else {}
            report = await tx.report(run.id)
        if report is None:
            return {}
        found = scores(DraftReport.of_json(report).labelled.judged())
        known.clear()
        known[run.id] = {name: score.f1 for name, score in found.items()}
        return known[run.id]

    return newest


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
