"""Settings: read from the environment, documented, passed on to child processes, never shown."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import ROOT, Settings, document, own_settings, read_env_file, unknown, variable

NAMES = {variable(item.name) for item in own_settings()}


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(LOKET_\w+)` \|", page, re.MULTILINE))
    assert documented - NAMES == set()
    assert NAMES - documented == set()
    assert page == document(), "run: ./loket settings > docs/settings.md"


def test_every_setting_has_a_sentence() -> None:
    for item in own_settings():
        assert len(item.metadata["doc"]) > 10, item.name


def test_the_example_file_names_only_settings_that_exist() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"LOKET_[A-Z_]+", example)) <= NAMES


def test_a_child_process_reads_back_exactly_the_settings_of_its_parent() -> None:
    settings = Settings.from_env(
        {
            "LOKET_PORT": "9000",
            "LOKET_DEMO": "ya",
            "LOKET_WIDGET_ORIGINS": "https://a.example, https://b.example",
            "LOKET_KEYS": "k1:" + "A" * 43 + "=",
            "LOKET_CLOCK_FILE": "/somewhere/clock",
        }
    )
    assert Settings.from_env(settings.to_env()) == settings


def test_what_is_derived_follows_what_it_is_derived_from() -> None:
    settings = Settings.from_env({"LOKET_PORT": "9000"})
    assert settings.public_url == "http://127.0.0.1:9000"
    assert settings.but(port=9001).public_url == "http://127.0.0.1:9001"
    assert settings.but(var_dir=Path("/elsewhere")).model_dir == Path("/elsewhere/models")


def test_what_was_configured_does_not_follow() -> None:
    settings = Settings.from_env({"LOKET_PUBLIC_URL": "https://loket.example", "LOKET_MODEL_DIR": "/models"})
    changed = settings.but(port=9001, var_dir=Path("/elsewhere"))
    assert (changed.public_url, changed.model_dir) == ("https://loket.example", Path("/models"))


def test_a_listener_on_all_addresses_is_reached_through_loopback() -> None:
    assert Settings.from_env({"LOKET_HOST": "0.0.0.0"}).local_url == "http://127.0.0.1:8080"
    assert Settings.from_env({"LOKET_HOST": "::"}).local_url == "http://[::1]:8080"


def test_an_empty_value_counts_as_not_set() -> None:
    assert Settings.from_env({"LOKET_PORT": " "}).port == 8080


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOKET_PORT", "eighty"),
        ("LOKET_PORT", "70000"),
        ("LOKET_PORT", "-1"),
        ("LOKET_DEMO", "maybe"),
        ("LOKET_LOG_FORMAT", "xml"),
        ("LOKET_WORKERS", "0"),
        ("LOKET_LEASE_S", "0"),
        ("LOKET_LEASE_S", "nan"),
        ("LOKET_TURN_TIMEOUT_S", "inf"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_itself(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: value})
    assert name in str(caught.value)
    assert value in str(caught.value)


def test_no_secret_is_ever_shown() -> None:
    secrets = {name: f"hidden-{name}" for name in NAMES if name.endswith(("_SECRET", "_KEYS", "_DATABASE_URL"))}
    settings = Settings.from_env(secrets)
    assert len(secrets) >= 4
    assert "hidden-" not in repr(settings)


def test_the_session_secret_survives_a_new_key_in_front() -> None:
    before = Settings.from_env({"LOKET_KEYS": "k1:aaaa"}).session_secret
    after = Settings.from_env({"LOKET_KEYS": "k2:bbbb,k1:aaaa"}).session_secret
    assert before == after != ""
    assert Settings.from_env({}).session_secret == ""


def test_an_env_file_gives_values_without_quotes_and_comments(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# LOKET_HOST=no\n\nLOKET_PORT=81\nexport LOKET_KEYS='k1:ab=='\nnonsense\n")
    assert read_env_file(file) == {"LOKET_PORT": "81", "LOKET_KEYS": "k1:ab=="}
    assert read_env_file(tmp_path / "none") == {}


def test_a_misspelt_setting_is_noticed() -> None:
    assert unknown({"LOKET_PROT": "80", "LOKET_PORT": "80", "PATH": "/bin"}) == ["LOKET_PROT"]


def test_settings_of_foreign_plugins_pass_through_without_being_read_or_shown() -> None:
    settings = Settings.from_env({"LOKET_X_SMS_NUMBER": "+628000000800", "LOKET_X_EMPTY": " ", "OTHER_X": "1"})
    assert settings.to_env()["LOKET_X_SMS_NUMBER"] == "+628000000800"
    assert Settings.from_env(settings.to_env()) == settings
    assert settings.but(port=9).plugins == (("LOKET_X_SMS_NUMBER", "+628000000800"),)
    assert "628000000800" not in repr(settings)
    assert unknown({"LOKET_X_SMS_NUMBER": "1", "LOKET_Y": "1"}) == ["LOKET_Y"]


def test_only_the_settings_read_the_environment() -> None:
    guilty = []
    for folder in ("bot", "actions", "channels", "integrations"):
        for file in (ROOT / folder).rglob("*.py"):
            if file != ROOT / "bot" / "settings.py" and _reads_environment(ast.parse(file.read_text(encoding="utf-8"))):
                guilty.append(str(file.relative_to(ROOT)))
    assert guilty == []


def _reads_environment(tree: ast.AST) -> bool:
    """Whether a value is taken from ``os.environ``; setting one for a library is no reading."""
    written = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    }
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb") and id(node) not in written
        for node in ast.walk(tree)
    )


def test_secrets_come_from_files_and_the_environment_needs_to_hold_none(tmp_path: Path) -> None:
    # As Kubernetes mounts a secret: a link to a link, and folders that begin with dots.
    (data := tmp_path / "..2025").mkdir()
    (data / "LOKET_KEYS").write_text("k1:abc\n")
    (data / "LOKET_TELEGRAM_BOTS").write_text("33.28=1:A,33.29=2:B")
    (tmp_path / "..data").symlink_to(data)
    (tmp_path / "LOKET_KEYS").symlink_to("..data/LOKET_KEYS")
    (tmp_path / "LOKET_TELEGRAM_BOTS").symlink_to("..data/LOKET_TELEGRAM_BOTS")
    (tmp_path / "LOKET_LOCUS").write_text("33.29")
    (tmp_path / "LOKET_X_SMS_TOKEN").write_text("t")
    (tmp_path / "README").write_text("not a setting")
    settings = Settings.from_env({"LOKET_SECRETS_DIR": str(tmp_path), "LOKET_LOCUS": "33.28", "LOKET_KEYS": " "})
    assert settings.keys == "k1:abc" and settings.telegram_bots == ("33.28=1:A", "33.29=2:B")
    assert settings.locus == "33.28"  # the environment wins
    assert settings.to_env()["LOKET_X_SMS_TOKEN"] == "t"
    assert Settings.from_env(settings.to_env()) == settings
    (tmp_path / "LOKET_PORT").write_text("many")
    with pytest.raises(SettingsError, match="LOKET_PORT"):
        Settings.from_env({"LOKET_SECRETS_DIR": str(tmp_path)})
    with pytest.raises(SettingsError, match="LOKET_SECRETS_DIR"):
        Settings.from_env({"LOKET_SECRETS_DIR": str(tmp_path / "none")})
