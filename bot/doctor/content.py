"""Checks of the content and of the model made from it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

import yaml

from bot.doctor.check import Finding, broken, check, note, ok
from bot.settings import Settings

FOLDERS = ("services", "messages", "nlu", "rules", "domain")


@check("content")
async def content(settings: Settings) -> Iterable[Finding]:
    """Every file of the content can be read."""
    folder = settings.content_dir
    missing = [name for name in FOLDERS if not (folder / name).is_dir()]
    if missing:
        return [broken(f"{folder}: {', '.join(missing)} tidak ada / missing", "Periksa / check LOKET_CONTENT_DIR")]
    files = sorted(folder.rglob("*.yml"))
    for file in files:
        try:
            yaml.safe_load(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            return [broken(f"{file}: {str(error).splitlines()[0]}", "./loket catalogue check")]
    return [ok(f"{len(files)} berkas terbaca / files readable")]


@check("model")
async def model(settings: Settings) -> Iterable[Finding]:
    """A trained model; whether it fits the content is looked at when the service starts."""
    if find_spec("bot.dialogue.train") is None:
        return [broken("bot/dialogue/train.py tidak ada / missing", "Pasang ulang. / Install again.")]
    models = sorted(settings.model_dir.glob("*.tar.gz"))
    if not models:
        return [note("belum dilatih / none trained yet", "./loket train")]
    return [ok(f"{len(models)} model / models, {sum(m.stat().st_size for m in models) / 2**20:.0f} MiB")]
