"""What a stand-in gives to the shell: ``integrations/<id>/sandbox.py`` with ``stand_in(shell) -> StandIn``."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol, cast

from aiohttp import web

from bot.errors import RegistryError
from bot.ports import Clock
from integrations.sandbox.case import Application, Case
from integrations.sandbox.register import Register
from integrations.sandbox.states import USUAL, Workflow


@dataclass(frozen=True)
class Shell:
    """What the shell lends to a stand-in."""

    register: Register
    clock: Clock
    base_url: str
    dir: Path = Path()
    """Where a stand-in may keep a file of its own."""


@dataclass(frozen=True)
class Deficiency:
    """One fault of an application; all of them are told at once."""

    field: str
    message: str


class StandIn(Protocol):
    """One agency's stand-in. The case API, officers' pages, callbacks and faults come from the shell.

    One whose cases go through other states than usual has a ``workflow``, too (:class:`integrations.sandbox.states.Workflow`). One that
    keeps more than cases has ``attach(cases, sender)``, called once before ``routes()``, whose calls come before the shell's; and
    ``pages``, (path, title) of officers' pages of its own, shown above its queue.
    """

    id: str
    title: str
    prefix: str
    """First letters of its case numbers."""

    def routes(self) -> list[web.RouteDef]:
        """Further signed calls, with paths below ``/<id>/``."""
        ...

    def deficiencies(self, application: Application) -> list[Deficiency]:
        """Everything that is wrong, at once; empty when it can be accepted."""
        ...

    def remarks(self, case: Case) -> list[str]:
        """What the agency's own records say to this case: shown to the officer, never sent."""
        ...

    def issues(self, case: Case) -> bool:
        """Whether a document comes of the case in the end; else the visit itself is the end of it."""
        ...

    def document(self, case: Case, at: datetime) -> tuple[str, bytes]:
        """File name and PDF of the finished document, marked CONTOH."""
        ...

    def valid_until(self, case: Case, at: datetime) -> date | None:
        """Last day of a document issued now; None: it does not end, or nobody knows."""
        ...


def workflow_of(stand_in: StandIn) -> Workflow:
    """The states of its cases."""
    return cast(Workflow, getattr(stand_in, "workflow", USUAL))


def load(shell: Shell, wanted: Sequence[str] = ()) -> dict[str, StandIn]:
    """The stand-ins of all folders of ``integrations/`` (or only the ``wanted``), by id.

    :raises RegistryError: a wanted stand-in, or the factory of one, is missing.
    """
    root = Path(__file__).resolve().parents[1]
    names = wanted or sorted(p.parent.name for p in root.glob("*/sandbox.py"))
    return {name: _stand_in(name, shell) for name in names}


def _stand_in(name: str, shell: Shell) -> StandIn:
    # By name, not by import: the shell must not know the agencies, which come and go as folders.
    try:
        module = importlib.import_module(f"integrations.{name}.sandbox")
    except ModuleNotFoundError as error:
        raise RegistryError(f"integrations/{name}/sandbox.py is missing: there is no stand-in of that name") from error
    factory = getattr(module, "stand_in", None)
    if not callable(factory):
        raise RegistryError(f"integrations/{name}/sandbox.py lacks the factory stand_in(shell)")
    return cast(StandIn, factory(shell))


def flatten(data: Mapping[str, Any]) -> dict[str, Any]:
    """Values by field path: ``{"saksi": [{"nik": 1}]}`` and ``{"saksi.0.nik": 1}`` both give ``saksi.0.nik``."""
    return dict(_leaves("", data))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
        for n, inner in enumerate(value):
            yield from _leaves(f"{path}.{n}", inner)
    else:
        yield path, value
