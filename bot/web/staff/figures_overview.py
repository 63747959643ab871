"""The first page of the dashboard: today's live tile, the period at a glance, and one line per office."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.figures import FORMS, Unit, mean, share
from bot.domain.figures_period import Period, period_of
from bot.storage.figures_sums import Offices
from bot.storage.figures_together import Standing, Summed
from bot.web.staff.figures_view import (
    APPLICATIONS,
    COMPLAINT,
    Cell,
    Chart,
    Column,
    Row,
    Section,
    Table,
    Tile,
    View,
    amount,
    at,
    total,
    where,
)

FLOWS = (
    "talks",
    "talks_alone",
    "messages",
    "missed",
    "handoffs",
    "begun",
    "sent",
    "submitted",
    "decided",
    "promises",
    "agency_calls",
    "delivery",
    "identity",
    "ratings",
)


def days_of(offices: Offices, now: datetime) -> dict[str, date]:
    """What day it is now in the time zones of these offices."""
    return {zone: now.astimezone(ZoneInfo(zone)).date() for zone in offices.values()}


def of_today(offices: Offices, now: datetime) -> Period:
    """Today, which need not be the same day everywhere."""
    days = days_of(offices, now)
    return period_of({"span": "today"}, min(days.values()), days)


async def today(view: View) -> tuple[Tile, ...]:
    """Today so far, and what waits now."""
    own = replace(view, period=of_today(view.offices, view.now), query={**view.query, "span": "today"})
    own = replace(own, query={name: value for name, value in own.query.items() if name not in ("from", "to")})
    found = await own.flows("talks", "missed", "submitted")
    now = await view.standing("waiting_now", "open_now")
    submitted = [row for row in found["submitted"] if row.parts[0] not in FORMS]
    late = [row for row in where("open_now", now["open_now"], promise="late") if row.parts[0] not in FORMS]
    return (
        own.counted("talks", total(found["talks"])),
        own.counted("missed", total(found["missed"])),
        own.tile("submitted", total(submitted), own.drill("submitted", **APPLICATIONS)),
        own.counted("waiting_now", total(now["waiting_now"])),
        own.tile("late_now", total(late), own.drill("open_now", promise="late", **APPLICATIONS)),
    )


async def overview(view: View) -> Section:
    """The period at a glance."""
    found, now = await view.flows(*FLOWS), await view.standing("open_now")
    numbers = {name: total(rows) for name, rows in found.items()}
    submitted = [row for row in found["submitted"] if row.parts[0] not in FORMS]
    promises = [row for row in found["promises"] if row.parts[0] not in FORMS]
    kept = total(where("promises", promises, kept="kept"))
    open_ = [row for row in now["open_now"] if row.parts[0] not in FORMS]
    median, _ = await view.waits()
    tiles = (
        view.counted("talks", numbers["talks"]),
        view.counted("talks_alone", numbers["talks_alone"], _share(view, numbers["talks_alone"], numbers["talks"])),
        view.counted("missed", numbers["missed"], _share(view, numbers["missed"], numbers["messages"])),
        view.counted("handoffs", numbers["handoffs"]),
        view.tile("wait_median", median),
        view.counted("sent", numbers["sent"], _share(view, numbers["sent"], numbers["begun"])),
        view.tile("submitted", total(submitted), view.drill("submitted", **APPLICATIONS)),
        view.tile(
            "promises",
            share(kept, total(promises)),
            view.drill("promises", **APPLICATIONS),
            view.say("figures_of", n=view.number(kept), of=view.number(total(promises))),
            Unit.SHARE,
        ),
        view.tile("open_now", total(open_), view.drill("open_now", **APPLICATIONS)),
        view.tile(
            "complaints",
            total(where("submitted", found["submitted"], service=COMPLAINT)),
            view.drill("submitted", service=COMPLAINT),
        ),
        _failed(view, "agency_failed", found["agency_calls"], worked="failed"),
        _failed(view, "delivery", found["delivery"], fate="failed"),
        view.counted("identity", numbers["identity"]),
        view.tile("ratings", mean(amount(found["ratings"]), numbers["ratings"]), view.drill("ratings")),
    )
    trend = view.over_time(
        "trend",
        view.say("figures_trend"),
        Column(view.called("talks"), "talks", at(found["talks"])),
        Column(view.called("submitted"), "submitted", at(submitted), APPLICATIONS),
    )
    return Section("overview", view.say("figures"), tiles, (trend,))


def _share(view: View, part: int, whole: int) -> str:
    return view.number(share(part, whole), Unit.SHARE)


def _failed(view: View, key: str, rows: list[Summed], **wanted: str) -> Tile:
    """A figure of works with what failed of it."""
    figure = "agency_calls" if key == "agency_failed" else key
    bad = total(where(figure, rows, **wanted))
    if key == "agency_failed":
        return view.tile(key, bad, view.drill(figure, **wanted), _share(view, bad, total(rows)))
    note = view.say("figures_failed", n=view.number(bad), share=_share(view, bad, total(rows)))
    return view.counted(figure, total(rows), note)


async def offices_table(view: View) -> Table:
    """All offices, one line each."""
    found = await view.desk.figures.days.lines(view.offices, view.period, view.now)
    now = _by_office((await view.standing("open_now"))["open_now"])
    rows = []
    for code in view.offices:
        kept = share(found[code, "kept"], found[code, "kept"] + found[code, "missed"])
        alone = share(found[code, "talks_alone"], found[code, "talks"])
        open_ = [row for row in now[code] if row.parts[0] not in FORMS]
        late = where("open_now", open_, promise="late")
        cells = (
            view.count("talks", found[code, "talks"], office=code),
            Cell(view.number(alone, Unit.SHARE), alone),
            view.count("handoffs", found[code, "handoffs"], office=code),
            view.count("submitted", found[code, "submitted"], office=code, **APPLICATIONS),
            Cell(view.number(kept, Unit.SHARE), kept),
            view.count("open_now", total(open_), office=code, **APPLICATIONS),
            view.count("open_now", total(late), office=code, promise="late", **APPLICATIONS),
        )
        rows.append(Row(view.desk.office_name(code, view.language), cells))
    names = ("talks", "talks_alone", "handoffs", "submitted", "promises", "open_now", "late_now")
    head = (view.say("figures_office"), *map(view.called, names))
    return Table("offices", view.say("figures_offices"), head, tuple(rows), names, Chart.BARS)


def _by_office(rows: list[Standing]) -> Mapping[str, list[Standing]]:
    found = defaultdict[str, list[Standing]](list)
    for row in rows:
        found[row.locus].append(row)
    return found
