"""Settings of what protects an installation and is not needed to try it out; part of :class:`bot.settings.Settings`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.domain.hosts import host_of, may_speak_for_subdomains
from bot.setting_types import as_path, as_port, as_switch, as_text, setting


@dataclass(frozen=True)
class SafetySettings:
    """Encryption of connections, names of hosts, what is checked against lists from outside."""

    secrets_dir: Path | None = setting(
        as_path,
        None,
        "Folder in which each file named like a setting holds its value (`LOKET_KEYS`, `LOKET_DATABASE_URL`, `LOKET_TWILIO_AUTH_TOKEN` …), "
        "as Kubernetes, docker, systemd and vaults hand secrets over: the environment then holds none. What the environment does say wins",
        shown="none: secrets come from the environment",
    )
    staff_url: str = setting(
        as_text,
        "",
        "Address of the staff pages where they have a host name of their own (`https://petugas.example.go.id`): they then answer there "
        "only, and everything else only elsewhere. The certificate and the proxy must know both names",
        shown="none: staff pages are below `LOKET_PUBLIC_URL/staff`",
    )
    hsts_subdomains: bool = setting(
        as_switch,
        None,
        "Over https, browsers are told to use https for all names below the host of `LOKET_PUBLIC_URL` too. 0 where something else "
        "lives below it that does not speak https",
        derive=lambda s: may_speak_for_subdomains(host_of(s.public_url)),
        shown="1, unless the host is a registered domain itself (`tegalkab.go.id`), whose other names are not Loket's",
    )
    tls_cert: Path | None = setting(
        as_path,
        None,
        "Certificate chain (PEM): Loket speaks TLS 1.2 and 1.3 itself, without a proxy, at `LOKET_TLS_PORT`; read again when it changes. "
        "Plain http stays at `LOKET_HOST` and `LOKET_PORT`, where only this machine is served and people from elsewhere are led to https",
        shown="none: a proxy of your own ends TLS",
    )
    tls_key: Path | None = setting(
        as_path, None, "Its private key (PEM, no passphrase)", shown="none: in the file of the certificate"
    )
    tls_host: str = setting(
        as_text,
        "0.0.0.0",  # noqa: S104 (it is for everybody)
        "Address that TLS is spoken at, where there is a certificate (`0.0.0.0`: all of this machine)",
    )
    tls_port: int = setting(
        as_port, 8443, "Its port; 443 needs the right to open it (`AmbientCapabilities` in systemd)"
    )
    internal_cert: Path | None = setting(
        as_path,
        None,
        "Certificate chain (PEM) of the internal listener, which then speaks TLS only (`LOKET_INTERNAL_URL` is https; Rasa trusts its "
        "authority by `SSL_CERT_FILE`); read again when it changes",
        shown="none: plain http on loopback or a network of its own",
    )
    internal_key: Path | None = setting(
        as_path, None, "Its private key (PEM, no passphrase)", shown="none: in the file of the certificate"
    )
    internal_ca: Path | None = setting(
        as_path,
        None,
        "Authority (PEM) that the certificates of Rasa are of, where `LOKET_RASA_URL` is https; no other is then believed",
        shown="those that the system trusts",
    )
    logs_to: str = setting(
        as_text,
        "",
        "Log collector on another machine: syslog over TLS, `tls://logs.example.go.id:6514` (RFC 5425); lines are JSON and scrubbed, as "
        "on standard error, which has them all the same",
        shown="none: standard error only (journald, docker, the cluster's collector)",
    )
    logs_ca: Path | None = setting(
        as_path, None, "Authority (PEM) that the collector's certificate is of", shown="those that the system trusts"
    )
    breached_passwords: Path | None = setting(
        as_path,
        None,
        "File of SHA-1 hashes of passwords known from breaches, ordered by hash (`HASH:COUNT` a line, as the downloader of Have I Been "
        "Pwned writes it): staff cannot choose one of them. Searched on disk, never sent anywhere",
        shown="none: only the list of common passwords that Loket comes with",
    )
    clamd: str = setting(
        as_text,
        "",
        "Virus scanner: a clamd at `tcp://host:3310` or `unix:/run/clamav/clamd.ctl`. Every file that is taken in is scanned before "
        "anything else happens to it; while the scanner does not answer, no file is taken in",
        shown="none: pictures are decoded and written anew, PDFs with active content refused",
    )
