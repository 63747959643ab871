"""The studio's pages of services: the files of the catalogue, their entries, and the form as citizens would meet it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from bot.domain.catalogue import Catalogue
from bot.domain.catalogue_review import review, unspoken
from bot.domain.fields import TYPES
from bot.domain.schema_form import NOTHING, Input
from bot.domain.staff import Right
from bot.errors import NotFound
from bot.usecases.studio import Draft
from bot.usecases.studio_texts_unsure import in_file, office_of
from bot.usecases.studio_yaml import State, YamlDesk
from bot.usecases.wishes import INTENTS
from bot.web.staff import studio_offices
from bot.web.staff.desk import language
from bot.web.staff.rights import needs
from bot.web.staff.studio import studio_page
from bot.web.staff.studio_entry import FIXED, Area, desk_of, form_of, labelled, routes_of
from bot.web.staff.studio_faults import worded
from bot.web.staff.studio_services_shown import service as shown_service
from bot.web.staff.studio_services_shown import today

BASE = "/staff/studio/services"


async def suggested(desk: YamlDesk, draft: Draft) -> Mapping[str, Sequence[str]]:
    """Names that fit into inputs."""
    found: dict[str, set[str]] = {"choices": set(), "use": set(), "agency": set()}
    services = await desk.held(draft, "services")
    for value in (*services.values(), *(await desk.held(draft, "forms")).values()):
        found["choices"] |= set(value.get("codes", {}))
        found["use"] |= set(value.get("parts", {}))
        found["agency"] |= {str(value["agency"])} if "agency" in value else set()
    slugs = [_stem(path) for path in services if not _stem(path).startswith("_")]
    named = {key: sorted(names) for key, names in found.items()}
    return {**named, "type": sorted(TYPES), "service": slugs, "wish": sorted(INTENTS)}


SERVICES = Area("services", "service", BASE, "_studio_service_preview.html", shown_service, suggested)
FORMS = Area("forms", "service", f"{BASE}/forms", "_studio_service_preview.html", shown_service, suggested, BASE)


@dataclass(frozen=True)
class Listed:
    """One file in the list."""

    address: str
    stem: str
    name: str
    office: str
    unsure: int
    lacking: int
    """Texts without one of the languages."""
    variants: int
    fields: int


@needs(Right.EDIT)
async def _list(request: web.Request) -> web.Response:
    desk = desk_of(request)
    draft = await desk.studio.draft()
    state = await desk.state(draft)
    wanted = request.query.get("q", "").strip()[:80]
    groups: dict[str, list[Listed]] = {"services": [], "shared": [], "forms": []}
    for area in (SERVICES, FORMS):
        held = await desk.held(draft, area.folder)
        parts = {_stem(path): value for path, value in held.items()}
        for path, value in held.items():
            one = _listed(request, area, path, value, parts, state.found.catalogue)
            group = "forms" if area is FORMS else "shared" if one.stem.startswith("_") else "services"
            if wanted.casefold() in f"{one.stem} {one.name}".casefold():
                groups[group].append(one)
    return studio_page(
        request,
        "studio_services.html",
        groups=groups,
        q=wanted,
        faults=state.found.faults,
        named=labelled(request),
        worded=partial(worded, language(request)),
    )


def _listed(
    request: web.Request, area: Area, path: str, value: Any, parts: Mapping[str, Any], catalogue: Catalogue
) -> Listed:
    stem, held = _stem(path), value if isinstance(value, dict) else {}
    built = catalogue.service(stem)
    name = built.name["id"] if built is not None else _said(held.get("name")) or stem
    doubts = [one for one in in_file(path, value, "", today(request)) if one.why == "unsure"]
    return Listed(
        f"{area.base}/{stem}",
        stem,
        name,
        office_of(value, parts),
        len(doubts),
        sum(1 for _ in unspoken(value)),
        len(built.variants) if built is not None else 0,
        sum(len(section.fields) for section in built.form.sections) if built is not None and built.form else 0,
    )


@dataclass(frozen=True)
class Line:
    """One key of a file: what it holds in short, or from which part it comes."""

    key: str
    brief: str
    there: bool
    inherited: str = ""
    links: tuple[tuple[str, str], ...] = ()


async def file_page(request: web.Request, area: Area) -> web.Response:
    """One file: all that its schema knows, what it says itself and what it has from shared parts."""
    desk, stem = desk_of(request), request.match_info["stem"]
    draft = await desk.studio.draft()
    value = await desk.one(draft, area.file(stem))
    if not isinstance(value, dict):
        raise NotFound("file")
    state = await desk.state(draft)
    held = await desk.held(draft, "services") if area.folder != "loci" else {}
    lines = _lines(area, value, {_stem(path): one for path, one in held.items()})
    log = await desk.studio.log(5, path=area.file(stem))
    return studio_page(
        request,
        "studio_service.html",
        area=area,
        stem=stem,
        fixed={key: value[key] for key in sorted(FIXED) if key in value},
        lines=lines,
        findings=[worded(language(request), one, "").rstrip("; .") for one in _findings(state, value, stem)],
        faults=[one for one in state.found.faults if one[0] == area.file(stem)],
        preview=area.preview(request, state, stem, ()),
        log=log,
        title=_said(value.get("name")) or stem,
        named=labelled(request),
        worded=partial(worded, language(request)),
        done=request.query.get("done", ""),
        doubts=[one for one in in_file(area.file(stem), value, "", today(request)) if one.why != "due"],
    )


def _lines(area: Area, value: Mapping[str, Any], parts: Mapping[str, Any]) -> list[Line]:
    form = form_of(area.schema)
    _, schema = form.at(())
    found = []
    for one in form.inputs(schema, value).parts:
        if one.key in FIXED:
            continue
        links = one.value if one.kind == "links" else ()
        from_part = "" if one.key in value else _source_of(one.key, value, parts)
        found.append(Line(one.key, brief(one), one.key in value, from_part, links))
    return found


def _source_of(key: str, value: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    """The shared part that a service has a key from."""
    for name in reversed(value.get("extends") or ()):
        part = parts.get(name)
        if isinstance(part, dict):
            if key in part:
                return str(name)
            if above := _source_of(key, part, parts):
                return above
    return ""


def brief(one: Input) -> str:
    """What an input holds, on one line."""
    if one.kind == "words":
        return str(one.value["id"])
    if one.kind == "links":
        return ""
    if one.kind == "rows":
        return " · ".join(filter(None, (brief(part) for part in one.parts)))
    if one.kind == "group":
        texts = [part for part in one.parts if part.key in ("text", "name", "code")] or list(one.parts)
        return " · ".join(filter(None, (brief(part) for part in texts[:3])))
    return str(one.value).replace("\n", ", ")


def _findings(state: State, value: Any, stem: str) -> list[str]:
    """What should be mended, though it can be loaded."""
    found = [finding.message for _, _, finding in unspoken(value)]
    built = state.found.catalogue.services.get(stem)
    found += [finding.message for finding in review(built)] if built is not None else []
    return found


@needs(Right.EDIT)
async def _service(request: web.Request) -> web.Response:
    return await file_page(request, SERVICES)


@needs(Right.EDIT)
async def _form(request: web.Request) -> web.Response:
    return await file_page(request, FORMS)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".yml")


def _said(words: Any) -> str:
    if words is NOTHING or words is None:
        return ""
    return str(words.get("id", "")) if isinstance(words, Mapping) else str(words)


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/studio/services", _list),
        web.get("/studio/services/forms/{stem:[a-z0-9_.-]+}", _form),
        web.get("/studio/services/{stem:[a-z0-9_.-]+}", _service),
        *routes_of(FORMS),
        *routes_of(SERVICES),
        *studio_offices.routes(file_page),
    ]
