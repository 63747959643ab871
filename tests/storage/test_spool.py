"""Webhooks on disk: sealed, in order, never lost, never stuck."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.storage.crypto import KeyRing, new_key
from bot.storage.spool import Spool, SpoolFull, Webhook

KEYS = KeyRing(new_key("test"))
HOOK = Webhook(
    "fake:1",
    "https://mpp.example/webhooks/fake/one?a=%20b",
    {"Content-Type": "application/json"},
    b'{"text":"rahasia"}',
    datetime(2026, 11, 2, 3, 0, tzinfo=UTC),
)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path, KEYS)
    made.open()
    yield made
    made.close()


def hook(number: int) -> Webhook:
    return replace(HOOK, body=str(number).encode())


class Taker:
    def __init__(self, *problems: Exception) -> None:
        self.problems = list(problems)
        self.got: list[Webhook] = []

    async def __call__(self, webhook: Webhook) -> None:
        if self.problems:
            raise self.problems.pop(0)
        self.got.append(webhook)

    @property
    def numbers(self) -> list[int]:
        return [int(webhook.body) for webhook in self.got]


async def test_what_is_put_comes_back_whole_and_once(spool: Spool) -> None:
    await spool.put(HOOK)
    assert spool.waiting == 1
    taker = Taker()
    assert await spool.flush(taker) == 1 and taker.got == [HOOK] and spool.waiting == 0
    assert await spool.flush(taker) == 0


async def test_nothing_can_be_read_on_the_disk(spool: Spool, tmp_path: Path) -> None:
    await spool.put(HOOK)
    (file,) = (tmp_path / "gateway-0").glob("*.webhook")
    assert b"rahasia" not in file.read_bytes() and b"fake" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


async def test_many_at_once_come_back_in_the_order_they_came(spool: Spool) -> None:
    await asyncio.gather(*(spool.put(hook(n)) for n in range(60)))
    taker = Taker()
    await spool.flush(taker)
    assert taker.numbers == list(range(60))


async def test_what_comes_during_a_flush_goes_behind(spool: Spool) -> None:
    await spool.put(hook(0))
    order: list[int] = []

    async def take(webhook: Webhook) -> None:
        if not order:
            await spool.put(hook(1))
            assert spool.waiting == 2
        order.append(int(webhook.body))

    assert await spool.flush(take) == 2 and order == [0, 1] and spool.waiting == 0


async def test_while_the_database_is_still_away_the_first_stays_the_first(spool: Spool) -> None:
    for number in range(3):
        await spool.put(hook(number))
    taker = Taker(ConnectionError())
    with pytest.raises(ConnectionError):
        await spool.flush(taker)
    assert spool.waiting == 3
    await spool.flush(taker)
    assert taker.numbers == [0, 1, 2]


async def test_the_next_process_takes_over_what_was_left(tmp_path: Path) -> None:
    first = Spool(tmp_path, KEYS)
    first.open()
    await first.put(hook(1))
    first.close()
    second = Spool(tmp_path, KEYS)
    second.open()
    await second.put(hook(2))
    taker = Taker()
    await second.flush(taker)
    assert taker.numbers == [1, 2]
    second.close()


async def test_two_gateways_have_a_folder_each_and_only_one_that_is_gone_is_flushed_by_the_other(
    spool: Spool, tmp_path: Path
) -> None:
    other = Spool(tmp_path, KEYS)
    other.open()
    await other.put(hook(7))
    taker = Taker()
    assert await spool.flush_orphans(taker) == 0
    other.close()
    assert await spool.flush_orphans(taker) == 1 and taker.numbers == [7]


async def test_a_file_that_cannot_be_read_is_set_aside_and_the_others_go_on(spool: Spool, tmp_path: Path) -> None:
    for number in range(3):
        await spool.put(hook(number))
    files = sorted((tmp_path / "gateway-0").glob("*.webhook"))
    files[0].write_bytes(files[1].read_bytes())  # a copy under another name does not open either
    files[2].write_bytes(b"")
    taker = Taker()
    await spool.flush(taker)
    assert taker.numbers == [1] and spool.set_aside == 2 and spool.waiting == 0
    assert {file.name for file in (tmp_path / "aside").iterdir()} == {files[0].name, files[2].name}


async def test_a_file_that_an_operator_puts_back_is_tried_again(spool: Spool, tmp_path: Path) -> None:
    await spool.aside(hook(5))
    (file,) = (tmp_path / "aside").glob("*.webhook")
    file.rename(tmp_path / "gateway-0" / file.name)
    await spool.recount()
    taker = Taker()
    await spool.flush(taker)
    assert taker.numbers == [5]


async def test_a_half_written_file_of_a_crash_is_no_webhook(tmp_path: Path) -> None:
    folder = tmp_path / "gateway-0"
    folder.mkdir()
    (folder / "00000000000000000001.webhook.part").write_bytes(b"half")
    made = Spool(tmp_path, KEYS)
    made.open()
    assert made.waiting == 0 and not list(folder.glob("*.part"))
    made.close()


async def test_numbers_grow_even_when_the_clock_went_back(tmp_path: Path) -> None:
    folder = tmp_path / "gateway-0"
    folder.mkdir()
    later = 9_000_000_000_000_000_000
    (folder / f"{later:020d}.webhook").write_bytes(b"x")
    made = Spool(tmp_path, KEYS)
    made.open()
    await made.put(hook(1))
    assert sorted(int(f.stem) for f in folder.glob("*.webhook")) == [later, later + 1]
    made.close()


async def test_a_disk_that_takes_no_more_is_an_error_and_nothing_is_counted(spool: Spool, tmp_path: Path) -> None:
    (tmp_path / "gateway-0" / "lock").unlink()
    (tmp_path / "gateway-0").rmdir()
    with pytest.raises(SpoolFull):
        await spool.put(HOOK)
    assert spool.waiting == 0


def test_start_is_refused_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="LOKET_SPOOL_DIR"):
        Spool(tmp_path / "file" / "spool", KEYS).open()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_start_is_refused_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SettingsError, match="LOKET_SPOOL_DIR"):
        Spool(tmp_path / "spool", KEYS).open()
