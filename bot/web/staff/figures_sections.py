"""The sections of the dashboard, each a list of tiles and tables made of figures. What a number means stands in
:mod:`bot.domain.figures`, how it is counted in :mod:`bot.storage.figures_rows`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.domain.figures import FORMS, WINDOWS, Unit, mean, share
from bot.storage.figures_together import Standing, Summed
from bot.web.staff.figures_view import (
    APPLICATIONS,
    COMPLAINT,
    QUEUE,
    VISIT,
    Cell,
    Chart,
    Column,
    Row,
    Section,
    Table,
    View,
    amount,
    at,
    by,
    split,
    total,
    where,
)

_MOST_STEPS = 25
_OUTCOMES = ("terbit", "ditolak", "dibatalkan", "kedaluwarsa")


async def talks(view: View) -> Section:
    """Conversations: how many, answered by the bot alone, not understood."""
    found = await view.flows("talks", "talks_alone", "talks_person", "messages", "missed", "talks_missed")
    all_, alone = total(found["talks"]), total(found["talks_alone"])
    messages, missed = total(found["messages"]), total(found["missed"])
    tiles = (
        view.counted("talks", all_),
        view.counted("talks_alone", alone, view.number(share(alone, all_), Unit.SHARE)),
        view.counted("messages", messages),
        view.counted("missed", missed, view.number(share(missed, messages), Unit.SHARE)),
        view.counted("talks_missed", total(found["talks_missed"])),
    )
    trend = view.over_time(
        "trend",
        view.say("figures_trend_talks"),
        Column(view.called("talks_alone"), "talks_alone", at(found["talks_alone"])),
        Column(view.called("talks_person"), "talks_person", at(found["talks_person"])),
    )
    names = ("talks", "talks_alone", "talks_person", "messages", "missed")
    channels = by("talks", found["talks"], "channel")
    rows = [
        Row(
            view.desk.deps.channel_name(channel, view.language),
            tuple(
                view.count(name, total(where(name, found[name], channel=channel)), channel=channel) for name in names
            ),
        )
        for channel, _ in channels.most_common()
    ]
    head = (view.say("figures_channel"), *map(view.called, names))
    channel = Table("channel", view.say("figures_by_channel"), head, tuple(rows), names, Chart.BARS)
    return Section("talks", view.say("figures_talks"), tiles, (trend, channel))


async def handoffs(view: View) -> Section:
    """Handed to people, and how long that took."""
    found, now = await view.flows("handoffs", "ratings"), await view.standing("waiting_now")
    median, most = await view.waits()
    asked, waiting = found["handoffs"], now["waiting_now"]
    answered = total(where("handoffs", asked, answer="answered"))
    unanswered = total(where("handoffs", asked, answer="unanswered"))
    oldest = max((row.most for row in waiting), default=None)
    rated = total(found["ratings"])
    tiles = (
        view.counted("handoffs", total(asked)),
        view.tile("handoffs_answered", answered, view.drill("handoffs", answer="answered")),
        view.tile("handoffs_unanswered", unanswered, view.drill("handoffs", answer="unanswered")),
        view.tile("wait_median", median),
        view.tile("wait_p90", most),
        view.counted("waiting_now", total(waiting)),
        view.tile("wait_oldest", oldest, view.drill("waiting_now")),
        view.tile(
            "ratings", mean(amount(found["ratings"]), rated), view.drill("ratings"), view.say("figures_rated", n=rated)
        ),
    )
    trend = view.over_time(
        "trend", view.say("figures_trend_handoffs"), Column(view.called("handoffs"), "handoffs", at(asked))
    )
    rows = []
    for trigger, n in by("handoffs", asked, "trigger").most_common():
        mine = where("handoffs", asked, trigger=trigger)
        cells = [view.count("handoffs", n, trigger=trigger)]
        for answer in ("answered", "unanswered", "open"):
            here = total(where("handoffs", mine, answer=answer))
            cells.append(view.count("handoffs", here, trigger=trigger, answer=answer))
        rows.append(Row(view.word(f"trigger_{trigger}", trigger), tuple(cells)))
    head = (
        view.say("figures_reason"),
        view.called("handoffs"),
        view.called("handoffs_answered"),
        view.called("handoffs_unanswered"),
        view.say("figures_still_open"),
    )
    means = ("handoffs", "handoffs_answered", "handoffs_unanswered")
    reason = Table("reason", view.say("figures_by_reason"), head, tuple(rows), means, Chart.BARS)
    return Section("handoffs", view.say("figures_handoffs"), tiles, (trend, reason))


async def forms(view: View) -> Section:
    """The way through the forms, and where people leave it."""
    steps = ("begun", "identified", "reviewed", "sent")
    found = await view.flows(*steps, "given_up")
    numbers = {step: total(found[step]) for step in steps}
    given_up = found["given_up"]
    tiles = (
        view.counted("begun", numbers["begun"]),
        view.counted("sent", numbers["sent"], view.number(share(numbers["sent"], numbers["begun"]), Unit.SHARE)),
        view.counted("given_up", total(given_up)),
    )
    shares = [
        Row(
            view.called(step),
            (
                view.count(step, numbers[step]),
                Cell(
                    view.number(share(numbers[step], numbers["begun"]), Unit.SHARE),
                    share(numbers[step], numbers["begun"]),
                ),
            ),
        )
        for step in steps
    ]
    funnel = Table(
        "funnel",
        view.say("figures_funnel"),
        (view.say("figures_step"), view.say("figures_number"), view.say("figures_share")),
        tuple(shares),
        steps,
        Chart.BARS,
    )
    services = by("begun", found["begun"], "service") + by("given_up", given_up, "service")
    rows = []
    counts = {step: by(step, found[step], "service") for step in (*steps, "given_up")}
    for slug, _ in services.most_common():
        cells = (view.count(step, counts[step][slug], service=slug) for step in counts)
        rows.append(Row(view.service(slug), tuple(cells)))
    head = (view.say("figures_service"), *map(view.called, (*steps, "given_up")))
    service = Table("service", view.say("figures_by_service"), head, tuple(rows), (*steps, "given_up"), Chart.BARS)
    return Section("forms", view.say("figures_forms"), tiles, (funnel, _left_at(view, given_up), service))


def _left_at(view: View, given_up: list[Summed]) -> Table:
    """The questions at which forms were left, the most frequent first."""
    found: dict[tuple[str, str], int] = {}
    for row in given_up:
        slug, step = row.parts[0], row.parts[1]
        found[slug, step] = found.get((slug, step), 0) + row.n
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    rows = tuple(
        Row(
            f"{view.service(slug)}: {question(view, slug, step)}", (view.count("given_up", n, service=slug, step=step),)
        )
        for (slug, step), n in ordered[:_MOST_STEPS]
    )
    note = view.say("figures_more_steps", n=len(ordered) - _MOST_STEPS) if len(ordered) > _MOST_STEPS else ""
    head = (view.say("figures_question"), view.called("given_up"))
    return Table("left", view.say("figures_left"), head, rows, ("given_up",), Chart.BARS, note=note)


def question(view: View, slug: str, step: str) -> str:
    """What was asked there, short."""
    service = view.desk.deps.service(slug)
    if step.startswith("_") or not step or service is None or service.form is None:
        return view.word(f"figures_at_{step.strip('_')}", step or view.say("figures_step_unknown"))
    head, _, name = step.partition(".")
    section = next((one for one in service.form.sections if one.id == head), None)
    found = next((one for one in section.fields if one.id == name), None) if section is not None else None
    label = found.label if found is not None else section.title if section is not None else {"id": step}
    return label.get(view.language) or label["id"]


async def applications(view: View) -> Section:
    """Applications: by service, state and age; promised dates."""
    found, now = await view.flows("submitted", "decided", "promises"), await view.standing("open_now")
    submitted = [row for row in found["submitted"] if row.parts[0] not in FORMS]
    decided = [row for row in found["decided"] if row.parts[0] not in FORMS]
    promises = [row for row in found["promises"] if row.parts[0] not in FORMS]
    open_ = [row for row in now["open_now"] if row.parts[0] not in FORMS]
    kept, promised = total(where("promises", promises, kept="kept")), total(promises)
    final = where("decided", decided, outcome=("terbit", "ditolak"))
    late = total(where("open_now", open_, promise="late"))
    note = view.say("figures_of", n=view.number(kept), of=view.number(promised))
    tiles = (
        view.tile("submitted", total(submitted), view.drill("submitted", **APPLICATIONS)),
        view.tile("decided", total(decided), view.drill("decided", **APPLICATIONS)),
        view.tile("decision_days", mean(amount(final), total(final)), view.drill("decided", **APPLICATIONS)),
        view.tile("promises", share(kept, promised), view.drill("promises", **APPLICATIONS), note, Unit.SHARE),
        view.tile("open_now", total(open_), view.drill("open_now", **APPLICATIONS)),
        view.tile("late_now", late, view.drill("open_now", promise="late", **APPLICATIONS)),
    )
    trend = view.over_time(
        "trend",
        view.say("figures_trend_applications"),
        Column(view.called("submitted"), "submitted", at(submitted), APPLICATIONS),
        Column(view.called("decided"), "decided", at(decided), APPLICATIONS),
    )
    service = _services(view, submitted, decided, promises, open_)
    return Section(
        "applications",
        view.say("figures_applications"),
        tiles,
        (trend, service, _states(view, open_), _ages(view, open_)),
    )


def _services(
    view: View, submitted: list[Summed], decided: list[Summed], promises: list[Summed], open_: list[Standing]
) -> Table:
    came, stands = by("submitted", submitted, "service"), by("open_now", open_, "service")
    ended, said = split("decided", decided, "service"), split("promises", promises, "service")
    slugs = came + by("decided", decided, "service") + stands
    rows = []
    for slug, _ in slugs.most_common():
        outcomes = by("decided", ended[slug], "outcome")
        kept = by("promises", said[slug], "kept")
        cells = [view.count("submitted", came[slug], service=slug)]
        cells += [view.count("decided", outcomes[one], service=slug, outcome=one) for one in _OUTCOMES]
        cells += [view.count("promises", kept[one], service=slug, kept=one) for one in ("kept", "missed")]
        cells.append(view.count("open_now", stands[slug], service=slug))
        rows.append(Row(view.service(slug), tuple(cells)))
    head = (
        view.say("figures_service"),
        view.called("submitted"),
        *(view.state(outcome) for outcome in _OUTCOMES),
        view.say("figures_kept"),
        view.say("figures_missed"),
        view.called("open_now"),
    )
    means = ("submitted", "decided", "promises", "open_now")
    return Table("service", view.say("figures_by_service"), head, tuple(rows), means, Chart.BARS)


def _states(view: View, open_: list[Standing]) -> Table:
    rows = tuple(
        Row(view.state(state), (view.count("open_now", n, state=state, **APPLICATIONS),))
        for state, n in by("open_now", open_, "state").most_common()
    )
    head = (view.say("figures_state"), view.called("open_now"))
    return Table("state", view.say("figures_open_by_state"), head, rows, ("open_now",), Chart.BARS)


def _ages(view: View, open_: list[Standing]) -> Table:
    stands = ("fine", "soon", "late", "paused", "none")
    rows = []
    for age in (*map(str, WINDOWS), "older"):
        mine = where("open_now", open_, age=age)
        cells = [view.count("open_now", total(mine), age=age, **APPLICATIONS)]
        cells += [
            view.count("open_now", total(where("open_now", mine, promise=one)), age=age, promise=one, **APPLICATIONS)
            for one in stands
        ]
        rows.append(Row(view.say(f"figures_age_{age}"), tuple(cells)))
    head = (view.say("figures_age"), view.called("open_now"), *(view.say(f"figures_promise_{one}") for one in stands))
    return Table("age", view.say("figures_open_by_age"), head, tuple(rows), ("open_now", "late_now"), Chart.BARS)


async def complaints(view: View) -> Section:
    """Complaints and their deadlines."""
    found, now = await view.flows("submitted", "promises"), await view.standing("open_now")
    came = where("submitted", found["submitted"], service=COMPLAINT)
    answered = where("promises", found["promises"], service=COMPLAINT)
    open_ = where("open_now", now["open_now"], service=COMPLAINT)
    kept = total(where("promises", answered, kept="kept"))
    note = view.say("figures_of", n=view.number(kept), of=view.number(total(answered)))
    late = total(where("open_now", open_, promise="late"))
    tiles = (
        view.tile("complaints", total(came), view.drill("submitted", service=COMPLAINT)),
        view.tile(
            "complaint_promises",
            share(kept, total(answered)),
            view.drill("promises", service=COMPLAINT),
            note,
            Unit.SHARE,
        ),
        view.tile("complaints_open", total(open_), view.drill("open_now", service=COMPLAINT)),
        view.tile("late_now", late, view.drill("open_now", service=COMPLAINT, promise="late")),
    )
    trend = view.over_time(
        "trend",
        view.say("figures_trend_complaints"),
        Column(view.called("complaints"), "submitted", at(came), {"service": COMPLAINT}),
    )
    kinds = tuple(
        Row(view.variant(COMPLAINT, kind), (view.count("submitted", n, service=COMPLAINT, variant=kind),))
        for kind, n in by("submitted", came, "variant").most_common()
    )
    stands = tuple(
        Row(
            view.say(f"figures_promise_{one}"),
            (view.count("open_now", total(where("open_now", open_, promise=one)), service=COMPLAINT, promise=one),),
        )
        for one in ("late", "soon", "fine", "paused", "none")
    )
    kind = Table(
        "kind",
        view.say("figures_by_kind"),
        (view.say("figures_kind"), view.called("complaints")),
        kinds,
        ("complaints",),
        Chart.BARS,
    )
    deadline = Table(
        "deadline",
        view.say("figures_by_deadline"),
        (view.say("figures_deadline"), view.called("complaints_open")),
        stands,
        ("complaints_open",),
        Chart.BARS,
    )
    return Section("complaints", view.say("figures_complaints"), tiles, (trend, kind, deadline))


async def queue(view: View) -> Section:
    """Queue numbers and visits at home."""
    found, now = await view.flows("submitted", "decided"), await view.standing("open_now")
    taken = where("submitted", found["submitted"], service=QUEUE)
    visits = where("submitted", found["submitted"], service=VISIT)
    back = total(where("decided", found["decided"], service=QUEUE, outcome="dibatalkan"))
    open_ = total(where("open_now", now["open_now"], service=VISIT))
    tiles = (
        view.tile(
            "queue",
            total(taken),
            view.drill("submitted", service=QUEUE),
            view.say("figures_given_back", n=view.number(back)),
        ),
        view.tile(
            "visits",
            total(visits),
            view.drill("submitted", service=VISIT),
            view.say("figures_visits_open", n=view.number(open_)),
        ),
    )
    trend = view.over_time(
        "trend",
        view.say("figures_trend_queue"),
        Column(view.called("queue"), "submitted", at(taken), {"service": QUEUE}),
        Column(view.called("visits"), "submitted", at(visits), {"service": VISIT}),
    )
    rows = tuple(
        Row(view.variant(VISIT, kind), (view.count("submitted", n, service=VISIT, variant=kind),))
        for kind, n in by("submitted", visits, "variant").most_common()
    )
    head = (view.say("figures_kind"), view.called("visits"))
    kinds = Table("kind", view.say("figures_visits_by_kind"), head, rows, ("visits",), Chart.BARS)
    return Section("queue", view.say("figures_queue"), tiles, (trend, kinds))


Builder = Callable[[View], Awaitable[Section]]
PEOPLE: Mapping[str, Builder] = {
    "talks": talks,
    "handoffs": handoffs,
    "forms": forms,
    "applications": applications,
    "complaints": complaints,
    "queue": queue,
}
