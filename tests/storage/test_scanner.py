"""Files are shown to a virus scanner before anything else happens to them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import RejectedFile, SettingsError
from bot.storage.media import SafeMedia
from bot.storage.scanner import Scanner, ScannerAway, scanner_at
from tests import pictures
from tests.servers.clamd import EICAR, clamd


def at(address: str, timeout_s: float = 5.0) -> Scanner:
    found = scanner_at(address)
    assert found is not None
    return replace(found, timeout_s=timeout_s)


@pytest.mark.parametrize("by", ["tcp", "unix"])
async def test_a_known_virus_is_named_and_a_clean_file_passes_whole(tmp_path: Path, by: str) -> None:
    async with clamd(tmp_path / "clamd.ctl" if by == "unix" else None) as one:
        scanner = at(one.address)
        assert await scanner.scan(EICAR) == "Eicar-Test-Signature"
        assert await scanner.scan(b"x" * 200_000 + EICAR) == "Eicar-Test-Signature"  # also over two chunks
        clean = os.urandom(3 * 1024 * 1024 + 7)
        assert await scanner.scan(clean) == "" and await scanner.scan(b"") == ""
        assert one.scanned[-2:] == [len(clean), 0]
        assert (await scanner.version()).startswith("ClamAV 1.4")


async def test_a_scanner_that_is_away_slow_or_not_understood_is_no_clean_file() -> None:
    async with clamd() as one:
        address = one.address
        for fault, why in (("slow", "slow"), ("nonsense", "answer"), ("hangs up", "answer")):
            one.fault = fault
            with pytest.raises(ScannerAway, match=f"^{why}$"):
                await at(address, 0.3).scan(b"a photo")
        one.fault, one.most = "", 300_000
        with pytest.raises(ScannerAway, match="^(size|unreachable|answer)$"):
            await at(address).scan(bytes(8_000_000))
        with pytest.raises(ScannerAway, match="^size$"):
            await at(address).scan(bytes(300_001))
    with pytest.raises(ScannerAway, match="^unreachable$"):
        await at(address).scan(b"a photo")
    with pytest.raises(ScannerAway, match="^unreachable$"):
        await at("unix:/nowhere/clamd.ctl").scan(b"a photo")


async def test_no_file_is_taken_in_before_the_scanner_has_seen_it_as_it_came() -> None:
    photo = pictures.jpeg()
    async with clamd() as one:
        media = SafeMedia(max_bytes=1_000_000, scanner=at(one.address, 0.5))
        try:
            assert (await media.clean(photo)).type == "image/jpeg"
            assert one.scanned == [len(photo)]
            with pytest.raises(RejectedFile) as infected:  # what would be dropped in decoding counts too
                await media.clean(photo + EICAR)
            assert (infected.value.text_key, infected.value.status) == ("file.infected", 422)
            one.fault = "slow"
            with pytest.raises(RejectedFile) as unscanned:
                await media.clean(photo)
            assert (unscanned.value.text_key, unscanned.value.status) == ("file.unscanned", 503)
        finally:
            await media.close()


@pytest.mark.parametrize(
    "address", ["clamd:3310", "http://clamd:3310", "tcp://", "tcp://clamd:99999", "unix:clamd.ctl"]
)
def test_an_address_that_is_none_is_told_at_the_start(address: str) -> None:
    with pytest.raises(SettingsError, match="LOKET_CLAMD"):
        scanner_at(address)
    assert scanner_at("") is None and scanner_at("tcp://clamav") == Scanner(host="clamav", port=3310)
