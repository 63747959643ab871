"""What follows from wish and names together: which names stay, and whether there is a second wish. No Rasa in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

MOST = 3
"""Further wishes that are told of one message."""


@dataclass(frozen=True)
class Rules:
    """Which wishes go with what. Names that are not told about here are plain wishes without a service."""

    about_service: frozenset[str]
    """These are about a service: a profession alone means its licence, and a second wish without a name takes it over."""
    maybe_about_service: frozenset[str]
    """These keep a service that is named, but propose none."""
    elsewhere: str
    """The wish for what belongs to others: it keeps the topic."""
    second: frozenset[str]
    """What may be a second wish."""
    anew: frozenset[str]
    """Of these, the ones that beside another wish are its story, unless they name a service of their own."""
    confidence: float
    """From which a clause's wish counts."""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Rules:
        """From the configuration of :class:`bot.dialogue.nlu.intent.WishClassifier`."""
        return cls(
            frozenset(config["about_service"]),
            frozenset(config["maybe_about_service"]),
            str(config["elsewhere"]),
            frozenset(config["second_wishes"]),
            frozenset(config["story_wishes"]),
            float(config["second_wish_confidence"]),
        )


@dataclass(frozen=True)
class Understood:
    """A wish with the names around it."""

    wish: str
    confidence: float
    service: str | None = None
    profession: str | None = None
    other: str | None = None
    also: str | None = None

    @classmethod
    def of(cls, best: Mapping[str, Any], named: Mapping[str, str | None]) -> Understood:
        """From the first of a ranking and what :class:`ServiceExtractor` found."""
        return cls(
            str(best["name"]),
            float(best["confidence"]),
            named.get("service"),
            named.get("profession"),
            named.get("other"),
            named.get("also"),
        )

    def entities(self) -> dict[str, str]:
        """What is told outside."""
        return {name: value for name, value in (("service", self.service), ("other", self.other)) if value is not None}


def settle(read: Understood, rules: Rules) -> Understood:
    """The names that mean something together with the wish."""
    service = read.service
    if read.wish in rules.about_service:
        service = service or read.profession
    elif read.wish not in rules.maybe_about_service:
        service = None
    other = read.other if read.wish == rules.elsewhere else None
    return replace(read, service=service, profession=None, other=other)


def second_wish(main: Understood, clauses: Sequence[Understood], rules: Rules) -> str | None:
    """``<intent>`` or ``<intent>:<slug>`` of the clauses that say something else than ``main`` and are sure, then of the services
    named beside its own; at most :data:`MOST` of them, commas between. None: there is no other wish.

    One clause has to say what ``main`` says: else the clauses are pieces of one story, not wishes of their own.
    """
    found: list[str] = []
    sure = [one for one in clauses if one.confidence >= rules.confidence]
    if any(one.wish == main.wish for one in sure):
        for one in sure:
            service = one.service or (main.service if one.wish in rules.about_service else None)
            if _adds(one.wish, service, main, rules):
                found.append(_told(one.wish, service))
    if main.also and main.wish in rules.about_service:
        found += [_told(main.wish, slug) for slug in main.also.split(",")]
    return ",".join(list(dict.fromkeys(found))[:MOST]) or None


def _adds(wish: str, service: str | None, main: Understood, rules: Rules) -> bool:
    if wish not in rules.second:
        return False
    other_service = service is not None and service != main.service
    if wish == main.wish:
        return other_service and main.service is not None
    return other_service or wish not in rules.anew


def _told(wish: str, service: str | None) -> str:
    return f"{wish}:{service}" if service else wish
