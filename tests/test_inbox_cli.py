"""``./loket inbox``: given-up messages, shown without a word of what was written."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta

import pytest

from bot import inbox_cli
from bot.__main__ import COMMANDS, find
from bot.domain.messages import Inbound
from bot.settings import Settings
from bot.storage.crypto import KeyRing, new_key
from bot.storage.inbox import InboxQueue
from bot.storage.pg import engine
from bot.storage.store import PgStore

KEY = new_key("test")
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings.from_env({"LOKET_DATABASE_URL": database_url, "LOKET_KEYS": KEY})


async def _bury(database_url: str, *external_ids: str) -> list[int]:
    db = engine(database_url)
    store = PgStore(db, KeyRing(KEY))
    queue = InboxQueue(store, 30)
    await queue.start()
    ids = []
    for external_id in external_ids:
        async with store.begin() as tx:
            who = await tx.open_conversation("fake:1", external_id, "33.28", "id", NOW)
            await tx.put_inbound(who.id, Inbound("fake:1", external_id, "a", NOW, text="rahasia"), NOW)
        for tries in range(3):
            (row,) = await queue.claim(1, NOW + timedelta(minutes=tries))
            await queue.fail(row, "empty_turn", NOW)
        ids.append(row.id)
    await queue.stop()
    await db.dispose()
    return ids


def _args(command: str, *words: str) -> Namespace:
    parser = ArgumentParser()
    getattr(inbox_cli, f"add_{command}_arguments")(parser)
    return parser.parse_args(words)


def test_dead_letters_are_listed_with_their_reason_and_without_personal_text(
    settings: Settings, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (number,) = asyncio.run(_bury(database_url, "m1"))
    assert inbox_cli.listing(Namespace(), settings) == 0
    said = capsys.readouterr().out
    assert said == f"{number}  2026-11-02T03:00:00+00:00  fake:1  33.28  empty_turn\n"


def test_one_or_all_are_replayed_and_an_unknown_number_is_said(
    settings: Settings, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = asyncio.run(_bury(database_url, "m1", "m2", "m3"))
    assert inbox_cli.replay(_args("replay", str(ids[1])), settings) == 0
    assert inbox_cli.replay(_args("replay", str(ids[1])), settings) == 1
    assert inbox_cli.replay(_args("replay", "--all"), settings) == 0
    assert capsys.readouterr().out.split() == [str(ids[1]), str(ids[0]), str(ids[2])]
    assert inbox_cli.listing(Namespace(), settings) == 0 and capsys.readouterr().out == ""


def test_a_dropped_one_is_gone_for_good(settings: Settings, database_url: str) -> None:
    (number,) = asyncio.run(_bury(database_url, "m1"))
    assert inbox_cli.drop(_args("drop", str(number)), settings) == 0
    assert inbox_cli.drop(_args("drop", str(number)), settings) == 1
    assert inbox_cli.replay(_args("replay", str(number)), settings) == 1


def test_replay_wants_a_number_or_all() -> None:
    with pytest.raises(SystemExit):
        _args("replay")


def test_the_commands_are_registered() -> None:
    for name in ("inbox list", "inbox replay", "inbox drop"):
        assert find([*name.split(), "1"]) == name and COMMANDS[name].database
