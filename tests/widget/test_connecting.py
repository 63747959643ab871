"""A link from another channel brings a *kode sambung* along."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.widget.conftest import Open
from tests.widget.stub import Stub
from tests.widget.test_sending import sent_texts, write


async def test_the_code_in_the_address_is_said_once_and_taken_out_of_it(open_page: Open, stub: Stub) -> None:
    page = await open_page("/?sambung=K7F39QXM&x=1#obrolan")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert sent_texts(stub) == ["sambung K7F39QXM"]
    assert page.url == f"{stub.url}/?x=1#obrolan"
    await page.reload()
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    assert sent_texts(stub) == ["sambung K7F39QXM", "halo"]


@pytest.mark.parametrize("forged", ["", "%3Cscript%3E", "K7F39QXMK7F39QXM", "batal"])
async def test_anything_else_in_its_place_is_not_said(open_page: Open, stub: Stub, forged: str) -> None:
    page = await open_page(f"/?sambung={forged}")
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert sent_texts(stub) == ["halo"] and "sambung" not in page.url
