"""Prometheus metrics of the workers; labels are closed sets, nothing personal."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)

TURNS = Counter("loket_turns_total", "Turns by outcome", ["outcome"])
TURN_SECONDS = Histogram("loket_turn_seconds", "A turn from claim to commit", buckets=_BUCKETS)
OWN_SECONDS = Histogram("loket_turn_own_seconds", "A turn without the time spent waiting for Rasa", buckets=_BUCKETS)
DEAD_LETTERS = Counter("loket_dead_letters_total", "Messages given up after three failures")
SENT = Counter("loket_outbox_total", "Outgoing messages by outcome", ["outcome"])
ERRANDS = Counter("loket_errands_total", "Errands to agencies by outcome", ["verb", "outcome"])

WEBHOOKS = Counter("loket_webhooks_total", "Webhooks of push channels by outcome", ["channel", "outcome"])
ACK_SECONDS = Histogram("loket_webhook_ack_seconds", "A webhook from its arrival to our answer", buckets=_BUCKETS)
RECEIVED = Counter("loket_messages_received_total", "New messages of push channels", ["channel"])
RECOVERED = Counter(
    "loket_messages_recovered_total", "Messages whose webhook never came, found at the provider afterwards", ["channel"]
)
JOINED = Counter("loket_messages_joined_total", "Messages that were waiting and became part of an earlier one's turn")
SEEN = Counter("loket_seen_total", '"Typing" and marked buttons by outcome', ["outcome"])
SPOOL = Gauge(
    "loket_spool_files", "Webhooks on disk that wait for the database", ["state"], multiprocess_mode="livesum"
)
POLLS = Counter("loket_polls_total", "Questions to providers for new messages, by outcome", ["channel", "outcome"])
UNKNOWN = Counter(
    "loket_outbox_unknown_total",
    "Sends whose outcome was not known: found at the provider, repeated, or their worker died",
    ["outcome"],
)
