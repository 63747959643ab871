"""`./loket test` on two cores: three workers take files from one list, one from its heavy end, the others from its light end.

The heavy end is what needs a whole service, Rasa or a browser and mostly waits; the light end computes, and two of it keep
both cores busy meanwhile. So two tests that need the whole machine do not run at once, and who comes to the middle first
helps the others: all end together.
"""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

_TOGETHER = re.compile(r"tests/(?:e2e|widget|dialogue(?!/nlu))/")
"""Folders whose tests share what is costly to start: one worker does them all."""
_ORDER = tuple(
    map(
        re.compile,
        (
            r"tests/e2e/",
            r"tests/dialogue/(?!nlu/)",
            r"/test_studio_nlu_random",
            r"tests/(?:launch|bench)/",
            r"tests/widget/",
            r"_in_a_browser|/test_browser\b|/test_figures_satisfaction",
            r"tests/web/",
            r"tests/usecases/",
            r"tests/storage/",
            r"tests/(?:integrations|channels)/",
            r"tests/services/",
            r"",
        ),
    )
)
"""From heavy to light: the first pattern found in a path is its place."""


def together(nodeid: str) -> str:
    """What stays on one worker: a file, or a folder of :data:`_TOGETHER`."""
    file = nodeid.partition("::")[0]
    folder = _TOGETHER.match(file)
    return folder[0] if folder else file


def place(scope: str) -> tuple[int, str]:
    """Where a scope stands in the list."""
    return next(at for at, pattern in enumerate(_ORDER) if pattern.search(scope)), scope


class TwoHands(LoadScopeScheduling):  # type: ignore[misc]
    """The first worker takes the heaviest that is left, every other the lightest."""

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        heavy = node is self.nodes[0]
        chosen = (min if heavy else max)(self.workqueue, key=place)
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)
