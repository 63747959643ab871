"""Gateway and Rasa talk over TLS where they are on different machines, each knowing who the other is."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.dialogue.client import RasaDialogue
from bot.errors import DialogueUnavailable, EmptyTurn, SettingsError
from bot.settings import ROOT
from bot.web import listening
from bot.web.tls import OwnTls
from tests.certificates import Authority

PARSED = {"text": "ktp", "intent": {"name": "greet", "confidence": 0.9}, "intent_ranking": [], "entities": []}
RASA = ROOT / ".venv" / "rasa" / "bin" / "python"


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Port of a Rasa that understands one thing, and of an internal listener."""

    async def parse(request: web.Request) -> web.Response:
        return web.json_response(PARSED)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", parse)
    runner = listening.runner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_a_text_goes_to_a_rasa_of_our_authority_and_to_no_other(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    async with serving(OwnTls(*authority.sign("rasa", "127.0.0.1")).context) as port, serving(None) as plain:
        for url, ca, good in (
            (f"https://127.0.0.1:{port}", authority.file, True),
            (f"https://127.0.0.1:{port}", stranger.file, False),
            (f"https://127.0.0.1:{port}", None, False),
            (f"https://127.0.0.1:{plain}", authority.file, False),  # never in the clear instead
        ):
            client = RasaDialogue(url, parse_timeout_s=5, ca=ca)
            try:
                if good:
                    assert (await client.parse("ktp")).intent == "greet" and await client.ready()
                else:
                    with pytest.raises((DialogueUnavailable, EmptyTurn)):
                        await client.parse("ktp")
                    assert not await client.ready()
            finally:
                await client.close()
    with pytest.raises(SettingsError, match="LOKET_INTERNAL_CA"):
        RasaDialogue("https://127.0.0.1", ca=tmp_path / "none.pem")


@pytest.mark.skipif(not RASA.is_file(), reason="Rasa's environment is not there")
async def test_rasas_own_client_believes_the_internal_listener_by_the_authority_it_is_given(tmp_path: Path) -> None:
    """Rasa calls actions and fetches models with aiohttp and Python's own context, which SSL_CERT_FILE names the authority for."""
    authority = Authority(tmp_path)
    program = (
        "import asyncio, sys, aiohttp\n"
        "async def main():\n"
        "    async with aiohttp.ClientSession() as http:\n"
        "        async with http.post(sys.argv[1]) as answer:\n"
        "            print(answer.status)\n"
        "asyncio.run(main())\n"
    )
    async with serving(OwnTls(*authority.sign("gateway", "127.0.0.1")).context) as port:
        for env, expected in (({"SSL_CERT_FILE": str(authority.file)}, "200"), ({}, "CERTIFICATE_VERIFY_FAILED")):
            process = await asyncio.create_subprocess_exec(
                str(RASA),
                *("-c", program, f"https://127.0.0.1:{port}/actions"),
                env={"PATH": os.environ["PATH"], **env},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            said, _ = await process.communicate()
            assert expected in said.decode()
