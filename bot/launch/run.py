"""``./loket run``: the whole service on this machine."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.launch.ports import settle
from bot.launch.programs import Programs
from bot.launch.service import Service
from bot.launch.vardir import VarDir
from bot.settings import SHIPPED_CONTENT, Settings
from bot.storage.content_repo import LOKET, GitContent, content_files

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
        settled = with_phones(settle(with_secrets(with_content(settings), var)), var)
        return asyncio.run(Service(settled, var, make).run(announce))


def with_content(settings: Settings) -> Settings:
    """The content repository of this installation: made from the content Loket comes with, and brought up to date with it.

    A plain folder that the operator named stays what it is.
    """
    folder = settings.own_content if settings.content_dir == SHIPPED_CONTENT else settings.content_dir
    if not GitContent.is_one(folder):
        if folder.is_dir() and any(folder.iterdir()):
            return settings
        log.info("menyiapkan isi / preparing the content", extra={"folder": folder.name})
        GitContent.seed(folder, content_files(SHIPPED_CONTENT), datetime.now(UTC)).close()
        return settings.but(content_dir=folder)
    repo = GitContent(folder)
    done = repo.upgrade(content_files(SHIPPED_CONTENT), LOKET, datetime.now(UTC))
    if done.kept:
        log.warning(
            "isi bawaan yang juga diubah di sini dibiarkan / shipped content that was also changed here was left",
            extra={"files": list(done.kept)},
        )
    repo.check_out()
    repo.close()
    return settings.but(content_dir=folder)


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
    """The line that people and scripts wait for, alone on standard output; the rest on standard error."""
    print(f"Loket siap: {settings.local_url}", flush=True)
    print(f"  Halaman petugas / staff page:      {settings.local_url}/staff", file=sys.stderr)
    if settings.demo:
        print("    akun / account: petugas, sandi / password: petugas.password di / in LOKET_VAR_DIR", file=sys.stderr)
        print(f"  Ponsel tiruan / try WhatsApp, Telegram: {settings.sandbox_url}/phones", file=sys.stderr)
        print(f"  Dinas tiruan / sandbox agencies:   {settings.sandbox_url}", file=sys.stderr)
    print("  Berhenti / stop: Ctrl-C", file=sys.stderr, flush=True)
