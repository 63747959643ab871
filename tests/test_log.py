"""Logs: nothing personal, readable in a terminal, JSON elsewhere."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bot import log
from bot.settings import Settings

NIK = "3328990101900001"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level, hook = root.handlers[:], root.level, sys.excepthook
    yield io.StringIO()
    root.handlers[:], sys.excepthook = before, hook
    root.setLevel(level)
    logging.captureWarnings(False)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"nik {NIK} tidak ada", "nik [nik] tidak ada"),
        ("kk 3328 9901 0190 0001.", "kk [nik]."),
        ("kk 3328.9901.0190.0001", "kk [nik]"),
        ("no 08123456789", "no [phone]"),
        ("wa +62 812-3456-7890 ya", "wa [phone] ya"),
        ("whatsapp:+6281234567890", "whatsapp:[phone]"),
        ("628123456789 masuk", "[phone] masuk"),
        ("dari siti.aminah@contoh.id:", "dari [email]:"),
        ("Authorization: Bearer abc.DEF-123", "Authorization: Bearer [token]"),
        (
            "https://api.telegram.org/bot123456789:AAF-abcdefghijklmnopqrstuvwxyz012345/getMe",
            "https://api.telegram.org/bot[token]/getMe",
        ),
        ("postgresql://loket:rahasia@db/loket", "postgresql://[token]@db/loket"),
        ("?token=abcdef&x=1", "?token=[token]&x=1"),
        ('{"secret": "abcdef"}', '{"secret": "[token]"}'),
    ],
)
def test_what_is_personal_or_secret_is_replaced_by_its_kind(said: str, kept: str) -> None:
    assert log.scrub(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "turn done in 31 ms",
        "conversation 018f3c2a-9d1e-7c4b-8a55-0812345678ab",
        "2026-11-22T01:23:45.123Z",
        "inbox 1234567",
        "http://127.0.0.1:8080/healthz",
        "sha 5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
        "LKT-26-0001234-7",
    ],
)
def test_what_an_operator_needs_stays(said: str) -> None:
    assert log.scrub(said) == said


def test_scrubbing_reaches_message_arguments_fields_and_traceback_of_any_library(stream: io.StringIO) -> None:
    log.configure(Settings(), "gateway", stream)
    logger = logging.getLogger("some.library")
    try:
        raise ValueError(f"no person {NIK}")
    except ValueError:
        logger.exception("asked %s", NIK, extra={"who": {"nik": int(NIK), "phones": ["08123456789"]}, "turn_id": 7})
    assert NIK not in stream.getvalue()
    assert "08123456789" not in stream.getvalue()
    (line,) = lines(stream)
    assert line["message"] == "asked [nik]"
    assert line["who"] == {"nik": "[nik]", "phones": ["[phone]"]}
    assert line["turn_id"] == 7
    assert "ValueError: no person [nik]" in line["trace"]


def test_a_message_with_wrong_placeholders_is_still_a_line(stream: io.StringIO) -> None:
    log.configure(Settings(), "gateway", stream)
    logging.getLogger("some.library").warning("%d people", NIK)
    assert [line["message"] for line in lines(stream)] == ["%d people"]


def test_an_error_that_nobody_caught_is_scrubbed_too(stream: io.StringIO) -> None:
    log.configure(Settings(), "worker", stream)
    sys.excepthook(ValueError, ValueError(NIK), None)
    (line,) = lines(stream)
    assert (line["level"], line["component"]) == ("critical", "worker")
    assert NIK not in stream.getvalue()


def test_a_json_line_has_time_level_component_logger_and_the_extra_fields(stream: io.StringIO) -> None:
    log.configure(Settings(), "worker", stream)
    logging.getLogger("bot.x").info("turn done", extra={"ms": 31, "level": "cannot be replaced"})
    (line,) = lines(stream)
    assert (line["level"], line["component"], line["logger"], line["message"]) == (
        "info",
        "worker",
        "bot.x",
        "turn done",
    )
    assert line["ms"] == 31
    assert line["at"].endswith("Z")


def test_a_line_break_makes_no_second_line_of_a_log(stream: io.StringIO) -> None:
    log.configure(Settings(), "worker", stream)
    forged = 'x\r\n{"level": "info", "message": "all is well"}\u2028y'
    logging.getLogger("bot.x").warning("refused: %s", forged, extra={"why": forged})
    (line,) = stream.getvalue().rstrip("\n").split("\n")
    assert json.loads(line)["level"] == "warning" and "all is well" in json.loads(line)["why"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_readable_lines_unless_told_otherwise(stream: io.StringIO) -> None:
    terminal = Terminal()
    log.configure(Settings(), "worker", terminal)
    logging.getLogger("bot.x").warning("turn late", extra={"ms": 3100})
    assert terminal.getvalue().rstrip().endswith("worker   WARNING turn late  ms=3100")
    assert log.is_json(Settings(log_format="json"), terminal)
    assert not log.is_json(Settings(log_format="text"), io.StringIO())


def test_a_line_below_the_level_is_not_written(stream: io.StringIO) -> None:
    log.configure(Settings(log_level="warning"), "worker", stream)
    logging.getLogger("bot.x").info("quiet")
    assert stream.getvalue() == ""


def test_output_of_another_program_keeps_its_name(stream: io.StringIO) -> None:
    log.configure(Settings(), "loket", stream)
    logging.getLogger("bot.launch").error("%s", "ERROR: boom", extra={"component": "rasa"})
    assert lines(stream)[0]["component"] == "rasa"


def test_the_row_that_the_database_quotes_in_an_error_is_left_out() -> None:
    said = 'null value in column "x"\nDETAIL:  Failing row contains (6929cc2e, 33.28, pregnancy).\nCONTEXT:  none'
    assert log.scrub(said) == 'null value in column "x"\nDETAIL:  [row]\nCONTEXT:  none'
