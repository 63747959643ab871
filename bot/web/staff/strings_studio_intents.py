"""Sentences of the studio's pages of intents and examples."""

from __future__ import annotations

from collections.abc import Mapping

PAIRS: Mapping[str, tuple[str, str]] = {}
