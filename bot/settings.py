"""Every setting of Loket, read from the environment in this one place.

A setting is one statement of :class:`Settings`: type, how to read it, default, meaning. Its name in the environment is
``LOKET_`` and the attribute in capitals. ``docs/settings.md`` is written from here (``./loket settings >
docs/settings.md``), and a test compares the two.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bot.errors import SettingsError
from bot.setting_files import read_env_file, with_secrets
from bot.setting_groups import (
    AgencySettings,
    ChannelSettings,
    DeskSettings,
    DocumentSettings,
    FaceSettings,
    StaffSettings,
    TraceSettings,
)
from bot.setting_groups_safety import SafetySettings
from bot.setting_types import (
    as_amount,
    as_count,
    as_path,
    as_port,
    as_seconds,
    as_switch,
    as_text,
    as_words,
    one_of,
    setting,
)

ROOT = Path(__file__).resolve().parents[1]
"""The checkout (or the installed copy) that this code runs from."""

SHIPPED_CONTENT = ROOT / "data"
"""The content Loket comes with."""

PREFIX = "LOKET_"
PLUGIN_PREFIX = "LOKET_X_"
"""Settings of channels and agencies that are not part of Loket: carried through, read by nobody but them."""


def _local(host: str) -> str:
    """The address under which this machine reaches a listener on ``host``."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104


def _loopback(number: int) -> str:
    return f"http://127.0.0.1:{number}" if number else ""


def _session_secret(keys: str) -> str:
    """From the oldest key, which is the last of the ring: adding a new key signs nobody out."""
    oldest = keys.split(",")[-1].strip()
    return hashlib.sha256(f"loket session {oldest}".encode()).hexdigest() if oldest else ""


@dataclass(frozen=True)
class Settings(
    AgencySettings,
    DocumentSettings,
    DeskSettings,
    ChannelSettings,
    FaceSettings,
    StaffSettings,
    SafetySettings,
    TraceSettings,
):
    """All settings. Make one with :meth:`from_env`, a changed copy with :meth:`but`."""

    # where things are
    var_dir: Path = setting(
        as_path,
        ROOT / "var",
        "Everything `./loket run` makes: database, keys, models, demo pictures",
        shown="`var/` of the checkout",
    )
    content_dir: Path = setting(
        as_path,
        None,
        "What content staff own: services, messages, examples, rules. `run` keeps it as a git repository, seeded from `data/` of the "
        "checkout; a folder that is none is read as it is, and nothing can be published",
        derive=lambda s: s.own_content if (s.own_content / ".git").is_dir() else SHIPPED_CONTENT,
        shown="`content/` in `LOKET_VAR_DIR`; before `run` has made it, `data/` of the checkout",
    )
    model_dir: Path = setting(
        as_path,
        None,
        "Trained Rasa models, by content hash",
        derive=lambda s: s.var_dir / "models",
        shown="`models/` in `LOKET_VAR_DIR`",
    )
    sandbox_dir: Path = setting(
        as_path,
        None,
        "What the sandbox agencies store",
        derive=lambda s: s.var_dir / "sandbox",
        shown="`sandbox/` in `LOKET_VAR_DIR`",
    )
    agencies_dir: Path = setting(
        as_path,
        None,
        "Agencies described by a file alone, `<id>.yml` each (docs/add-an-agency.md). Not part of the content: where citizens' "
        "data go is the operator's word, not the editors'",
        derive=lambda s: s.var_dir / "agencies",
        shown="`agencies/` in `LOKET_VAR_DIR`",
    )
    rasa_python: Path = setting(
        as_path,
        ROOT / ".venv/rasa/bin/python",
        "The Python of the Rasa environment",
        shown="`.venv/rasa/bin/python` of the checkout",
    )
    # listeners
    host: str = setting(as_text, "127.0.0.1", "Address of the public listener (`0.0.0.0`: all of this machine)")
    port: int = setting(as_port, 8080, "Port of the public listener")
    internal_host: str = setting(
        as_text,
        "127.0.0.1",
        "Address of the internal listener. Another one only on a private network that citizens cannot reach: it asks for no password",
    )
    internal_port: int = setting(
        as_port,
        0,
        "Loopback port of the internal listener (actions, metrics). `serve` needs it",
        shown="`run` picks a free one",
    )
    rasa_port: int = setting(as_port, 0, "Loopback port of Rasa", shown="`run` picks a free one")
    sandbox_port: int = setting(
        as_port,
        0,
        "Loopback port of the sandbox agencies",
        shown="`run` takes the port after `LOKET_PORT`, or a free one",
    )
    public_url: str = setting(
        as_text,
        None,
        "Address that citizens and agencies see; links and callbacks are made from it",
        derive=lambda s: s.local_url,
        shown="`http://` host `:` port",
    )
    internal_url: str = setting(
        as_text,
        None,
        "Where Rasa finds the internal listener",
        derive=lambda s: _loopback(s.internal_port),
        shown="loopback and `LOKET_INTERNAL_PORT`",
    )
    rasa_url: str = setting(
        as_text,
        None,
        "Where gateways and workers find Rasa; several replicas between commas",
        derive=lambda s: _loopback(s.rasa_port),
        shown="loopback and `LOKET_RASA_PORT`",
    )
    sandbox_url: str = setting(
        as_text,
        None,
        "Where the sandbox agencies are",
        derive=lambda s: _loopback(s.sandbox_port),
        shown="loopback and `LOKET_SANDBOX_PORT`",
    )
    widget_origins: tuple[str, ...] = setting(
        as_words, (), "Origins of other sites that may embed the chat widget, between commas", shown="none"
    )
    proxies: int = setting(
        as_amount,
        0,
        "How many proxies of your own stand before the public listener: so many entries of `X-Forwarded-For`, counted from "
        "the right, are believed",
    )
    rate_limits: bool = setting(
        as_switch,
        True,
        "Each gateway slows down who asks too often (docs/limits.md). 0 for measurements, or where a proxy of your own does it; what "
        "protects codes and numbers counts all the same",
    )
    # storage and secrets
    database_url: str = setting(
        as_text,
        "",
        "PostgreSQL, as `postgresql+psycopg://user:password@host/name`",
        shown="`run` starts an embedded PostgreSQL",
        secret=True,
    )
    keys_file: Path | None = setting(
        as_path,
        None,
        "A file with the key ring. It wins over `LOKET_KEYS` and is read again when it changes, so that a rotation "
        "(`./loket keys rotate`) needs no restart",
        shown="`run` uses `keys` in `LOKET_VAR_DIR`",
    )
    keys: str = setting(
        as_text,
        None,
        "Key ring `id:base64,id2:base64` of 32-byte keys: the first encrypts, all decrypt, the last one (the oldest) "
        "makes the look-up indexes and must stay last, unless there is an entry `@index` for that (`./loket keys rotate` makes it). "
        "`./loket keys new` makes a first one",
        derive=lambda s: s.keys_file.read_text().strip() if s.keys_file and s.keys_file.is_file() else "",
        shown="`run` makes `keys` in `LOKET_VAR_DIR`",
        secret=True,
    )
    session_secret: str = setting(
        as_text,
        None,
        "Signs the cookies of staff pages",
        derive=lambda s: _session_secret(s.keys),
        shown="derived from the oldest key",
        secret=True,
    )
    # logs and time
    log_format: str = setting(
        one_of("auto", "text", "json"),
        "auto",
        "`text`, `json`, or `auto`: readable in a terminal, JSON lines elsewhere",
    )
    log_level: str = setting(
        one_of("debug", "info", "warning", "error"),
        "info",
        "Least important log line to be written: `debug`, `info`, `warning`, `error`",
    )
    clock_file: Path | None = setting(
        as_path, None, "A file holding seconds by which every process moves its clock; for tests", shown="none"
    )
    # the office
    locus: str = setting(as_text, "33.28", "Code of the office (MPP) that serves a citizen who has not chosen one")
    demo: bool = setting(
        as_switch,
        False,
        "Sandbox agencies, invented citizens and demo pages are allowed",
        shown="1 under `run`, 0 otherwise",
    )
    liveness: str = setting(
        one_of("off", "chat", "capture"),
        "chat",
        "What proves that a selfie is taken now: `chat`: a second one with a random request; `capture`: the capture page only; "
        "`off`: nothing (see docs/face-liveness.md)",
    )
    pose_model: bool = setting(
        as_switch,
        True,
        "Use the 68-point landmark model to see whether a mouth is open. Its training pictures exclude commercial use; "
        "without it only turns of the head are asked for",
    )
    assurance_days: float = setting(
        as_seconds, 180.0, "How long a proven identity holds in its channel, in days, from the second proof there on"
    )
    first_assurance_hours: float = setting(
        as_seconds, 24.0, "The same after the first proof in a channel, in hours: the device may be new or borrowed"
    )
    step_up_hours: float = setting(
        as_seconds, 24.0, "For the services of `LOKET_STEP_UP_SERVICES` the proof must not be older than this, in hours"
    )
    step_up_services: tuple[str, ...] = setting(
        as_words,
        ("pindah-datang", "akta-kematian", "akta-perceraian"),
        "Services that want a fresh selfie although the channel is trusted, between commas",
    )
    # limits
    workers: int = setting(as_count, 16, "Turns that one worker process runs at the same time")
    turn_timeout_s: float = setting(as_seconds, 20.0, "A turn is given up after this many seconds and tried again")
    lease_s: float = setting(
        as_seconds, 30.0, "A worker's claim on a message ends after this many seconds without renewal"
    )
    max_upload_bytes: int = setting(as_count, 10 * 1024 * 1024, "Largest attachment, in bytes")
    # of plugins that are not part of Loket
    plugins: tuple[tuple[str, str], ...] = dataclasses.field(default=(), repr=False)
    """``LOKET_X_…`` and their values."""

    def __post_init__(self) -> None:
        # The groups last: what they are derived from is among the others.
        for item in sorted(own_settings(), key=lambda one: one.name not in Settings.__annotations__):
            derive = item.metadata["derive"]
            if derive is not None and getattr(self, item.name) is None:
                object.__setattr__(self, item.name, derive(self))

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings out of ``env``; an empty value counts as not set.

        :raises SettingsError: a value is wrong; the message names the setting, what it takes and, unless secret,
            the value.
        """
        env = with_secrets(env, variable("secrets_dir"))
        values: dict[str, Any] = {"plugins": tuple(sorted(_of_plugins(env).items()))}
        for item in own_settings():
            raw = env.get(variable(item.name), "")
            if not raw.strip():
                continue
            try:
                values[item.name] = item.metadata["read"](raw)
            except ValueError as error:
                given = "" if item.metadata["secret"] else f" '{raw}'"
                raise SettingsError(
                    f"{variable(item.name)}: nilai{given} salah / wrong value: {error}. Lihat / see docs/settings.md"
                ) from error
        return cls(**values)

    @property
    def own_content(self) -> Path:
        """Where ``run`` keeps the content repository of this installation."""
        return self.var_dir / "content"

    @property
    def follows_content(self) -> bool:
        """Whether published content counts; not for a plain folder that somebody named."""
        return self.content_dir == SHIPPED_CONTENT or (self.content_dir / ".git").is_dir()

    @property
    def local_url(self) -> str:
        """The address of the public listener on this machine."""
        return f"http://{_local(self.host)}:{self.port}"

    def to_env(self) -> dict[str, str]:
        """The settings as another process reads them with :meth:`from_env`; also the ``config`` of a plugin."""
        own = {
            variable(item.name): _written(getattr(self, item.name))
            for item in own_settings()
            if getattr(self, item.name) is not None
        }
        return {**own, **dict(self.plugins)}

    def but(self, **changes: Any) -> Settings:
        """A copy with ``changes``; what was derived from a changed value is derived again."""
        for item in own_settings():
            derive = item.metadata["derive"]
            if derive is not None and item.name not in changes and getattr(self, item.name) == derive(self):
                changes[item.name] = None
        return dataclasses.replace(self, **changes)


def own_settings() -> list[dataclasses.Field[Any]]:
    """Loket's own settings."""
    return [item for item in fields(Settings) if item.metadata]


def _of_plugins(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(PLUGIN_PREFIX) and value.strip()}


def variable(attribute: str) -> str:
    """The name of a setting in the environment."""
    return PREFIX + attribute.upper()


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def environment() -> dict[str, str]:
    """The environment of this process over the settings in ``.env`` of the checkout, if there is one."""
    return {**read_env_file(ROOT / ".env"), **os.environ}


def unknown(env: Mapping[str, str]) -> list[str]:
    """Names in ``env`` that look like settings and are none: typing errors."""
    known = {variable(item.name) for item in own_settings()} | set(_of_plugins(env))
    return sorted(name for name in env if name.startswith(PREFIX) and name not in known)


def document() -> str:
    """``docs/settings.md``."""
    head = (
        "# Settings\n\nSettings are environment variables. `./loket` also reads a file `.env` in the checkout (see "
        "`.env.example`); the environment wins.\nAn empty value counts as not set. This page is written by "
        "`./loket settings > docs/settings.md`.\n\n"
        f"Names that begin with `{PLUGIN_PREFIX}` belong to channels and agencies that are not part of Loket "
        "(docs/add-a-channel.md): they reach the\nplugin whose manifest names them, and nobody else.\n\n"
        "| Setting | Default | Meaning |\n|---|---|---|\n"
    )
    return head + "".join(
        f"| `{variable(item.name)}` | {_default(item)} | {item.metadata['doc']} |\n" for item in own_settings()
    )


def _default(item: dataclasses.Field[Any]) -> str:
    return item.metadata["shown"] or f"`{_written(item.default)}`"
