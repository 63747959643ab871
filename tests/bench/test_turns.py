"""The figures of `./loket bench turns`, and that its citizens know the right answers."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.bench.chat import ChatError
from bot.bench.citizens import CYCLE, PROOF
from bot.bench.turns import LoketSide, Side, Window, figures, metric_sums
from tests.content import catalogue


class Echo:
    """Answers at once; every third time wrongly, if told to."""

    def __init__(self, wrong: bool = False) -> None:
        self._wrong = wrong
        self.said = 0

    async def speak(self) -> None:
        self.said += 1
        await asyncio.sleep(0.001)
        if self._wrong and self.said % 3 == 0:
            raise ChatError("no")


async def test_only_as_many_citizens_as_asked_for_talk_and_wrong_answers_are_no_turns() -> None:
    crowd = [Echo(), Echo(wrong=True), Echo()]
    window = await Side("x", crowd, 1, lambda _: None).measure(2, 0.1)
    assert crowd[2].said == 0
    assert window.errors == crowd[1].said // 3
    assert len(window.latencies) == crowd[0].said + crowd[1].said - window.errors
    assert window.seconds >= 0.1


def test_figures_split_the_latency_of_one_citizen_into_way_own_and_rasa() -> None:
    alone = Window(latencies=[0.1] * 10, seconds=1.0, own_s=0.3, rasa_s=0.5, cpu_s=0.2)
    crowd = Window(latencies=[0.4] * 40, seconds=2.0, own_s=9.0, rasa_s=9.0, cpu_s=0.4, errors=1)
    flat = figures({1: alone, 16: crowd}, [0.02, 0.5, 0.01])
    assert (flat["turns_per_s_1"], flat["turns_per_s_16"]) == (10.0, 20.0)
    assert (flat["p50_ms_16"], flat["p95_ms_16"], flat["cpu_ms_per_turn_16"]) == (400.0, 400.0, 10.0)
    assert (flat["own_ms_per_turn"], flat["rasa_ms_per_turn"], flat["way_ms_per_turn"]) == (30.0, 50.0, 20.0)
    assert (flat["turns"], flat["errors"], flat["own_p50_ms"]) == (50, 1, 20.0)
    assert set(figures({1: alone, 16: crowd})) == set(flat)


def test_two_windows_of_one_side_count_together() -> None:
    both = Window(latencies=[0.1], seconds=1.0, errors=1)
    both.add(Window(latencies=[0.2, 0.3], seconds=2.0))
    assert (both.latencies, both.seconds, both.errors) == ([0.1, 0.2, 0.3], 3.0, 1)


def test_metrics_are_read_from_prometheus_text() -> None:
    text = '# TYPE a histogram\na_sum 1.5\na_bucket{le="1.0"} 3.0\nb_total 7\n\n'
    assert metric_sums(text) == {"a_sum": 1.5, "b_total": 7.0}


class Talking:
    """Metrics of a service whose turns take 10, 20, 30 … ms of own work; each is counted only when asked again."""

    def __init__(self) -> None:
        self.turns = 0
        self.asked = 0
        self._shown = 0

    async def speak(self) -> None:
        self.turns += 1

    async def metrics(self, _: web.Request) -> web.Response:
        self.asked += 1
        shown, self._shown = self._shown, self.turns
        own = sum(0.01 * (n + 1) for n in range(shown))
        return web.Response(
            text=f"loket_turn_own_seconds_sum {own}\nloket_turn_own_seconds_count {shown}\n"
            f"loket_turn_seconds_sum {own + shown}\nloket_action_seconds_sum {shown * 0.005}\n"
        )


async def test_the_own_work_of_single_turns_is_read_one_by_one_even_when_it_is_counted_late() -> None:
    talking = Talking()
    app = web.Application()
    app.router.add_get("/metrics", talking.metrics)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        service = SimpleNamespace(pid=1, state={"internal_url": str(server.make_url("")).rstrip("/")})
        side = LoketSide(http, service, [talking], lambda _: None)  # type: ignore[arg-type]
        found = await side.own_times(4)
        own, rasa = await side.counted()
    assert [round(one, 4) for one in found] == [0.015, 0.025, 0.035, 0.045]
    assert (round(own, 4), round(rasa, 4)) == (0.12, 3.98)
    assert talking.asked == 1 + 2 * 4 + 1


@pytest.mark.parametrize("lines", [PROOF, CYCLE])
def test_every_question_the_citizens_wait_for_exists_in_the_form(lines: tuple[object, ...]) -> None:
    form = catalogue().services["akta-kelahiran"].form
    assert form is not None
    fields = {f"{section.id}.{field.id}" for section in form.sections for field in section.fields}
    asked = {line.asks for line in (*PROOF, *CYCLE) if line.asks and not line.asks.startswith("_")}
    assert {path for path in asked if not path.endswith("*")} <= fields
