"""Which free times are offered for a wish."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.slot_choice import MOST, answer, buttons_of, first_offers
from bot.domain.wished_time import LATER, WishedTime

MONDAY = date(2026, 11, 2)
TIMES = st.builds(
    lambda day, half: datetime.combine(MONDAY + timedelta(days=day), time(8 + half // 2, 30 * (half % 2))),
    st.integers(0, 11),
    st.integers(0, 11),
)
FREE = st.lists(TIMES, unique=True, max_size=60).map(sorted)
WISHES = st.one_of(
    TIMES.map(lambda at: WishedTime(at=at)),
    st.builds(
        lambda day: WishedTime(days=(day, day + timedelta(days=2))), st.dates(MONDAY, MONDAY + timedelta(days=14))
    ),
    st.just(WishedTime(hours=(time(9), time(11)))),
    st.just(WishedTime(later=True)),
)


@given(FREE, WISHES)
def test_only_free_times_are_taken_or_offered_and_few_at_a_time(free: list[datetime], wish: WishedTime) -> None:
    found = answer(wish, free)
    assert found.taken is None or (found.taken in free and found.taken == wish.at and not found.offers)
    assert set(found.offers) <= set(free) and len(found.offers) <= MOST
    assert list(found.offers) == sorted(set(found.offers))
    # Whoever cannot have what they wished for is told why, or shown others; nothing free is said to be nothing free.
    assert bool(free) == bool(found.taken or found.offers) and (found.why == "none") == (not free)


@given(FREE, WISHES)
def test_what_fits_the_wish_comes_before_everything_else(free: list[datetime], wish: WishedTime) -> None:
    fitting = [one for one in free if wish.fits(one)] if not wish.later else []
    found = answer(wish, free)
    if fitting:
        assert found.taken in fitting or all(one in fitting for one in found.offers)


@given(FREE)
def test_asking_for_others_goes_on_and_begins_anew_at_the_end(free: list[datetime]) -> None:
    offered, seen = buttons_of(first_offers(free)), []
    for _ in range(len(free) + 2):
        seen.append(offered)
        offered = buttons_of(answer(WishedTime(later=True), free, offered).offers)
    firsts = [WishedTime.from_json(page[0]).at for page in seen if page]
    assert len(firsts) == (len(seen) if free else 0)
    if len(first_offers(free)) < len({(one.date(), one.time() >= time(12)) for one in free}):
        assert len(set(firsts)) > 1


def test_a_taken_time_leads_to_the_nearest_ones_of_that_day_in_order() -> None:
    day = [datetime.combine(MONDAY, time(hour)) for hour in (8, 10, 11, 13, 14, 15)]
    found = answer(WishedTime(at=datetime.combine(MONDAY, time(9))), day)
    assert found.why == "full" and found.offers == tuple(day[:5])


def test_the_buttons_end_with_another_time() -> None:
    assert buttons_of(()) == () and buttons_of((datetime(2026, 11, 2, 9),)) == ("2026-11-02T09:00", LATER)
