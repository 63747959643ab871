"""One complaint on WhatsApp, from the provider's webhook through the real Rasa to the agency, and its answer back: one trace."""

from __future__ import annotations

import asyncio
import re
import time

import aiohttp

from tests.e2e.service import Service
from tests.e2e.test_three_channels import PATIENCE_S, Phone
from tests.servers.otlp import Collector, Told

NIK = "3328990101900001"
STORY = f"Petugas loket minta uang 200 ribu buat urus KTP saya, katanya biar cepet. NIK saya {NIK}"
ANSWERS = ("loket 3 di mpp tadi pagi", "lewati", "uangnya kembali", "anonim")
FORWARDED = "Diteruskan ke Inspektorat"
WAY = (
    "POST /webhooks/{channel}/{key}",
    "send inbox",
    "process inbox",
    "ask rasa",
    "step",
    "send errands",
    "process errands",
    "POST",
    "take push",
    "send outbox",
    "process outbox",
    "send",
)
"""Each below the one before it. The stand-in of the agency brings the context back, so that the citizen's news belongs to it, too."""
RECEIPT = (*WAY[:3], "commit", *WAY[-3:])
"""What the turn itself said."""


def below(spans: list[Told], way: tuple[str, ...], parent: str = "") -> list[Told]:
    """The spans of these names, each begun within the one before; none, where there is no such way."""
    for span in spans:
        if span.name == way[0] and span.parent == parent:
            rest = below(spans, way[1:], span.id) if len(way) > 1 else []
            if rest or len(way) == 1:
                return [span, *rest]
    return []


async def test_one_message_from_webhook_to_agency_and_back_is_one_trace_without_a_word_of_the_citizens(
    service: Service, collector: Collector
) -> None:
    sandbox, number = service.state["sandbox_url"], f"+62800{time.time_ns() % 10**8:08d}"
    async with aiohttp.ClientSession() as http, service.store() as store:
        phone = Phone(http, f"{sandbox}/whatsapp", number, "whatsapp", store)
        await phone.says(STORY)
        for answer in ANSWERS:
            await phone.says(answer)
        receipt = await phone.says("kirim")
        found = re.search(r"LKT-\w{4}-\w{4}-\w", receipt.body["text"])
        assert found is not None, receipt.body["text"]
        agency_ref, case_id = None, ""
        async with asyncio.timeout(PATIENCE_S):
            while agency_ref is None:  # the errand
                await asyncio.sleep(0.1)
                async with store.begin() as tx:
                    case = await tx.case_by_reference(found.group())
                    assert case is not None
                    agency_ref, case_id = case.agency_ref, str(case.id)
        async with http.post(f"{sandbox}/petugas/lapor/{agency_ref}/teruskan", data={"note": FORWARDED}) as response:
            assert response.status == 200, await response.text()
        await phone.shown()

    def of_the_case(spans: list[Told]) -> list[Told]:
        mine = {span.trace for span in spans if span.attributes.get("loket.case") == case_id and span.name == WAY[6]}
        return [span for span in spans if span.trace in mine]

    spans = await asyncio.to_thread(
        collector.wait, lambda spans: all(below(of_the_case(spans), way) for way in (WAY, RECEIPT))
    )
    trace = of_the_case(spans)
    assert len({span.trace for span in trace}) == 1
    request, sent, turn, asked, step, *_ = below(trace, WAY[:8])
    assert (
        request.parent == "" and request.process == step.process == "loket-gateway" and turn.process == "loket-worker"
    )
    assert {span.name for span in trace if span.parent == turn.id} >= {"plan", "ask rasa", "commit"}
    assert turn.attributes["messaging.message.conversation_id"] == str(phone.conversation)
    call = below(trace, WAY[:8])[-1]
    assert call.attributes["http.response.status_code"] == 201 and call.process == "loket-worker"
    news = below(trace, WAY)
    assert news[-1].attributes["loket.channel"] == "whatsapp" and not any(span.failed for span in news)
    told = b"".join(collector.bodies)
    digits = number.removeprefix("+")
    for secret in (
        NIK,
        digits,
        digits[2:],
        found.group(),
        FORWARDED,
        STORY,
        *STORY.split(", "),
        ANSWERS[0],
        *ANSWERS[2:],
    ):
        assert secret.encode() not in told, "a word of the citizen's is in a trace"
    assert not re.search(rb"\d{8,10}:[\w-]{30,}", told), "a bot's token is in a trace"
