"""``./loket run``: the whole service on this machine."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable
from typing import Any

from bot.launch import content
from bot.launch.ports import settle
from bot.launch.programs import Programs
from bot.launch.service import Service
from bot.launch.vardir import VarDir
from bot.log import is_json
from bot.settings import Settings

log = logging.getLogger(__name__)

DEMO_BOT = "3328000001"
DEMO_NUMBER = "+628000000900"
DEMO_ACCOUNT = "AC" + "0" * 32
"""Of the stand-ins: no such bot, number or account exists."""


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Start and supervise everything until Ctrl-C or SIGTERM. Exit code 0 after a clean stop."""
    return run(settings)


def run(settings: Settings, make: Callable[[Settings], Programs] = Programs) -> int:
    """The same with a choice of programs.

    :raises bot.errors.LoketError: already running, a port is busy, or something does not come up; a sentence says what.
    """
    var = VarDir(settings.var_dir)
    with var.held():
        var.sweep()
        settled = with_phones(settle(with_secrets(content.prepared(settings), var)), var)
        return asyncio.run(Service(settled, var, make).run(announce))


def with_secrets(settings: Settings, var: VarDir) -> Settings:
    """What ``run`` makes for itself when it is not configured: keys, and the secret it shares with the sandbox."""
    changes: dict[str, Any] = {}
    if not settings.keys:
        changes["keys"], changes["keys_file"] = var.keys(), var.folder / "keys"
    if settings.demo:
        for name in ("dukcapil_secret", "sdmk_secret", "lapor_secret", "antrean_secret"):
            if not getattr(settings, name):
                changes[name] = var.secret("sandbox")
    return settings.but(**changes) if changes else settings


def with_phones(settings: Settings, var: VarDir) -> Settings:
    """Telegram and WhatsApp on their stand-ins in the sandbox, for the demo, where the operator has not set them up."""
    changes: dict[str, Any] = {}
    if settings.demo and not settings.telegram_bots:
        changes["telegram_bots"] = (f"{DEMO_BOT}:{var.secret('telegram')}",)
        changes["telegram_api"] = f"{settings.sandbox_url}/telegram"
    if settings.demo and not (settings.whatsapp_senders or settings.twilio_account_sid):
        changes["twilio_account_sid"] = DEMO_ACCOUNT
        changes["twilio_auth_token"] = var.secret("twilio")
        changes["whatsapp_senders"] = (DEMO_NUMBER,)
        changes["twilio_api"] = f"{settings.sandbox_url}/whatsapp"
    return settings.but(**changes) if changes else settings


def announce(settings: Settings) -> None:
    """The line that people and scripts wait for, alone on standard output; the rest on standard error, where the log goes."""
    print(f"Loket siap: {settings.local_url}", flush=True)
    staff = f"{settings.staff_url.rstrip('/') or settings.local_url}/staff"
    if is_json(settings, sys.stderr):
        told = {"address": settings.local_url, "staff": staff}
        if settings.demo:
            told |= {"phones": f"{settings.sandbox_url}/phones", "sandbox": settings.sandbox_url}
        log.info("siap / ready", extra=told)
        return
    print(f"  Halaman petugas / staff page:      {staff}", file=sys.stderr)
    if settings.demo:
        print("    akun / account: petugas, sandi / password: petugas.password di / in LOKET_VAR_DIR", file=sys.stderr)
        print(f"  Ponsel tiruan / try WhatsApp, Telegram: {settings.sandbox_url}/phones", file=sys.stderr)
        print(f"  Dinas tiruan / sandbox agencies:   {settings.sandbox_url}", file=sys.stderr)
    print("  Berhenti / stop: Ctrl-C", file=sys.stderr, flush=True)
