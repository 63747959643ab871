"""By which name and over which protocol the public listener is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from bot.settings import Settings
from bot.web.public.door import HttpsOnly, doorkeeper

CITIZENS, STAFF = "loket.example.go.id", "petugas.example.go.id"


@web.middleware
async def said(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        answer: web.StreamResponse = await handler(request)
    except HttpsOnly as error:
        return web.json_response({"code": error.code}, status=error.status)
    return answer


async def listener(**env: str) -> TestClient[web.Request, web.Application]:
    """Every path answers 200, behind the very door of the public listener, and mounted pages below ``/staff``."""

    async def found(request: web.Request) -> web.Response:
        return web.Response(text=request.path)

    app = web.Application(middlewares=[said, doorkeeper(Settings.from_env(env))])
    staff = web.Application()
    staff.router.add_route("*", "/{rest:.*}", found)
    app.add_subapp("/staff", staff)
    app.router.add_route("*", "/{rest:.*}", found)
    client = TestClient(TestServer(app))
    await client.start_server()
    return client


async def status(client: Any, host: str, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    answer = await client.request(method, path, headers={"Host": host, **headers}, allow_redirects=False)
    return answer.status, answer.headers.get("Location", "")


async def test_staff_pages_answer_on_their_own_name_only_and_all_else_only_elsewhere() -> None:
    client = await listener(LOKET_PUBLIC_URL=f"https://{CITIZENS}", LOKET_STAFF_URL=f"https://{STAFF}")
    try:
        for path in ("/staff/", "/staff/sign-in", "/staff/assets/staff.css"):
            assert (await status(client, STAFF, path))[0] == 200, path
            assert (await status(client, CITIZENS, path))[0] == 404, path
        for path in ("/cek", "/chat/v1/sessions", "/static/widget.js", "/staffs", "/kios"):
            assert (await status(client, CITIZENS, path))[0] == 200, path
            assert (await status(client, STAFF, path))[0] == 404, path
        assert (await status(client, STAFF.upper(), "/staff/"))[0] == 200
        assert await status(client, STAFF, "/") == (302, "/staff/")
        assert (await status(client, STAFF, "/healthz/live"))[0] == (await status(client, "10.0.0.7", "/healthz"))[0]
    finally:
        await client.close()


async def test_without_a_name_of_their_own_staff_pages_are_where_everything_is() -> None:
    client = await listener(LOKET_PUBLIC_URL=f"https://{CITIZENS}")
    try:
        for host in (CITIZENS, "127.0.0.1"):
            assert (await status(client, host, "/staff/sign-in"))[0] == (await status(client, host, "/cek"))[0] == 200
    finally:
        await client.close()


HTTP = {"X-Forwarded-Proto": "http"}


@pytest.mark.parametrize("path", ["/", "/cek/33.28-1?x=1%262", "/staff/sign-in", "/data-saya/abc", "/kios"])
async def test_who_opens_a_page_over_http_is_led_to_https(path: str) -> None:
    client = await listener(LOKET_PUBLIC_URL=f"https://{CITIZENS}", LOKET_PROXIES="1")
    try:
        # The address comes from the settings, whatever the Host header says.
        assert await status(client, "evil.example", path, **HTTP) == (308, f"https://{CITIZENS}{path}")
        assert (await status(client, CITIZENS, path, **{"X-Forwarded-Proto": "https"}))[0] == 200
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("method", "path", "accept"),
    [
        ("POST", "/chat/v1/sessions", "application/json"),
        ("GET", "/chat/v1/messages", "text/html"),
        ("POST", "/webhooks/telegram/x", "*/*"),
        ("POST", "/callbacks/dukcapil", "*/*"),
        ("GET", "/media/abc", "*/*"),
        ("POST", "/staff/sign-in", "text/html"),
        ("GET", "/staff/console/events", "text/event-stream"),
        ("GET", "/openapi.yaml", "text/html"),
    ],
)
async def test_a_program_over_http_is_refused_and_led_nowhere(method: str, path: str, accept: str) -> None:
    client = await listener(LOKET_PUBLIC_URL=f"https://{CITIZENS}", LOKET_PROXIES="1")
    try:
        assert await status(client, CITIZENS, path, method, Accept=accept, **HTTP) == (403, "")
        assert (await status(client, CITIZENS, path, method, Accept=accept, **{"X-Forwarded-Proto": "https"}))[0] == 200
    finally:
        await client.close()


async def test_what_a_client_says_of_itself_does_not_count_but_what_our_proxies_say() -> None:
    for public, proxies, proto, expected in (
        (f"https://{CITIZENS}", "2", "https, http, https", 308),  # the first of ours saw http
        (f"https://{CITIZENS}", "1", "http, https", 200),  # the client wrote the first word itself
        (f"https://{CITIZENS}", "0", "http", 200),  # nobody before us may say so
        (f"http://{CITIZENS}", "1", "http", 200),  # there is no https to be led to
        (f"https://{CITIZENS}", "1", "", 200),  # a proxy that says nothing
    ):
        client = await listener(LOKET_PUBLIC_URL=public, LOKET_PROXIES=proxies)
        try:
            headers = {"X-Forwarded-Proto": proto} if proto else {}
            assert (await status(client, CITIZENS, "/cek", **headers))[0] == expected, (public, proxies, proto)
        finally:
            await client.close()


async def test_health_is_asked_for_without_a_proxy_and_answers_whoever_asks() -> None:
    client = await listener(
        LOKET_PUBLIC_URL=f"https://{CITIZENS}", LOKET_PROXIES="1", LOKET_STAFF_URL=f"https://{STAFF}"
    )
    try:
        assert (await status(client, "10.0.0.7:8080", "/healthz/ready", **HTTP))[0] == 200
    finally:
        await client.close()


async def test_where_tls_is_spoken_here_who_comes_in_the_clear_from_elsewhere_is_led_there_too() -> None:
    settings = Settings(public_url=f"https://{CITIZENS}", tls_cert=Path("cert.pem"))
    door = doorkeeper(settings)

    async def found(request: web.Request) -> web.StreamResponse:
        return web.Response()

    async def asked(remote: str, path: str, secure: bool) -> int:
        request = make_mocked_request("GET", path, headers={"Host": CITIZENS}).clone(
            remote=remote, scheme="https" if secure else "http"
        )
        try:
            return (await door(request, found)).status
        except HttpsOnly as error:
            return error.status

    assert await asked("36.66.1.2", "/cek", secure=False) == 308
    assert await asked("36.66.1.2", "/chat/v1/messages", secure=False) == 403
    assert await asked("36.66.1.2", "/chat/v1/messages", secure=True) == 200
    assert await asked("127.0.0.1", "/chat/v1/messages", secure=False) == 200
