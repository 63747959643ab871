"""`./loket test` on two cores: two workers take files from one list, one from its heavy end, the other from its light end.

The heavy end is what needs a whole service, Rasa or a browser and mostly waits; the light end computes. So two tests that need
the whole machine are not run at once, and whoever is done first helps the other: both end together.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

_TOGETHER = ("tests/e2e/", "tests/dialogue/", "tests/widget/")
"""Folders whose tests share what is costly to start: one worker does them all."""
_ORDER = (
    r"tests/e2e/",
    r"tests/dialogue/(?!nlu/)",
    r"tests/usecases/test_studio_nlu_random",
    r"tests/widget/",
    r"_in_a_browser|/test_browser\b|figures_satisfaction",
    r"tests/launch/",
    r"tests/bench/",
    r"tests/web/",
    r"tests/usecases/",
    r"tests/storage/",
    r"tests/services/",
    r"tests/integrations/",
    r"",
)
"""From heavy to light: the first pattern that is found in a file's path is its place."""


class TwoHands(LoadScopeScheduling):  # type: ignore[misc]
    """The first worker takes from the front of the list, the others from its back."""

    def _split_scope(self, nodeid: str) -> str:
        """What stays on one worker: a file, or a folder of :data:`_TOGETHER`."""
        file = nodeid.partition("::")[0]
        return next((folder for folder in _TOGETHER if file.startswith(folder)), file)

    def schedule(self) -> None:
        """Sort what was collected, then begin."""
        if self.collection is None:
            for node, collected in self.registered_collections.items():
                self.registered_collections[node] = collected
        super().schedule()

    def _assign_work_unit(self, node: WorkerController) -> None:
        if not self._sorted:
            self.workqueue = OrderedDict(sorted(self.workqueue.items(), key=lambda unit: place(unit[0])))
