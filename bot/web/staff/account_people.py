"""The people of an office, for those who manage them. Nobody gives, takes or locks out more than they have themselves
(:mod:`bot.domain.staff`).
"""

from __future__ import annotations

from aiohttp import web

from bot.domain.staff import ROLES, Right, roles_in_order
from bot.errors import NotFound
from bot.storage.account_people import Manager, Person, Refused
from bot.storage.accounts import Account, username_of, valid_username
from bot.web.staff.desk import ACCOUNT, desk_of, local_time, page, see, sentences
from bot.web.staff.rights import needs

_DONE = ("roles_saved", "added", "disabled", "enabled", "second_reset")


def _manager(account: Account) -> Manager:
    return Manager(account.username, account.locus, account.roles)


def _named(request: web.Request) -> str:
    name = request.match_info["name"]
    if not valid_username(name):
        raise NotFound("staff account")
    return name


@needs(Right.PEOPLE)
async def show(request: web.Request) -> web.Response:
    """Everybody of my office."""
    return await _page(request)


async def _page(
    request: web.Request, status: int = 200, problem: str = "", fresh: tuple[str, str] = ("", "")
) -> web.Response:
    """``fresh``: name and password of somebody who was just given one; shown this once."""
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    people = await desk.accounts.people.of(account.locus)
    done = request.query.get("done", "")
    return page(
        request,
        "people.html",
        status,
        people=[(one, _words(request, one)) for one in people],
        roles=[(role, say(f"role_{role}")) for role in ROLES if _manager(account).may_give(role)],
        problem=say(problem) if problem else "",
        done=say(f"people_{done}") if done in _DONE else "",
        fresh=fresh,
    )


def _words(request: web.Request, person: Person) -> dict[str, str]:
    say = sentences(request)
    return {
        "roles": ", ".join(say(f"role_{role}") for role in roles_in_order(person.roles)) or say("people_no_role"),
        "used": local_time(request, person.used_at) if person.used_at else say("people_never"),
    }


@needs(Right.PEOPLE)
async def one(request: web.Request) -> web.Response:
    """One of them, and what may be changed."""
    return await _one(request)


async def _one(request: web.Request, status: int = 200, problem: str = "") -> web.Response:
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    manager = _manager(account)
    person = await desk.accounts.people.one(_named(request), account.locus)
    own = person.username == account.username
    done = request.query.get("done", "")
    return page(
        request,
        "person.html",
        status,
        person=person,
        words=_words(request, person),
        roles=[
            (role, say(f"role_{role}"), role in person.roles, manager.may_give(role) and not own)
            for role in ROLES
            if role in person.roles or manager.may_give(role)
        ],
        manages=manager.may_manage(person),
        own=own,
        problem=say(problem) if problem else "",
        done=say(f"people_{done}") if done in _DONE else "",
    )


@needs(Right.PEOPLE)
async def add(request: web.Request) -> web.Response:
    """Somebody new, or somebody of another office who works here too."""
    desk, account = desk_of(request), request[ACCOUNT]
    form = await request.post()
    username, name = username_of(str(form.get("username", ""))), str(form.get("name", "")).strip()[:80]
    roles = {str(role) for role in form.getall("role", [])}
    if not valid_username(username) or not name:
        return await _page(request, 422, "people_bad_name")
    if not roles or not roles <= set(ROLES):
        return await _page(request, 422, "people_role_missing")
    if username == account.username:
        return await _page(request, 422, "people_refused")
    try:
        password = await desk.accounts.people.invite(_manager(account), username, name, roles, desk.deps.now())
    except Refused:
        return await _page(request, 403, "people_refused")
    return await _page(request, fresh=(username, password)) if password else see("/staff/people?done=added")


@needs(Right.PEOPLE)
async def roles(request: web.Request) -> web.Response:
    """Exactly the ticked roles; those that are not mine to give stay as they are."""
    desk, account, manager = desk_of(request), request[ACCOUNT], _manager(request[ACCOUNT])
    name = _named(request)
    ticked = {str(role) for role in (await request.post()).getall("role", [])} & set(ROLES)
    person = await desk.accounts.people.one(name, account.locus)
    kept = {role for role in person.roles if not manager.may_give(role)}
    try:
        await desk.accounts.people.set_roles(manager, name, ticked | kept, desk.deps.now())
    except Refused:
        return await _one(request, 403, "people_refused")
    return see(f"/staff/people/{name}?done=roles_saved" if ticked | kept else "/staff/people?done=roles_saved")


@needs(Right.PEOPLE)
async def lock(request: web.Request) -> web.Response:
    """Lock out at once, or let in again."""
    desk, name = desk_of(request), _named(request)
    disabled = str((await request.post()).get("disabled", "")) == "1"
    try:
        await desk.accounts.people.set_disabled(_manager(request[ACCOUNT]), name, disabled, desk.deps.now())
    except Refused:
        return await _one(request, 403, "people_refused")
    return see(f"/staff/people/{name}?done={'disabled' if disabled else 'enabled'}")


@needs(Right.PEOPLE)
async def reset_second(request: web.Request) -> web.Response:
    """Take the second factor away from somebody who lost the device; they set up a new one."""
    desk, name = desk_of(request), _named(request)
    try:
        await desk.accounts.people.check_managed(_manager(request[ACCOUNT]), name)
    except Refused:
        return await _one(request, 403, "people_refused")
    await desk.accounts.second.remove(name, desk.deps.now(), request[ACCOUNT].username)
    return see(f"/staff/people/{name}?done=second_reset")


@needs(Right.PEOPLE)
async def reset_password(request: web.Request) -> web.Response:
    """A password to be read out once."""
    desk, name = desk_of(request), _named(request)
    try:
        password = await desk.accounts.people.new_password(_manager(request[ACCOUNT]), name, desk.deps.now())
    except Refused:
        return await _one(request, 403, "people_refused")
    return await _page(request, fresh=(name, password))


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [
        web.get("/people", show),
        web.post("/people", add),
        web.get("/people/{name}", one),
        web.post("/people/{name}/roles", roles),
        web.post("/people/{name}/lock", lock),
        web.post("/people/{name}/second", reset_second),
        web.post("/people/{name}/password", reset_password),
    ]
