"""Names of hosts."""

from __future__ import annotations

import pytest

from bot.domain.hosts import authority_of, host_of, may_speak_for_subdomains


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("loket.tegalkab.go.id", True),
        ("loket.example.com", True),
        ("a.b.example.id", True),
        ("tegalkab.go.id", False),
        ("example.id", False),
        ("go.id", False),
        ("example.com", False),
        ("localhost", False),
        ("10.1.2.3", False),
        ("2001:db8::1", False),
        ("", False),
    ],
)
def test_only_a_name_below_a_registered_one_speaks_for_those_below_it(host: str, may: bool) -> None:
    assert may_speak_for_subdomains(host) is may


def test_an_address_names_its_host_as_a_browser_writes_it() -> None:
    assert authority_of("https://Petugas.Example.go.id/") == "petugas.example.go.id"
    assert authority_of("https://petugas.example.go.id:443") == "petugas.example.go.id"
    assert authority_of("http://127.0.0.1:8080/x") == "127.0.0.1:8080"
    assert authority_of("http://[::1]:8080") == "[::1]:8080"
    assert authority_of("") == host_of("") == authority_of("https://host:notaport") == ""
