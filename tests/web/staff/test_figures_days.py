"""Whose today the dashboard shows to who sees offices of several time zones."""

from __future__ import annotations

import html
import re
from itertools import count

from tests.figures_office import WIB, WIT, Invented, utc

from .conftest import Browser, Office
from .test_figures import managed, tile

__all__ = ["managed"]


async def test_today_is_each_offices_own_day_where_midnight_lies_between_them(
    managed: Office, browser: Browser
) -> None:
    """23.30 of the 15th in WIB is 01.30 of the 16th in WIT."""
    managed.clock.at = utc("2026-03-15 16:30")
    office = Invented(managed.store, count(1000))
    for locus, at in ((WIB, "15 16:10"), (WIB, "15 01:00"), (WIB, "14 16:59"), (WIT, "15 15:00"), (WIT, "15 14:59")):
        await office.writes(await office.talk(locus, at=f"2026-03-{at}"), f"2026-03-{at}")
    await browser.sign_in("nina")
    page = await browser.get("/staff/figures/today")
    href = re.findall(r'<a href="([^"]+figure=talks[^"]*)"[^>]*>3</a>', page)
    assert href  # two of the 15th in WIB and one of the 16th in WIT
    page = await browser.get("/staff/figures/talks?span=today")
    assert tile(page, "talks")[0] == "3"
    assert re.search(r'<th scope="row">15 Mar/16 Mar</th>', page)
    links = {html.unescape(one) for one in (*href, *re.findall(r'<a href="([^"]+figure=talks_alone[^"]*)"', page))}
    for one in sorted(links):
        await browser.get(one)
        assert len(re.findall(r'<td class="digits">', browser.text)) == 3, one
    page = await browser.get("/staff/figures?span=today")
    for locus, rows in ((WIB, 2), (WIT, 1)):
        (one,) = set(re.findall(rf'<a href="([^"]+figure=talks&amp;office={locus})"', page))
        await browser.get(html.unescape(one))
        assert len(re.findall(r'<td class="digits">', browser.text)) == rows, locus
    for path in ("talks/table?table=trend&as=csv&", "satisfaction?", "list?figure=begun&"):
        await browser.get(f"/staff/figures/{path}span=today")
        assert browser.status == 200, path
