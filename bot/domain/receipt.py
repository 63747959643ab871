"""What stands on a receipt: nothing that says who it is for. Whoever finds the paper learns a number, a service and a date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Receipt:
    """One page. All texts are in the reader's language; ``lines`` are label and value, ``check_url`` goes into the QR."""

    office: str
    title: str
    number: str
    lines: tuple[tuple[str, str], ...]
    papers_title: str
    papers: tuple[str, ...]
    next_title: str
    next: tuple[str, ...]
    check_hint: str
    check_url: str
    foot: str


def receipt(
    say: Callable[..., str],
    *,
    office: str,
    number: str,
    service: str,
    variant: str,
    submitted: str,
    promised: str,
    papers: Sequence[str],
    booking: bool,
    free: bool,
    check_url: str,
) -> Receipt:
    """The receipt of an application. ``say(key, **params)`` gives a sentence of ``receipt``; dates are words; empty: not said."""
    lines = [("service", service), ("variant", variant), ("submitted", submitted), ("promised", promised)]
    steps = ["visit", "keep"] if booking else ["checked", "told", "issued", "keep"]
    return Receipt(
        office=office,
        title=say("title"),
        number=number,
        lines=tuple((say(f"label.{key}"), value) for key, value in lines if value),
        papers_title=say("label.papers"),
        papers=tuple(papers) or (say("no_papers"),),
        next_title=say("label.next"),
        next=tuple(say(f"next.{step}") for step in steps),
        check_hint=say("check_hint"),
        check_url=check_url,
        foot=say("foot_free" if free else "foot"),
    )
