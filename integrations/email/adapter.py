"""Applications as e-mail, for an agency without an interface (``docs/add-an-agency.md``).

A repeat under the same key carries the same Message-ID, so that the mailbox, or the person at it, sees that it is one.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import aiosmtplib

from bot.errors import AgencyError, AgencyUnavailable, SettingsError
from bot.ports import Agency, AgencyManifest, AgencyStatus, Clock, Person, Submission
from integrations.common import http
from integrations.email import summary

PORTS = {"starttls": 587, "tls": 465, "none": 25}
MOST_BYTES = 20_000_000
"""Of a whole message, where the description does not say: what most mail servers take."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_WORDS = frozenset({"reference", "service", "variant"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_BODY = (
    "Permohonan {reference} ({service}) dari Loket, {at}.\n\n"
    "Ringkasan isi dan lampirannya ada di pesan ini. Mohon sebut nomor {reference} dalam jawaban.\n"
    "Kalau pesan dengan nomor ini datang dua kali, itu permohonan yang sama.\n"
)


def capabilities(data: Mapping[str, Any]) -> frozenset[str]:
    """Handing in, and nothing else."""
    return frozenset({"submit"})


def faults(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What is wrong beyond the schema."""
    for name in ("to", "from", "reply_to"):
        if isinstance(data.get(name), str) and not _ADDRESS.fullmatch(data[name]):
            yield (name,), "no mail address", "write name@office.go.id"
    smtp = data["smtp"]
    if smtp["security"] == "none" and smtp["host"] not in _LOOPBACK:
        yield ("smtp", "security"), "personal data would travel in the clear", "use starttls or tls"
    if ("user" in smtp) != ("password" in smtp):
        yield ("smtp",), "`user` and `password` belong together", "give both"
    for word in re.findall(r"\{([^{}]*)\}", data.get("subject", "{reference}")):
        if word not in _WORDS:
            yield ("subject",), f"{{{word}}} is not known here", f"use some of: {', '.join(sorted(_WORDS))}"
    if "{reference}" not in data.get("subject", "{reference}"):
        yield ("subject",), "without our number nobody finds the case again", "put {reference} into it"
    if not data["services"]:
        yield ("services",), "nothing would ever be sent", "name the services"


def build(data: Mapping[str, Any], manifest: AgencyManifest, config: Mapping[str, str], clock: Clock) -> Agency:
    """The adapter from a description without faults, and the settings it names.

    :raises SettingsError: a setting holds no mail address.
    """
    return MailAgency(data, manifest, config, clock)


class MailAgency:
    """See :class:`bot.ports.Agency`: it can only be handed something."""

    def __init__(
        self, data: Mapping[str, Any], manifest: AgencyManifest, config: Mapping[str, str], clock: Clock
    ) -> None:
        self.manifest = manifest
        self._clock = clock
        self._config = config
        self._smtp = data["smtp"]
        self._subject = data.get("subject", "Permohonan {reference}: {service}")
        self._most = int(data.get("most_bytes", MOST_BYTES))
        self._to, self._from = self._address(data["to"]), self._address(data["from"])
        self._reply_to = self._address(data["reply_to"]) if "reply_to" in data else None

    async def submit(self, submission: Submission) -> str:
        """Send; returns our own number, which is the only one such a case has.

        :raises AgencyUnavailable: the mail server is away or says "later", or nobody knows whether it took the mail.
        :raises AgencyError: refused for good, or too big for a mail.
        """
        now = self._clock.now()
        http.awake(self.manifest, now)
        content = await asyncio.to_thread(self._written, submission, now)
        if len(content) > self._most:
            raise AgencyError("the application is too big for a mail", bytes=len(content))
        await self._deliver(content)
        return submission.reference

    async def lookup(self, nik: str) -> Person | None:
        """:raises AgencyError: a mailbox looks nobody up."""
        raise _unsupported()

    async def faces(self, nik: str) -> list[bytes]:
        """:raises AgencyError: a mailbox keeps no faces."""
        raise _unsupported()

    async def status(self, agency_ref: str) -> list[AgencyStatus]:
        """:raises AgencyError: an officer sets the state by hand."""
        raise _unsupported()

    def verify_callback(self, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        """Never: nobody pushes."""
        return False

    def parse_callback(self, body: bytes) -> AgencyStatus:
        """:raises AgencyError: nobody pushes."""
        raise _unsupported()

    async def document(self, agency_ref: str) -> tuple[str, bytes]:
        """:raises AgencyError: an officer hands it over."""
        raise _unsupported()

    async def repair(self, agency_ref: str, submission: Submission) -> None:
        """:raises AgencyError: an officer asks for it."""
        raise _unsupported()

    async def cancel(self, agency_ref: str, reason: str, key: str) -> None:
        """:raises AgencyError: an officer does it."""
        raise _unsupported()

    async def check(self) -> list[str]:
        """Whether the mail server answers, with encryption and login as described. Nothing is sent."""
        try:
            http.awake(self.manifest, self._clock.now())
            client = await self._connected()
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
        except AgencyUnavailable as error:
            return [] if error.params.get("closed") else [f"{self.manifest.id}: the mail server is away: {error}"]
        except AgencyError as error:
            return [f"{self.manifest.id}: the mail server refuses us: {error}; compare `smtp` and its secrets"]
        return []

    # -- the message ---------------------------------------------------------------------------------------------------

    def _written(self, submission: Submission, now: datetime) -> bytes:
        """The whole message, as it is sent."""
        words = {"reference": submission.reference, "service": submission.service, "variant": submission.variant}
        message = EmailMessage(policy=policy.SMTP)
        message["Subject"] = " ".join(self._subject.format(**words).split())
        message["From"], message["To"] = self._from, self._to
        if self._reply_to is not None:
            message["Reply-To"] = self._reply_to
        message["Date"] = format_datetime(now)
        message["Message-ID"] = self._message_id(submission.key)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(_BODY.format(**words, at=f"{now.astimezone(summary.WIB):%d-%m-%Y %H:%M} WIB"))
        message.add_attachment(
            summary.draw(submission, now), maintype="application", subtype="pdf", filename=f"{submission.reference}.pdf"
        )
        for ref, content, _ in submission.files:
            kind, _, sub = ref.type.partition("/")
            message.add_attachment(content, maintype=kind, subtype=sub or "octet-stream", filename=_printable(ref.name))
        return message.as_bytes()

    def _message_id(self, key: str) -> str:
        digest = hashlib.sha256(f"{self.manifest.id}\n{key}".encode()).hexdigest()[:40]
        return f"<{digest}@{self._from.domain}>"

    # -- SMTP ----------------------------------------------------------------------------------------------------------

    async def _deliver(self, content: bytes) -> None:
        client = await self._connected()
        try:
            await client.sendmail(self._from.addr_spec, [self._to.addr_spec], content)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise _meaning(error) from error
        finally:
            # The answer to DATA is what counts; how the server says goodbye is nobody's trouble.
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit()
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        security = self._smtp["security"]
        client = aiosmtplib.SMTP(
            hostname=self._given(self._smtp["host"]),
            port=self._smtp.get("port", PORTS[security]),
            timeout=self.manifest.timeout_s,
            use_tls=security == "tls",
            start_tls=security == "starttls",
            tls_context=self._tls() if security != "none" else None,
            username=self._given(self._smtp["user"]) if "user" in self._smtp else None,
            password=self._given(self._smtp["password"]) if "password" in self._smtp else None,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise _meaning(error) from error
        return client

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._given(self._smtp["ca"]) if "ca" in self._smtp else None)
        except (OSError, ssl.SSLError) as error:
            raise AgencyUnavailable("the file of `smtp.ca` cannot be used") from error

    def _given(self, value: Any) -> str:
        """A text of the description, or the setting it names."""
        return self._config[value["secret"]] if isinstance(value, Mapping) else str(value)

    def _address(self, value: Any) -> Address:
        given = self._given(value)
        if not _ADDRESS.fullmatch(given):
            raise SettingsError(f"{value['secret']} holds no mail address; write name@office.go.id")
        return Address(addr_spec=given)


def _printable(name: str) -> str:
    """A file's name that stays in its header."""
    return "".join(letter if letter.isprintable() else "_" for letter in name)


def _meaning(error: Exception) -> AgencyError | AgencyUnavailable:
    """4xx and a broken connection may heal (RFC 5321, 4.2.1), 5xx will not."""
    code = _code(error)
    if code is not None and 500 <= code < 600:
        return AgencyError("the mail server refused for good", status=code)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return AgencyError("the mail server lacks what is described (encryption or login)")
    # After DATA nobody knows whether it was taken: the repeat carries the same Message-ID.
    return AgencyUnavailable(f"the mail was not taken: {type(error).__name__}", **({"status": code} if code else {}))


def _code(error: Exception) -> int | None:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return max((_code(one) or 0 for one in error.recipients), default=None)
    return error.code if isinstance(error, aiosmtplib.SMTPResponseException) else None


def _unsupported() -> AgencyError:
    return AgencyError("an agency that is reached by mail can only be handed something")
