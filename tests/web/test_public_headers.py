"""Headers of every answer of the public listener, also of those in error."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.settings import Settings
from bot.web.public.headers import secure

PICTURES = "http://127.0.0.1:9"


def listener(https: bool, *, subdomains: bool = False) -> web.Application:
    """Routes of each kind behind the very hook of the public listener."""

    async def found(request: web.Request) -> web.Response:
        kind = "text/html" if request.path == "/" else "application/json"
        return web.Response(text="x", content_type=kind)

    app = web.Application()
    app.router.add_get("/", found)
    app.router.add_get("/static/x.js", found)
    app.router.add_get("/cek/{n}", found)
    app.on_response_prepare.append(secure(PICTURES, https, subdomains=subdomains))
    return app


@pytest.fixture(params=[True, False], ids=["https", "http"])
async def answers(request: pytest.FixtureRequest) -> Any:
    async with TestClient(TestServer(listener(request.param))) as client:
        paths = ("/", "/cek/1", "/static/x.js", "/none")
        got = {path: (await client.get(path)).headers for path in paths}
        yield SimpleNamespace(https=request.param, **{"all": got})


async def test_no_answer_lets_a_browser_guess_frame_or_tell_where_it_came_from(answers: Any) -> None:
    for path, headers in answers.all.items():
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "no-referrer", path
        policy = headers["Content-Security-Policy"]
        assert "base-uri 'none'" in policy and (
            "frame-ancestors 'none'" in policy or "frame-ancestors 'self'" in policy
        )
        assert "object-src 'none'" in policy or "default-src 'none'" in policy, path
        assert "unsafe" not in policy and "*" not in policy.replace(PICTURES, ""), path


async def test_what_is_no_page_may_load_nothing_and_only_static_files_are_kept(answers: Any) -> None:
    assert answers.all["/cek/1"]["Content-Security-Policy"].startswith("default-src 'none'")
    assert answers.all["/cek/1"]["Cache-Control"] == answers.all["/none"]["Cache-Control"] == "no-store"
    assert "max-age" in answers.all["/static/x.js"]["Cache-Control"]
    assert [path for path, headers in answers.all.items() if "Access-Control-Allow-Origin" in headers] == [
        "/static/x.js"
    ]


async def test_over_https_browsers_are_told_to_stay_there_for_a_year(answers: Any) -> None:
    for headers in answers.all.values():
        said = headers.get("Strict-Transport-Security", "")
        assert ("max-age=31536000" in said) is answers.https


async def test_the_word_holds_for_the_names_below_ours_too_where_they_are_ours() -> None:
    for host, ours in (("loket.tegalkab.go.id", True), ("tegalkab.go.id", False), ("example.com", False)):
        settings = Settings(public_url=f"https://{host}")
        assert settings.hsts_subdomains is ours, host
        async with TestClient(TestServer(listener(True, subdomains=settings.hsts_subdomains))) as client:
            for path in ("/", "/none"):
                said = (await client.get(path)).headers["Strict-Transport-Security"]
                assert said == ("max-age=31536000; includeSubDomains" if ours else "max-age=31536000"), host
    assert not Settings.from_env(
        {"LOKET_PUBLIC_URL": "https://loket.tegalkab.go.id", "LOKET_HSTS_SUBDOMAINS": "0"}
    ).hsts_subdomains
