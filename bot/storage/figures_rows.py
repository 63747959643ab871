"""One query for each figure: its rows. They are counted per day by :mod:`bot.storage.figures_days` and listed, as what stands behind a
number, by :mod:`bot.storage.figures_lists`; so the number and the list cannot differ.

Every query gives ``locus, at, part, amount, ref``: the office, the moment that puts the row into a day, the classes it belongs to
(:data:`PARTS`, between ``|``), a number to be summed, and the id of what may be opened. Its parameters: ``loci`` (offices of one
time zone), ``zone``, ``since`` and ``until`` (excluded), ``now``. The sentences are in :mod:`bot.domain.figures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString

# A change of one's own profile or of a queue number's time is handed in nowhere.
_BEGUN: LiteralString = """
select a.locus, a.created_at as at, a.service as part, 0::float8 as amount, a.id as ref
from application a where a.locus = any(%(loci)s) and a.created_at >= %(since)s and a.created_at < %(until)s
  and a.service not in ('profil', 'antrean-ganti')
"""
_IDENTIFIED: LiteralString = _BEGUN + " and a.citizen_id is not null"
_REVIEWED: LiteralString = _BEGUN + " and (a.step = '_periksa' or a.submitted_at is not null)"
_SENT: LiteralString = _BEGUN + " and a.submitted_at is not null"
_GIVEN_UP: LiteralString = """
select a.locus, a.updated_at as at, a.service || '|' || coalesce(a.step, '') as part, 0::float8 as amount, a.id as ref
from application a
where a.locus = any(%(loci)s) and a.submitted_at is null and a.updated_at >= %(since)s and a.updated_at < %(until)s
  and a.step is distinct from '_dirujuk' and a.service not in ('profil', 'antrean-ganti')
  and (a.state in ('dibatalkan', 'kedaluwarsa') or (a.state = 'draft' and a.updated_at <= %(now)s - interval '7 days'))
"""
_SUBMITTED: LiteralString = """
select a.locus, a.submitted_at as at, a.service || '|' || coalesce(a.variant, '') || '|' || split_part(c.account, ':', 1) as part,
  0::float8 as amount, a.id as ref
from application a join conversation c on c.id = a.conversation_id
where a.locus = any(%(loci)s) and a.submitted_at is not null and a.submitted_at >= %(since)s and a.submitted_at < %(until)s
"""
_FIRST: LiteralString = """
from application_event e join application a on a.id = e.case_id
where e.state in ('terbit', 'ditolak', 'dibatalkan', 'kedaluwarsa') and e.at >= %(since)s and e.at < %(until)s
  and a.locus = any(%(loci)s) and a.submitted_at is not null and not exists (
    select 1 from application_event p where p.case_id = e.case_id and p.id <> e.id and (p.at, p.id) < (e.at, e.id)
      and p.state in ('terbit', 'ditolak', 'dibatalkan', 'kedaluwarsa'))
"""
_DECIDED: LiteralString = (
    """
select a.locus, e.at, a.service || '|' || e.state as part,
  case when e.state in ('terbit', 'ditolak') then extract(epoch from e.at - a.submitted_at) / 86400 else 0 end::float8 as amount,
  a.id as ref
"""
    + _FIRST
)
_PROMISES: LiteralString = (
    """
select f.locus, f.at, f.service || '|' || case when f.late > 0 then 'missed' else 'kept' end as part,
  greatest(0, f.late)::float8 as amount, f.ref
from (select a.locus, e.at, a.service, a.id as ref,
    (e.at at time zone %(zone)s::text)::date - (a.promised_on at time zone %(zone)s::text)::date as late
"""
    + _FIRST
    + " and e.state in ('terbit', 'ditolak') and a.promised_on is not null) f"
)
_AGENCY_CALLS: LiteralString = """
select a.locus, k.at, k.agency || '|' || case when k.outcome = 'ok' then 'ok' else 'failed' end as part,
  coalesce(k.ms, 0)::float8 as amount, a.id as ref
from agency_call k join application a on a.id = k.case_id
where k.direction = 'out' and k.at >= %(since)s and k.at < %(until)s and a.locus = any(%(loci)s)
"""
_IDENTITY: LiteralString = """
select c.locus, k.at,
  case when k.outcome <> 'officer' then k.outcome else 'officer_' || coalesce(k.decision, 'waiting') end as part,
  0::float8 as amount, k.conversation_id as ref
from identity_check k join conversation c on c.id = k.conversation_id
where k.at >= %(since)s and k.at < %(until)s and c.locus = any(%(loci)s)
"""
_DELIVERY: LiteralString = """
select c.locus, o.created_at as at, split_part(o.account, ':', 1) || '|' ||
    case when o.state in ('created', 'sending') then 'underway' else o.state end as part,
  0::float8 as amount, o.conversation_id as ref
from outbox o join conversation c on c.id = o.conversation_id
where o.created_at >= %(since)s and o.created_at < %(until)s and c.locus = any(%(loci)s)
"""
_HANDOFFS: LiteralString = """
select t.locus, t.created_at as at, t.trigger || '|' ||
    case when t.first_reply_at is not null then 'answered' when t.state = 'closed' then 'unanswered' else 'open' end as part,
  0::float8 as amount, t.conversation_id as ref
from ticket t where t.locus = any(%(loci)s) and t.created_at >= %(since)s and t.created_at < %(until)s
"""
_RATINGS: LiteralString = """
select t.locus, t.created_at as at, t.rating::text as part, t.rating::float8 as amount, t.conversation_id as ref
from ticket t
where t.locus = any(%(loci)s) and t.created_at >= %(since)s and t.created_at < %(until)s and t.rating is not null
"""

ROWS: Mapping[str, LiteralString] = {
    "begun": _BEGUN,
    "identified": _IDENTIFIED,
    "reviewed": _REVIEWED,
    "sent": _SENT,
    "given_up": _GIVEN_UP,
    "submitted": _SUBMITTED,
    "decided": _DECIDED,
    "promises": _PROMISES,
    "agency_calls": _AGENCY_CALLS,
    "identity": _IDENTITY,
    "delivery": _DELIVERY,
    "handoffs": _HANDOFFS,
    "ratings": _RATINGS,
}

# One conversation on one day; a person is in it when one was asked for or held it then.
# Messages are counted before their office is looked up: there are a few for each conversation. ``since`` and ``until`` are midnights.
TALKS: LiteralString = """
select c.locus, i.conversation_id, i.day, i.at, split_part(c.account, ':', 1) as channel, i.messages, i.missed,
  i.person or exists (
    select 1 from ticket t where t.conversation_id = i.conversation_id and t.created_at >= %(since)s and t.created_at < %(until)s
      and (t.created_at at time zone %(zone)s::text)::date = i.day) as person
from (
  select conversation_id, (received_at at time zone %(zone)s::text)::date as day, max(received_at) as at, count(*) as messages,
    count(*) filter (where outcome = 'missed') as missed, coalesce(bool_or(outcome = 'person'), false) as person
  from inbox where received_at >= %(since)s and received_at < %(until)s group by 1, 2) i
join conversation c on c.id = i.conversation_id
where c.locus = any(%(loci)s)
"""
TALK_FIGURES = ("talks", "talks_alone", "talks_person", "messages", "missed", "talks_missed")
"""What is counted of them, by channel."""

# -- as it stands now: no period ---------------------------------------------------------------------------------------------

_OPEN_NOW: LiteralString = """
select a.locus, a.submitted_at as at, a.service || '|' || a.state || '|' ||
    case when (d.today - d.sent) <= 3 then '3' when (d.today - d.sent) <= 7 then '7' when (d.today - d.sent) <= 14 then '14'
      when (d.today - d.sent) <= 30 then '30' else 'older' end || '|' ||
    case when a.state = 'perlu_perbaikan' then 'paused' when a.promised_on is null then 'none'
      when d.today > d.promised then 'late' when d.promised - d.today <= 1 then 'soon' else 'fine' end as part,
  0::float8 as amount, a.id as ref
from application a cross join lateral (
  select (%(now)s at time zone %(zone)s::text)::date as today, (a.submitted_at at time zone %(zone)s::text)::date as sent,
    (a.promised_on at time zone %(zone)s::text)::date as promised) d
where a.locus = any(%(loci)s) and a.submitted_at is not null
  and a.state in ('diajukan', 'verifikasi_berkas', 'perlu_perbaikan', 'diproses', 'menunggu_tte')
"""
_WAITING_NOW: LiteralString = """
select t.locus, t.created_at as at, t.trigger || '|' || coalesce(t.team, '') as part,
  (extract(epoch from %(now)s - t.created_at) / 60)::float8 as amount, t.conversation_id as ref
from ticket t where t.locus = any(%(loci)s) and t.state = 'queued'
"""
_ERRANDS: LiteralString = """
select a.locus, s.created_at as at, a.agency || '|' || s.state as part, s.attempts::float8 as amount, a.id as ref
from submission s join application a on a.id = s.case_id
where ((s.state = 'due' and s.attempts > 0) or s.state = 'failed') and a.locus = any(%(loci)s)
"""
NOW: Mapping[str, LiteralString] = {"open_now": _OPEN_NOW, "waiting_now": _WAITING_NOW, "errands_waiting": _ERRANDS}

PARTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("begun", "identified", "reviewed", "sent"), ("service",)),
    "given_up": ("service", "step"),
    "submitted": ("service", "variant", "channel"),
    "decided": ("service", "outcome"),
    "promises": ("service", "kept"),
    "agency_calls": ("agency", "worked"),
    "identity": ("outcome",),
    "delivery": ("channel", "fate"),
    "handoffs": ("trigger", "answer"),
    "ratings": ("mark",),
    **dict.fromkeys(TALK_FIGURES, ("channel",)),
    "open_now": ("service", "state", "age", "promise"),
    "waiting_now": ("trigger", "team"),
    "errands_waiting": ("agency", "errand"),
}
"""Names of the classes in ``part``."""
CONVERSATIONS = frozenset({"identity", "delivery", "handoffs", "ratings", "waiting_now", *TALK_FIGURES})
"""Figures whose ``ref`` is a conversation; of the others it is an application."""
