"""Pages to change one entry of a YAML file of the draft, with a form made from the file's schema: services, offices, questions."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from aiohttp import web

from bot.domain.schema_form import NOTHING, Schema, SchemaForm, Slip
from bot.domain.staff import Right
from bot.domain.yaml_path import at, drop, name_of, put
from bot.errors import NotFound
from bot.settings import ROOT
from bot.usecases.studio import Clash, Draft
from bot.usecases.studio_yaml import Fault, Faulty, Make, Overlap, Saved, State, YamlDesk
from bot.web.staff import strings
from bot.web.staff.desk import language, see, sentences
from bot.web.staff.rights import needs
from bot.web.staff.studio import clash_page, editor_of, studio_of, studio_page
from bot.web.staff.studio_faults import worded
from bot.web.staff.studio_sound import sound

FIXED = frozenset({"slug", "code", "extends"})
"""What names a file is not changed here: others refer to it."""

Preview = Callable[[web.Request, State, str, Sequence[str]], Mapping[str, Any]]
"""What the page shows of a state: request, state, name of the file, path of the entry."""
Lists = Callable[[YamlDesk, Draft], Awaitable[Mapping[str, Sequence[str]]]]
"""Suggestions by key of the input."""


@dataclass(frozen=True)
class Area:
    """One folder of files with one schema."""

    folder: str
    schema: str
    base: str
    """Address of the folder's pages; the name of a file follows."""
    template: str
    """Of the preview."""
    preview: Preview
    lists: Lists
    home: str = ""
    """Address of the page that lists the files, where it is not ``base``."""

    @property
    def template_path(self) -> str:
        """For templates that include it."""
        return f"staff/{self.template}"

    def file(self, stem: str) -> str:
        """Path of a file in the draft."""
        return f"{self.folder}/{stem}.yml"


@dataclass(frozen=True)
class Opened:
    """One entry, as an editor sees it."""

    area: Area
    stem: str
    draft: Draft
    value: Any
    """What the whole file holds."""
    path: tuple[str | int, ...]
    held: Any
    """What the entry holds; ``NOTHING``: it is not there yet."""
    schema: Schema
    definition: str

    @property
    def file(self) -> str:
        """In the draft."""
        return self.area.file(self.stem)

    @property
    def steps(self) -> list[str]:
        """The path as it stands in an address."""
        return [str(step) for step in self.path]


@cache
def form_of(schema: str) -> SchemaForm:
    """The forms of one schema."""
    return SchemaForm(json.loads((ROOT / "bot" / "schemas" / f"{schema}.schema.json").read_text("utf-8")))


def desk_of(request: web.Request) -> YamlDesk:
    """The YAML files of the draft."""
    return YamlDesk(studio_of(request), sound)


def labelled(request: web.Request) -> Callable[[str], str]:
    """The name of a key in the reader's language."""
    say = sentences(request)
    return lambda key: say(f"sf_{key}") if strings.known(f"sf_{key}") else key


def path_named(request: web.Request) -> Callable[[Sequence[str]], str]:
    """The names of the keys that lead to an entry."""
    named = labelled(request)
    return lambda path: " › ".join(named(step).partition(" (")[0] for step in path)


def routes_of(area: Area) -> list[web.RouteDef]:
    """Pages of its entries, below ``<base>/<file>/``."""

    @needs(Right.EDIT)
    async def entry(request: web.Request) -> web.Response:
        return await _entry(request, area)

    @needs(Right.EDIT)
    async def save(request: web.Request) -> web.Response:
        return await _save(request, area)

    @needs(Right.EDIT)
    async def take_out(request: web.Request) -> web.Response:
        return await _drop(request, area)

    base = area.base.removeprefix("/staff") + "/{stem:[a-z0-9_.-]+}"
    return [
        web.get(base + "/entry/{path:.+}", entry),
        web.post(base + "/entry/{path:.+}", save),
        web.get(base + "/new/{path:.+}", entry),
        web.post(base + "/new/{path:.+}", save),
        web.post(base + "/drop/{path:.+}", take_out),
    ]


# -- looking ------------------------------------------------------------------------------------------------------------


async def opened(request: web.Request, area: Area, revision: str = "") -> Opened:
    """The entry of an address, in the draft or at the revision an editor saw.

    :raises bot.errors.NotFound: there is no such entry, nor may there be one.
    """
    desk = desk_of(request)
    stem = request.match_info["stem"]
    draft = await _at(desk, revision)
    value = await desk.one(draft, area.file(stem))
    steps = request.match_info["path"].split("/")
    adding = request.path.startswith(f"{area.base}/{stem}/new/")
    path = resolved(value, steps)
    if path and path[0] in FIXED:
        raise NotFound("entry")
    try:
        definition, schema = form_of(area.schema).at(path)
        if adding:
            definition, schema = form_of(area.schema).at((*path, 0))
    except (KeyError, TypeError) as error:
        raise NotFound("entry") from error
    held = NOTHING if adding else _held(value, path)
    if held is NOTHING and not adding and len(path) > 1 and _held(value, path[:-1]) is NOTHING:
        raise NotFound("entry")
    return Opened(area, stem, draft, value, path, held, schema, definition)


async def _at(desk: YamlDesk, revision: str) -> Draft:
    try:
        return await desk.studio.at(revision) if revision else await desk.studio.draft()
    except NotFound:
        return await desk.studio.draft()


def resolved(value: Any, steps: Sequence[str]) -> tuple[str | int, ...]:
    """The steps of an address as keys and places.

    :raises bot.errors.NotFound: an item of a list that is not there.
    """
    path: list[str | int] = []
    for step in steps:
        if isinstance(value, list):
            known = any(name_of(item) == step for item in value)
            if not known and not (step.isdecimal() and int(step) < len(value)):
                raise NotFound("entry")
            place: str | int = step if known else int(step)
            value = at(value, (place,))
        else:
            place = step
            value = value.get(step, {}) if isinstance(value, Mapping) else {}
        path.append(place)
    return tuple(path)


def _held(value: Any, path: tuple[str | int, ...]) -> Any:
    try:
        return at(value, path)
    except (KeyError, TypeError, IndexError):
        return NOTHING


async def _entry(request: web.Request, area: Area) -> web.Response:
    found = await opened(request, area)
    return await _page(request, found, 200, done=request.query.get("done", ""))


async def _page(
    request: web.Request,
    found: Opened,
    status: int,
    *,
    typed: Mapping[str, str] | None = None,
    slips: Sequence[Slip] = (),
    faults: Sequence[Fault] = (),
    preview: Mapping[str, Any] | None = None,
    done: str = "",
    base: str = "",
) -> web.Response:
    area, desk = found.area, desk_of(request)
    if preview is None:
        preview = area.preview(request, await desk.state(found.draft), found.stem, found.steps)
    inputs = form_of(area.schema).inputs(found.schema, found.held, key=_key(found))
    return studio_page(
        request,
        "studio_service_entry.html",
        status,
        area=area,
        stem=found.stem,
        steps=found.steps,
        crumbs=crumbs(found),
        inputs=inputs,
        adding=found.held is NOTHING,
        droppable=found.held is not NOTHING and (len(found.path) > 1 or _optional(found)),
        base=base or found.draft.revision,
        typed=typed or {},
        slips={slip.name: slip.why for slip in slips},
        faults=faults,
        preview=preview,
        lists=await area.lists(desk, found.draft),
        named=labelled(request),
        named_path=path_named(request),
        worded=partial(worded, language(request)),
        addable=_addable(found),
        done=done,
    )


def _key(found: Opened) -> str:
    last = next((step for step in reversed(found.path) if isinstance(step, str)), "")
    return found.definition or last


def _addable(found: Opened) -> bool:
    """Whether the entry is a list; a mapping of lists gets its names elsewhere."""
    return "array" in (found.schema.get("type"),)


def _optional(found: Opened) -> bool:
    """Whether a file may do without this key."""
    _, schema = form_of(found.area.schema).at(())
    return found.path[0] not in schema.get("required", ())


def crumbs(found: Opened) -> list[tuple[str, str]]:
    """(address, name of the step) from the file down to the entry above this one."""
    steps, result = found.steps, []
    for n in range(1, len(steps)):
        address = f"{found.area.base}/{found.stem}/entry/{'/'.join(steps[:n])}"
        result.append((address, steps[n - 1]))
    return result


# -- saving -------------------------------------------------------------------------------------------------------------


async def _save(request: web.Request, area: Area) -> web.Response:
    posted = {name: str(text) for name, text in (await request.post()).items()}
    found = await opened(request, area, posted.get("base", ""))
    value, slips = form_of(area.schema).read(found.schema, posted, found.held)
    again: dict[str, Any] = {"typed": posted, "base": posted.get("base", "")}
    if slips:
        return await _page(request, found, 422, slips=slips, **again)
    makes = {found.file: _making(found, value)}
    desk, label = desk_of(request), " › ".join([found.stem, *found.steps])
    try:
        if posted.get("do") == "preview":
            state = await desk.tried(found.draft.revision, makes)
            shown = area.preview(request, state, found.stem, found.steps)
            return await _page(request, found, 200, preview=shown, **again)
        saved = await desk.change(editor_of(request), found.draft.revision, makes, label)
    except Faulty as error:
        return await _page(request, found, 422, faults=error.faults, **again)
    except Clash as clash:
        return clash_page(request, clash, clash.mine if isinstance(clash, Overlap) else {})
    return see(f"{_address(found, value)}?done={done_key(saved)}")


def done_key(saved: Saved | None) -> str:
    """What a page says after saving."""
    if saved is None:
        return "same"
    return "live" if saved.untrained else "train"


def _making(found: Opened, value: Any) -> Make:
    """Puts the value where it belongs in the whole file."""

    def make(held: Any) -> Any:
        if found.held is NOTHING and "array" in _kinds(found):
            items = _held(held, found.path)
            return put(held, found.path, [*(items if isinstance(items, list) else []), value])
        if value is NOTHING:
            return drop(held, found.path) if _held(held, found.path) is not NOTHING else held
        return put(held, found.path, value)

    return make


def _kinds(found: Opened) -> set[str]:
    """Kinds of value that stand at the path: of a new item's path that is the list."""
    _, schema = form_of(found.area.schema).at(found.path)
    kind = schema.get("type", ())
    kinds = {kind} if isinstance(kind, str) else set(kind)
    return kinds if schema is not found.schema else set()


def _address(found: Opened, value: Any) -> str:
    """Where the entry is after saving; a name that changed changes its address."""
    steps = found.steps
    name = name_of(value)
    if found.held is NOTHING and "array" in _kinds(found):
        items = _held(found.value, found.path)
        steps = [*steps, name or str(len(items) if isinstance(items, list) else 0)]
    elif name and isinstance(found.path[-1], str) and name_of(found.held) == steps[-1]:
        steps = [*steps[:-1], name]
    if value is NOTHING or value is None and found.held is NOTHING:
        return f"{found.area.base}/{found.stem}"
    return f"{found.area.base}/{found.stem}/entry/{'/'.join(steps)}"


async def _drop(request: web.Request, area: Area) -> web.Response:
    posted = {name: str(text) for name, text in (await request.post()).items()}
    found = await opened(request, area, posted.get("base", ""))
    if found.held is NOTHING:
        raise NotFound("entry")
    makes: dict[str, Make] = {found.file: lambda held: drop(held, found.path)}
    label = " › ".join([found.stem, *found.steps, "dihapus"])
    try:
        saved = await desk_of(request).change(editor_of(request), found.draft.revision, makes, label)
    except Faulty as error:
        return await _page(request, found, 422, faults=error.faults, base=posted.get("base", ""))
    except Clash as clash:
        return clash_page(request, clash, clash.mine if isinstance(clash, Overlap) else {})
    above = found.steps[:-1]
    address = f"{area.base}/{found.stem}" + (f"/entry/{'/'.join(above)}" if above else "")
    return see(f"{address}?done={done_key(saved)}")
