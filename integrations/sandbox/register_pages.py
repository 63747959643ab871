"""The register: invented citizens, and a tester's own face as one more of them."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from aiohttp import web

from bot.ports import Clock
from integrations.sandbox import nik as niks
from integrations.sandbox import pictures
from integrations.sandbox.citizens import citizens, demo_citizens
from integrations.sandbox.pages import Pages, see
from integrations.sandbox.register import Register

MOST_PICTURES = 3


@dataclass(frozen=True)
class Wish:
    """The enrolment form as it was typed."""

    name: str = ""
    birth_date: str = ""
    sex: str = ""
    nik: str = ""


class RegisterPages:
    """``/register``, and the demo citizens as JSON for Loket's home page."""

    def __init__(self, register: Register, pages: Pages, folder: Path, base_url: str, clock: Clock) -> None:
        self._register = register
        self._pages = pages
        self._folder = folder
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._random = random.Random()  # noqa: S311 (no secret: how a stand-in picture differs)
        self._names = frozenset().union(*(person.pictures for person in citizens()))

    def routes(self) -> list[web.RouteDef]:
        """All pages and calls."""
        return [
            web.get("/register", self.show),
            web.post("/register", self.enrol),
            web.post("/register/{nik}/hapus", self.delete),
            web.get("/register/{nik}/foto/{n}", self.face),
            web.get("/demo/citizens", self.demo),
            web.get("/demo/pictures/{name}", self.picture),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Everybody, and the form."""
        return self._page(Wish(), [], enrolled=request.query.get("baru", ""))

    async def enrol(self, request: web.Request) -> web.Response:
        """Add a citizen: 303 back to the page, or 422 with every fault at once."""
        form = await request.post()
        texts = {name: str(form.get(name, "")).strip() for name in ("name", "birth_date", "sex", "nik")}
        wish = Wish(**texts)
        uploads = [f.file.read() for f in form.getall("pictures", []) if isinstance(f, web.FileField) and f.filename]
        faults, born = self._faults(wish)
        faces: list[bytes] = []
        if len(uploads) > MOST_PICTURES:
            faults.append(f"Paling banyak {MOST_PICTURES} foto.")
        elif not uploads:
            faults.append("Pilih foto wajah, atau ambil dengan kamera.")
        else:
            try:
                faces = [await asyncio.to_thread(pictures.clean, data) for data in uploads]
            except pictures.BadPicture as error:
                faults.append(str(error))
        if faults or born is None:
            return self._page(wish, faults, status=422)
        try:
            nik = self._register.enrol(wish.name, born, wish.sex, wish.nik, faces)
        except ValueError as error:
            return self._page(wish, [str(error)], status=422)
        raise see(f"/register?baru={nik}#warga")

    async def delete(self, request: web.Request) -> web.Response:
        """Delete an enrolled citizen with the pictures."""
        if not self._register.delete(request.match_info["nik"]):
            raise web.HTTPNotFound
        raise see("/register#warga")

    async def face(self, request: web.Request) -> web.Response:
        """An enrolled picture."""
        faces = self._register.faces(request.match_info["nik"])
        n = request.match_info["n"]
        if not (n.isascii() and n.isdigit() and int(n) < len(faces)):
            raise web.HTTPNotFound
        return web.Response(body=faces[int(n)], content_type="image/jpeg")

    async def demo(self, request: web.Request) -> web.Response:
        """The invented citizens of ``citizens.yml`` (never the tester's own), for Loket's home page."""
        body = {"citizens": demo_citizens(self._folder), "pictures_url": f"{self._base_url}/demo/pictures/"}
        return web.json_response(body, headers={"Access-Control-Allow-Origin": "*"})

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """A stand-in picture, to be uploaded as a selfie; each time a little different, as a selfie is."""
        name = request.match_info["name"]
        path = self._folder / name
        # The name comes from our own file, never from the request alone.
        if name not in self._names or not path.is_file():
            raise web.HTTPNotFound
        headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
        data = await asyncio.to_thread(path.read_bytes)
        try:
            data = await asyncio.to_thread(pictures.taken_anew, data, self._random)
        except OSError as error:  # half a file: it is still being fetched
            raise web.HTTPNotFound from error
        return web.Response(body=data, content_type="image/jpeg", headers={**headers, "Cache-Control": "no-store"})

    def _faults(self, wish: Wish) -> tuple[list[str], date | None]:
        faults = []
        if not wish.name or len(wish.name) > 60 or any(c.isdigit() for c in wish.name):
            faults.append("Isi nama tanpa angka, paling panjang 60 huruf. Boleh nama karangan.")
        if wish.sex not in ("L", "P"):
            faults.append("Pilih laki-laki atau perempuan.")
        try:
            born = date.fromisoformat(wish.birth_date)
        except ValueError:
            return [*faults, "Isi tanggal lahir."], None
        if not date(1900, 1, 1) <= born <= self._clock.now().date():
            faults.append("Tanggal lahir harus antara tahun 1900 dan hari ini.")
        elif wish.nik and wish.sex in ("L", "P") and (fault := niks.problem(wish.nik, born, wish.sex)):
            faults.append(fault)
        return faults, born

    def _page(self, wish: Wish, faults: list[str], status: int = 200, enrolled: str = "") -> web.Response:
        stories = {person.nik: person.story for person in citizens()}
        return self._pages.show(
            "register.html",
            status=status,
            people=self._register.people(),
            stories=stories,
            wish=wish,
            faults=faults,
            enrolled=enrolled,
            district=niks.DISTRICT,
            most_pictures=MOST_PICTURES,
        )
