"""Names of hosts: what an address names, and whether a name may speak for all names below it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

# Second level names below which PANDI registers (https://pandi.id): there the registered domain has three parts.
_REGISTRIES = frozenset("ac biz co desa go mil my net or ponpes sch web".split())
_PORTS = {"http": 80, "https": 443}


def host_of(url: str) -> str:
    """The host of an address, in small letters, without its port; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def authority_of(url: str) -> str:
    """Host and port as a browser writes them into ``Host``: the scheme's own port is left out."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = host_of(url)
    host = f"[{host}]" if ":" in host else host
    return host if port is None or port == _PORTS.get(parts.scheme) else f"{host}:{port}"


def may_speak_for_subdomains(host: str) -> bool:
    """Whether nothing but this installation is likely to live below ``host``.

    True for ``loket.tegalkab.go.id``; not for ``tegalkab.go.id`` or ``example.com``, where the office's other services are, nor for
    numbers and names without a dot, which have none below them.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return False
    labels = host.split(".")
    registered = 3 if len(labels) > 1 and labels[-1] == "id" and labels[-2] in _REGISTRIES else 2
    return len(labels) > registered and all(labels)
