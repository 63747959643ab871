"""From which network a web request comes."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.web.public.gateway import origin_of


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "origin"),
    [
        ("36.66.1.2", None, 0, "36.66.1.2/32"),
        ("36.66.1.2", "1.1.1.1", 0, "36.66.1.2/32"),  # anybody can write the header
        ("10.0.0.5", "36.66.1.2", 1, "36.66.1.2/32"),
        ("10.0.0.5", "9.9.9.9, 36.66.1.2", 1, "36.66.1.2/32"),
        ("10.0.0.5", "9.9.9.9, 36.66.1.2, 10.0.0.9", 2, "36.66.1.2/32"),
        ("10.0.0.5", "36.66.1.2", 3, "36.66.1.2/32"),
        ("2001:448a:1:2:3:4:5:6", None, 0, "2001:448a:1:2::/64"),
        ("10.0.0.5", None, 0, None),
        ("127.0.0.1", None, 0, None),
        ("10.0.0.5", "nonsense", 1, None),
        ("", None, 0, None),
    ],
)
def test_the_address_is_the_one_our_own_proxies_saw(
    remote: str, forwarded: str | None, proxies: int, origin: str | None
) -> None:
    transport = Mock()
    transport.get_extra_info.side_effect = lambda name, default=None: (
        (remote, 1) if name == "peername" and remote else default
    )
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    request = make_mocked_request("POST", "/chat/v1/sessions", headers=headers, transport=transport)
    assert origin_of(request, proxies) == origin
