"""What agencies push, fuzzed by its own description (docs/openapi-callbacks.yaml): never a 5xx, and no case is harmed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as openapi_checks

from bot.clock import SystemClock
from bot.domain.application import State
from bot.settings import Settings
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from channels.web.adapter import build
from integrations.dukcapil.adapter import DukcapilAgency
from tests.integrations.sandbox.signed import Pushed
from tests.usecases.conftest import World
from tests.usecases.script import apply

SECRET = "a-secret-only-for-tests"
FILE = Path(__file__).parents[2] / "docs" / "openapi-callbacks.yaml"
API: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
OPERATION = schemathesis.openapi.from_dict(API)["/callbacks/{agency}"]["POST"]
CHECKS = [
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]
BOUNDED = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
"""The same examples on every machine, and no clock."""


@dataclass
class Listener:
    """The public listener, and a case that the fuzzed pushes may hit."""

    url: str
    world: World
    reference: str
    agency_ref: str

    async def state(self) -> str:
        async with self.world.store.begin() as tx:
            found = await tx.case_by_agency_ref("dukcapil", self.agency_ref)
            assert found is not None
            return found.state

    def push(self, case: Case[Any], secret: str = SECRET) -> Any:
        return case.call(base_url=self.url, auth=Pushed(secret, self.world.clock.at.timestamp()))


@pytest.fixture
async def listener(world: World) -> AsyncIterator[Listener]:
    number = await apply(world, await world.session())
    async with world.store.begin() as tx:
        case = await tx.case_by_reference(number)
        assert case is not None
        case.agency_ref = "AG-1"
        await tx.put_case(case)
    signing = DukcapilAgency("http://127.0.0.1:9/dukcapil", SECRET, world.clock, 1)
    deps = replace(world.deps, agencies={**world.deps.agencies, "dukcapil": signing})
    gateway = Gateway(deps, Settings.from_env({}), world.keys, None, None, build({}, SystemClock()))  # type: ignore[arg-type]
    async with TestClient(TestServer(public_app(gateway, {}))) as client:
        yield Listener(str(client.make_url("")).rstrip("/"), world, number, "AG-1")


@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_signed_pushes_of_every_kind_are_answered_as_described(listener: Listener, mode: GenerationMode) -> None:
    answered: set[int] = set()

    @BOUNDED
    @given(case=OPERATION.as_strategy(generation_mode=mode))
    def fuzz(case: Case[Any]) -> None:
        case.path_parameters = {"agency": "dukcapil"}
        response = listener.push(case)
        answered.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    await asyncio.to_thread(fuzz)
    assert answered <= {200, 404, 413, 422} and len(answered) >= 1, answered
    assert await listener.state() == State.DIAJUKAN


async def test_pushes_about_a_real_case_move_it_only_along_legal_ways(listener: Listener) -> None:
    answered: set[int] = set()

    @BOUNDED
    @given(case=OPERATION.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def fuzz(case: Case[Any]) -> None:
        case.path_parameters = {"agency": "dukcapil"}
        assert isinstance(case.body, dict)
        case.body |= {"agency_ref": listener.agency_ref, "reference": listener.reference}
        response = listener.push(case)
        answered.add(response.status_code)
        case.validate_response(response, checks=CHECKS)
        again = listener.push(case)
        # The same word again is answered alike, and changes nothing.
        assert again.status_code == response.status_code

    await asyncio.to_thread(fuzz)
    assert 200 in answered and answered <= {200, 422}
    assert await listener.state() in set(State)


async def test_nothing_that_is_not_signed_is_believed(listener: Listener) -> None:
    @settings(BOUNDED, max_examples=25)
    @given(case=OPERATION.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def fuzz(case: Case[Any]) -> None:
        case.path_parameters = {"agency": "dukcapil"}
        assert isinstance(case.body, dict)
        case.body |= {"agency_ref": listener.agency_ref, "reference": listener.reference, "state": "ditolak"}
        response = listener.push(case, secret="not-the-secret")
        assert response.status_code == 403
        case.validate_response(response, checks=CHECKS)

    await asyncio.to_thread(fuzz)
    assert await listener.state() == State.DIAJUKAN


async def test_an_agency_that_is_none_is_not_found(listener: Listener) -> None:
    @settings(BOUNDED, max_examples=25)
    @given(case=OPERATION.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def fuzz(case: Case[Any]) -> None:
        case.path_parameters = {"agency": f"x_{case.path_parameters['agency']}"}
        response = listener.push(case)
        assert response.status_code == 404
        case.validate_response(response, checks=CHECKS)

    await asyncio.to_thread(fuzz)
