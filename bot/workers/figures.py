"""Prometheus metrics of the workers; labels are closed sets, nothing personal."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)

TURNS = Counter("loket_turns_total", "Turns by outcome", ["outcome"])
TURN_SECONDS = Histogram("loket_turn_seconds", "A turn from claim to commit", buckets=_BUCKETS)
OWN_SECONDS = Histogram("loket_turn_own_seconds", "A turn without the time spent waiting for Rasa", buckets=_BUCKETS)
DEAD_LETTERS = Counter("loket_dead_letters_total", "Messages given up after three failures")
SENT = Counter("loket_outbox_total", "Outgoing messages by outcome", ["outcome"])
ERRANDS = Counter("loket_errands_total", "Errands to agencies by outcome", ["verb", "outcome"])
