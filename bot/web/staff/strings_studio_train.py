"""Sentences of the studio's pages of training, comparing and publishing."""

from __future__ import annotations

from collections.abc import Mapping

PAIRS: Mapping[str, tuple[str, str]] = {}
