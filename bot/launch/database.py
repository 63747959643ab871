"""The database for a command that ends: the configured one, a running service's, or the embedded one for a moment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg

from bot.errors import SettingsError
from bot.launch.postgres import EmbeddedPostgres
from bot.launch.vardir import AlreadyRunning, VarDir
from bot.settings import Settings
from bot.storage.pg import plain_url


def refuse_absent(settings: Settings) -> None:
    """For commands that look after an installation and make none.

    :raises SettingsError: the folder holds none, and no database is configured.
    """
    var = VarDir(settings.var_dir)
    if not settings.database_url and not (var.postgres / "PG_VERSION").exists() and not var.state().get("database_url"):
        raise SettingsError(
            f"Tidak ada Loket di {settings.var_dir}. Periksa --var-dir atau LOKET_DATABASE_URL. / "
            f"There is no Loket in {settings.var_dir}. Check --var-dir or LOKET_DATABASE_URL."
        )


def refuse_silent(settings: Settings, *, empty: bool) -> None:
    """Before a command begins: does the database answer, and does it hold Loket's tables? ``empty``: it may have none.

    :raises SettingsError: no.
    """
    try:
        with psycopg.connect(plain_url(settings.database_url), connect_timeout=10) as connection:
            known = connection.execute("select to_regclass('public.alembic_version')").fetchone()
    except (psycopg.Error, ValueError) as error:
        raise SettingsError(
            f"Basis data tidak menjawab ({_reason(error)}). Periksa LOKET_DATABASE_URL, lalu ./loket doctor. / "
            f"The database does not answer ({_reason(error)}). Check LOKET_DATABASE_URL, then ./loket doctor."
        ) from error
    if not empty and (known is None or known[0] is None):
        raise SettingsError(
            "Basis data ini belum berisi tabel Loket: jalankan ./loket migrate. / "
            "This database has none of Loket's tables yet: run ./loket migrate."
        )


_REASONS = {
    "Connection refused": "tidak ada yang mendengarkan di alamat itu / Connection refused",
    "timeout expired": "tidak ada jawaban / timeout expired",
    "password authentication failed": "kata sandi ditolak / password authentication failed",
    "does not exist": "nama basis data atau akunnya tidak ada / does not exist",
    "resolve": "nama mesinnya tidak dikenal / the host name cannot be resolved",
    "missing": "alamatnya salah tulis, seharusnya postgresql+psycopg://… / the address is malformed",
    "invalid": "alamatnya salah tulis, seharusnya postgresql+psycopg://… / the address is malformed",
}
"""What PostgreSQL says, and how we say it."""


def _reason(error: Exception) -> str:
    """What went wrong; never the address, which may hold a password."""
    said = str(error).strip().splitlines()
    return next((told for word, told in _REASONS.items() if said and word in said[0]), type(error).__name__)


@contextlib.contextmanager
def borrowed(settings: Settings) -> Iterator[Settings]:
    """The settings with a database that answers and the installation's keys.

    :raises bot.errors.LoketError: there is no database, with the reason.
    """
    var = VarDir(settings.var_dir)
    if settings.database_url:
        # Never a new ring here: what a command sealed under it, the service could not open.
        yield _with_keys(settings, var) if (var.folder / "keys").is_file() else settings
        return
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(var.held())
        except AlreadyRunning:
            url = var.state().get("database_url", "")
            if not url:  # it is only just starting, or its database is configured elsewhere
                raise
        else:
            settings = _with_keys(settings, var)
            url = stack.enter_context(EmbeddedPostgres(var.postgres).running())
            _migrate(url)
        yield _with_keys(settings, var).but(database_url=url)


def _with_keys(settings: Settings, var: VarDir) -> Settings:
    return settings if settings.keys else settings.but(keys=var.keys(), keys_file=var.folder / "keys")


def _migrate(url: str) -> None:
    from bot.storage.migrate import migrate  # SQLAlchemy and Alembic: not for commands that find a running service

    migrate(url)
