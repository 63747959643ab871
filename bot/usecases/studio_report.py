"""What a trained draft would answer otherwise: labelled messages, test conversations and messages citizens really wrote, under the
draft's model beside the live one.
"""

from __future__ import annotations

import csv
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.domain import talk_test
from bot.domain.nlu_file import NluFile
from bot.domain.nlu_report import Report, Row
from bot.errors import ContentError, NotFound
from bot.ports_studio import Looked, Workbench
from bot.usecases.masking import mask_more
from bot.usecases.store import Store
from bot.usecases.store_studio import Period

MOST_RECENT = 500
RECENT = timedelta(days=30)
Say = Callable[[str, object], Awaitable[None]]
Recent = Callable[[int], Awaitable[Sequence[str]]]
"""The newest messages of free talk, masked."""


@dataclass(frozen=True)
class Case:
    """One labelled message."""

    text: str
    intent: str
    service: str | None


@dataclass(frozen=True)
class Talk:
    """How a test conversation went. A failure: turn, what was said, what was looked at, wanted, found."""

    path: str
    name: str
    failures: tuple[tuple[int, str, str, str, str], ...] = ()


@dataclass(frozen=True)
class Otherwise:
    """A message that would now be answered otherwise; ``times``: how often it was written."""

    text: str
    times: int
    was: str
    was_service: str
    now: str
    now_service: str


@dataclass(frozen=True)
class DraftReport:
    """All of it. ``live_model`` empty: there was none to compare with."""

    model: str
    live_model: str
    labelled: Report
    known_before: frozenset[str]
    """Intents that the live content has."""
    untested: tuple[str, ...] = ()
    """Intents of the draft that no labelled message wants."""
    talks: tuple[Talk, ...] = ()
    recent: int = 0
    """So many real messages were looked at."""
    otherwise: tuple[Otherwise, ...] = ()
    locus: str = ""
    """The office whose messages these are: only its editors see them."""

    @property
    def failed_talks(self) -> tuple[Talk, ...]:
        """Those that do not go as written."""
        return tuple(talk for talk in self.talks if talk.failures)

    def to_json(self) -> dict[str, Any]:
        """For storing."""
        return {
            "model": self.model,
            "live_model": self.live_model,
            "rows": self.labelled.to_json(),
            "known_before": sorted(self.known_before),
            "untested": list(self.untested),
            "talks": [[talk.path, talk.name, [list(one) for one in talk.failures]] for talk in self.talks],
            "recent": self.recent,
            "otherwise": [list(vars(one).values()) for one in self.otherwise],
            "locus": self.locus,
        }

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> DraftReport:
        """What :meth:`to_json` gave."""
        return cls(
            data["model"],
            data["live_model"],
            Report.of_json(data["rows"]),
            frozenset(data["known_before"]),
            tuple(data["untested"]),
            tuple(Talk(path, name, tuple(tuple(one) for one in failed)) for path, name, failed in data["talks"]),
            data["recent"],
            tuple(Otherwise(*one) for one in data["otherwise"]),
            data["locus"],
        )


@dataclass
class Comparing:
    """Makes a report. ``files``: the draft's; ``live``: what is published; ``say``: told each step, as a key and a number."""

    workbench: Workbench
    files: Mapping[str, str]
    live: Mapping[str, str]
    model: str
    live_model: str
    recent: Recent | None
    locus: str
    say: Say
    _before: str = field(default="", init=False)
    """The live model, if it can be asked."""

    async def report(self) -> DraftReport:
        """:raises ContentError: the draft's model does not load."""
        cases = cases_of(self.files)
        await self.say("compare", len(cases))
        texts = [case.text for case in cases]
        now = await self.workbench.look(self.model, texts)
        was = await self._live_looks(texts, now)
        labelled = Report(tuple(map(_row, cases, now, was)))
        talks = await self._talks()
        recent, otherwise = await self._recently()
        untested = intents_of(self.files) - {case.intent for case in cases}
        known = frozenset(intents_of(self.live))
        return DraftReport(
            self.model,
            self._before,
            labelled,
            known,
            tuple(sorted(untested)),
            talks,
            recent,
            tuple(otherwise),
            self.locus,
        )

    async def _live_looks(self, texts: Sequence[str], now: Sequence[Looked]) -> Sequence[Looked | None]:
        """Under the live model; None for each if there is none that loads."""
        if self.live_model == self.model:
            self._before = self.live_model
            return now
        try:
            found = await self.workbench.look(self.live_model, texts)
        except (NotFound, ContentError):
            return [None] * len(texts)
        self._before = self.live_model
        return found

    async def _talks(self) -> tuple[Talk, ...]:
        paths = [path for path in self.files if path.startswith(f"{talk_test.FOLDER}/") and path.endswith(".yml")]
        if paths:
            await self.say("talks", len(paths))
        return tuple([await self._talk(path) for path in sorted(paths)])

    async def _talk(self, path: str) -> Talk:
        try:
            test = talk_test.parse(self.files[path], path)
        except ContentError as error:
            return Talk(path, path, ((0, str(error), "file", "", ""),))
        looks = await self.workbench.look(self.model, [turn.said for turn in test.turns])
        failures = talk_test.run_talk(test, looks)
        return Talk(path, test.name, tuple((f.turn, f.said, f.what, f.wanted, f.found) for f in failures))

    async def _recently(self) -> tuple[int, list[Otherwise]]:
        texts = list(await self.recent(MOST_RECENT)) if self.recent is not None else []
        if not texts or not self._before or self.live_model == self.model:
            return len(texts), []
        await self.say("recent", len(texts))
        times: dict[str, int] = {}
        for text in texts:
            times[text] = times.get(text, 0) + 1
        now = await self.workbench.look(self.model, list(times))
        was = await self.workbench.look(self._before, list(times))
        changed = [
            Otherwise(text, count, *_answered(before), *_answered(after))
            for (text, count), before, after in zip(times.items(), was, now, strict=True)
            if _answered(before) != _answered(after)
        ]
        return len(texts), sorted(changed, key=lambda one: (-one.times, one.text))


def recent_texts(store: Store, locus: str, now: Callable[[], datetime]) -> Recent:
    """What citizens of an office wrote lately in free talk, masked once more with what is known of them."""

    async def newest(most: int) -> Sequence[str]:
        until = now()
        async with store.begin() as tx:
            heard = await tx.heard_texts(Period(locus, until - RECENT, until), most)
            names = await tx.names_in([conversation for conversation, _ in heard])
        return [mask_more(text, names.get(conversation, ())) for conversation, text in heard]

    return newest


def cases_of(files: Mapping[str, str]) -> list[Case]:
    """The labelled messages of ``eval/*.tsv``; lines that are none are left out (the check tells them)."""
    cases = []
    for path in sorted(files):
        if path.startswith("eval/") and path.endswith(".tsv"):
            rows = csv.DictReader(files[path].splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
            cases += [
                Case(row["text"], row["intent"], (row.get("service") or "").strip() or None)
                for row in rows
                if row.get("text") and row.get("intent")
            ]
    return cases


def intents_of(files: Mapping[str, str]) -> set[str]:
    """All intents that have examples."""
    texts = [text for path, text in files.items() if path.startswith("nlu/")]
    return {section.name for text in texts for section in NluFile(text).sections if section.kind == "intent"}


def _row(case: Case, now: Looked, was: Looked | None) -> Row:
    return Row(
        case.text,
        case.intent,
        now.found.intent,
        round(now.found.confidence, 4),
        was.found.intent if was else "",
        case.service,
        now.found.service,
        was.found.service if was else None,
    )


def _answered(looked: Looked) -> tuple[str, str]:
    """What a citizen notices of it: below the threshold it is all the same."""
    if looked.found.confidence < talk_test.SURE:
        return "", ""
    return looked.found.intent, looked.found.service or ""
