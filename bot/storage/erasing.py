"""What an erasure does in every table (:meth:`bot.storage.tx_erase.EraseTx.erase`), in order, and why the others are left.

Parameters: ``ids`` conversations, ``citizen``, ``goes`` and ``stays`` cases, ``kept`` files, ``now``. A table that stands neither here
nor in :data:`CASCADES` or :data:`LEFT` breaks a test: somebody has to decide about it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One statement; the rows it took count for ``table``."""

    table: str
    sql: str


STEPS: tuple[Step, ...] = (
    Step("outbox", "delete from outbox where conversation_id = any(:ids)"),
    Step("message", "delete from message where conversation_id = any(:ids)"),
    Step("understood", "delete from understood where conversation_id = any(:ids)"),
    # The ids of messages stay: a provider that is asked again must not bring them back. What waits for its turn came later.
    Step(
        "turn_step",
        "delete from turn_step where inbox_id in (select id from inbox where conversation_id = any(:ids) and "
        "state not in ('open', 'leased'))",
    ),
    Step(
        "inbox",
        "update inbox set body_sealed = '', reason = null, state = case when state = 'dead' then 'done' else "
        "state end where conversation_id = any(:ids) and state not in ('open', 'leased') and body_sealed <> "
        "''",
    ),
    Step("exchange", "delete from exchange where conversation_id = any(:ids)"),
    Step("note", "delete from note where conversation_id = any(:ids)"),
    Step("conversation_label", "delete from conversation_label where conversation_id = any(:ids)"),
    Step(
        "outside_due",
        "delete from outside_due where ticket_id in (select id from ticket where conversation_id = any(:ids))",
    ),
    Step(
        "quality_mark",
        "update quality_mark set comment_sealed = null where ticket_id in (select id from ticket where "
        "conversation_id = any(:ids)) and comment_sealed is not null",
    ),
    Step(
        "ticket",
        "update ticket set summary_sealed = null, vulnerable = '' where conversation_id = any(:ids) and "
        "(summary_sealed is not null or vulnerable <> '')",
    ),
    Step(
        "survey",
        "update survey set remark_sealed = null, remark_at = null, conversation_id = null, case_id = null where conversation_id "
        "= any(:ids)",
    ),
    Step("link", "delete from link where conversation_id = any(:ids)"),
    Step("link_code", "delete from link_code where conversation_id = any(:ids)"),
    Step("document_link", "delete from document_link where conversation_id = any(:ids)"),
    Step("capture", "delete from capture where (conversation_id = any(:ids) or citizen_id = :citizen)"),
    Step("channel_trust", "delete from channel_trust where (conversation_id = any(:ids) or citizen_id = :citizen)"),
    Step("face_probe", "delete from face_probe where citizen_id = :citizen"),
    Step("enrolment", "delete from enrolment where citizen_id = :citizen"),
    Step("contact", "delete from contact where citizen_id = :citizen"),
    Step(
        "identity_verdict",
        "update identity_verdict set words_sealed = null where words_sealed is not null and check_id in "
        "(select id from identity_check where (conversation_id = any(:ids) or citizen_id = :citizen))",
    ),
    # Face checks that prove who handed a case in stay with it; all others go.
    Step(
        "identity_check",
        "delete from identity_check where (conversation_id = any(:ids) or citizen_id = :citizen) and (case_id "
        "is null or not case_id = any(:stays))",
    ),
    Step(
        "identity_check",
        "update identity_check set perceptual_hash = null, selfie_blob = null where (conversation_id = "
        "any(:ids) or citizen_id = :citizen) and (perceptual_hash is not null or selfie_blob is not null)",
    ),
    Step("blob", "delete from blob where conversation_id = any(:ids) and not id = any(:kept)"),
    Step("reminder", "delete from reminder where case_id = any(:stays)"),
    Step("application", "delete from application where id = any(:goes)"),
    Step(
        "data_request",
        "update data_request set words_sealed = null where conversation_id = any(:ids) and words_sealed is not null",
    ),
    Step(
        "consent",
        "update consent set withdrawn_at = :now where conversation_id = any(:ids) and withdrawn_at is null",
    ),
)

CASCADES = frozenset(
    {
        "application_event",
        "submission",
        "agency_call",
        "alarm",
        "complaint_word",
        "outbox_part",
        "identity_hold",
        "outside_case",
        "survey_answer",
    }
)
"""They go with a row above, or stay with a case that stays."""

LEFT: dict[str, str] = {
    "conversation": "emptied, and its address goes when nothing has to be told there any more",
    "conversation_alias": "the address' index: goes with it",
    "chat_session": "ends then, too: until then the confirmation can be read",
    "citizen": "deleted, or cut down to name, NIK and birth date where a case stays",
    "data_link": "holds nothing; the page it opens says that all is gone",
    "erasure": "the errand itself",
    "audit": "ids and acts only; the law asks for the trail",
    "attempt": "a blind index and a count, for some hours",
    "handoff_event": "what happened when, without words; figures are counted from it",
    "removal": "numbers of rows",
    "breach": "the register is about the office; entries name nobody",
    "breaker": "agencies only",
    "provider_template": "the office's own texts",
    "canned": "the office's own texts",
    "content_model": "content",
    "content_release": "content",
    "counter_status": "the office's own",
    "figure_day": "counts of days, nobody's",
    "figure_month": "counts of months, nobody's",
    "figure_through": "counts of days, nobody's",
    "talk_day": "how much was said on a day, without words; figures are counted from it",
    "training_run": "masked sentences of many people, the newest few runs",
    "release_approval": "people who work here",
    "staff": "people who work here",
    "staff_role": "people who work here",
    "staff_session": "people who work here",
    "staff_recovery": "people who work here",
    "staff_presence": "people who work here",
}
"""Why nothing is deleted there by :data:`STEPS`."""
