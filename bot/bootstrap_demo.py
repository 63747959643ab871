"""What ``./loket run`` adds for trying it out: an officer's account, and the invented citizens on the demo page (part of
:mod:`bot.bootstrap`).
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import aiohttp

from bot.domain.staff import AGENT, AUDITOR, OFFICER, SUPERVISOR
from bot.ports import Clock
from bot.settings import Settings
from bot.storage.accounts import Account, Accounts


async def demo_officer(accounts: Accounts, settings: Settings, clock: Clock) -> None:
    """One can play the officer at once: account ``petugas``, its random password in ``petugas.password`` below ``var/``."""
    file = settings.var_dir / "petugas.password"
    if file.exists():
        return
    password = secrets.token_urlsafe(9)
    account = Account("petugas", "Petugas Contoh", frozenset({AGENT, OFFICER, SUPERVISOR, AUDITOR}), settings.locus)
    await accounts.add(account, password, clock.now(), replace=True, actor="loket run")
    file.touch(mode=0o600)
    file.write_text(password + "\n", encoding="utf-8")


_SHOWS = ("menghadap lurus", "menoleh dengan mulut terbuka")


def demo_citizens(http: aiohttp.ClientSession, sandbox_url: str) -> Callable[[], Awaitable[list[dict[str, Any]]]]:
    """The invented citizens of the sandbox, as the demo page shows them."""

    def link(name: str) -> str:
        return f"{sandbox_url}/demo/pictures/{name}"

    async def citizens() -> list[dict[str, Any]]:
        try:
            async with http.get(f"{sandbox_url}/demo/citizens") as response:
                found = await response.json()
        except (aiohttp.ClientError, TimeoutError):
            return []
        people = found["citizens"] if isinstance(found, dict) else found
        return [
            {
                **person,
                "birth_date": date.fromisoformat(person["birth_date"]).strftime("%d-%m-%Y"),
                "enrolled_url": link(person["enrolled"][0]) if person["enrolled"] else "",
                "selfies": [
                    {"url": link(n), "label": f"Selfie ke-{i}: {what}"}
                    for i, (n, what) in enumerate(zip(person["selfies"], _SHOWS, strict=False), 1)
                ]
                + [{"url": link(n), "label": "Selfie orang lain"} for n in person.get("wrong_selfies", [])]
                + [
                    {"url": link(n), "label": "Meragukan: petugas memutuskan"} for n in person.get("unsure_selfies", [])
                ],
            }
            for person in people
        ]

    return citizens
