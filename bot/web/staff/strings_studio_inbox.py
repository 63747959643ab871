"""Sentences of the studio's inbox, conversations and message box."""

from __future__ import annotations

from collections.abc import Mapping

PAIRS: Mapping[str, tuple[str, str]] = {}
