"""The doctor on what protects an installation."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.doctor import addresses, safety
from bot.doctor.check import Finding, Level
from bot.settings import ROOT, Settings
from bot.web.tls import OwnTls
from tests.certificates import Authority
from tests.servers.clamd import clamd

UPGRADED = date(2026, 11, 22)
PUBLIC = "https://loket.example.go.id"


def levels(found: object) -> list[Level]:
    assert isinstance(found, list) and all(isinstance(one, Finding) for one in found)
    return [one.level for one in found]


async def test_a_certificate_of_our_own_is_told_before_it_ends_or_does_not_fit(tmp_path: Path) -> None:
    authority = Authority(tmp_path)

    async def told(*hosts: str, days: float = 90, mode: int = 0o640, staff: str = "") -> list[Level]:
        cert, key = authority.sign("loket", *hosts, days=days)
        key.chmod(mode)
        return levels(await safety.tls(Settings(public_url=PUBLIC, staff_url=staff, tls_cert=cert, tls_key=key)))

    assert await told("loket.example.go.id") == await told("*.example.go.id") == [Level.OK]
    assert await told("loket.example.go.id", days=15) == [Level.NOTE]
    assert await told("loket.example.go.id", days=3) == [Level.BROKEN]
    assert await told("loket.example.go.id", days=-1) == [Level.BROKEN]
    assert await told("*.go.id") == [Level.OK, Level.BROKEN]
    assert await told("loket.example.go.id", mode=0o644) == [Level.OK, Level.BROKEN]
    assert await told("loket.example.go.id", staff="https://petugas.example.go.id") == [Level.OK, Level.BROKEN]
    assert levels(await safety.tls(Settings(tls_cert=tmp_path / "none.pem"))) == [Level.BROKEN]
    assert levels(await safety.tls(Settings())) == [Level.OK]


async def test_a_scanner_has_to_find_take_large_files_and_know_the_viruses_of_these_days() -> None:
    async with clamd() as one:
        settings = Settings(clamd=one.address, max_upload_bytes=2_000_000)
        one.version = f"ClamAV 1.4.2/27600/{datetime.now(UTC) - timedelta(days=1):%a %b %d %H:%M:%S %Y}"
        assert levels(await safety.scanner(settings)) == [Level.OK]
        one.version = f"ClamAV 1.4.2/27600/{datetime.now(UTC) - timedelta(days=30):%a %b %d %H:%M:%S %Y}"
        assert levels(await safety.scanner(settings)) == [Level.BROKEN]
        one.version = "ClamAV 1.4.2"
        assert levels(await safety.scanner(settings)) == [Level.NOTE]
        one.fault = "blind"
        (found,) = await safety.scanner(settings)
        assert found.level is Level.BROKEN and "EICAR" in found.what
        one.fault, one.most = "", 1_000_000
        (found,) = await safety.scanner(settings)
        assert found.level is Level.BROKEN
    (found,) = await safety.scanner(settings)
    assert found.level is Level.BROKEN and "unreachable" in found.what
    assert levels(await safety.scanner(Settings(clamd="clamd"))) == [Level.BROKEN]
    assert levels(await safety.scanner(Settings())) == [Level.NOTE]
    assert levels(await safety.scanner(Settings(demo=True))) == [Level.OK]


async def test_outside_the_demo_a_missing_list_of_breached_passwords_is_told(tmp_path: Path) -> None:
    assert levels(await safety.passwords(Settings())) == [Level.NOTE]
    assert levels(await safety.passwords(Settings(demo=True))) == [Level.OK]
    file = tmp_path / "list"
    assert levels(await safety.passwords(Settings(breached_passwords=file))) == [Level.BROKEN]
    for known, level in (("password", Level.OK), ("something else", Level.NOTE)):
        file.write_text(hashlib.sha1(known.encode(), usedforsecurity=False).hexdigest().upper() + ":9\r\n")
        assert levels(await safety.passwords(Settings(breached_passwords=file))) == [level]


def test_components_past_the_documented_times_are_told(tmp_path: Path) -> None:
    def told(days: int, until: str = "2027-05-31") -> list[Level]:
        (tmp_path / "upgraded.txt").write_text(f"{UPGRADED}\n")
        (tmp_path / "audit-accepted.yml").write_text(f"accepted:\n  - {{id: CVE-2026-1, package: x, until: {until}}}\n")
        return levels(safety.aged(tmp_path, UPGRADED + timedelta(days=days)))

    assert told(0) == told(31) == [Level.OK]
    assert told(32) == told(92) == [Level.NOTE]
    assert told(93) == [Level.BROKEN]
    assert told(10, until="2026-11-30") == [Level.OK, Level.BROKEN]
    (tmp_path / "upgraded.txt").write_text("yesterday")
    assert levels(safety.aged(tmp_path, UPGRADED)) == [Level.NOTE]


def test_the_date_of_the_last_update_is_kept_and_the_documented_month_is_the_one_that_counts() -> None:
    assert date.fromisoformat((ROOT / "requirements" / "upgraded.txt").read_text().strip()) >= UPGRADED
    assert "requirements/upgraded.txt" in (ROOT / "loket").read_text("utf-8")
    assert "once a month" in (ROOT / "docs" / "asvs.md").read_text("utf-8") and safety._MONTH == 31


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("postgresql+psycopg://u:p@db.example.go.id/loket", Level.NOTE),
        ("postgresql+psycopg://u:p@db.example.go.id/loket?sslmode=require", Level.NOTE),
        ("postgresql+psycopg://u:p@db.example.go.id/loket?sslmode=verify-full", Level.OK),
        ("postgresql+psycopg://u:p@127.0.0.1:5433/loket", Level.OK),
        ("postgresql+psycopg:///loket?host=/run/postgresql", Level.OK),
        ("postgresql+psycopg:///loket?host=db.example", Level.NOTE),
    ],
)
async def test_a_database_elsewhere_whose_name_nobody_checks_is_told(url: str, level: Level) -> None:
    assert levels(await safety.encryption(Settings(database_url=url))) == [level]


async def test_rasa_in_the_clear_on_another_machine_is_told() -> None:
    plain = Settings(rasa_url="http://127.0.0.1:5005,http://rasa:5005", internal_url="http://gateway:8081")
    assert levels(await safety.encryption(plain)) == [Level.OK, Level.NOTE, Level.NOTE]
    sealed = Settings(rasa_url="https://rasa:5005", internal_url="https://gateway:8081")
    assert levels(await safety.encryption(sealed)) == [Level.OK]


async def test_files_in_the_clear_to_a_scanner_elsewhere_are_told() -> None:
    for address, expected in (("tcp://clamav:3310", 2), ("tcp://127.0.0.1:3310", 1), ("unix:/run/clamd.ctl", 1)):
        assert len(levels(await safety.encryption(Settings(clamd=address)))) == expected


async def test_a_certificate_that_no_public_authority_vouches_for_is_broken(tmp_path: Path) -> None:
    tls = OwnTls(*Authority(tmp_path).sign("loket", "localhost"))
    server = TestServer(web.Application(), scheme="https")
    await server.start_server(ssl=tls.context)
    found = await addresses.certificate("LOKET_PUBLIC_URL", f"https://localhost:{server.port}")
    await server.close()
    assert found.level is Level.BROKEN and "LOKET_PUBLIC_URL" in found.what
    own = addresses.addresses(Settings(public_url=PUBLIC, staff_url="https://petugas.example.go.id"))
    assert {"LOKET_PUBLIC_URL", "LOKET_STAFF_URL"} <= set(own)
