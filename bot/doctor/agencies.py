"""Checks of the agencies that files of the installation describe: each fault with its line, then each agency's own word."""

from __future__ import annotations

from collections.abc import Iterable

from bot import agency_files
from bot.agency_files import AgencyPlugin
from bot.clock import SystemClock
from bot.doctor.check import Finding, broken, check, ok
from bot.errors import LoketError
from bot.settings import Settings


@check("agency files")
async def files(settings: Settings) -> Iterable[Finding]:
    """Sound descriptions, secrets that are set, agencies that answer."""
    plugins, faults = agency_files.read(settings.agencies_dir)
    found = [broken(f"{fault.file}:{fault.line}: {fault.message}", fault.remedy) for fault in faults]
    for plugin in plugins.values():
        found += await _agency(plugin, settings)
    return found or [ok(f"tidak ada / none in {settings.agencies_dir}")]


async def _agency(plugin: AgencyPlugin, settings: Settings) -> list[Finding]:
    name, hours, clock = plugin.manifest.id, plugin.manifest.hours, SystemClock(settings.clock_file)
    try:
        agency = plugin.build(settings.to_env(), clock)
    except LoketError as error:
        return [broken(f"{name}: {error}", "Atur di lingkungan atau .env / set it in the environment or .env")]
    try:
        wrong = await agency.check()
    finally:
        close = getattr(agency, "close", None)
        if close is not None:
            await close()
    if hours is not None and not hours.open(clock.now()):
        said = ok(f"{name}: di luar jam kerjanya, tidak ditanya / outside its working hours, not asked")
    else:
        said = ok(f"{name} menjawab / answers")
    return [broken(line, f"Periksa / check {plugin.module}") for line in wrong] or [said]
