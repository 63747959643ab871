"""An operator's slips at the command line: one clear sentence each, exit code not 0, and nothing made or changed."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from bot.__main__ import COMMANDS, main
from bot.errors import SettingsError
from bot.settings import ROOT
from bot.storage.crypto import KeyRing, new_key, without


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without an installation."""
    folder = tmp_path / "var"
    for name in ("DATABASE_URL", "KEYS", "KEYS_FILE"):
        monkeypatch.delenv(f"LOKET_{name}", raising=False)
    monkeypatch.setenv("LOKET_VAR_DIR", str(folder))
    return folder


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that goes wrong says: one line, in both languages."""
    try:
        code = main(list(words))
    except SystemExit as error:  # argparse
        code = error.code if isinstance(error.code, int) else 1
    told = capsys.readouterr()
    assert code not in (0, None), words
    assert told.out == "" and told.err.count("\n") == 1 and " / " in told.err, told
    return told.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["backup"], "kurang FILE"),
        (["backup", "x", "--pasphrase", "y"], "tidak dikenal: --pasphrase"),
        (["restore"], "FILE is missing"),
        (["restor", "x"], "./loket restore"),
        (["keys"], "./loket keys rotate"),
        (["keys", "rotat"], "Perhaps: ./loket keys rotate"),
        (["keys", "drop"], "kurang ID"),
        (["audit", "chek"], "./loket audit check"),
        (["inbox", "replay"], "NOMOR --all"),
        (["inbox", "drop", "tujuh"], "NOMOR harus angka, bukan 'tujuh'"),
        (["user", "add", "wati", "--role", "admin"], "'admin' tidak dikenal; pilih 'agent'"),
        (["user", "add", "wati", "--locus"], "--locus perlu sebuah nilai"),
        (["nonsense"], "./loket --help"),
    ],
)
def test_a_slip_is_one_sentence_that_says_what_was_meant(
    capsys: pytest.CaptureFixture[str], nowhere: Path, words: list[str], expected: str
) -> None:
    assert expected in said(capsys, *words)
    assert not nowhere.exists()


@pytest.mark.parametrize(
    "words",
    [["backup", "x"], ["keys", "status"], ["keys", "rotate"], ["audit", "check"], ["inbox", "list"], ["user", "list"]],
)
def test_a_wrong_folder_is_said_and_no_empty_installation_is_made_there(
    capsys: pytest.CaptureFixture[str], nowhere: Path, words: list[str]
) -> None:
    assert str(nowhere) in said(capsys, *words)
    assert not nowhere.exists() and not Path("x").exists()


@pytest.mark.parametrize(
    "words", [["backup", "x"], ["audit", "check"], ["user", "add", "wati"], ["migrate"], ["restore", "x"]]
)
def test_a_database_that_is_away_is_one_sentence_without_its_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    monkeypatch.setenv("LOKET_DATABASE_URL", f"postgresql+psycopg://loket:s3cret@127.0.0.1:{port}/loket")
    monkeypatch.setenv("LOKET_KEYS", new_key("k1"))
    sentence = said(capsys, *words)
    assert "./loket doctor" in sentence and "s3cret" not in sentence


def test_a_command_for_a_configured_database_makes_no_keys_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, nowhere: Path, database_url: str
) -> None:
    nowhere.mkdir()
    monkeypatch.setenv("LOKET_DATABASE_URL", database_url)
    assert main(["audit", "check"]) == 2
    assert "LOKET_KEYS" in capsys.readouterr().err
    assert not (nowhere / "keys").exists(), "the service could not open what was sealed under it"


def test_the_script_knows_every_command_and_tells_of_it() -> None:
    script = (ROOT / "loket").read_text()
    cases = script[script.index("case ${1:-} in") :]
    known = {word for line in re.findall(r"^    ([a-z |]+)\)", cases, re.MULTILINE) for word in line.split(" | ")}
    first = {name.split()[0] for name in COMMANDS}
    assert first <= known, "the script would say that there is no such command"
    told = script[script.index("cat <<'TEXT'") : script.index("\nTEXT\n")]
    assert all(re.search(rf"\b{name}\b", told) for name in first)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["sbom", "--output", "/no/where"], "/no/where: tidak ada. Perbaiki"),
        (["catalogue", "check", "--content", "/no/where"], "There is no content in /no/where"),
        (["content", "log"], "Tidak ada Loket di"),
        (["face", "eval", "/no/where.csv"], "tidak terbaca / cannot be read"),
    ],
)
def test_a_file_or_folder_that_is_not_there_is_one_sentence(
    capsys: pytest.CaptureFixture[str], nowhere: Path, words: list[str], expected: str
) -> None:
    assert expected in said(capsys, *words)
    assert not nowhere.exists()


def test_commands_that_read_content_say_that_there_is_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOKET_CONTENT_DIR", "/no/where")
    for words in (["train"], ["nlu", "parse"]):
        assert "Tidak ada isi di /no/where" in said(capsys, *words)


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if not command.raw])
def test_help_is_in_both_languages_to_its_last_line(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0 and told.startswith("pemakaian / usage: ./loket")
    assert "tampilkan bantuan ini / show this help" in told
    assert "show this help message" not in told and "positional arguments" not in told


@pytest.mark.parametrize(
    ("ring", "expected"),
    [
        ("", "LOKET_KEYS kosong"),
        ("k1:!!!", "kunci 'k1' bukan base64"),
        ("k1:AAAA", "entri 'k1' tidak sesuai"),
        ("A" * 43 + "=", "entri '…' tidak sesuai"),
    ],
)
def test_a_wrong_ring_is_named_in_both_languages_and_never_shown(ring: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected) as caught:
        KeyRing(ring)
    assert " / LOKET_KEYS" in str(caught.value) and "A" * 30 not in str(caught.value)


def test_a_key_that_cannot_go_is_told_with_what_to_do_first() -> None:
    ring = new_key("k1")
    with pytest.raises(SettingsError, match=r"tidak ada kunci k9; yang ada: k1"):
        without(ring, "k9")
    with pytest.raises(SettingsError, match=r"keys rotate"):
        without(ring, "k1")
