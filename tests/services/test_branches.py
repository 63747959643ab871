"""Both sides of every `when` can be reached: there are answers that bring a question up, and answers that do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.catalogue import Service
from bot.domain.form_model import VARIANT, Condition
from tests.services.answers import SKIP, Plan, place
from tests.services.applicant import Walk, catalogue, service_of, walk

MOST_WALKS = 400


def conditions(service: Service) -> Iterator[tuple[str, str, Condition]]:
    """Every `when` of a form: a name for it, the group it is looked at from, and itself."""
    for section in service.form.sections if service.form is not None else ():
        group = section.id if section.repeat is None else f"{section.id}.0"
        found = [(section.id, section.when)]
        for field in section.fields:
            found.append((f"{section.id}.{field.id}", field.when))
            found += [(f"{section.id}.{field.id} (fill {n})", rule.when) for n, rule in enumerate(field.fill, 1)]
        yield from ((name, group, when) for name, when in found if when is not None)


def paths_in(condition: Condition, group: str) -> set[str]:
    """The answers a condition looks at."""
    own = {group + t.path if t.path.startswith(".") else t.path for t in condition.tests}
    return own.union(*(paths_in(other, group) for other in condition.any)) - {VARIANT}


def shape(service: Service) -> tuple[Any, ...]:
    """What decides which questions come up; equal for most licences."""
    watched = {p for _, group, when in conditions(service) for p in paths_in(when, group)}
    codes = tuple((p, tuple(c.code for c in place(service, p)[1].choices)) for p in sorted(watched))  # type: ignore[union-attr]
    ends = tuple((v.id, v.ends) for v in service.variants)
    return (*((name, str(when)) for name, _, when in conditions(service)), codes, ends)


def shapes() -> list[str]:
    """One slug for each shape of form."""
    return list(
        {shape(s): slug for slug, s in reversed(list(catalogue().services.items())) if s.form is not None}.values()
    )


def values(service: Service, path: str) -> list[Any]:
    """Everything that can be answered at a path, as a plan says it."""
    _, field, _ = place(service, path)
    if field is None:
        return []
    known: list[Any] = [c.code for c in field.choices] or ([True, False] if field.type == "yes_no" else [])
    return [*known, *([SKIP] if field.optional else [])]


@pytest.mark.parametrize("slug", shapes())
def test_each_condition_can_hold_and_can_fail(slug: str) -> None:
    service = service_of(slug)
    watched = {p for _, group, when in conditions(service) for p in paths_in(when, group)}
    missing = {(name, False) for name, _, _ in conditions(service)}
    missing |= {(name, True) for name, group, when in conditions(service) if possible(service, group, when)}
    plans = [(v.id, Plan(groups=1)) for v in service.variants]
    tried: set[tuple[str, str, str]] = set()
    walks = 0
    while plans and missing and walks < MOST_WALKS:
        # First what bears on a condition that is still missing.
        wanted = {
            p for name, g, when in conditions(service) if {n for n, _ in missing} & {name} for p in paths_in(when, g)
        }
        variant, plan = plans.pop(
            next((n for n, (_, p) in enumerate(plans) if wanted & {*p.wishes, *p.corrections}), 0)
        )
        way = walk(service, variant, plan, hasty=True)
        walks += 1
        missing -= seen(service, way)
        for path in watched & {i.path for i in way.engine.sheet(way.draft).items}:
            for value in values(service, path):
                if (variant, path, str(value)) not in tried:
                    tried.add((variant, path, str(value)))
                    plans.append((variant, _with(plan, path, value, asked=path in way.answers)))
    assert not missing, f"{slug}: " + "; ".join(f"{name} is never {side}" for name, side in sorted(missing))


def _with(plan: Plan, path: str, value: Any, *, asked: bool) -> Plan:
    """The plan with one decision more. What was filled in for the person can only be put right at the end."""
    if asked:
        return replace(plan, wishes={**plan.wishes, path: value})
    return replace(plan, corrections={**plan.corrections, path: value})


def possible(service: Service, group: str, when: Condition) -> bool:
    """Whether every comparison can come true: a shared part may ask for a code that this service's list lacks."""
    for test in when.tests:
        path = group + test.path if test.path.startswith(".") else test.path
        known = values(service, path) if path != VARIANT and test.op in ("equals", "in") else []
        wanted = test.value if isinstance(test.value, tuple) else (test.value,)
        if known and not set(wanted) & set(known):
            return False
    return not when.any or any(possible(service, group, other) for other in when.any)


def seen(service: Service, way: Walk) -> set[tuple[str, bool]]:
    """Which conditions held and which did not, at the end of a form."""
    items = {i.path: i.value for i in way.engine.sheet(way.draft).items}
    items[VARIANT] = way.engine.variant(way.draft).id
    return {(name, when.holds(items.get, way.draft.skipped, group)) for name, group, when in conditions(service)}
