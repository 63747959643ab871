"""`./loket bench studio`: how quick the content studio is for an editor, on a content repository of its own.

The content is the one Loket comes with, plus an intent of 500 examples (named in rules, domain, sentences and 200 evaluation
messages) and one of 5,000; PostgreSQL and the gateway are those of `./loket serve`, asked over HTTP by a signed-in editor. No Rasa.

``rename_500_ms``: from the form's POST to the redirect, commit and audit entry included. ``list_p50_ms``, ``list_p95_ms``: a page of
the 5,000 examples, pages and filters mixed. ``near_first_ms``, ``near_p50_ms``, ``near_p95_ms``: the hints for a line that is being
typed, among all examples; the first one builds the index. ``import_5000_ms``: a CSV of 5,000 new examples, from POST to redirect.

The baseline does the same as tools do that have no file history and no index, in the same run on the same content. Rename: every
example is moved by a commit of its own, then what refers to the intent (Buerokratt's way takes 34 HTTP steps without a transaction,
research/buerokratt.md 1c, each slower than one of these commits). List: all files are read and parsed anew, and all 5,000 rows are on
the page. Hints: every example is read, normalised and compared. Import: a commit per row; 250 rows are measured and taken times 20.
"""

from __future__ import annotations

import asyncio
import random
import re
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import quote

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from jinja2 import Environment

from bot.bench.console_office import started, until_ready
from bot.bench.machine import free_port
from bot.bench.report import Result, percentile
from bot.clock import SystemClock
from bot.dialogue.nlu.normalise import words
from bot.domain.nlu_file import NluFile
from bot.launch.postgres import EmbeddedPostgres
from bot.launch.programs import Programs
from bot.launch.run import with_secrets
from bot.launch.vardir import VarDir, new_key
from bot.settings import SHIPPED_CONTENT, Settings
from bot.storage import pg
from bot.storage.accounts import Account, Accounts
from bot.storage.content_repo import GitContent, content_files
from bot.storage.crypto import KeyRing
from bot.storage.migrate import migrate
from bot.storage.store import PgStore
from bot.usecases import studio_nlu_whole as whole
from bot.usecases.studio import Editor, Studio
from bot.usecases.studio_nlu import Intents
from bot.usecases.studio_nlu_alike import pieces_of
from bot.usecases.studio_nlu_new import NewIntent
from bot.usecases.studio_nlu_sheet import csv_of
from bot.web.staff.auth import COOKIE

RENAMED, LONG, IMPORTED, TESTED = 500, 5000, 5000, 200
_RENAMES, _PAGES, _TYPED = 7, 80, 60
_ROWS_MEASURED = 250
_BASE = "/staff/studio/intents"
_WHO = Editor("bench", "Bench")
_A, _B = "tanya_pasar", "tanya_banyak"
_WORDS = (
    "berapa biaya sewa lapak kios pasar trayek parkir retribusi los pedagang pagi malam harga beras sayur ikan buka tutup jam lokasi izin "
    "pindah nama pemilik kontrak bulan tahun bayar tunggakan denda listrik air kebersihan keamanan petugas kantor syarat daftar ulang"
).split()

_ALL_ROWS = Environment(autoescape=True).from_string(
    """<ul>{% for one in rows %}<li><label><input type="checkbox" name="text" value="{{ one }}"> <span>{{ one }}</span></label>
    <a href="?edit={{ one|urlencode }}" aria-label="Ubah: {{ one }}">Ubah</a></li>{% endfor %}</ul>"""
)

Say = Callable[[str], None]


def run(settings: Settings, say: Say) -> Result:
    """Measure both sides."""
    return asyncio.run(_run(settings, say))


async def _run(settings: Settings, say: Say) -> Result:
    with (
        tempfile.TemporaryDirectory(prefix="loket-bench-", ignore_cleanup_errors=True) as name,
        EmbeddedPostgres(Path(name) / "postgres").running() as url,
    ):
        folder = Path(name)
        await asyncio.to_thread(migrate, url)
        kept = settings.but(var_dir=folder, keys=new_key("k1"), content_dir=folder / "isi", demo=True)
        own = with_secrets(kept, VarDir(folder)).but(
            database_url=url,
            port=free_port(),
            internal_port=free_port(),
            rasa_port=free_port(),
            sandbox_port=free_port(),
        )
        store = PgStore(pg.engine(url), KeyRing(own.keys))
        files = await _content(folder / "seed", store)
        say(
            f"{sum(len(text) for text in files.values()) // 1000} kB, maksud / intents: {RENAMED} + {LONG} contoh / examples"
        )
        for place in (own.content_dir, folder / "naive"):
            GitContent.seed(place, files, SystemClock().now()).close()
        mine = await _over_http(own, store, say)
        naive = await _naively(Studio(GitContent(folder / "naive"), store, SystemClock()), say)
        await store.engine.dispose()
    return Result("studio", mine, naive)


async def _content(folder: Path, store: PgStore) -> dict[str, bytes]:
    """What Loket comes with, and two large intents; made by the studio itself."""
    history = GitContent.seed(folder, content_files(SHIPPED_CONTENT), SystemClock().now())
    studio = Studio(history, store, SystemClock())
    shop = Intents(studio, words)
    for name, count in ((_A, RENAMED), (_B, LONG)):
        await whole.create(shop, _WHO, NewIntent(name, tuple(_lines(name, count)), {"id": "Baik."}, {"id": "Pasar"}))
    draft = await studio.draft()
    rows = "".join(f"{line}\t{_A}\t\n" for line in _lines("uji", TESTED))
    await studio.save(_WHO, draft, {"eval/pasar.tsv": f"text\tintent\tservice\n{rows}"}, "uji")
    made = await studio.draft()
    return {path: history.blob(blob) for path, blob in made.files.items()}


def _lines(seed: str, count: int) -> list[str]:
    dice = random.Random(seed)  # noqa: S311 - the same lines each time
    return [f"{' '.join(dice.choices(_WORDS, k=dice.randint(3, 9)))} {seed} {n}" for n in range(count)]


# -- Loket ------------------------------------------------------------------------------------------------------------------


@dataclass
class _Page:
    """A signed-in editor."""

    http: aiohttp.ClientSession
    url: str
    csrf: str = ""

    async def get(self, path: str) -> str:
        async with self.http.get(f"{self.url}{path}") as answer:
            text = await answer.text()
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
        self.csrf = (re.findall(r'name="csrf" value="(\w+)"', text) or [self.csrf])[0]
        return text

    async def post(self, path: str, status: int, data: aiohttp.FormData | dict[str, str], **headers: str) -> None:
        async with self.http.post(f"{self.url}{path}", data=data, headers=headers, allow_redirects=False) as answer:
            if answer.status != status:
                raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")
            await answer.read()


async def _over_http(settings: Settings, store: PgStore, say: Say) -> dict[str, float]:
    programs = Programs(settings)
    programs.forget_figures()
    accounts, now = Accounts(store), SystemClock().now()
    await accounts.add(Account(_WHO.username, _WHO.name, frozenset({"editor"}), settings.locus), "", now)
    opened = await accounts.sign_in_known(_WHO.username, "totp", now)
    assert opened is not None
    with started(programs.gateway()):
        await until_ready(settings.port)
        cookies = {"Cookie": f"{COOKIE}={opened.token}"}
        async with aiohttp.ClientSession(headers=cookies) as http:
            page = _Page(http, f"http://127.0.0.1:{settings.port}")
            await page.get(f"{_BASE}/{_A}/manage")
            rename = await _renames(page)
            say(f"rename p50 {median(rename):.0f} ms")
            listed = await _lists(page)
            say(f"list p95 {percentile(listed, 0.95):.0f} ms")
            near = await _hints(page)
            say(f"hints p95 {percentile(near[1:], 0.95):.0f} ms")
            imported = await _timed(lambda: _import(page))
            say(f"import {imported:.0f} ms")
    return _figures(median(rename), listed, near, imported)


def _figures(rename: float, listed: list[float], near: list[float], imported: float) -> dict[str, float]:
    figures = {
        "rename_500_ms": rename,
        "list_p50_ms": percentile(listed, 0.5),
        "list_p95_ms": percentile(listed, 0.95),
        "near_first_ms": near[0],
        "near_p50_ms": percentile(near[1:], 0.5),
        "near_p95_ms": percentile(near[1:], 0.95),
        "import_5000_ms": imported,
    }
    return {name: round(value, 1) for name, value in figures.items()}


async def _timed(what: Callable[[], Awaitable[object]]) -> float:
    began = perf_counter()
    await what()
    return (perf_counter() - began) * 1000


async def _renames(page: _Page) -> list[float]:
    took, name, other = [], _A, f"{_A}_baru"
    for _ in range(_RENAMES):
        path, form = f"{_BASE}/{name}/manage/rename", {"csrf": page.csrf, "to": other}
        took.append(await _timed(lambda path=path, form=form: page.post(path, 303, form)))  # type: ignore[misc]
        name, other = other, name
    return took


async def _lists(page: _Page) -> list[float]:
    dice, took = random.Random(5), []  # noqa: S311
    for n in range(_PAGES):
        asked = f"q={quote(dice.choice(_WORDS))}" if n % 3 == 0 else f"page={dice.randint(1, LONG // 100)}"
        took.append(await _timed(lambda asked=asked: page.get(f"{_BASE}/{_B}?{asked}")))  # type: ignore[misc]
    return took


async def _hints(page: _Page) -> list[float]:
    took = []
    for line in _lines("ketik", _TYPED):
        form = {"csrf": page.csrf, "name": _A, "texts": line}
        post = {"HX-Request": "true"}
        took.append(await _timed(lambda form=form, post=post: page.post(f"{_BASE}/-/check", 200, form, **post)))  # type: ignore[misc]
    return took


async def _import(page: _Page) -> None:
    form = aiohttp.FormData()
    form.add_field("csrf", page.csrf)
    form.add_field("table", csv_of((_B, line) for line in _lines("impor", IMPORTED)), filename="contoh.csv")
    await page.post(f"{_BASE}/-/import", 303, form)


# -- without history and index --------------------------------------------------------------------------------------------------


async def _naively(studio: Studio, say: Say) -> dict[str, float]:
    rename = await _timed(lambda: _rename_one_by_one(studio))
    say(f"one by one: rename {rename:.0f} ms")
    listed = await _lists_anew(studio)
    say(f"read anew: list p95 {percentile(listed, 0.95):.0f} ms")
    near = [await _timed(lambda line=line: _compare_all(studio, line)) for line in _lines("ketik", 6)]  # type: ignore[misc]
    say(f"compare all: hints p95 {percentile(near, 0.95):.0f} ms")
    shop = Intents(studio, words)
    imported = await _timed(lambda: _import_one_by_one(shop)) * IMPORTED / _ROWS_MEASURED
    say(f"row by row: import {imported:.0f} ms")
    return _figures(rename, listed, near, imported)


async def _rename_one_by_one(studio: Studio) -> None:
    shop, other = Intents(studio, words), f"{_A}_baru"
    texts = (await shop.state()).examples(_A)
    await whole.create(shop, _WHO, NewIntent(other, (f"{texts[0]} sekali",), {"id": "Baik."}))
    for text in texts[:-1]:
        await shop.move(_WHO, _A, other, [text])
    await whole.merge(shop, _WHO, _A, other)


async def _lists_anew(studio: Studio) -> list[float]:
    """Over HTTP, too; without a session, which makes it quicker than it would be."""

    async def page(_: web.Request) -> web.Response:
        texts = await studio.texts(await studio.draft(), "nlu")
        sections = [section for text in texts.values() for section in NluFile(text).sections]
        rows = [one for section in sections if section.name == _B for one in section.examples]
        return web.Response(text=_ALL_ROWS.render(rows=rows), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        naive = _Page(http, str(server.make_url("")).rstrip("/"))
        return [await _timed(lambda: naive.get("/")) for _ in range(_PAGES // 4)]


async def _compare_all(studio: Studio, line: str) -> None:
    texts = await studio.texts(await studio.draft(), "nlu")
    mine = pieces_of(words(line))
    for text in texts.values():
        for section in NluFile(text).sections:
            for one in section.examples:
                theirs = pieces_of(words(one))
                len(mine & theirs) / max(1, len(mine | theirs))


async def _import_one_by_one(shop: Intents) -> None:
    for line in _lines("impor", _ROWS_MEASURED):
        await shop.add(_WHO, _B, [line])
