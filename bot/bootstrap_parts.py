"""What gateway and workers have in common, built from the settings (part of :mod:`bot.bootstrap`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from bot import agency_files, registry
from bot.bootstrap_policy import policy_of_settings
from bot.clock import SystemClock
from bot.dialogue.client import RasaDialogue
from bot.dialogue.nlu.normalise import words
from bot.domain.offices import misplaced
from bot.errors import SettingsError
from bot.office_days import indonesian_holidays
from bot.ports import Agency, AgencyManifest, Channel, ChannelAccount, Clock
from bot.ports_desk import OutsideDesk
from bot.settings import Settings
from bot.storage import face_cohort
from bot.storage.crypto import KeyRing
from bot.storage.live_content import LiveContent
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.usecases.deps import Deps
from integrations.face.adapter import LocalFaceMatcher, policy_of


@dataclass
class Parts:
    """What processes that serve citizens have in common."""

    settings: Settings
    clock: Clock
    keys: KeyRing
    store: PgStore
    dialogue: RasaDialogue
    channels: Mapping[str, Channel]
    faces: LocalFaceMatcher
    deps: Deps
    content: LiveContent


@asynccontextmanager
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """Build them, and close what has to be closed."""
    async with AsyncExitStack() as stack:
        clock = SystemClock(settings.clock_file)
        keys = KeyRing(settings.keys, settings.keys_file)
        config = settings.to_env()
        channels = {name: p.build(config, clock) for name, p in registry.channels().items() if p.wanted(config)}
        plugins = agency_files.every(settings.agencies_dir)
        agencies = registry.build_all(plugins, config, clock)
        desks = registry.desks(config, clock)
        stack.push_async_callback(_close_all, [*agencies.values(), *channels.values(), *desks.values()])
        pull = frozenset(name for name, channel in channels.items() if channel.manifest.pull)
        db = engine(settings.database_url)
        stack.push_async_callback(db.dispose)
        store = PgStore(db, keys, pull)
        dialogue = RasaDialogue(settings.rasa_url, turn_timeout_s=settings.turn_timeout_s, ca=settings.internal_ca)
        stack.push_async_callback(dialogue.close)
        faces = _faces(settings, keys)
        stack.push_async_callback(faces.close)
        content = LiveContent(store, settings.content_dir, words, settings.follows_content)
        await content.start()
        _refuse_unreachable(content, plugins, agencies)
        _refuse_misplaced(settings, content, channels)
        deps = _deps(settings, clock, store, dialogue, agencies, faces, _accounts(settings, channels), content)
        deps = replace(deps, desks=desks)
        yield Parts(settings, clock, keys, store, dialogue, channels, faces, deps, content)


def _refuse_unreachable(
    content: LiveContent,
    plugins: Mapping[str, registry.Plugin[AgencyManifest, Agency]],
    agencies: Mapping[str, Agency],
) -> None:
    """:raises SettingsError: an office offers services of an agency that is not set up. Complaints and queue can do without."""
    catalogue = content.catalogue()
    for office in catalogue.loci.values():
        needed = {office.register, *(catalogue.services[slug].agency for slug in office.services)} - {""}
        for name in sorted({office.agencies[one] for one in needed} - set(agencies)):
            settings = ", ".join(plugins[name].manifest.settings) if name in plugins else f"agencies/{name}.yml"
            raise SettingsError(
                f"{office.code}: {name} belum dipasang / is not set up: {settings}. Lihat / see docs/settings.md"
            )


def _refuse_misplaced(settings: Settings, content: LiveContent, channels: Mapping[str, Channel]) -> None:
    """:raises SettingsError: a bot or number of an office that there is not, or of another one than its file says."""
    accounts = {one.id: one.locus for channel in channels.values() for one in channel.accounts.values()}
    wrong = misplaced(content.catalogue().loci, accounts, settings.locus)
    if wrong:
        raise SettingsError("\n".join(wrong))


def _accounts(settings: Settings, channels: Mapping[str, Channel]) -> dict[str, ChannelAccount]:
    """Where people can write to, for links from one channel into another."""
    accounts = {account.id: account for channel in channels.values() for account in channel.accounts.values()}
    return accounts | {"web": replace(accounts["web"], address=settings.public_url)} if "web" in accounts else accounts


def _faces(settings: Settings, keys: KeyRing) -> LocalFaceMatcher:
    return LocalFaceMatcher(
        settings.face_processes,
        policy=policy_of(settings.face_profile, settings.face_calibration),
        strangers=face_cohort.read(settings.face_cohort, keys),
        waiting=settings.face_waiting,
        pose_model=settings.pose_model,
    )


async def _close_all(adapters: list[Agency | Channel | OutsideDesk]) -> None:
    for adapter in adapters:
        close = getattr(adapter, "close", None)
        if close is not None:
            await close()


def _deps(
    settings: Settings,
    clock: Clock,
    store: PgStore,
    dialogue: RasaDialogue,
    agencies: Mapping[str, Agency],
    faces: LocalFaceMatcher,
    accounts: Mapping[str, ChannelAccount],
    content: LiveContent,
) -> Deps:

    return Deps(
        store=store,
        clock=clock,
        texts=content,
        catalogue=content.catalogue,
        dialogue=dialogue,
        agencies=agencies,
        faces=faces,
        holiday=indonesian_holidays(),
        faqs=content.faqs,
        callback_url=f"{settings.public_url}/callbacks",
        channels=accounts,
        capture_url=f"{settings.public_url}/swafoto",
        document_url=f"{settings.public_url}/dokumen",
        my_data_url=f"{settings.public_url}/data-saya",
        check_url=f"{settings.public_url}/cek",
        ticket_url=f"{settings.public_url}/antrean",
        token_hash=store.keys.token_hash,
        policy=policy_of_settings(settings),
    )
