"""Logs: one JSON object a line, and no planted identifier ever comes out, whichever way it went in."""

import asyncio
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from detectors.events import BadRecord
from monitor import logs
from monitor.redaction import redact

CANARY = "Marjorie Quagmire-Canary"
CARD = "4111 1111 1111 1111"
SOCIAL = "219-09-9999"
MAIL = "marjorie.quagmire@clinic.example"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that this process logs during a test."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    stream = io.StringIO()
    logs.configure("debug", stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(capture=False)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def inner(value: str) -> int:
    return int(value)


def outer(value: str) -> int:
    try:
        return inner(value)
    except ValueError as error:
        message = f"no number in {value}"
        raise RuntimeError(message) from error


def test_a_line_has_its_time_in_utc_level_logger_message_and_fields(written: io.StringIO) -> None:
    logging.getLogger("streams.stage").info("Stage %s is ready", "user", extra={"partitions": [0, 1]})
    (line,) = lines(written)
    assert str(line.pop("at")).endswith("Z")
    assert line == {"level": "info", "logger": "streams.stage", "message": "Stage user is ready", "partitions": [0, 1]}


def test_an_exception_is_told_by_types_and_places_and_not_by_its_words(written: io.StringIO) -> None:
    try:
        outer(CANARY)
    except RuntimeError:
        logging.getLogger("streams").exception("A batch failed")
    (line,) = lines(written)
    error = line["error"]
    assert isinstance(error, dict)
    assert error["type"] == ["RuntimeError", "ValueError"]
    functions = [place.split(":")[2] for place in error["places"]]
    assert functions == [
        "test_an_exception_is_told_by_types_and_places_and_not_by_its_words",
        "outer",
        "outer",
        "inner",
    ]
    assert error["places"][0].startswith("tests/monitor/test_logs.py:")
    assert CANARY not in written.getvalue()


def test_our_own_verdicts_keep_their_words(written: io.StringIO) -> None:
    try:
        raise BadRecord("missing_field", "$.data.actor")
    except BadRecord:
        logging.getLogger("streams").exception("Refused")
    assert "missing_field: $.data.actor" in written.getvalue()


def in_message(logger: logging.Logger) -> None:
    logger.error("could not notify %s about card %s, %s", MAIL, CARD, SOCIAL)


def in_object(logger: logging.Logger) -> None:
    class Patient:
        def __repr__(self) -> str:
            return CANARY

    logger.error("state %r", {"patient": Patient(), MAIL: [Patient()]}, extra={"patient": Patient()})


def in_exception_argument(logger: logging.Logger) -> None:
    logger.error("crashed: %r", ValueError(CANARY))
    logger.error(ValueError(CANARY))


def in_bytes(logger: logging.Logger) -> None:
    logger.error("payload %r", CANARY.encode())


def in_second_line(logger: logging.Logger) -> None:
    logging.getLogger("faust.agents").error("Agent failed\n%s", CANARY)


def in_warning(logger: logging.Logger) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(f"deprecated for {MAIL}", stacklevel=1)


def in_thread(logger: logging.Logger) -> None:
    thread = threading.Thread(target=outer, args=(CANARY,))
    thread.start()
    thread.join()


def in_forgotten_task(logger: logging.Logger) -> None:
    async def fails() -> None:
        raise ValueError(CANARY)

    async def forget() -> None:
        task = asyncio.ensure_future(fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task

    asyncio.run(forget())


def in_callback(logger: logging.Logger) -> None:
    async def later() -> None:
        asyncio.get_running_loop().call_soon(outer, CANARY)
        await asyncio.sleep(0.01)

    asyncio.run(later())


@pytest.mark.parametrize(
    "leak",
    [
        in_message, in_object, in_exception_argument, in_bytes, in_second_line, in_warning, in_thread,
        in_forgotten_task, in_callback,
    ],
)  # fmt: skip
def test_no_canary_gets_out(written: io.StringIO, leak: object) -> None:
    assert callable(leak)
    leak(logging.getLogger("streams"))
    said = written.getvalue()
    assert lines(written), "nothing was logged, so nothing was proven"
    for canary in (CANARY, CARD, SOCIAL, MAIL):
        assert canary not in said


def test_a_template_that_does_not_fit_is_written_without_its_values() -> None:
    record = logging.makeLogRecord({"name": "streams", "msg": "%d events", "args": (CANARY,)})
    assert json.loads(logs.JsonFormatter().format(record))["message"] == "%d events"


def test_an_uncaught_exception_becomes_one_line(written: io.StringIO) -> None:
    try:
        outer(CANARY)
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    (line,) = lines(written)
    assert line["level"] == "critical"
    assert CANARY not in written.getvalue()


def test_libraries_are_quiet_below_warning(written: io.StringIO) -> None:
    for name in ("faust.app", "aiokafka.conn", "httpx", "mode.worker"):
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("matters")
    assert [line["message"] for line in lines(written)] == ["matters"] * 4


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111", "4111-1111-1111-1111", "219-09-9999", "(555) 010-4477", "a.b@c.example",
        "postgresql://user:hunter2@db/x", "xoxb-17-abcdef", "born 1950-02-03", "p1:abcdefghij0123456789_-",
    ],
)  # fmt: skip
def test_the_tripwire_sees(text: str) -> None:
    assert "[redacted]" in redact(f"x {text} y")


@pytest.mark.parametrize(
    "text",
    ["offset 123456789", "2026-03-02T09:14:03Z", "topic stage.user[3] lag 100200", "127.0.0.1:9092", "errno 111"],
)
def test_the_tripwire_leaves_ordinary_words_alone(text: str) -> None:
    assert redact(text) == text
