"""Every operation of the public listener, fuzzed by its own description: no 5xx, nothing that the description does not say, the headers
on every answer, nothing personal. And no route without a description.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import schemathesis
import yaml
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.errors import InvalidSchema
from schemathesis.specs.openapi import checks as conforms

from bot.settings import ROOT, Settings
from bot.web.public.app import public_app
from bot.web.staff.app import staff_app
from tests.integrations.sandbox.signed import Pushed
from tests.usecases.conftest import World
from tests.web.listener import PERSONAL, SECRET, Listener, whole_listener

FILES = ("openapi.yaml", "openapi-public.yaml", "openapi-callbacks.yaml")
APIS: dict[str, dict[str, Any]] = {name: yaml.safe_load((ROOT / "docs" / name).read_text("utf-8")) for name in FILES}
CHECKS = [
    not_a_server_error,
    conforms.status_code_conformance,
    conforms.content_type_conformance,
    conforms.response_schema_conformance,
]
FEW = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""The same examples on every machine, and no clock."""
ENDLESS = "/chat/v1/events"
"""Never ends by itself: see tests/web/test_hostile.py."""


def described() -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for api in APIS.values()
        for path, item in api["paths"].items()
        for method in item
        if method in ("get", "post", "put", "delete", "patch")
    }


def routes(app: web.Application) -> set[tuple[str, str]]:
    """Method and pattern of everything that is registered; HEAD goes with GET."""
    found = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource is not None}
    return {(method, path) for method, path in found if method != "HEAD"}


def empty(app: Any) -> Any:
    gateway = MagicMock(settings=Settings.from_env({}))
    return app(gateway, {})


def test_every_route_is_described_and_everything_described_is_a_route() -> None:
    registered = {(method, path.replace("/static", "/static/{file}")) for method, path in routes(empty(public_app))}
    assert registered == described(), "docs/openapi*.yaml: describe what is new, drop what is gone"


def test_every_page_of_staff_is_in_the_list() -> None:
    app = staff_app(MagicMock(), MagicMock(), MagicMock(), MagicMock(), "33.28", secure=False)
    listed = {
        (line.split("|")[1].strip(), line.split("|")[2].strip(" `"))
        for line in (ROOT / "docs" / "staff-routes.md").read_text("utf-8").splitlines()
        if line.startswith(("| GET", "| POST"))
    }
    registered = {(method, f"/staff{path}") for method, path in routes(app)}
    assert registered == listed, "docs/staff-routes.md: list what is new, drop what is gone"


@pytest.fixture
async def listener(world: World, database_url: str, tmp_path: Path) -> AsyncIterator[Listener]:
    async with whole_listener(world, database_url, tmp_path / "spool") as made:
        yield made


def operations() -> Iterator[tuple[str, str, Any]]:
    for api in APIS.values():
        for found in schemathesis.openapi.from_dict(api).get_all_operations():
            operation: Any = found.ok()  # type: ignore[union-attr]
            if operation.path != ENDLESS:
                yield operation.method.upper(), operation.path, operation


def fuzz(listener: Listener, mode: GenerationMode) -> dict[str, set[int]]:
    """Every operation, without and with what a citizen would know; the states each was answered with."""
    answered: dict[str, set[int]] = {}
    problems: list[str] = []
    for method, path, operation in operations():
        states = answered.setdefault(f"{method} {path}", set())
        try:
            attempts(listener, operation.as_strategy(generation_mode=mode), states)()
        except (Unsatisfiable, InvalidSchema):
            continue  # nothing can be wrong about it
        except (Exception, BaseExceptionGroup) as error:
            problems.append(f"{method} {path}: {str(error)[:1500]}")
    assert not problems, "\n\n".join(problems)
    return answered


def attempts(listener: Listener, cases: Any, states: set[int]) -> Any:
    """A property: no case is answered in a way that is not described."""

    @FEW
    @given(case=cases)
    def attempt(case: Case[Any]) -> None:
        path = case.operation.path
        pushes = Pushed(SECRET, listener.world.clock.at.timestamp()) if path.startswith("/callbacks") else None
        for known in (False, True):
            if known and not knows(listener, case):
                return
            bearer = {"Authorization": f"Bearer {listener.token}"} if known else {}
            response = case.call(base_url=listener.url, headers=bearer, auth=pushes, allow_redirects=False, timeout=20)
            states.add(response.status_code)
            case.validate_response(response, checks=CHECKS)
            fits(response)

    return attempt


def knows(listener: Listener, case: Case[Any]) -> bool:
    """Put what is real into the path; False: there is nothing of the kind."""
    real = {
        **{"token": listener.links.get(case.operation.path.split("/")[1], "")},
        "agency": "dukcapil",
        "channel": "fake",
        "key": "one",
        "desk": "chatwoot",
        "number": listener.reference,
        "id": "00000000-0000-0000-0000-000000000000",
    }
    names = [name for name in real if f"{{{name}}}" in case.operation.path and real[name]]
    if names:
        case.path_parameters = {**(case.path_parameters or {}), **{name: real[name] for name in names}}
    if "/webhooks/" in case.operation.path:
        case.headers["X-Fake-Signature"] = "right"
    return bool(names) or (case.operation.path.startswith("/chat/") and case.method != "DELETE")


def fits(response: Any) -> None:
    """What holds for every answer."""
    headers = {name.lower(): ", ".join(values) for name, values in response.headers.items()}
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy and ("frame-ancestors" in policy or "sandbox" in policy)
    assert headers["strict-transport-security"]
    assert "no-store" in headers.get("cache-control", "") or response.request.path_url.split("?")[0] in (
        "/", "/openapi.yaml") or response.request.path_url.startswith("/static/")  # fmt: skip
    text = response.content.decode("utf-8", "replace")
    assert "Traceback" not in text and 'File "' not in text and "psycopg" not in text
    assert not [word for word in PERSONAL if word in text]
    if response.status_code == 429:
        assert int(headers["retry-after"]) >= 1


@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_everything_is_answered_as_described_and_nothing_breaks(listener: Listener, mode: GenerationMode) -> None:
    answered = await asyncio.to_thread(fuzz, listener, mode)
    seen = set().union(*answered.values())
    assert len(answered) == len(described()) - 1 and {200, 404, 410} <= seen and max(seen) < 500
