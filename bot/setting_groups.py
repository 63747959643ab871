"""Settings in groups that :class:`bot.settings.Settings` is made of; read there and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.domain.staff import ROLES
from bot.setting_types import as_count, as_path, as_seconds, as_share, as_text, as_words, one_of, setting


@dataclass(frozen=True)
class AgencySettings:
    """Where the agencies are."""

    repair_days: float = setting(
        as_seconds,
        30.0,
        "An application that waits for the citizen's repair expires after so many days; reminders come before",
    )
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
    dukcapil_verify_percent: float = setting(
        as_seconds,
        80.0,
        "From this likeness on (1 to 100) Dukcapil's verification by element calls a text the same; sent along as its `TRESHOLD`",
    )
    dukcapil_face_match: float = setting(
        as_seconds,
        0.75,
        "Score (0 to 1) of Dukcapil's own face match from which on it is the same person; for offices whose file says "
        "`faces: agency`",
    )
    dukcapil_face_officer: float = setting(
        as_seconds, 0.6, "From this score on, and below the one above, an officer looks at both faces"
    )
    lapor_url: str = setting(
        as_text,
        None,
        "Interface of the complaints desk (SP4N-LAPOR! or the regency's own)",
        derive=lambda s: f"{s.sandbox_url}/lapor" if s.sandbox_url else "",
        shown="the sandbox",
    )
    lapor_secret: str = setting(
        as_text,
        "",
        "Secret that signs what goes between Loket and the complaints desk",
        shown="`run` makes one for the sandbox",
        secret=True,
    )
    antrean_url: str = setting(
        as_text,
        None,
        "Interface of the counter queue and of jemput bola",
        derive=lambda s: f"{s.sandbox_url}/antrean" if s.sandbox_url else "",
        shown="the sandbox",
    )
    antrean_secret: str = setting(
        as_text,
        "",
        "Secret that signs what goes between Loket and the counter queue",
        shown="`run` makes one for the sandbox",
        secret=True,
    )


@dataclass(frozen=True)
class DeskSettings:
    """How people take over from the bot."""

    desk_lease_s: float = setting(
        as_seconds,
        90.0,
        "A conversation goes back into the queue this many seconds after the last sign of life of its agent's console",
    )
    desk_silent_hours: float = setting(
        as_seconds, 24.0, "A conversation in which the citizen owes an answer is closed with a word after so many hours"
    )
    desk_news_minutes: float = setting(
        as_seconds, 5.0, "Who waits for a person hears of the place in line at most every so many minutes"
    )
    desk_away_minutes: float = setting(
        as_seconds,
        5.0,
        "An outside desk that does not answer for so many minutes loses the conversation to our own console; the citizen is told",
    )
    chatwoot_url: str = setting(
        as_text,
        "",
        "Address of a Chatwoot whose agents answer handed-over conversations (docs/outside-desk.md). This and the next settings hold "
        "one value for all offices, or values between commas with `<office>=` before each (`33.28=…,33.29=…`) for those with an account",
        shown="none: our own console",
    )
    chatwoot_account: str = setting(as_text, "", "Number of the account there", shown="none")
    chatwoot_inbox: str = setting(as_text, "", "Number of its inbox, which is one of kind API", shown="none")
    chatwoot_token: str = setting(
        as_text, "", "Access token of an agent of that inbox, who is only for Loket", shown="none", secret=True
    )
    chatwoot_webhook_secret: str = setting(
        as_text,
        "",
        "Secret of the account's webhook to `LOKET_PUBLIC_URL/desks/chatwoot` (with accounts per office `/desks/chatwoot-<office>`)",
        shown="none",
        secret=True,
    )
    chatwoot_webhook_token: str = setting(
        as_text,
        "",
        "For a Chatwoot that does not sign webhooks: a secret of your own that ends their address "
        "(`/desks/chatwoot/<secret>`); without meaning where there is a secret of the webhook",
        shown="none",
        secret=True,
    )


@dataclass(frozen=True)
class DocumentSettings:
    """How finished documents reach people."""

    document_link_hours: float = setting(
        as_seconds, 24.0, "How long a link to a finished document may be opened, in hours"
    )
    document_link_channels: tuple[str, ...] = setting(
        as_words,
        (),
        "Channels that get a link in place of the document itself, between commas (`telegram,whatsapp`: both keep files outside "
        "Indonesia). Conversations whose person was never verified there get a link anyway",
        shown="none",
    )


@dataclass(frozen=True)
class StaffSettings:
    """Accounts of staff, the identity desk and what offices promise."""

    session_idle_hours: float = setting(as_seconds, 2.0, "A staff session ends so many hours after it was last used")
    session_hours: float = setting(as_seconds, 12.0, "And so many hours after it began, however much it is used")
    second_factor_roles: tuple[str, ...] = setting(
        as_words,
        None,
        "Roles that cannot work without a second factor, between commas; `-`: none. They set it up at their first sign-in. Whoever leaves "
        "roles out (agents without a device of their own) has to say why (docs/operasi.md)",
        derive=lambda s: ("-",) if s.demo else ROLES,
        shown="all of them; none under `run`",
    )
    identity_two_person: tuple[str, ...] = setting(
        as_words,
        (),
        "Offices whose borderline faces two officers decide, between commas (`33.28,33.29`); `*`: all of them",
        shown="none: one officer decides",
    )
    identity_hold_minutes: float = setting(
        as_seconds, 10.0, "A borderline face that an officer has opened is kept for them so many minutes"
    )
    identity_limit_hours: float = setting(
        as_seconds,
        24.0,
        "A borderline face that nobody decides in so many hours ends: the picture is deleted, the citizen is asked for a new one",
    )
    service_levels: tuple[str, ...] = setting(
        as_words,
        ("15/480",),
        "Minutes to the first answer and to the end of a handed-over conversation that supervisors are warned by, "
        "`<first>/<end>`; `33.28=10/240` is for one office",
    )
    service_level_clock: str = setting(
        one_of("office", "always"),
        "office",
        "Which minutes of those count: `office`: those in which the office is open, by the hours, holidays and collective leave of its "
        "file (an office whose hours are not known is always open); `always`: day and night",
    )
    oidc_issuer: str = setting(
        as_text,
        "",
        "Identity provider (OpenID Connect) that staff may sign in with: its issuer, as in its discovery document. Its "
        "redirect address is `LOKET_PUBLIC_URL/staff/sign-in/oidc/return` (with `LOKET_STAFF_URL`, below that)",
        shown="none",
    )
    oidc_client_id: str = setting(as_text, "", "Our id at the identity provider", shown="none")
    oidc_client_secret: str = setting(
        as_text, "", "Our secret there; none: a public client, with PKCE alone", shown="none", secret=True
    )
    oidc_name: str = setting(as_text, "SSO", "What the button on the sign-in page calls the provider")
    oidc_username_claim: str = setting(as_text, "preferred_username", "Claim that becomes the user name")
    oidc_roles_claim: str = setting(
        as_text,
        "",
        "Claim that lists groups, also a path (`realm_access.roles`). Roles are then taken from it at every sign-in",
        shown="none: roles are given in Loket, to accounts made with `./loket user add --oidc`",
    )
    oidc_groups: tuple[str, ...] = setting(
        as_words,
        (),
        "Groups and the roles they bring, between commas: `loket-agen=agent@33.28`; without `@` the office comes from "
        "`LOKET_OIDC_LOCUS_CLAIM`",
        shown="none",
    )
    oidc_locus_claim: str = setting(as_text, "", "Claim with the code of the office, also a list", shown="none")
    oidc_second_factor: str = setting(
        one_of("provider", "amr"),
        "provider",
        "`provider`: it is believed to ask for a second factor; `amr`: its tokens have to say so, else Loket asks for its own",
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


@dataclass(frozen=True)
class TraceSettings:
    """Where traces go (:mod:`bot.tracing`)."""

    traces_url: str = setting(
        as_text,
        "",
        "OpenTelemetry collector that gets traces, OTLP over HTTP (`http://collector:4318`; `/v1/traces` is added). Credentials go "
        "into OpenTelemetry's own `OTEL_EXPORTER_OTLP_HEADERS`",
        shown="none: no traces",
    )
    traces_share: float = setting(
        as_share, 1.0, "Share of the messages whose trace is kept, from 0 to 1; a trace is kept whole or not at all"
    )
