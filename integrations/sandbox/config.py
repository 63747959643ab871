"""What the sandbox is told at start; it reads no environment itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.ports import Clock

DEMO_PICTURES = Path("var/demo")


@dataclass(frozen=True)
class SandboxConfig:
    """Settings of the one process that runs all stand-ins."""

    dir: Path
    """Where the SQLite files live; made with mode 0700."""
    secret: str
    """Shared with the gateway: signs its requests and our callbacks, where ``secrets`` has none of the agency's own."""
    clock: Clock
    base_url: str
    """How the gateway and a browser reach this process, e.g. ``http://127.0.0.1:8090``."""
    pictures: Path = DEMO_PICTURES
    """Stand-in pictures of the demo citizens; may be absent."""
    home_url: str = ""
    """Address of Loket's own page, for the link back; empty: no link."""
    agencies: tuple[str, ...] = ()
    """Stand-ins to run; empty: every folder that has one."""
    retry_first_s: float = 1.0
    """Wait after the first failed callback; doubled each time."""
    retry_most_s: float = 300.0
    hosts: tuple[str, ...] = field(default=())
    """Further host names a browser may use, e.g. of the local network."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Agency -> the secret it shares with the gateway."""

    def secret_of(self, agency: str) -> str:
        """The secret an agency shares with the gateway."""
        return self.secrets.get(agency) or self.secret

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Host names a request may carry: anything else is a page of somebody else's name (DNS rebinding)."""
        own = urlsplit(self.base_url).hostname or ""
        return frozenset({own, "127.0.0.1", "localhost", "::1", *self.hosts})
