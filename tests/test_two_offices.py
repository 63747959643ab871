"""Two offices in one installation: 33.28 (Kabupaten Tegal, WIB) and the invented 91.99 (WIT, tests/data/91.99.yml), side by side."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from bot.content import load_catalogue, read_catalogue
from bot.domain.faq import FaqIndex
from bot.domain.figures import EVERYWHERE
from bot.domain.messages import Inbound
from bot.domain.offices import misplaced
from bot.domain.staff import ROLES, fits_everywhere
from bot.errors import Conflict, SettingsError
from bot.ports import ChannelAccount
from bot.storage.accounts import Account, Accounts
from bot.usecases.deps import Deps
from bot.usecases.dialogue_steps import DialogueSteps
from bot.usecases.receive import open_web_session, receive
from channels.telegram.bots import read_bots
from tests.usecases import conftest as inside
from tests.usecases.conftest import World

world = inside.world
ROOT = Path(__file__).parents[1]
TEGAL, CONTOH = "33.28", "91.99"
CONTOH_FILE = ROOT / "tests" / "data" / "91.99.yml"


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content with a second office: one file more."""
    folder = tmp_path_factory.mktemp("two") / "data"
    shutil.copytree(ROOT / "data", folder)
    shutil.copy(CONTOH_FILE, folder / "loci")
    return folder


@pytest.fixture
def two(world: World, content: Path) -> World:
    """One installation that serves both."""
    catalogue = load_catalogue(content)
    index = FaqIndex(catalogue.faqs)
    deps: Deps = replace(world.deps, catalogue=lambda: catalogue, faqs=lambda: index)
    world.deps = deps
    world.dialogue.steps = DialogueSteps(deps)
    return world


async def said(two: World, office: str, text: str) -> str:
    who = await open_web_session(two.deps, text.encode() + office.encode(), office, "id")
    return " ".join(str(one["text"]) for one in await two.say(who, text))


async def test_one_file_makes_an_office_with_its_own_name_clock_hours_and_services(two: World) -> None:
    loci = two.deps.catalogue().loci
    assert set(loci) == {TEGAL, CONTOH}
    here = [await open_web_session(two.deps, code.encode(), code, "id") for code in (TEGAL, CONTOH)]
    two.clock.at = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)  # 23.00 in WIB, one in the morning in WIT
    assert [str(two.deps.today(one)) for one in here] == ["2026-11-02", "2026-11-03"]
    assert loci[TEGAL].week is None and loci[CONTOH].week is not None
    assert set(loci[CONTOH].services) == {"akta-kelahiran", "ktp"}
    assert "MPP Contoh Cenderawasih, Kabupaten Contoh" in await said(two, CONTOH, "halo")
    assert "Contoh" not in await said(two, TEGAL, "halo")
    assert "sip-bidan" not in loci[CONTOH].services
    assert "belum" in await said(two, CONTOH, "mau buat sip bidan")  # not offered there


async def test_shared_content_never_speaks_of_tegal_at_the_other_office(two: World) -> None:
    for text in ("syarat ktp", "berapa biaya akta lahir", "berapa lama ktp", "mau buat akta lahir", "petugas"):
        answer = await said(two, CONTOH, text)
        assert answer and "Tegal" not in answer and "Slawi" not in answer and "Satya Dahayu" not in answer, text


async def test_kota_tegal_and_kabupaten_tegal_are_told_apart(two: World) -> None:
    for text in (
        "syarat ktp kota tegal",
        "mau buat akta lahir, saya warga Tegal Kota",
        "berapa biaya ktp di MPP Alaya Sewagati",
    ):
        answer = await said(two, TEGAL, text)
        assert (
            answer.startswith("Ini Loket Kabupaten Tegal.") and "Kota Tegal dilayani Pemerintah Kota Tegal" in answer
        ), text
    assert "Kota Tegal" not in await said(two, TEGAL, "syarat ktp kabupaten tegal")
    # Asked outright, the answer says it already: not twice. At another office it is nobody's question.
    answer = await said(two, TEGAL, "saya warga Kota Tegal, bisa urus di sini?")
    assert answer.count("Alaya Sewagati") == 1
    assert "Alaya" not in await said(two, CONTOH, "saya warga Kota Tegal, bisa urus di sini?")


async def test_the_language_follows_only_into_those_that_are_spoken_there(two: World) -> None:
    assert two.deps.catalogue().loci[CONTOH].languages == ("id", "en")
    two.dialogue.seen.clear()
    who = await open_web_session(two.deps, b"jv", CONTOH, "id")
    await two.say(who, "kulo badhe damel ktp, pripun nggih?")
    assert (await two.conversation(who)).language == "id"


async def test_each_bot_brings_people_to_its_own_office(two: World) -> None:
    bots = read_bots("111:AAA,91.99=222:BBB", TEGAL)
    assert [bot.account().locus for bot in bots] == [TEGAL, CONTOH]
    found = []
    for bot in bots:
        account = bot.account()
        await receive(two.deps, account, [Inbound(account.id, "1", "7", two.clock.now(), text="halo")])
        async with two.store.begin() as tx:
            found.append((await tx.open_conversation(account.id, "7", "00.00", "id", two.clock.now())).locus)
    assert found == [TEGAL, CONTOH]  # the same person, two conversations
    with pytest.raises(SettingsError, match="ada dua kali"):
        read_bots("111:AAA,91.99=111:BBB", TEGAL)


def test_a_bot_of_no_office_or_of_another_one_is_refused_at_start(content: Path) -> None:
    loci = load_catalogue(content).loci
    fine = {"telegram:111": TEGAL, "telegram:222": CONTOH, "web": TEGAL}
    assert misplaced(loci, fine, TEGAL) == []
    (wrong,) = misplaced(loci, {**fine, "telegram:222": TEGAL}, TEGAL)
    assert "telegram:222" in wrong and "loci/91.99.yml" in wrong and "LOKET_TELEGRAM_BOTS" in wrong
    (wrong,) = misplaced(loci, {"whatsapp:62800": "33.76"}, TEGAL)
    assert "33.76" in wrong and "LOKET_WHATSAPP_SENDERS" in wrong
    (wrong,) = misplaced(loci, {}, "33.76")
    assert wrong.startswith("LOKET_LOCUS=33.76")
    assert isinstance(ChannelAccount("web", TEGAL, "", ""), ChannelAccount)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("time_zone: Asia/Jayapura", "time_zone: Asia/Papua", 4, "time_zone"),
        ("[akta-kelahiran, ktp]", "[akta-kelahiran, ktpp]", 15, "'ktpp'"),
        ('"telegram:222"', '"222:AAF-secret"', 19, "LOKET_TELEGRAM_BOTS"),
        ("say.greet", "say.grett", 21, "there is no sentence 'say.grett'"),
        ('Welcome to {office}', 'Welcome to {name}', 21, "is given no name"),
        ("languages: [id, en]", "languages: [en]", 18, "languages"),
    ],
    ids=["time zone", "service", "token", "sentence", "placeholder", "language"],
)  # fmt: skip
def test_what_is_wrong_in_an_offices_file_is_said_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    faults = faults_of(tmp_path, lambda text: text.replace(old, new))
    assert any(fault.startswith(f"loci/91.99.yml:{line}: ") and words in fault for fault in faults), faults
    assert not any("AAF-secret" in fault for fault in faults)


def test_one_bot_in_two_offices_files_is_a_fault_of_the_second(tmp_path: Path) -> None:
    def twice(text: str) -> str:
        (tmp_path / "loci" / "91.98.yml").write_text(text.replace("91.99", "91.98"), "utf-8")
        return text

    (fault, *_) = [one for one in faults_of(tmp_path, twice) if "already" in one]
    assert fault.startswith("loci/91.99.yml:19: 'telegram:222' is the account of office 91.98 already")


def faults_of(folder: Path, change: Callable[[str], str]) -> list[str]:
    """Faults of a content with few services and a changed second office."""
    for name in ("services", "wilayah", "messages"):
        (folder / name).mkdir()
    for path in (ROOT / "data" / "services").glob("*.yml"):
        if path.stem.startswith("_") or path.stem in ("akta-kelahiran", "ktp"):
            shutil.copy(path, folder / "services")
    shutil.copy(ROOT / "data" / "messages" / "id.yml", folder / "messages")
    (folder / "loci").mkdir()
    (folder / "loci" / "91.99.yml").write_text(change(CONTOH_FILE.read_text("utf-8")), "utf-8")
    return [str(fault) for fault in read_catalogue(folder)[1]]


async def test_roles_are_held_per_office_and_only_figures_for_all(world: World) -> None:
    accounts = Accounts(world.store, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1), refusal_s=0)
    now = world.clock.now()
    await accounts.add(Account("wati", "Wati", frozenset({"agent"}), CONTOH), "kopi pahit di pasar", now)
    opened = await accounts.sign_in("wati", "kopi pahit di pasar", now)
    assert opened is not None
    signed = await accounts.signed_in(opened.token, now)
    assert signed is not None and (signed.locus, signed.offices) == (CONTOH, (CONTOH,))
    assert [role for role in ROLES if fits_everywhere({role})] == ["manager"]
    with pytest.raises(Conflict):
        await accounts.add(Account("budi", "Budi", frozenset({"manager", "agent"}), EVERYWHERE), "", now)
    await accounts.add(Account("nina", "Nina", frozenset({"manager"}), EVERYWHERE), "", now)
