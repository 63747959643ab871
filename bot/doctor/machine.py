"""Checks of this machine: environments, settings, ports, programs."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from bot.doctor.check import Finding, broken, check, note, ok
from bot.launch import demo, ports
from bot.launch.health import http_status
from bot.launch.vardir import AlreadyRunning, VarDir
from bot.settings import ROOT, Settings, environment, unknown

PLUGIN_SETTINGS_HINT = "Salah ketik? / A typing error? docs/settings.md"


@check("python")
async def gateway_environment(settings: Settings) -> Iterable[Finding]:
    """The interpreter that runs this."""
    version = ".".join(map(str, sys.version_info[:3]))
    if tuple(sys.version_info) < (3, 11):
        return [
            broken(f"Python {version}", "Loket perlu Python 3.11 atau lebih baru. / Loket needs Python 3.11 or newer.")
        ]
    return [ok(f"Python {version}, {len(_distributions())} paket / packages")]


def _distributions() -> list[str]:
    from importlib.metadata import distributions

    return [found.name for found in distributions()]


@check("rasa")
async def rasa_environment(settings: Settings) -> Iterable[Finding]:
    """The other environment, by asking it."""
    remedy = "Hapus .venv/rasa, lalu ./loket run. / Remove .venv/rasa, then ./loket run."
    if not settings.rasa_python.exists():
        return [note("lingkungan Rasa belum disiapkan / the Rasa environment is not made yet", remedy)]
    query = (
        "import sys, importlib.metadata as m; print(sys.version.split()[0], m.version('rasa'), m.version('tensorflow'))"
    )
    process = await asyncio.create_subprocess_exec(
        str(settings.rasa_python), "-I", "-c", query, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        return [broken(f"{settings.rasa_python} tidak jalan / does not work", remedy)]
    python, rasa, tensorflow = output.decode().split()
    return [ok(f"Rasa {rasa}, TensorFlow {tensorflow}, Python {python}")]


@check("pins")
async def pins(settings: Settings) -> Iterable[Finding]:
    """Whether each environment holds what its requirements file says (the stamp that ``./loket`` leaves)."""
    import hashlib

    found: list[Finding] = []
    for name in ("gateway", "rasa"):
        stamp = ROOT / ".venv" / name / ".loket"
        wanted = hashlib.sha256((ROOT / "requirements" / f"{name}.txt").read_bytes()).hexdigest()
        if not stamp.exists():
            found.append(note(f".venv/{name}: belum disiapkan / not made yet", "./loket run"))
        elif stamp.read_text().strip() != wanted:
            found.append(note(f".venv/{name}: tidak sesuai / differs from requirements/{name}.txt", "./loket run"))
        else:
            found.append(ok(f".venv/{name} = requirements/{name}.txt"))
    return found


@check("settings")
async def settings_known(settings: Settings) -> Iterable[Finding]:
    """Names that look like settings and are none."""
    strange = unknown(environment())
    if strange:
        return [note("tidak dikenal / unknown: " + ", ".join(strange), PLUGIN_SETTINGS_HINT)]
    return [ok("semua nama dikenal / all names are known")]


@check("ports")
async def ports_free(settings: Settings) -> Iterable[Finding]:
    """Free ports, or our own service on them."""
    if settings.var_dir.is_dir():  # else nothing is made there: ./loket restore wants it empty
        try:
            with VarDir(settings.var_dir).held():
                pass
        except AlreadyRunning:
            return [ok(f"Loket sedang berjalan / is running: {VarDir(settings.var_dir).state().get('url', '')}")]
    wanted = [("--port, LOKET_PORT", settings.host, settings.port), *_inner_ports(settings)]
    taken = [(reason, name) for name, host, port in wanted if (reason := ports.refusal(name, host, port))]
    if not taken:
        return [ok(f"{settings.host}:{settings.port} bebas / free")]
    if await http_status(settings.port, "/healthz/live", settings.host) == 200:
        return [ok(f"Loket sedang berjalan / is running: {settings.local_url}")]
    return [
        broken(reason, f"Cari pemakainya / find who has it: ss -ltnp; lalu / then {name}") for reason, name in taken
    ]


def _inner_ports(settings: Settings) -> list[tuple[str, str, int]]:
    inner = (
        ("LOKET_INTERNAL_PORT", settings.internal_host, settings.internal_port),
        ("LOKET_RASA_PORT", "127.0.0.1", settings.rasa_port),
        ("LOKET_SANDBOX_PORT", "127.0.0.1", settings.sandbox_port),
    )
    return [one for one in inner if one[2]]


@check("web")
async def web_assets(settings: Settings) -> Iterable[Finding]:
    """What npm brings for the staff pages."""
    if (ROOT / "bot/web/static/vendor/htmx.min.js").is_file():
        return [ok("htmx terpasang / installed")]
    return [note("htmx belum terpasang / not installed yet", "./loket run")]


@check("demo")
async def demo_pictures(settings: Settings) -> Iterable[Finding]:
    """The pictures of the invented citizens."""
    if not demo.missing(settings):
        return [ok("gambar contoh ada / the demo pictures are there")]
    return [note("gambar contoh belum ada / no demo pictures yet", "./loket run mengambilnya / fetches them")]


@check("chromium")
async def chromium(settings: Settings) -> Iterable[Finding]:
    """The browser of the tests; the service needs none."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        return [note("tidak ada (hanya untuk pengujian) / missing (tests only)", "apt-get install chromium")]
    return [ok(Path(browser).name)]
