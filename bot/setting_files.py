"""Settings in files: ``.env`` of a checkout, and a folder of secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.errors import SettingsError
from bot.setting_types import as_path


def read_env_file(file: Path) -> dict[str, str]:
    """``NAME=value`` lines of a file; comments, blank lines and quotes around a value are dropped. No file: nothing."""
    found: dict[str, str] = {}
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            name, equals, value = line.removeprefix("export ").partition("=")
            if equals and not line.lstrip().startswith("#"):
                found[name.strip()] = value.strip().strip("'\"")
    return found


def with_secrets(env: Mapping[str, str], named: str) -> Mapping[str, str]:
    """``env`` over what the folder holds that its variable ``named`` names; an empty value counts as not set.

    :raises SettingsError: the folder cannot be read.
    """
    folder = env.get(named, "")
    if not folder.strip():
        return env
    try:
        held = _held(as_path(folder), named.partition("_")[0] + "_")
    except ValueError as error:
        raise SettingsError(f"{named}: tidak terbaca / cannot be read: {error}") from error
    return {**held, **{name: value for name, value in env.items() if value.strip() or name not in held}}


def _held(folder: Path, prefix: str) -> dict[str, str]:
    """What a folder of secrets holds: files whose names begin with ``prefix``, each with one value. Kubernetes, docker, systemd and the
    agents of vaults hand secrets over like that.

    :raises ValueError: the folder or a file cannot be read.
    """
    try:
        files = [file for file in folder.iterdir() if file.name.startswith(prefix) and file.is_file()]
        return {file.name: file.read_text("utf-8").strip() for file in sorted(files)}
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{folder}: {type(error).__name__}") from error
