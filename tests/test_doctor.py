"""``./loket doctor``: a line per finding, a remedy per problem, and an exit code."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.doctor import main as doctor
from bot.doctor.check import CHECKS, Finding, broken, findings, note, ok
from bot.settings import Settings


async def fine(settings: Settings) -> Iterable[Finding]:
    return [ok("all well")]


async def bad(settings: Settings) -> Iterable[Finding]:
    return [note("by the way"), broken("it is broken", "mend it")]


async def crashes(settings: Settings) -> Iterable[Finding]:
    raise RuntimeError("oh")


async def hangs(settings: Settings) -> Iterable[Finding]:
    await asyncio.sleep(600)
    return []


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    monkeypatch.setattr(doctor, "MODULES", ())
    listed: list[object] = []
    monkeypatch.setattr(doctor, "CHECKS", listed)
    return listed


def test_all_well_is_exit_code_0(checks: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    checks.append(("fine", fine))
    assert doctor.main(argparse.Namespace(), Settings()) == 0
    assert "ok     fine         all well" in capsys.readouterr().out


def test_something_broken_is_exit_code_1_with_its_remedy_below(
    checks: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    checks += [("bad", bad), ("fine", fine)]
    assert doctor.main(argparse.Namespace(), Settings()) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("info   bad")
    assert out[1].startswith("RUSAK  bad")
    assert out[2].strip() == "-> mend it"
    assert out[3].startswith("ok     fine"), "the rest is still checked"


async def test_a_check_that_crashes_is_a_finding() -> None:
    (found,) = await findings("crashes", crashes, Settings())
    assert (found.level, found.what) == ("broken", "RuntimeError: oh")


async def test_a_check_that_hangs_is_a_finding() -> None:
    (found,) = await findings("hangs", hangs, Settings(), timeout_s=0.01)
    assert found.level == "broken"


async def test_every_check_works_in_an_empty_folder_with_nothing_running(tmp_path: Path) -> None:
    import importlib

    for module in doctor.MODULES:
        importlib.import_module(module)
    settings = Settings(var_dir=tmp_path / "var", port=1, rasa_python=tmp_path / "none")
    names = {name for name, _ in CHECKS}
    assert {"python", "rasa", "ports", "keys", "database", "content", "model", "agencies", "chromium"} <= names
    for name, function in CHECKS:
        for found in await findings(name, function, settings):
            assert "Error" not in found.what, (name, found)
            assert found.level == "ok" or found.remedy, (name, found)


async def test_an_outside_desk_that_is_half_set_up_or_away_is_found() -> None:
    from bot.doctor.desks import desks

    (none,) = await desks(Settings())
    assert none.level == "ok"
    whole = {"chatwoot_account": "3", "chatwoot_inbox": "7", "chatwoot_token": "t", "chatwoot_webhook_secret": "s"}
    (half,) = await desks(Settings(**whole))  # type: ignore[arg-type]
    assert half.level == "broken" and "LOKET_CHATWOOT_URL" in half.what and half.remedy
    (away,) = await desks(Settings(chatwoot_url="http://127.0.0.1:9", **whole))  # type: ignore[arg-type]
    assert away.level == "broken" and "does not answer" in away.what
