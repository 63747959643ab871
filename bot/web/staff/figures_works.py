"""The sections about what Loket stands on: agencies, identity, delivery."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.figures import Unit, mean, share
from bot.storage.figures_together import Standing, Summed
from bot.web.staff.figures_sections import PEOPLE, Builder
from bot.web.staff.figures_view import Cell, Chart, Column, Row, Section, Table, View, amount, at, by, total, where

_FATES = ("read", "delivered", "sent", "underway", "failed", "dropped")


async def agencies(view: View) -> Section:
    """How the agencies' systems do, and what waits for them."""
    found, now = await view.flows("agency_calls"), await view.standing("errands_waiting")
    spared = await view.spared()
    calls, waiting = found["agency_calls"], now["errands_waiting"]
    failed = where("agency_calls", calls, worked="failed")
    tiles = (
        view.counted("agency_calls", total(calls)),
        view.tile(
            "agency_failed",
            total(failed),
            view.drill("agency_calls", worked="failed"),
            view.number(share(total(failed), total(calls)), Unit.SHARE),
        ),
        view.tile("agency_ms", mean(amount(calls), total(calls)), view.drill("agency_calls")),
        view.counted("errands_waiting", total(waiting)),
    )
    good = at(where("agency_calls", calls, worked="ok"))
    trend = view.over_time(
        "trend",
        view.say("figures_trend_agencies"),
        Column(view.say("figures_worked"), "agency_calls", good, {"worked": "ok"}),
        Column(view.called("agency_failed"), "agency_calls", at(failed), {"worked": "failed"}),
    )
    names = by("agency_calls", calls, "agency") + by("errands_waiting", waiting, "agency")
    rows = tuple(
        _agency(view, name, calls, waiting, name in spared and spared[name] is not None)
        for name, _ in names.most_common()
    )
    head = (
        view.say("figures_agency"),
        view.called("agency_calls"),
        view.called("agency_failed"),
        view.say("figures_share"),
        view.called("agency_ms"),
        view.called("errands_waiting"),
        view.say("figures_now"),
    )
    means = ("agency_calls", "agency_failed", "agency_ms", "errands_waiting")
    table = Table("agency", view.say("figures_by_agency"), head, rows, means, Chart.BARS)
    return Section("agencies", view.say("figures_agencies"), tiles, (trend, table))


def _agency(view: View, name: str, calls: list[Summed], waiting: list[Standing], spared: bool) -> Row:
    mine = where("agency_calls", calls, agency=name)
    bad = total(where("agency_calls", mine, worked="failed"))
    part, ms = share(bad, total(mine)), mean(amount(mine), total(mine))
    return Row(
        name,
        (
            view.count("agency_calls", total(mine), agency=name),
            view.count("agency_calls", bad, agency=name, worked="failed"),
            Cell(view.number(part, Unit.SHARE), part),
            Cell(view.number(ms, Unit.MILLISECONDS), ms),
            view.count("errands_waiting", by("errands_waiting", waiting, "agency")[name], agency=name),
            Cell(view.say("figures_spared" if spared else "figures_asked")),
        ),
    )


async def identity(view: View) -> Section:
    """Faces compared, by outcome."""
    found = (await view.flows("identity"))["identity"]
    good = total(where("identity", found, outcome=("match", "officer_accepted")))
    all_ = total(found)
    note = view.say("figures_proven", share=view.number(share(good, all_), Unit.SHARE))
    tiles = (view.counted("identity", all_, note),)
    trend = view.over_time(
        "trend", view.say("figures_trend_identity"), Column(view.called("identity"), "identity", at(found))
    )
    rows = []
    for outcome, n in by("identity", found, "outcome").most_common():
        part = share(n, all_)
        cells = (view.count("identity", n, outcome=outcome), Cell(view.number(part, Unit.SHARE), part))
        rows.append(Row(view.word(f"figures_face_{outcome}", outcome), cells))
    head = (view.say("figures_outcome"), view.called("identity"), view.say("figures_share"))
    table = Table("outcome", view.say("figures_by_outcome"), head, tuple(rows), ("identity",), Chart.BARS)
    return Section("identity", view.say("figures_identity"), tiles, (trend, table))


async def delivery(view: View) -> Section:
    """What became of the messages that went out."""
    found = (await view.flows("delivery"))["delivery"]
    bad = where("delivery", found, fate="failed")
    failed = total(bad)
    note = view.say("figures_failed", n=view.number(failed), share=view.number(share(failed, total(found)), Unit.SHARE))
    tiles = (view.counted("delivery", total(found), note),)
    trend = view.over_time(
        "trend",
        view.say("figures_trend_delivery"),
        Column(view.called("delivery"), "delivery", at(found)),
        Column(view.say("figures_fate_failed"), "delivery", at(bad), {"fate": "failed"}),
    )
    rows = []
    for channel, n in by("delivery", found, "channel").most_common():
        mine = where("delivery", found, channel=channel)
        fates = by("delivery", mine, "fate")
        cells = [view.count("delivery", n, channel=channel)]
        cells += [view.count("delivery", fates[fate], channel=channel, fate=fate) for fate in _FATES]
        rows.append(Row(view.desk.deps.channel_name(channel, view.language), tuple(cells)))
    head = (
        view.say("figures_channel"),
        view.called("delivery"),
        *(view.say(f"figures_fate_{fate}") for fate in _FATES),
    )
    table = Table("channel", view.say("figures_by_channel"), head, tuple(rows), ("delivery",), Chart.BARS)
    return Section("delivery", view.say("figures_delivery"), tiles, (trend, table))


SECTIONS: Mapping[str, Builder] = {**PEOPLE, "agencies": agencies, "identity": identity, "delivery": delivery}
"""In the order of the sub-navigation."""
