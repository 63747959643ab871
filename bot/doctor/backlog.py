"""What the database says of the work: messages given up, errands that failed, agencies and desks that are away, data whose key is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from bot.doctor.check import Finding, broken, note, ok

_CLOCKS = timedelta(seconds=5)
"""So far the clocks of this machine and of the database may be apart."""

_QUEUES = text("""
select 'dead' as what, count(*) as n, '' as who from inbox where state = 'dead' and joined_to is null
union all select 'late', count(*), '' from inbox where state = 'open' and received_at < :late and not_before < :late
union all select 'unsent', count(*), '' from outbox where state = 'failed' and created_at > :week
union all select 'refused', count(*), '' from outbox where state = 'failed' and error_code = 'template_refused' and created_at > :week
union all select 'errands', count(*), '' from submission where state = 'failed'
union all select 'alarms', count(*), '' from alarm where handled_at is null
union all select 'breaker', 1, agency from breaker where opened_at is not null
union all select 'desk', count(*), '' from outside_due where state = 'due' and created_at < :late
union all select 'template', 1, name || ' (' || language || ')' from provider_template where approval in ('rejected', 'paused', 'disabled')
""")

_SAY: dict[str, tuple[Callable[[str, str], Finding], str, str]] = {
    "dead": (
        broken,
        "{n} pesan menyerah dan belum dijawab / messages were given up without an answer",
        "./loket inbox list; ./loket inbox replay --all",
    ),
    "late": (
        broken,
        "{n} pesan menunggu lebih dari 10 menit / messages wait for more than 10 minutes",
        "Periksa proses worker dan Rasa / check the worker processes and Rasa: /healthz",
    ),
    "unsent": (
        note,
        "{n} jawaban tidak terkirim dalam 7 hari / answers were not delivered in 7 days",
        "/staff/delivery",
    ),
    "refused": (
        broken,
        "{n} pemberitahuan tertahan: templatnya tidak disetujui WhatsApp / notices had no approved WhatsApp template",
        "./loket channel check whatsapp; docs/panduan/whatsapp.md",
    ),
    "errands": (
        broken,
        "{n} urusan ke dinas gagal dan menunggu petugas / errands to agencies failed and wait for staff",
        "/staff/errands",
    ),
    "alarms": (note, "{n} alarm belum ditangani / alarms nobody has handled", "/staff/errands"),
    "breaker": (
        broken,
        "{who} tidak bisa dihubungi; permohonan menunggu / is away; applications wait for it",
        "Hubungi dinas itu; Loket mencoba lagi sendiri. / Call that agency; Loket tries again by itself.",
    ),
    "desk": (
        broken,
        "{n} hal menunggu meja luar lebih dari 10 menit / things wait for an outside desk for more than 10 minutes",
        "docs/outside-desk.md",
    ),
    "template": (
        broken,
        "templat WhatsApp ditolak / a WhatsApp template was rejected: {who}",
        "./loket channel check whatsapp; docs/panduan/whatsapp.md",
    ),
}
"""What a row of :data:`_QUEUES` means: how bad, the sentence, what to do."""


def look(engine: Engine, now: datetime) -> list[Finding]:
    """Findings of a database whose schema is current."""
    with engine.connect() as connection:
        at = {"late": now - timedelta(minutes=10), "week": now - timedelta(days=7)}
        rows = connection.execute(_QUEUES, at).all()
        there: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
    found = [_said(row.what, n=row.n, who=row.who) for row in rows if row.n]
    return [*(found or [ok("tidak ada yang tertahan / nothing is stuck")]), *_clock(there)]


def _said(what: str, **values: object) -> Finding:
    finding, sentence, remedy = _SAY[what]
    return finding(sentence.format(**values), remedy)


def _clock(there: datetime) -> list[Finding]:
    apart = abs(datetime.now(UTC) - there)
    if apart <= _CLOCKS:
        return []
    return [
        broken(
            f"jam mesin ini dan jam basis data berbeda {apart.total_seconds():.0f} detik / "
            f"this machine's clock and the database's are {apart.total_seconds():.0f} s apart",
            "Nyalakan NTP di kedua mesin / turn on NTP on both machines: timedatectl set-ntp true",
        )
    ]


def lost_keys(used: dict[str, int], known: tuple[str, ...]) -> list[Finding]:
    """Values that nobody can open any more. ``used``: key id -> how many are sealed under it."""
    lost = {key: count for key, count in used.items() if key not in known}
    if not lost:
        return [ok("semua data terbuka dengan kunci yang ada / all data open under the keys at hand")]
    told = ", ".join(f"{key}: {count}" for key, count in sorted(lost.items()))
    return [
        broken(
            f"data tersandi dengan kunci yang tidak ada di sini / data are sealed under keys that are not here: {told}",
            "Tambahkan kunci itu ke gelang kunci, dari cadangan / add those keys to the ring, from a backup "
            "(docs/operasi.md)",
        )
    ]
