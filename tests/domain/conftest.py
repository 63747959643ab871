"""Property tests without deadlines: the machine is shared, and a slow moment is no fault."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("loket", deadline=None)
settings.load_profile("loket")
