"""The sandbox keeps to its own description, whatever it is sent: never a 5xx, answers as described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
import yaml
from aiohttp.test_utils import TestServer, unused_port
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as openapi_checks

from integrations import sandbox
from integrations.dukcapil.adapter import DukcapilAgency
from integrations.sandbox.faults import MODES, Faults
from tests.integrations.conftest import SECRET, MovableClock, birth
from tests.integrations.sandbox.signed import Loop, Signed, looping

FILE = Path(sandbox.__file__).parent / "openapi.yaml"
API: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
SCHEMA = schemathesis.openapi.from_dict(API)
CLOCK = MovableClock()
CHECKS = [
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.status_code_conformance,
    not_a_server_error,
]
BOUNDED = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
"""The same examples on every machine, and no clock."""


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    with looping() as made:
        yield made


@pytest.fixture(scope="module")
def url(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sandbox")
    port = unused_port()
    address = f"http://127.0.0.1:{port}"

    async def start() -> TestServer:
        config = sandbox.SandboxConfig(dir=folder, secret=SECRET, clock=CLOCK, base_url=address, pictures=folder)
        server = TestServer(sandbox.app(config), port=port)
        await server.start_server()
        return server

    server = loop.do(start())
    yield address
    loop.do(server.close())


@pytest.fixture(scope="module")
def ref(loop: Loop, url: str) -> str:
    """A case that is there, so that calls about cases find one."""

    async def submit() -> str:
        agency = DukcapilAgency(f"{url}/dukcapil", SECRET, CLOCK, 10)
        try:
            return await agency.submit(birth())
        finally:
            await agency.close()

    return loop.do(submit())


@SCHEMA.exclude(tag="faults").parametrize()
@BOUNDED
def test_the_agencies_calls_keep_to_their_description(case: Case[Any], url: str, ref: str) -> None:
    if case.path_parameters and "ref" in case.path_parameters and len(str(case.path_parameters["ref"])) % 2:
        case.path_parameters["ref"] = ref
        case.path_parameters["agency"] = "dukcapil"
    response = case.call(base_url=url, auth=Signed(CLOCK))
    case.validate_response(response, checks=CHECKS)


@SCHEMA.exclude(tag="faults").parametrize()
@settings(BOUNDED, max_examples=5)
def test_without_the_right_signature_nothing_is_answered(case: Case[Any], url: str) -> None:
    response = case.call(base_url=url)
    assert response.status_code in (401, 404, 405), response.status_code  # 404, 405: no such address at all


@SCHEMA.include(tag="faults").parametrize()
@BOUNDED
def test_the_fault_panel_keeps_to_its_description(case: Case[Any], url: str) -> None:
    try:
        case.validate_response(case.call(base_url=url), checks=CHECKS)
    finally:
        requests.delete(f"{url}/api/faults/dukcapil", timeout=10)
        requests.delete(f"{url}/api/faults/sdmk", timeout=10)


@pytest.mark.parametrize(
    "body",
    [
        b'{"reference": "\\ud800", "service": "ktp", "data": {}}',
        b'{"reference": "A", "service": "ktp", "data": {"nama": "\\uDC00"}}',
        b'{"reference": "A", "service": "ktp", "data": ' + b"[" * 100_000,
        b'{"reference": "A", "service": "ktp", "data": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
        b"\xff",
        b"",
        b"null",
    ],
    ids=["half a surrogate", "half a surrogate inside", "a tower", "a closed tower", "no UTF-8", "nothing", "null"],
)
def test_what_is_no_application_is_refused_and_breaks_nothing(url: str, body: bytes) -> None:
    answer = requests.post(
        f"{url}/dukcapil/applications",
        data=body,
        headers={"Idempotency-Key": "kunci-9999", "Content-Type": "application/json"},
        auth=Signed(CLOCK),
        timeout=10,
    )
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["RESPON"]


def test_it_is_served_by_the_sandbox(url: str) -> None:
    answer = requests.get(f"{url}/openapi.yaml", timeout=10)
    assert answer.status_code == 200 and yaml.safe_load(answer.text) == API


def test_it_knows_every_fault() -> None:
    described = API["components"]["schemas"]["Faults"]["properties"]
    assert set(described) == set(Faults.__dataclass_fields__)
    assert described["mode"]["enum"] == list(MODES)
