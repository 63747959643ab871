"""Puts the sandbox together: one process, all stand-ins, their pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress

from aiohttp import web

from integrations.sandbox import case_api, phones, standin
from integrations.sandbox.callbacks import CallbackSender
from integrations.sandbox.cases import Cases
from integrations.sandbox.config import SandboxConfig
from integrations.sandbox.fault_pages import FaultPages
from integrations.sandbox.faults import FaultPanel
from integrations.sandbox.officers import Desk, OfficerPages
from integrations.sandbox.pages import HERE, Pages, add_headers, guard, missing
from integrations.sandbox.register import Register
from integrations.sandbox.register_pages import RegisterPages

MOST_REQUEST_BYTES = 100 * 1024 * 1024


def app(config: SandboxConfig, channels: Mapping[str, tuple[str, web.Application]] | None = None) -> web.Application:
    """The sandbox as an aiohttp application; its state is opened here and closed with it.

    ``channels``: id of a channel, its address as people see it, and its stand-in, which is mounted below ``/<id>``.

    :raises bot.errors.RegistryError: a stand-in is half one.
    :raises ValueError: no secret.
    """
    register = Register(config.dir / "register.sqlite", config.pictures)
    shell = standin.Shell(register, config.clock, config.base_url.rstrip("/"), config.dir)
    stand_ins = standin.load(shell, config.agencies)
    if not all(map(config.secret_of, stand_ins)):
        raise ValueError("the sandbox needs the secret it shares with the gateway")
    panel = FaultPanel(list(stand_ins), config.clock)
    desks = {name: _desk(stand_in, panel, config) for name, stand_in in stand_ins.items()}
    pages = Pages(config.home_url)
    application = web.Application(
        middlewares=[
            guard(config.allowed_hosts),
            missing(pages),
            panel.middleware,
            case_api.signed({name: config.secret_of(name) for name in stand_ins}, config.clock),
            case_api.stopping,
        ],
        client_max_size=MOST_REQUEST_BYTES,
    )
    application.on_response_prepare.append(add_headers)
    _add_routes(application, desks, panel, register, pages, config)
    channels = channels or {}
    for id_, (_, stand_in) in channels.items():
        application.add_subapp(f"/{id_}", stand_in)
    application.add_routes(phones.routes(pages, {id_: address for id_, (address, _) in channels.items()}))
    for desk in desks.values():
        application.cleanup_ctx.append(_deliver(desk))
    application.on_cleanup.append(_close(register))
    return application


def _desk(stand_in: standin.StandIn, panel: FaultPanel, config: SandboxConfig) -> Desk:
    workflow = standin.workflow_of(stand_in)
    cases = Cases(config.dir / f"{stand_in.id}.sqlite", config.clock, stand_in.prefix, workflow)
    sender = CallbackSender(
        stand_in.id,
        cases,
        panel,
        config.clock,
        config.secret_of(stand_in.id),
        config.retry_first_s,
        config.retry_most_s,
    )
    attach = getattr(stand_in, "attach", None)
    if attach is not None:
        attach(cases, sender)
    return Desk(stand_in, cases, sender)


def _add_routes(
    application: web.Application,
    desks: dict[str, Desk],
    panel: FaultPanel,
    register: Register,
    pages: Pages,
    config: SandboxConfig,
) -> None:
    async def home(request: web.Request) -> web.Response:
        return pages.show("home.html", desks=[desk.stand_in for desk in desks.values()])

    async def alive(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "agencies": list(desks)})

    async def described(request: web.Request) -> web.FileResponse:
        return web.FileResponse(HERE / "openapi.yaml", headers={"Content-Type": "application/yaml"})

    application.add_routes([web.get("/", home), web.get("/healthz", alive), web.get("/openapi.yaml", described)])
    application.add_routes([web.static("/static", HERE / "static")])
    for desk in desks.values():
        # Its own calls first: the first that fits is taken.
        application.add_routes(desk.stand_in.routes())
        application.add_routes(case_api.CaseApi(desk.stand_in, desk.cases, desk.sender).routes())
    application.add_routes(OfficerPages(desks, pages, config.clock).routes())
    application.add_routes(RegisterPages(register, pages, config.pictures, config.base_url, config.clock).routes())
    application.add_routes(FaultPages(panel, desks, pages).routes())


def _deliver(desk: Desk) -> Callable[[web.Application], AsyncIterator[None]]:
    async def context(application: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(desk.sender.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        desk.cases.close()

    return context


def _close(register: Register) -> Callable[[web.Application], Awaitable[None]]:
    async def close(application: web.Application) -> None:
        register.close()

    return close
