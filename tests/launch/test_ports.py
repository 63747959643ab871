"""Choosing and refusing ports."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from bot.errors import SettingsError
from bot.launch.ports import refusal, settle
from bot.settings import Settings
from tests.launch.runner import free_port


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_free_port_is_not_refused() -> None:
    assert refusal("LOKET_PORT", "127.0.0.1", free_port()) is None


def test_a_busy_port_is_named_with_its_setting_in_both_languages(busy: int) -> None:
    sentence = refusal("LOKET_PORT", "127.0.0.1", busy)
    assert sentence is not None
    assert sentence.count(str(busy)) == 2
    assert sentence.count("LOKET_PORT") == 2


def test_an_address_of_another_machine_is_refused() -> None:
    sentence = refusal("LOKET_PORT", "192.0.2.1", free_port())
    assert sentence is not None
    assert "192.0.2.1" in sentence


def test_whatever_is_not_configured_gets_a_free_port_of_its_own() -> None:
    settled = settle(Settings(port=free_port()))
    chosen = {settled.port, settled.internal_port, settled.rasa_port, settled.sandbox_port}
    assert len(chosen) == 4
    assert 0 not in chosen
    assert settled.rasa_url == f"http://127.0.0.1:{settled.rasa_port}"
    assert settled.internal_url == f"http://127.0.0.1:{settled.internal_port}"
    assert settled.dukcapil_url.startswith(f"http://127.0.0.1:{settled.sandbox_port}")


def test_the_sandbox_takes_the_next_port_unless_it_is_busy(busy: int) -> None:
    assert settle(Settings(port=busy - 1)).sandbox_port != busy
    port = free_port()
    if refusal("", "127.0.0.1", port + 1) is None:
        assert settle(Settings(port=port)).sandbox_port == port + 1


def test_configured_ports_stay() -> None:
    rasa = free_port()
    assert settle(Settings(port=free_port(), rasa_port=rasa)).rasa_port == rasa


def test_port_zero_means_any() -> None:
    assert settle(Settings(port=0)).port > 0


def test_a_busy_configured_port_is_an_error(busy: int) -> None:
    with pytest.raises(SettingsError, match=str(busy)):
        settle(Settings(port=free_port(), rasa_port=busy))
