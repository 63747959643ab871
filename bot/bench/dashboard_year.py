"""A year of one large MPP, made in the database itself: so many messages, and 6 applications for every 100 of them.

Five people write at a time, ten lines each, in the order of time as they would have come; a tenth of what they write is not understood,
a sixth of the talks goes to a person. Sealed columns hold noise of the size that real ones have: nothing reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg

_LINES = 10
"""Of one talk: four of the citizen, six of the bot."""

_CONVERSATIONS: LiteralString = """
insert into conversation (id, account, external_id, locus, language, created_at, last_seq, last_inbound_at)
select md5('c' || c)::uuid, (array['web', 'web', 'telegram:1', 'telegram:1', 'whatsapp:628'])[1 + c %% 5], 'year' || c,
  (%(loci)s::text[])[1 + c %% cardinality(%(loci)s::text[])],
  (array['id', 'id', 'id', 'jv', 'en'])[1 + c %% 5], %(start)s::timestamptz, 20, %(start)s::timestamptz
from generate_series(0, %(conversations)s - 1) c
"""
# Talk j is one of conversation j mod n; its hour is between seven in the morning and eight in the evening of WIB.
_MESSAGES: LiteralString = """
insert into message (conversation_id, seq, sender, body_sealed, created_at)
select md5('c' || (j %% %(conversations)s))::uuid, (j / %(conversations)s) * 10 + m,
  case when m in (1, 3, 5, 7) then 'citizen' else 'bot' end, decode(repeat(md5(j::text || m), 12), 'hex'),
  %(start)s::timestamptz + (j * 365 / %(talks)s) * interval '1 day' + ((j * 7919) %% 46800 + m * 20) * interval '1 second'
from generate_series(%(from)s::bigint, %(to)s::bigint) j, generate_series(1, 10) m
"""
_INBOX: LiteralString = """
insert into inbox (account, external_id, conversation_id, seq, body_sealed, state, not_before, received_at, done_at, outcome, attempts)
select (array['web', 'web', 'telegram:1', 'telegram:1', 'whatsapp:628'])[1 + (j %% %(conversations)s) %% 5], j || '.' || m,
  md5('c' || (j %% %(conversations)s))::uuid, (j / %(conversations)s) * 10 + m, decode(repeat(md5(j::text || m), 12), 'hex'),
  'done', t.at, t.at, t.at,
  case when (j + m) %% 10 = 0 then 'missed' when j %% 6 = 0 and m > 4 then 'person' end, 0
from generate_series(%(from)s::bigint, %(to)s::bigint) j, unnest(array[1, 3, 5, 7]) m, lateral (select
  %(start)s::timestamptz + (j * 365 / %(talks)s) * interval '1 day' + ((j * 7919) %% 46800 + m * 20) * interval '1 second' as at) t
"""
_OUTBOX: LiteralString = """
insert into outbox (conversation_id, seq, account, state, next_at, created_at, attempts)
select md5('c' || (j %% %(conversations)s))::uuid, (j / %(conversations)s) * 10 + m,
  (array['', '', 'telegram:1', 'telegram:1', 'whatsapp:628'])[1 + (j %% %(conversations)s) %% 5],
  case when (j + m) %% 97 = 0 then 'failed' when (j + m) %% 3 = 0 then 'delivered' else 'read' end, t.at, t.at, 1
from generate_series(%(from)s::bigint, %(to)s::bigint) j, unnest(array[2, 4, 6, 8, 9, 10]) m, lateral (select
  %(start)s::timestamptz + (j * 365 / %(talks)s) * interval '1 day' + ((j * 7919) %% 46800 + m * 20) * interval '1 second' as at) t
where (j %% %(conversations)s) %% 5 >= 2
"""
_TICKETS: LiteralString = """
insert into ticket (id, number, conversation_id, locus, reason, state, trigger, created_at, claimed_at, first_reply_at, closed_at, rating,
  agent)
select md5('t' || j)::uuid, 'TKT-Y' || j, md5('c' || (j %% %(conversations)s))::uuid,
  (%(loci)s::text[])[1 + (j %% %(conversations)s) %% cardinality(%(loci)s::text[])], 'talk_to_human', 'closed',
  (array['asked', 'asked', 'complaint', 'not_understood', 'anger'])[1 + (j / 6) %% 5], t.at, t.at + interval '4 minutes',
  case when j %% 48 <> 0 then t.at + ((j * 31) %% 3600) * interval '1 second' end, t.at + interval '2 hours',
  case when j %% 18 = 0 then 1 + (j / 18) %% 5 end, 'wati'
from generate_series(0, %(talks)s - 1, 6) j, lateral (select
  %(start)s::timestamptz + (j * 365 / %(talks)s) * interval '1 day' + ((j * 7919) %% 46800 + 110) * interval '1 second' as at) t
"""
_CITIZENS: LiteralString = """
insert into citizen (id, data_sealed, created_at)
select md5('p' || p)::uuid, decode(repeat(md5('p' || p), 20), 'hex'), %(start)s::timestamptz from generate_series(0, %(applications)s / 2) p
"""
# Nine of ten forms that were begun are handed in; of those 88 of 100 are issued, most of them in time. The last days are open.
_APPLICATIONS: LiteralString = """
insert into application (id, reference, locus, service, variant, conversation_id, citizen_id, state, draft_sealed, agency, agency_ref,
  promised_on, submitted_at, created_at, updated_at, step)
select md5('a' || a)::uuid, 'Y-' || a,
  (%(loci)s::text[])[1 + (a %% %(conversations)s) %% cardinality(%(loci)s::text[])], s.slug,
  (array['biasa', 'hilang', 'rusak'])[1 + a %% 3],
  md5('c' || (a %% %(conversations)s))::uuid,
  md5('p' || (a / 2))::uuid, case when t.decided > %(now)s::timestamptz then 'diproses' when a %% 25 = 0 then 'ditolak'
    when a %% 25 < 3 then 'dibatalkan' else 'selesai' end,
  decode(repeat(md5('a' || a), 100), 'hex'), 'dukcapil', 'D-' || a, t.at + interval '7 days', t.at, t.at - interval '25 minutes',
  least(t.decided, %(now)s::timestamptz), '_periksa'
from generate_series(0, %(applications)s - 1) a, lateral (select %(slugs)s::text[] as all_) l,
  lateral (select case when a %% 12 = 0 then 'pengaduan' when a %% 12 = 1 then 'antrean' when a %% 60 = 2 then 'jemput-bola'
    else l.all_[1 + a %% cardinality(l.all_)] end as slug) s,
  lateral (select %(start)s::timestamptz + (a::float8 * 365 / %(applications)s) * interval '1 day' as at) u,
  lateral (select u.at, u.at + (2 + (a * 13) %% 8) * interval '1 day' as decided) t
"""
_DRAFTS: LiteralString = """
insert into application (id, locus, service, conversation_id, state, draft_sealed, agency, created_at, updated_at, step)
select md5('d' || d)::uuid, (%(loci)s::text[])[1 + (d %% %(conversations)s) %% cardinality(%(loci)s::text[])],
  (%(slugs)s::text[])[1 + d %% 8], md5('c' || (d %% %(conversations)s))::uuid,
  case when d %% 4 = 0 then 'dibatalkan' else 'draft' end, decode(repeat(md5('d' || d), 60), 'hex'), 'dukcapil', t.at, t.at,
  (array['pemohon.nama', 'pemohon.nik', 'identitas.swafoto', 'dokumen.kk', '_periksa'])[1 + d %% 5]
from generate_series(0, %(applications)s / 100) d, lateral (select
  %(now)s::timestamptz - (d::float8 * 30 * 100 / %(applications)s) * interval '1 day' as at) t
"""
_EVENTS: LiteralString = """
insert into application_event (case_id, key, state, at)
select a.id, e.state, e.state, least(e.at, %(now)s::timestamptz) from application a, lateral (values ('diajukan', a.submitted_at),
  ('diproses', a.submitted_at + interval '1 day'),
  (case when a.state in ('ditolak', 'dibatalkan') then a.state when a.state = 'selesai' then 'terbit' end, a.updated_at),
  (case when a.state = 'selesai' then 'selesai' end, a.updated_at + interval '1 hour')) as e (state, at)
where a.submitted_at is not null and e.state is not null order by e.at
"""
_CALLS: LiteralString = """
insert into agency_call (case_id, agency, direction, verb, outcome, ms, at)
select a.id, a.agency, 'out', 'submit',
  case when (n * 7 + extract(epoch from a.submitted_at)::bigint) %% 40 = 0 then 'timeout' else 'ok' end,
  80 + (extract(epoch from a.submitted_at)::bigint * n) %% 900, a.submitted_at + n * interval '6 hours'
from application a, generate_series(1, 5) n where a.submitted_at is not null order by a.submitted_at
"""
_CHECKS: LiteralString = """
insert into identity_check (id, conversation_id, citizen_id, outcome, decision, at)
select md5('i' || a.id)::uuid, a.conversation_id, a.citizen_id, o.outcome,
  case when o.outcome = 'officer' then 'accepted' end, a.submitted_at
from application a, lateral (select (array['match', 'match', 'match', 'officer', 'no_match', 'unusable'])[
  1 + extract(epoch from a.submitted_at)::bigint %% 6] as outcome) o where a.submitted_at is not null and a.citizen_id is not null
"""
# Asked after every decision and every talk with a person; two of five answer all nine, and one of fifty is unhappy.
_SURVEYS: LiteralString = """
insert into survey (id, subject, locus, kind, conversation_id, case_id, ticket_id, service, counter, channel, state, due_at, offered_at,
  finished_at, low, low_at, handled_at, handled_by)
select md5('s' || s.subject)::uuid, s.subject, s.locus, s.kind, s.talk, s.case_id, s.ticket_id, s.service,
  case when s.n %% 3 = 0 then 'Loket ' || 1 + s.n %% 8 else '' end, (array['web', 'telegram', 'whatsapp'])[1 + s.n %% 3],
  case when s.n %% 5 < 2 then 'done' else 'offered' end, s.at, s.at, case when s.n %% 5 < 2 then s.at + interval '1 hour' end,
  case when s.n %% 50 = 0 then 'unsur' end, case when s.n %% 50 = 0 then s.at end,
  case when s.n %% 50 = 0 and s.n %% 1000 <> 0 then s.at + interval '1 day' end,
  case when s.n %% 50 = 0 and s.n %% 1000 <> 0 then 'wati' end
from (
  select 'case:' || id as subject, locus, 'case' as kind, conversation_id as talk, id as case_id, null::uuid as ticket_id, service,
    updated_at as at, row_number() over () as n from application where submitted_at is not null and state in ('selesai', 'ditolak')
  union all
  select 'ticket:' || id, locus, 'help', conversation_id, null, id, null, closed_at, row_number() over ()
  from ticket where closed_at is not null
) s
"""
_MARKS: LiteralString = """
insert into survey_answer (survey_id, unsur, mark, at)
select s.id, u, case when s.low is not null and u = 7 then 1 else 2 + (u * 7 + extract(epoch from s.due_at)::bigint) %% 3 end, s.due_at
from survey s, generate_series(1, 9) u where s.state = 'done'
"""
_STRETCH = 20_000
"""Talks made at once."""


def furnish(
    url: str, loci: Sequence[str], slugs: list[str], messages: int, now: datetime, say: Callable[[str], None]
) -> None:
    """Fill the database at ``url`` with the year of an office, or spread over several; the last day is today."""
    talks = max(50, messages // _LINES)
    values = {
        "loci": list(loci),
        "slugs": slugs,
        "talks": talks,
        "conversations": max(25, talks // 2),
        "applications": max(200, messages * 6 // 100),
        "start": now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=364),
        "now": now,
    }
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute("set synchronous_commit = off")
        db.execute(
            "set session_replication_role = replica"
        )  # every row fits by its making: no foreign key is looked up
        db.execute(_CONVERSATIONS, values)
        for begin in range(0, talks, _STRETCH):
            part = {**values, "from": begin, "to": min(begin + _STRETCH, talks) - 1}
            for statement in (_MESSAGES, _INBOX, _OUTBOX):
                db.execute(statement, part)
            say(f"{min(begin + _STRETCH, talks) * _LINES} pesan / messages")
        for statement in (_TICKETS, _CITIZENS, _APPLICATIONS, _DRAFTS, _EVENTS, _CALLS, _CHECKS, _SURVEYS, _MARKS):
            db.execute(statement, values)
        db.execute("vacuum analyze")
    say(f"{values['applications']} permohonan / applications")
