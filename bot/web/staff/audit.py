"""Whoever looks at somebody's data leaves a line in the audit log: one call, from every page that shows such data.

Call it before the data leave the gateway. ``object`` is what was opened (a ticket's number, a check's, a file's or a
citizen's id), never a name or a number of a citizen.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from aiohttp import web

from bot.usecases.store import Tx
from bot.web.staff.desk import ACCOUNT, desk_of

View = Literal[
    "thread",  # the conversation behind a ticket
    "person",  # who it is with: name, masked numbers, applications
    "form",  # the answers of an open form
    "check",  # a borderline verification
    "selfie",
    "enrolled",  # the register's pictures
    "file",
    "unmasked",  # numbers shown in full; say why in the detail
    "search",  # what was found for a search; never the words searched for
    "remarks",  # what people wrote below a survey
    "figures",  # the rows behind a number of the dashboard
    "export",
    "audit",  # the audit log itself
]
VIEWS: tuple[str, ...] = get_args(View)


async def audit_view(request: web.Request, object: str, what: View, /, tx: Tx | None = None, **detail: Any) -> None:
    """One line ``<what>.viewed`` of the signed-in account about ``object``; the office is added.

    With ``tx`` it is part of that transaction (call it last in it: the chain's lock is held until the commit),
    otherwise it is committed here.
    """
    account, deps = request[ACCOUNT], desk_of(request).deps
    line = {"locus": account.locus, **detail}
    if tx is not None:
        await tx.audit(account.username, f"{what}.viewed", object, line, deps.now())
        return
    async with deps.store.begin() as own:
        await own.audit(account.username, f"{what}.viewed", object, line, deps.now())
