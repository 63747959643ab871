"""What editors do to intents and examples: each form is one use case, and one commit of the draft."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from multidict import MultiDictProxy

from bot.domain.nlu_file import MOST_CHARACTERS
from bot.domain.staff import Right
from bot.usecases import studio_nlu_whole as whole
from bot.usecases.studio import Clash
from bot.usecases.studio_nlu import Done, Gone
from bot.usecases.studio_nlu_files import LONGEST_NAME, Refused
from bot.usecases.studio_nlu_new import LONGEST_ANSWER, LONGEST_BUTTON, NewIntent
from bot.web.staff.desk import see, sentences
from bot.web.staff.rights import needs
from bot.web.staff.studio import editor_of, studio_page
from bot.web.staff.studio_intents import HOME, intent_page, kind_of, manage_page, path_of, shop_of, things_of, why

Form = MultiDictProxy[str | bytes | bytearray | web.FileField]
LANGUAGES = ("id", "en", "jv")
_MOST_LINES = 500


async def _add(request: web.Request, form: Form, name: str, kind: str) -> str:
    done = await shop_of(request).add(editor_of(request), name, _lines(form), kind)
    return path_of(name, kind, **_told("added", done))


async def _change(request: web.Request, form: Form, name: str, kind: str) -> str:
    old, new, seen = _text(form, "old"), _text(form, "new"), _text(form, "revision")
    await shop_of(request).change(editor_of(request), name, old, new, seen, kind)
    return path_of(name, kind, done="changed", q=_text(form, "q"), page=_text(form, "page"))


async def _remove(request: web.Request, form: Form, name: str, kind: str) -> str:
    done = await shop_of(request).remove(editor_of(request), name, _marked(form), kind)
    return path_of(name, kind, **_told("removed", done))


async def _move(request: web.Request, form: Form, name: str, kind: str) -> str:
    done = await shop_of(request).move(editor_of(request), name, _text(form, "to"), _marked(form), kind)
    return path_of(name, kind, **_told("moved", done))


async def _means(request: web.Request, form: Form, name: str, kind: str) -> str:
    shop, thing = shop_of(request), _text(form, "thing")
    if thing not in {one for one, _ in things_of(request, await shop.state())}:
        raise Refused("unknown", name=thing[:64])
    await shop.means(editor_of(request), _text(form, "word"), thing)
    return path_of(name, kind, done="means")


_VERBS: dict[str, Callable[[web.Request, Form, str, str], Awaitable[str]]] = {
    "add": _add,
    "change": _change,
    "remove": _remove,
    "move": _move,
    "means": _means,
}


@needs(Right.EDIT)
async def _examples(request: web.Request) -> web.StreamResponse:
    """One of :data:`_VERBS`, then back to the examples; a refusal keeps what was typed."""
    name, verb = request.match_info["name"], request.match_info["verb"]
    if verb not in _VERBS:
        raise web.HTTPNotFound
    form = await request.post()
    kind = kind_of(form.get("kind"))
    try:
        return see(await _VERBS[verb](request, form, name, kind))
    except Gone as gone:
        return await _clash(request, name, kind, gone)
    except Clash:
        problem, status = sentences(request)("nlu_no_busy"), 409
    except Refused as refused:
        problem, status = why(request, refused), 422
    typed = {key: str(form.get(key, "")) for key in ("texts", "new", "word", "thing")}
    editing = _text(form, "old") if verb == "change" else ""
    return await intent_page(request, name, kind, problem=problem, status=status, typed=typed, editing=editing)


async def _clash(request: web.Request, name: str, kind: str, gone: Gone) -> web.Response:
    """Both versions of an example that two people changed."""
    revision = (await shop_of(request).state()).draft.revision
    values = {"name": name, "kind": kind, "gone": gone, "path_of": path_of, "revision": revision}
    return studio_page(request, "studio_intent_clash.html", 409, **values)


# -- whole intents ----------------------------------------------------------------------------------------------------------


async def _rename(request: web.Request, form: Form, name: str) -> str:
    new = _text(form, "to")
    await whole.rename(shop_of(request), editor_of(request), name, new)
    return path_of(new, done="renamed")


async def _merge(request: web.Request, form: Form, name: str) -> str:
    into = _text(form, "to")
    done = await whole.merge(shop_of(request), editor_of(request), name, into)
    return path_of(into, "intent", **_told("merged", done))


async def _delete(request: web.Request, form: Form, name: str) -> str:
    await whole.delete(shop_of(request), editor_of(request), name)
    return f"{HOME}?done=deleted"


_WHOLE: dict[str, Callable[[web.Request, Form, str], Awaitable[str]]] = {
    "rename": _rename,
    "merge": _merge,
    "delete": _delete,
}


@needs(Right.EDIT)
async def _manage(request: web.Request) -> web.StreamResponse:
    name, verb = request.match_info["name"], request.match_info["verb"]
    if verb not in _WHOLE:
        raise web.HTTPNotFound
    form = await request.post()
    try:
        return see(await _WHOLE[verb](request, form, name))
    except Clash:
        problem, status = sentences(request)("nlu_no_busy"), 409
    except Refused as refused:
        problem, status = why(request, refused), 422
    return await manage_page(request, name, problem=problem, status=status, typed=_text(form, "to"))


@needs(Right.EDIT)
async def _new(request: web.Request) -> web.StreamResponse:
    typed = {"texts": request.query.get("texts", "")[:4000]}
    return await _new_page(request, typed)


@needs(Right.EDIT)
async def _create(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    try:
        new = NewIntent(
            _text(form, "name"),
            tuple(_lines(form)),
            {one: _text(form, f"answer_{one}") for one in LANGUAGES},
            {one: _text(form, f"button_{one}") for one in LANGUAGES},
        )
        await whole.create(shop_of(request), editor_of(request), new)
    except Clash:
        problem, status = sentences(request)("nlu_no_busy"), 409
    except Refused as refused:
        problem, status = why(request, refused), 422
    else:
        return see(path_of(new.name, done="created"))
    return await _new_page(request, {key: _text(form, key) for key in form}, problem, status)


async def _new_page(
    request: web.Request, typed: dict[str, str], problem: str = "", status: int = 200
) -> web.StreamResponse:
    await shop_of(request).state()  # says so where there is no studio
    limits = {"name": LONGEST_NAME, "answer": LONGEST_ANSWER, "button": LONGEST_BUTTON, "example": MOST_CHARACTERS}
    values = {"typed": typed, "problem": problem, "languages_of": LANGUAGES, "limits": limits}
    return studio_page(request, "studio_intent_new.html", status, **values)


# -- forms ---------------------------------------------------------------------------------------------------------------------


def _text(form: Form, key: str) -> str:
    value = form.get(key, "")
    return value.strip() if isinstance(value, str) else ""


def _lines(form: Form) -> list[str]:
    lines = [line for line in _text(form, "texts").splitlines() if line.strip()]
    if len(lines) > _MOST_LINES:
        raise Refused("lines", most=_MOST_LINES)
    return lines


def _marked(form: Form) -> list[str]:
    marked = [str(one) for one in form.getall("text", [])]
    if not marked:
        raise Refused("marked")
    return marked


def _told(what: str, done: Done) -> dict[str, object]:
    if done.revision is None:
        return {"done": "nothing"}
    return {"done": what, "n": done.count, "skipped": done.skipped}


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/studio/intents/-/new", _new),
        web.post("/studio/intents/-/new", _create),
        web.post("/studio/intents/{name}/manage/{verb}", _manage),
        web.post("/studio/intents/{name}/{verb}", _examples),
    ]
