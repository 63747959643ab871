"""What staff may do: roles held at an office, the rights they bring, and who may give them away."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

AGENT = "agent"
SUPERVISOR = "supervisor"
OFFICER = "officer"
EDITOR = "editor"
PUBLISHER = "publisher"
OPERATOR = "operator"
AUDITOR = "auditor"
MANAGER = "manager"
DATA_OFFICER = "data_officer"


class Right(StrEnum):
    """What a page or an act asks for."""

    ANSWER = "answer"  # talk with citizens
    IDENTITY = "identity"  # decide on faces, enrol them
    SUPERVISE = "supervise"  # see everybody's work, move conversations, export
    PEOPLE = "people"  # manage the accounts of the office
    EDIT = "edit"  # change content
    PUBLISH = "publish"  # put content into force
    OPERATE = "operate"  # dead letters, channels, settings
    AUDIT = "audit"  # read the audit log
    FIGURES = "figures"  # read the dashboard and the cases behind its numbers
    PRIVACY = "privacy"  # handle what citizens ask about their data


RIGHTS: dict[str, frozenset[Right]] = {
    AGENT: frozenset({Right.ANSWER}),
    SUPERVISOR: frozenset({Right.ANSWER, Right.SUPERVISE, Right.PEOPLE, Right.FIGURES}),
    OFFICER: frozenset({Right.ANSWER, Right.IDENTITY}),
    EDITOR: frozenset({Right.EDIT}),
    PUBLISHER: frozenset({Right.EDIT, Right.PUBLISH}),
    OPERATOR: frozenset({Right.OPERATE, Right.PEOPLE}),
    AUDITOR: frozenset({Right.AUDIT}),
    MANAGER: frozenset({Right.FIGURES}),
    DATA_OFFICER: frozenset({Right.PRIVACY}),
}
ROLES = tuple(RIGHTS)


def rights_of(roles: Iterable[str]) -> frozenset[Right]:
    """Everything these roles allow; a role that no longer exists allows nothing."""
    return frozenset(right for role in roles for right in RIGHTS.get(role, ()))


def fits_everywhere(roles: Iterable[str]) -> bool:
    """Whether roles may be held at all offices together (``bot.domain.figures.EVERYWHERE``): figures only, nobody's cases to handle."""
    return rights_of(roles) <= {Right.FIGURES}


def may_give(giver: Iterable[str], role: str) -> bool:
    """Whether somebody with the roles ``giver`` may give or take ``role``: nobody gives more than they have."""
    own = rights_of(giver)
    return Right.PEOPLE in own and role in RIGHTS and own >= RIGHTS[role]


def may_manage(manager: Iterable[str], roles: Iterable[str]) -> bool:
    """Whether somebody may lock out, or set a new password for, a person with ``roles``: whoever can do that can become them."""
    own = rights_of(manager)
    return Right.PEOPLE in own and own >= rights_of(roles)


@dataclass(frozen=True)
class StaffPolicy:
    """Numbers and choices of an installation."""

    idle: timedelta = timedelta(hours=2)
    """A session ends so long after it was last used."""
    absolute: timedelta = timedelta(hours=12)
    """And so long after it began, however much it is used."""
    second_factor: frozenset[str] = frozenset()
    """Roles that need a second factor."""
    two_person: frozenset[str] = frozenset()
    """Offices whose borderline faces need two officers; ``*``: all."""
    hold: timedelta = timedelta(minutes=10)
    """So long an opened check is kept for the officer who opened it."""
    first_answer: timedelta = timedelta(minutes=15)
    resolve: timedelta = timedelta(hours=8)
    """What an office promises where its own file says nothing."""
    levels: tuple[tuple[str, timedelta, timedelta], ...] = ()
    """Office, first answer, resolve: offices that promise something else."""
    office_time: bool = True
    """Only the time in which an office is open counts, where its hours are known."""

    def needs_second_factor(self, roles: Iterable[str]) -> bool:
        """Whether somebody with these roles may not work with a password alone."""
        return not self.second_factor.isdisjoint(roles)

    def by_two(self, locus: str) -> bool:
        """Whether two officers decide at an office."""
        return bool({"*", locus} & self.two_person)

    def promise(self, locus: str) -> tuple[timedelta, timedelta]:
        """First answer and resolve of an office."""
        return next(((a, r) for code, a, r in self.levels if code == locus), (self.first_answer, self.resolve))


def roles_in_order(roles: Collection[str]) -> list[str]:
    """As they are shown."""
    return [role for role in ROLES if role in roles]
