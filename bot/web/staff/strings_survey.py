"""Sentences of satisfaction and the counters' status."""

from __future__ import annotations

from collections.abc import Mapping

PAIRS: Mapping[str, tuple[str, str]] = {}
