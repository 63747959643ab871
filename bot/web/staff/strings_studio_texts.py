"""Sentences of the studio's pages of answers, texts, services and offices."""

from __future__ import annotations

from collections.abc import Mapping

PAIRS: Mapping[str, tuple[str, str]] = {}
