"""A backup of a running service, with keys rotated before it, restored into a new place: a half-filled form is finished there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from bot.settings import PREFIX, ROOT, environment
from tests.e2e.chat_client import ChatClient
from tests.e2e.service import Service

pytestmark = [pytest.mark.rasa, pytest.mark.slow]


def loket(*words: str) -> str:
    """One command, as an operator types it; its output."""
    plain = {name: value for name, value in environment().items() if not name.startswith(PREFIX)}
    argv = [sys.executable, "-P", "-m", "bot", *words]
    done = subprocess.run(argv, cwd=ROOT, env={**plain, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Moving(ChatClient):
    """A citizen whose page finds the service at another address one day."""

    def move(self, url: str) -> None:
        self._url = url
        self._stream = asyncio.create_task(self._listen())


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own folder: root's PostgreSQL runs under another account."""
    with tempfile.TemporaryDirectory(prefix="loket-restore-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


async def test_a_half_filled_form_is_finished_in_the_restored_place(
    start_service: Callable[..., Service], folder: Path
) -> None:
    old = start_service()
    var = ("--var-dir", str(old.var_dir))
    async with aiohttp.ClientSession() as http:
        chat = Moving(http, old.url)
        await chat.open()
        await chat.say("petugas loket minta uang 200 ribu buat urus ktp saya", asks="laporan.kejadian")
        loket("keys", "rotate", "--id", "baru", *var)
        await chat.say("loket 3 di mpp, tadi pagi jam 9", asks="laporan.foto")
        loket("keys", "reseal", *var)
        assert "k1: 0" in loket("keys", "status", *var)
        loket("keys", "drop", "k1", *var)
        loket("backup", str(folder / "cadangan"), *var)
        await chat.close()
        keys = old.keys
        old.stop()
        assert "k1:" not in keys
        (folder / "kunci").write_text(keys)
        place = folder / "baru"
        loket("restore", str(folder / "cadangan"), "--keys-file", str(folder / "kunci"), "--var-dir", str(place))
        (folder / "lain").mkdir()
        new = Service(folder / "lain")
        new.var_dir, new.log_file = place, folder / "loket.log"
        with new:
            chat.move(new.url)
            await chat.say("lewati", asks="laporan.harapan")
            await chat.say("uangnya kembali", asks="pelapor.cara")
            await chat.say("anonim", asks="_periksa")
            receipt = await chat.say("kirim", kind="receipt")
            assert receipt["meta"]["application"]
            await chat.close()
