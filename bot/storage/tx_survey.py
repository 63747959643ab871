"""Surveys and the counters' status (the port :class:`bot.usecases.store_survey.SurveyTx`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, distinct, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.counter_status import Said
from bot.domain.survey import COUNT, Score, Tally
from bot.storage.tables_survey import counter_status, survey, survey_answer
from bot.storage.tx_base import TxBase
from bot.usecases.store_survey import Remark, Span, Survey, SurveyState

# Asked with every answer about a service.
_COUNTERS: LiteralString = """
select day, item, value, said_by, at from counter_status
where locus = %(locus)s and day between %(since)s and %(until)s order by id
"""
_COLUMNS = tuple(Survey.__dataclass_fields__)
_BY = ("service", "channel", "counter", "locus", "kind")
_WAITING = (SurveyState.DUE, SurveyState.DROPPED)
_MOST_REMARK = 3000
"""Characters kept of what one person wrote about one matter."""


class SurveyTx(TxBase):
    """See :class:`bot.usecases.store_survey.SurveyTx`."""

    async def put_survey(self, new: Survey) -> bool:
        values = {name: getattr(new, name) for name in _COLUMNS}
        put = pg_insert(survey).values(**values)
        again = {"state": new.state, "due_at": func.least(survey.c.due_at, put.excluded.due_at)}
        again |= {name: put.excluded[name] for name in ("offered_at", "channel", "counter")}
        done = await self.run(
            put.on_conflict_do_update(
                index_elements=["subject"], set_=again, where=survey.c.state.in_(_WAITING)
            ).returning(survey.c.id)
        )
        return done.first() is not None

    async def survey(self, survey_id: UUID, lock: bool = False) -> Survey | None:
        query = select(survey).where(survey.c.id == survey_id)
        return await self._found_survey(query.with_for_update() if lock else query)

    async def survey_about(self, subject: str) -> Survey | None:
        return await self._found_survey(select(survey).where(survey.c.subject == subject))

    async def last_survey(self, conversations: Sequence[UUID], since: datetime) -> Survey | None:
        query = select(survey).where(survey.c.conversation_id.in_(conversations), survey.c.offered_at >= since)
        return await self._found_survey(query.order_by(survey.c.offered_at.desc()).limit(1))

    async def _found_survey(self, query: Select[Any]) -> Survey | None:
        row = (await self.run(query)).one_or_none()
        return _survey(row) if row is not None else None

    async def save_survey(self, known: Survey) -> None:
        values = {name: getattr(known, name) for name in _COLUMNS if name != "id"}
        await self.run(update(survey).where(survey.c.id == known.id).values(**values))
        if known.low is not None and known.handled_at is None:
            await self.notify("loket_staff")

    async def due_surveys(self, now: datetime, most: int) -> list[UUID]:
        due = and_(survey.c.state == SurveyState.DUE, survey.c.due_at <= now)
        rows = await self.run(select(survey.c.id).where(due).order_by(survey.c.due_at).limit(most))
        return [row.id for row in rows]

    async def put_mark(self, survey_id: UUID, unsur: int, mark: int | None, now: datetime) -> None:
        put = pg_insert(survey_answer).values(survey_id=survey_id, unsur=unsur, mark=mark, at=now)
        again = {"mark": put.excluded.mark, "at": put.excluded.at}
        await self.run(put.on_conflict_do_update(index_elements=["survey_id", "unsur"], set_=again))

    async def marks(self, survey_id: UUID) -> dict[int, int | None]:
        rows = await self.run(select(survey_answer).where(survey_answer.c.survey_id == survey_id))
        return {row.unsur: row.mark for row in rows}

    async def put_remark(self, survey_id: UUID, text: str, now: datetime) -> None:
        row = (await self.run(select(survey).where(survey.c.id == survey_id).with_for_update())).one()
        words = "\n".join(part for part in (self._remark_words(row), text.strip()) if part)[:_MOST_REMARK]
        sealed = self._keys.seal(words.encode(), _context(survey_id))
        await self.run(update(survey).where(survey.c.id == survey_id).values(remark_sealed=sealed, remark_at=now))

    def _remark_words(self, row: Any) -> str:
        sealed = row.remark_sealed
        return "" if sealed is None else self._keys.open(bytes(sealed), _context(row.id)).decode()

    # -- for the staff pages ------------------------------------------------------------------------------------------

    async def survey_scores(self, span: Span, by: str = "") -> dict[str, Score]:
        key = func.coalesce(survey.c[by], "") if by in _BY else literal("")
        marked = survey.join(survey_answer, survey_answer.c.survey_id == survey.c.id)
        within = and_(*_within(span), survey_answer.c.mark.is_not(None))
        counted = select(key.label("key"), survey_answer.c.unsur, survey_answer.c.mark, func.count().label("n"))
        tallies: dict[str, list[Tally]] = defaultdict(lambda: [Tally()] * COUNT)
        for row in await self.run(
            counted.select_from(marked).where(within).group_by("key", survey_answer.c.unsur, survey_answer.c.mark)
        ):
            tallies[row.key][row.unsur - 1] = tallies[row.key][row.unsur - 1].plus(row.mark, row.n)
        people = select(key.label("key"), func.count(distinct(survey.c.id)).label("n")).select_from(marked)
        asked = {row.key: row.n for row in await self.run(people.where(within).group_by("key"))}
        return {name: Score(tuple(found), asked[name]) for name, found in tallies.items()}

    async def surveys_asked(self, span: Span) -> int:
        return int((await self.run(select(func.count()).select_from(survey).where(*_within(span)))).scalar_one())

    async def remarks(self, span: Span, most: int) -> list[Remark]:
        query = select(survey).where(*_within(span), survey.c.remark_sealed.is_not(None))
        return await self._with_marks(query.order_by(survey.c.remark_at.desc()).limit(most))

    async def low_surveys(self, loci: Collection[str], most: int) -> list[Remark]:
        open_ones = and_(survey.c.locus.in_(loci), survey.c.low.is_not(None), survey.c.handled_at.is_(None))
        return await self._with_marks(select(survey).where(open_ones).order_by(survey.c.low_at).limit(most))

    async def _with_marks(self, query: Select[Any]) -> list[Remark]:
        rows = list(await self.run(query))
        marks: dict[UUID, dict[int, int]] = defaultdict(dict)
        given = and_(survey_answer.c.survey_id.in_([row.id for row in rows]), survey_answer.c.mark.is_not(None))
        for one in await self.run(select(survey_answer).where(given)):
            marks[one.survey_id][one.unsur] = one.mark
        return [
            Remark(_survey(row), self._remark_words(row), row.remark_at or row.low_at, marks[row.id]) for row in rows
        ]

    async def handle_low(self, survey_id: UUID, locus: str, by: str, now: datetime) -> bool:
        mine = and_(survey.c.id == survey_id, survey.c.locus == locus)
        open_ = and_(survey.c.low.is_not(None), survey.c.handled_at.is_(None))
        done = await self.run(update(survey).where(mine, open_).values(handled_at=now, handled_by=by))
        if done.rowcount:
            await self.notify("loket_staff")
        return bool(done.rowcount)

    # -- the counters' status -----------------------------------------------------------------------------------------

    async def put_counter_status(self, locus: str, day: date, said: Said) -> None:
        values = {"item": said.item, "value": said.value, "said_by": said.by, "at": said.at}
        await self.run(insert(counter_status).values(locus=locus, day=day, **values))
        await self.notify("loket_staff")

    async def counter_status(self, locus: str, since: date, until: date) -> list[tuple[date, Said]]:
        rows = await (await self.fast(_COUNTERS, {"locus": locus, "since": since, "until": until})).fetchall()
        return [(row.day, Said(row.item, row.value, row.said_by, row.at)) for row in rows]


def _within(span: Span) -> list[ColumnElement[bool]]:
    found = [survey.c.locus.in_(span.loci), survey.c.due_at >= span.since, survey.c.due_at < span.until]
    if span.service:
        # Licences are one at the counters: "sip" stands for all of them.
        found.append(or_(survey.c.service == span.service, survey.c.service.startswith(f"{span.service}-")))
    if span.channel:
        found.append(survey.c.channel == span.channel)
    if span.counter:
        found.append(survey.c.counter == span.counter)
    if span.kind:
        found.append(survey.c.kind == span.kind)
    return found


def _survey(row: Any) -> Survey:
    return Survey(**{name: getattr(row, name) for name in _COLUMNS})


def _context(survey_id: UUID) -> str:
    return f"survey:{survey_id}"
