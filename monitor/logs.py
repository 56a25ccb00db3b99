"""Structured logs: one JSON object a line, UTC, and nothing in it that a patient or a colleague could be known by.

Exceptions are shown as their types and places, never by their words: the words of a decoder, a driver or a library
may quote the record that it choked on (domain.md §4.6).
"""

import datetime
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TextIO

from detectors.events import BadRecord
from monitor.redaction import redact
from streams.embedded import EmbeddedBrokerError

SPEAKS_SAFELY: tuple[type[BaseException], ...] = (BadRecord, EmbeddedBrokerError)
"""Exceptions whose words are ours and hold no value of any record."""

OURS = ("alerting", "detectors", "models", "monitor", "streams", "wardwatch")
QUIET: dict[str, int] = {
    "aiokafka": logging.WARNING,
    "aiokafka.consumer.group_coordinator": logging.ERROR,
    "faust": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "kafka": logging.WARNING,
    "mode": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "urllib3": logging.WARNING,
}
"""Libraries and the least grave of their lines that we keep; httpx writes whole addresses at INFO."""

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_ROOT = Path(__file__).resolve().parents[1]


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object: `at`, `level`, `logger`, `message`, and `error` and fields where given."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its line end."""
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, object] = {
            "at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        line.update({name: safe(value) for name, value in vars(record).items() if name not in _STANDARD_FIELDS})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=lambda value: f"<{type(value).__name__}>")


def _message(record: logging.LogRecord) -> str:
    """Return the message, its arguments made safe; of libraries only the first line, for the rest quotes values."""
    arguments = record.args
    made_safe = safe(arguments) if isinstance(arguments, dict) else tuple(safe(value) for value in arguments or ())
    template = redact(str(record.msg) if isinstance(record.msg, str) else _of_exception(record.msg))
    try:
        text = template % made_safe if arguments else template
    except (TypeError, ValueError, KeyError):
        text = template
    if record.name.partition(".")[0] in OURS:
        return text
    first = text.strip().partition("\n")[0]
    return first.partition("(")[0].partition("<")[0].strip() if record.name == "asyncio" else first


def _of_exception(message: object) -> str:
    return ": ".join(describe(message)["type"]) if isinstance(message, BaseException) else f"<{type(message).__name__}>"


def safe(value: object) -> object:
    """Return what may be shown of a value: numbers and redacted text; of anything else only its type."""
    if isinstance(value, bool | int | float | None):
        return value
    show = next((show for kind, show in _SHOWN.items() if isinstance(value, kind)), None)
    return show(value) if show else f"<{type(value).__name__}>"


def _safe_items(values: Iterable[object]) -> list[object]:
    return [safe(value) for value in values]


_SHOWN: dict[type, Callable[..., object]] = {
    str: redact,
    BaseException: _of_exception,
    type: lambda value: value.__name__,
    tuple: _safe_items,
    list: _safe_items,
    set: _safe_items,
    frozenset: _safe_items,
    dict: lambda value: {redact(str(name)): safe(item) for name, item in value.items()},
}


def describe(error: BaseException) -> dict[str, list[str]]:
    """Return the types of an exception and of its causes, and the places that it came through, outermost first."""
    types: list[str] = []
    places: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        words = f": {redact(str(current))}" if isinstance(current, SPEAKS_SAFELY) else _error_number(current)
        types.append(f"{type(current).__name__}{words}")
        places += _places(current.__traceback__)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return {"type": types, "places": places}


def _error_number(error: BaseException) -> str:
    """Say which failure of the operating system it was; its words may hold a file name."""
    return f": errno {error.errno}" if isinstance(error, OSError) and error.errno is not None else ""


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{_short(code.co_filename)}:{traceback.tb_lineno}:{code.co_name}")
        traceback = traceback.tb_next
    return places


def _short(file_name: str) -> str:
    """Return a path from its package on: neither the machine's folders nor its users belong in a log."""
    path = Path(file_name)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(_ROOT))
    parts = path.parts
    return "/".join(parts[parts.index("site-packages") + 1 :] if "site-packages" in parts else parts[-2:])


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send every log line of this process, and every exception that nobody caught, through the formatter.

    Args:
        level: least grave line of our own packages: debug, info, warning or error.
        stream: where to write; standard error where not given.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    for name, least in QUIET.items():
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(least)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger("monitor").critical("Uncaught exception", exc_info=(kind, error, traceback))


def _uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
