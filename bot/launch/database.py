"""The database for a command that ends: the configured one, a running service's, or the embedded one for a moment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bot.launch.postgres import EmbeddedPostgres
from bot.launch.vardir import AlreadyRunning, VarDir
from bot.settings import Settings


@contextlib.contextmanager
def borrowed(settings: Settings) -> Iterator[Settings]:
    """The settings with a database that answers and the installation's keys.

    :raises bot.errors.LoketError: there is no database, with the reason.
    """
    var = VarDir(settings.var_dir)
    if settings.database_url:
        yield _with_keys(settings, var)
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
