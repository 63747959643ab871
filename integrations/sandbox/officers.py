"""The officers' pages: the queue, a case, and what an officer does with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.ports import Clock
from integrations.sandbox import states
from integrations.sandbox.callbacks import CallbackSender
from integrations.sandbox.case import Case, IllegalMove, StoredFile
from integrations.sandbox.cases import Cases
from integrations.sandbox.pages import Pages, label, see
from integrations.sandbox.standin import StandIn, flatten, workflow_of

MOST_NOTE = 2000


@dataclass(frozen=True)
class Desk:
    """One agency's desk."""

    stand_in: StandIn
    cases: Cases
    sender: CallbackSender


class OfficerPages:
    """``/petugas`` for all agencies."""

    def __init__(self, desks: Mapping[str, Desk], pages: Pages, clock: Clock) -> None:
        self._desks = desks
        self._pages = pages
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """All pages."""
        case = "/petugas/{agency}/{ref}"
        return [
            web.get("/petugas", self.desks),
            web.get("/petugas/{agency}", self.queue),
            web.get(case, self.case),
            web.post(case + "/{action}", self.act),
            web.get(case + "/berkas/{n}", self.file),
            web.get(case + "/dokumen", self.document),
            web.get("/periksa/{token}", self.check),
        ]

    async def desks(self, request: web.Request) -> web.Response:
        """The agencies; with only one, its queue."""
        if len(self._desks) == 1:
            raise see(f"/petugas/{next(iter(self._desks))}")
        return self._pages.show("desks.html", desks=[desk.stand_in for desk in self._desks.values()])

    async def queue(self, request: web.Request) -> web.Response:
        """Cases, oldest first, with a filter on the state."""
        desk = self._desk(request)
        state = request.query.get("state", "")
        everything = desk.cases.queue()
        counts = {name: sum(case.state == name for case in everything) for name in workflow_of(desk.stand_in).labels}
        shown = [case for case in everything if state in ("", case.state)]
        return self._pages.show(
            "queue.html",
            agency=desk.stand_in,
            cases=shown,
            state=state,
            counts=counts,
            total=len(everything),
            state_labels=workflow_of(desk.stand_in).labels,
        )

    async def case(self, request: web.Request) -> web.Response:
        """One case with all data and files."""
        desk = self._desk(request)
        return self._case_page(desk, self._case(desk, request))

    async def act(self, request: web.Request) -> web.Response:
        """A button was pressed."""
        desk = self._desk(request)
        case = self._case(desk, request)
        action = workflow_of(desk.stand_in).actions.get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound
        form = await request.post()
        note = str(form.get("note", "")).strip()[:MOST_NOTE]
        chosen = [str(name) for name in form.getall("fields", [])]
        fault = _fault(action, note, chosen, self._fields(desk, case))
        if fault:
            return self._case_page(desk, case, error=fault, failed=action.name, note=note, chosen=chosen, status=422)
        try:
            if action not in _actions(desk, case):
                raise IllegalMove(case.state)
            document = await self._issue(desk, case) if action.issues else None
            until = desk.stand_in.valid_until(case, self._clock.now()) if document is not None else None
            desk.cases.act(case.ref, action, note or None, chosen, document, until.isoformat() if until else None)
        except IllegalMove:
            fault = "Permohonan ini sudah berubah status. Lihat status terbaru di bawah."
            return self._case_page(desk, self._case(desk, request), error=fault, status=409)
        desk.sender.wake()
        raise see(f"/petugas/{desk.stand_in.id}/{case.ref}")

    async def file(self, request: web.Request) -> web.Response:
        """An attachment."""
        desk = self._desk(request)
        files = desk.cases.files(self._case(desk, request).ref)
        n = request.match_info["n"]
        if not (n.isascii() and n.isdigit() and int(n) < len(files)):
            raise web.HTTPNotFound
        file = files[int(n)]
        return web.Response(body=file.content, content_type=file.type)

    async def document(self, request: web.Request) -> web.Response:
        """The issued document."""
        desk = self._desk(request)
        found = desk.cases.document(self._case(desk, request).ref)
        if found is None:
            raise web.HTTPNotFound
        headers = {"Content-Disposition": f'inline; filename="{found[0]}"'}
        return web.Response(body=found[1], content_type="application/pdf", headers=headers)

    async def check(self, request: web.Request) -> web.Response:
        """Where the QR of a document leads: its state and date, nothing else."""
        for desk in self._desks.values():
            case = desk.cases.by_token(request.match_info["token"])
            if case is not None and case.state == states.TERBIT:
                return self._pages.show("check.html", agency=desk.stand_in, event=desk.cases.history(case.ref)[-1])
        return self._pages.show("check.html", status=404, agency=None, event=None)

    def _desk(self, request: web.Request) -> Desk:
        desk = self._desks.get(request.match_info["agency"])
        if desk is None:
            raise web.HTTPNotFound
        return desk

    def _case(self, desk: Desk, request: web.Request) -> Case:
        case = desk.cases.get(request.match_info["ref"])
        if case is None:
            raise web.HTTPNotFound
        return case

    def _fields(self, desk: Desk, case: Case) -> list[str]:
        files = desk.cases.files(case.ref)
        return list(dict.fromkeys([*_answers(case, files), *(file.field for file in files)]))

    async def _issue(self, desk: Desk, case: Case) -> tuple[str, bytes]:
        return await asyncio.to_thread(desk.stand_in.document, case, self._clock.now())

    def _case_page(self, desk: Desk, case: Case, status: int = 200, **values: Any) -> web.Response:
        files = desk.cases.files(case.ref)
        shown = {"error": "", "failed": "", "note": "", "chosen": [], **values}
        return self._pages.show(
            "case.html",
            status=status,
            agency=desk.stand_in,
            case=case,
            data=_sections(_answers(case, files)),
            files=files,
            remarks=desk.stand_in.remarks(case),
            history=desk.cases.history(case.ref),
            pushes=desk.cases.pushes(case.ref),
            words=desk.cases.words(case.ref),
            state_labels=workflow_of(desk.stand_in).labels,
            actions=_actions(desk, case),
            fields=self._fields(desk, case),
            **shown,
        )


def _actions(desk: Desk, case: Case) -> list[states.Action]:
    return workflow_of(desk.stand_in).actions_in(case.state, case.ending, issued=desk.stand_in.issues(case))


def _answers(case: Case, files: Sequence[StoredFile]) -> dict[str, Any]:
    """The data by field path, without what only names an attachment."""
    papers = {file.field for file in files}
    leaves = flatten(case.data).items()
    return {path: value for path, value in leaves if path not in papers and path.rpartition(".")[0] not in papers}


def _sections(leaves: Mapping[str, Any]) -> dict[str, list[tuple[str, Any]]]:
    """Values under the heading of their group, in the order they came."""
    sections: dict[str, list[tuple[str, Any]]] = {}
    for path, value in leaves.items():
        heading, _, name = label(path).rpartition(": ")
        sections.setdefault(heading or "Permohonan", []).append((name[:1].upper() + name[1:], value))
    return sections


def _fault(action: states.Action, note: str, chosen: list[str], known: list[str]) -> str:
    if action.note_required and not note:
        return "Tulis dulu alasannya, supaya pemohon tahu apa yang harus dilakukan."
    if action.to == states.PERBAIKAN and (not chosen or not set(chosen) <= set(known)):
        return "Pilih dulu bagian yang harus diperbaiki."
    return ""
