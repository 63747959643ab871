"""The sandbox agencies: stand-ins with their own state, officers' pages, a register of invented people, a fault panel.

One process (``python -m bot sandbox``) runs ``app(SandboxConfig(...))``. All it shows is marked CONTOH / SANDBOX.
"""

from __future__ import annotations

from integrations.sandbox.citizens import demo_citizens
from integrations.sandbox.config import SandboxConfig
from integrations.sandbox.server import app

__all__ = ["SandboxConfig", "app", "demo_citizens"]
