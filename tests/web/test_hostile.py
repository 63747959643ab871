"""Requests that no browser sends: odd bytes, odd lengths, odd methods, enormous things. Each is answered, and never with a 5xx."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.web.public.limits import BODY
from tests.usecases.conftest import World
from tests.web.listener import PERSONAL, Listener, whole_listener

CHAT, LINK, FORM = "/chat/v1/messages", "/data-saya/{data-saya}", "application/x-www-form-urlencoded"
BIG = 10 * 1024 * 1024


@pytest.fixture
async def listener(world: World, database_url: str, tmp_path: Path) -> AsyncIterator[Listener]:
    async with whole_listener(world, database_url, tmp_path / "spool") as made:
        yield made


async def sent(listener: Listener, head: bytes, body: bytes = b"", *, most: float = 20) -> tuple[int, bytes]:
    """What a raw request is answered with: the last answer on the connection (0: none), and everything that was read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(listener.url.rpartition(":")[2]))
    try:
        writer.write(head + body)
        try:
            await writer.drain()
        except ConnectionError:
            pass  # refused before it was all there
        answer = b""
        async with asyncio.timeout(most):
            try:
                while data := await reader.read(65536):
                    answer += data
            except ConnectionError:
                pass
    finally:
        writer.close()
    states = [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.")]
    return (states[-1] if states else 0), answer


def request(method: str, path: str, *headers: str, length: int | None = None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def chunked(pieces: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


JSONS: dict[str, tuple[bytes, set[int]]] = {
    "nothing": (b"", {400}),
    "half a character": (rb'{"client_id": "\ud800", "text": "\udfff"}', {422}),
    "half a character in a text": (rb'{"client_id": "h", "text": "a\ud800b\u0000c"}', {202}),
    "half a character in a button": (rb'{"client_id": "b", "payload": "niat:greet", "title": "\ud800\u0000"}', {202}),
    "a payload of bytes": (rb'{"client_id": "p", "payload": "\u0000\ud800"}', {422}),
    "no UTF-8": (b'{"client_id": "\xff\xfe", "text": "\x80"}', {400}),
    "UTF-16": ('{"client_id": "u", "text": "halo"}'.encode("utf-16"), {202, 422}),
    "very deep": (b"[" * 60_000, {400}),
    "deep and closed": (b'{"client_id": ' + b"[" * 40_000 + b"]" * 40_000 + b"}", {400}),
    "a number of many digits": (b'{"client_id": ' + b"9" * 100_000 + b"}", {400}),
    "no number": (b'{"client_id": NaN, "text": Infinity}', {422}),
    "keys twice": (b'{"client_id": "a", "client_id": 7, "text": "x"}', {422}),
    "a list": (b"[1, 2]", {400}),
    "long": (json.dumps({"client_id": "l", "text": "x" * 20_001}).encode(), {413}),
    "too long": (b"x" * (BODY + 1), {413}),
}


async def test_no_json_breaks_anything(listener: Listener) -> None:
    paths = (CHAT, "/chat/v1/sessions", "/kios/qr", "/webhooks/fake/one", "/desks/chatwoot")
    for path, (name, (body, expected)) in itertools.product(paths, JSONS.items()):
        for kind in ("application/json", "text/plain; charset=nonsense", "application/json; charset=utf-7"):
            signed = ("X-Fake-Signature: right", f"Authorization: Bearer {listener.token}", f"Content-Type: {kind}")
            status, answer = await sent(listener, request("POST", path, *signed, length=len(body)), body)
            assert 200 <= status < 500, (name, kind, answer[:300])
            if path == CHAT and kind == "application/json":
                assert status in expected, (name, answer[:300])


async def test_no_address_breaks_anything(listener: Listener) -> None:
    odd = ["%00", "%ff%fe", "%c0%af", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/x", "%25%30%30", "a%2fb", "%ed%a0%80", "x" * 4000,
           "%0d%0aSet-Cookie:x=1", "😀", "%", "%zz", "//x", "*", "?a=%00", "?bahasa=%00&bahasa=en", "?nomor=%ff%00", "?nomor=" + "9" * 5000,
           "?after=" + "9" * 400, "?after=-1&after=%00", "?bahasa=id&bahasa[]=en"]  # fmt: skip
    bearer = f"Authorization: Bearer {listener.token}"
    for start in (
        "/",
        "/cek/",
        "/cek",
        "/antrean/",
        "/dokumen/",
        "/media/",
        "/static/",
        "/chat/v1/attachments/",
        CHAT,
        "/kios",
    ):
        for end in odd:
            status, answer = await sent(listener, request("GET", start + end, bearer))
            assert 200 <= status < 500, (start, end[:40], answer[:300])
            assert b"Set-Cookie:x=1" not in answer.split(b"\r\n\r\n")[0], (start, end)
            assert b"root:" not in answer and not [word for word in PERSONAL if word.encode() in answer]


async def test_no_form_breaks_anything(listener: Listener) -> None:
    link = LINK.format(**listener.links)
    bodies = [b"kode=%00", b"kode=%ff%fe", b"kode=\xff\x00", b"kode=" + b"9" * 5000, b"kode=1&kode=2&kode=", b"=&&&=%", b"keberatan=%00a",
              b"keberatan=%ed%a0%80", b"bentuk=pdf%00", b"yakin=1%00", b"&" * 20_000, b"lahir=" + "٣٠٠٠-١٣-٩٩".encode()]  # fmt: skip
    for path in (
        "/kios/hadir",
        link,
        *(f"{link}/{end}" for end in ("unduh", "keberatan", "cabut", "hapus")),
        "/dokumen/x",
    ):
        for body in bodies:
            for kind in (FORM, f"{FORM}; charset=nonsense", f"{FORM}; charset=utf-16"):
                status, answer = await sent(
                    listener, request("POST", path, f"Content-Type: {kind}", length=len(body)), body
                )
                assert 200 <= status < 500, (path, body[:40], kind, answer[:300])


async def test_no_upload_breaks_anything(listener: Listener) -> None:
    bearer, path = f"Authorization: Bearer {listener.token}", "/chat/v1/attachments"

    def part(head: str, data: bytes = b"x") -> bytes:
        return b"--b\r\n" + head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + data + b"\r\n"

    one, end = part('Content-Disposition: form-data; name="client_id"', b"u1"), b"--b--\r\n"
    file = 'Content-Disposition: form-data; name="file"; filename="{}"'
    odd = {
        "no boundary": ("multipart/form-data", b"x", {400}),
        "another boundary": ("multipart/form-data; boundary=c", one + end, {400}),
        "a very long boundary": (f"multipart/form-data; boundary={'x' * 500}", one + end, {400}),
        "not ended": ("multipart/form-data; boundary=b", one + b"--b\r\nContent-Disp", {400}),
        "no name": ("multipart/form-data; boundary=b", one + part("Content-Type: text/plain") + end, {400}),
        "nested": ("multipart/form-data; boundary=b", one + part("Content-Type: multipart/mixed; boundary=d") + end, {400}),
        "odd header": ("multipart/form-data; boundary=b", one + part("\x00\x01: \x7f") + end, {400}),
        "two files": ("multipart/form-data; boundary=b", one + part(file.format("a")) + part(file.format("b")) + end, {400}),
        "odd name": ("multipart/form-data; boundary=b", one + part(file.format("\x00\udcff/../x"), b"%PDF") + end, {400, 415, 422}),
        "odd charset": ("multipart/form-data; boundary=b", part('Content-Disposition: form-data; name="client_id"\r\nContent-Type: '
                        "text/plain; charset=nonsense") + end, {400, 422}),
        "odd encoding": ("multipart/form-data; boundary=b", one + part(file.format("a") + "\r\nContent-Encoding: nonsense") + end,
                         {400, 415, 422}),
        "an id of bytes": ("multipart/form-data; boundary=b", part('Content-Disposition: form-data; name="client_id"', b"\xff\x00")
                           + part(file.format("a"), b"%PDF") + end, {400, 422}),
        "a long id": ("multipart/form-data; boundary=b", part('Content-Disposition: form-data; name="client_id"', b"x" * 400_000)
                      + end, {413}),
    }  # fmt: skip
    for name, (kind, body, expected) in odd.items():
        status, answer = await sent(
            listener, request("POST", path, bearer, f"Content-Type: {kind}", length=len(body)), body
        )
        assert status in expected, (name, status, answer[:400])


async def test_ten_megabytes_are_refused_with_a_sentence_whether_the_length_is_told_or_not(listener: Listener) -> None:
    for path in (
        CHAT,
        "/chat/v1/attachments",
        "/kios/hadir",
        "/callbacks/dukcapil",
        "/webhooks/fake/one",
        "/swafoto/x/frames",
    ):
        await refuses_ten_megabytes(listener, path)


async def refuses_ten_megabytes(listener: Listener, path: str) -> None:
    headers = [
        f"Authorization: Bearer {listener.token}",
        "X-Fake-Signature: right",
        "X-Seq: 1",
        "X-Step: 1",
        "X-Signature: x",
    ]
    kind = {"/kios/hadir": FORM, "/chat/v1/attachments": "multipart/form-data; boundary=b"}.get(
        path, "application/json"
    )
    start = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' if "attach" in path else b""
    body = start + b"x" * BIG
    status, answer = await sent(
        listener, request("POST", path, *headers, f"Content-Type: {kind}", length=len(body)), body
    )
    assert status == 413 and (b"terlalu besar" in answer or path.startswith("/webhooks"))
    pieces = chunked([start or b"x", *[b"x" * 65536] * (BIG // 65536)])
    status, answer = await sent(
        listener, request("POST", path, *headers, f"Content-Type: {kind}", "Transfer-Encoding: chunked"), pieces
    )
    assert status == 413, answer[:300]


async def test_lying_lengths_long_headers_and_unknown_methods_are_answered_or_closed(listener: Listener) -> None:
    form = f"Content-Type: {FORM}"
    for head, body, expected in (
        (request("POST", "/kios/hadir", form, "Content-Length: -5"), b"kode=1", {400}),
        (request("POST", "/kios/hadir", form, "Content-Length: 99999999999999999999"), b"kode=1", {400, 413}),
        (request("POST", "/kios/hadir", form, "Content-Length: 6", "Content-Length: 7"), b"kode=1", {400}),
        (request("POST", "/kios/hadir", form, "Transfer-Encoding: chunked", "Content-Length: 6"), b"kode=1", {400}),
        (request("POST", "/kios/hadir", form, "Transfer-Encoding: chunked"), b"zz\r\nkode\r\n0\r\n\r\n", {400}),
        (request("POST", "/kios/hadir", form, "Content-Encoding: gzip", length=6), b"kode=1", {400}),
        (request("POST", "/kios/hadir", form, "Content-Encoding: nonsense", length=6), b"kode=1", {404, 400}),
        (request("GET", "/kios", "X-Long: " + "x" * 20_000), b"", {400}),
        (request("GET", "/kios", *(f"X-{n}: x" for n in range(200))), b"", {400}),
        (request("GET", "/kios", "Authorization: Bearer \udcff\udcfe", "Cookie: data_saya=\udcff"), b"", {200, 400}),
        (request("GET", CHAT, "Authorization: Bearer \udcff\udcfe"), b"", {401}),
        (request("GET", "/kios", "Accept-Language: \udcff,;q=x", "Accept: \udcff"), b"", {200}),
        (request("GET", "/kios", "X-Forwarded-For: \udcff, , ,", "Origin: \udcff"), b"", {200}),
        (request("GET", CHAT, "Origin: null\udcff"), b"", {403}),
        (b"GET /kios HTTP/9.9\r\n\r\n", b"", {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\r\n\r\n", {400}),
    ):
        status, answer = await sent(listener, head, body)
        assert status in expected, (head[:120], answer[:300])
        assert b"Traceback" not in answer
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW", "CONNECT"):
        for path in (
            "/",
            "/cek",
            "/cek/x",
            CHAT,
            "/kios/hadir",
            "/healthz/live",
            "/static/site.css",
            "/webhooks/fake/one",
            "/staff",
        ):
            status, answer = await sent(listener, request(method, path))
            assert 200 <= status < 500, (method, path, answer[:300])


async def test_a_stream_takes_every_place_to_begin_at(listener: Listener) -> None:
    bearer = f"Authorization: Bearer {listener.token}"
    places = {"": 200, "0": 200, "-7": 200, "9" * 400: 200, "x": 422, "\udcff": 422, "1e9": 422, "%00": 422}
    reading: list[Any] = []
    for place, expected in places.items():
        reader, writer = await asyncio.open_connection("127.0.0.1", int(listener.url.rpartition(":")[2]))
        writer.write(request("GET", "/chat/v1/events", bearer, f"Last-Event-ID: {place}"))
        line = await asyncio.wait_for(reader.readline(), 10)
        assert int(line.split()[1]) == expected, (place[:20], line)
        reading.append(writer)
    for writer in reading:
        writer.close()
