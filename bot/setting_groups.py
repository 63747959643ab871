"""Settings in groups that :class:`bot.settings.Settings` is made of; read there and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.setting_types import as_count, as_path, as_text, as_words, one_of, setting


@dataclass(frozen=True)
class AgencySettings:
    """Where the agencies are."""

    dukcapil_url: str = setting(
        as_text,
        None,
        "Dukcapil's interface",
        derive=lambda s: f"{s.sandbox_url}/dukcapil" if s.sandbox_url else "",
        shown="the sandbox",
    )
    dukcapil_secret: str = setting(
        as_text,
        "",
        "Secret that signs what goes between Loket and Dukcapil",
        shown="`run` makes one for the sandbox",
        secret=True,
    )
    sdmk_url: str = setting(
        as_text,
        None,
        "Interface of the office that issues health workers' licences (SIP)",
        derive=lambda s: f"{s.sandbox_url}/sdmk" if s.sandbox_url else "",
        shown="the sandbox",
    )
    sdmk_secret: str = setting(
        as_text,
        "",
        "Secret that signs what goes between Loket and that office",
        shown="`run` makes one for the sandbox",
        secret=True,
    )


@dataclass(frozen=True)
class ChannelSettings:
    """The accounts people write to."""

    telegram_bots: tuple[str, ...] = setting(
        as_words,
        (),
        "Telegram bots, between commas: each a token of @BotFather, `<office>=` before it when it is not for "
        "`LOKET_LOCUS` (`33.28=123:ABC`). None: Telegram is off",
        shown="none",
        secret=True,
    )
    telegram_mode: str = setting(
        one_of("auto", "webhook", "polling"),
        "auto",
        "How messages come from Telegram: `webhook`, `polling`, or `auto`: polling where `LOKET_PUBLIC_URL` is not https",
    )
    telegram_api: str = setting(
        as_text, "https://api.telegram.org", "Address of the Telegram Bot API (an own Bot API server, or a stand-in)"
    )
    twilio_account_sid: str = setting(as_text, "", "Twilio account that WhatsApp goes over", shown="none")
    twilio_auth_token: str = setting(
        as_text, "", "Its auth token; also checks the signatures of webhooks", shown="none", secret=True
    )
    whatsapp_senders: tuple[str, ...] = setting(
        as_words,
        (),
        "WhatsApp numbers at Twilio, between commas, `<office>=` before a number that is not for `LOKET_LOCUS` "
        "(`33.28=+62…`). None: WhatsApp is off",
        shown="none",
    )
    twilio_api: str = setting(
        as_text, "", "Address that takes the place of all Twilio hosts (a stand-in)", shown="Twilio's own hosts"
    )
    spool_dir: Path = setting(
        as_path,
        None,
        "Where webhooks are kept, encrypted, while the database is away; must be writable and survive a restart",
        derive=lambda s: s.var_dir / "spool",
        shown="`spool/` in `LOKET_VAR_DIR`",
    )
    quiet_hours: str = setting(
        as_text, "21-7", "No notices between these hours, office time (`21-7`); empty hours (`0-0`): never quiet"
    )


@dataclass(frozen=True)
class FaceSettings:
    """How faces are compared."""

    face_processes: int = setting(as_count, 1, "Processes that compare faces; one core and 250 MB of memory each")
    face_waiting: int = setting(
        as_count, 40, "Selfies that may wait for such a process; the next one is asked to come again"
    )
    face_cohort: Path = setting(
        as_path,
        None,
        "Faces of other people that normalise the scores, sealed; made by `./loket face cohort build`. Without the file the "
        "stricter plain thresholds decide (see docs/face.md)",
        derive=lambda s: s.var_dir / "face" / "cohort",
        shown="`face/cohort` in `LOKET_VAR_DIR`",
    )
    face_calibration: Path | None = setting(
        as_path,
        None,
        "Thresholds measured on an own set, made by `./loket face eval … --calibrate`",
        shown="those of the engine's profile",
    )
    face_profile: Path | None = setting(
        as_path,
        None,
        "Profile of another engine (an ONNX model that you supply); it needs a calibration (see docs/face.md)",
        shown="dlib",
    )
