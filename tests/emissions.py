"""A scanner over everything that the whole test run emits: no identifier that a test plants may ever come out.

It looks at every log record, also those of libraries, with its extras and traceback; at every request that reached a
practice server; at the text of every metrics registry; and at what a command line of a test wrote to standard error
(`tests/monitor/cli/conftest.py`). A test in which one
of the planted identifiers comes out fails when it ends. Identifiers are planted all over the tests: in events, notes,
reasons, names of files and settings (`tests/streams/samples.py`, `tests/monitor/cli/canaries.py`).
"""

import logging
import re
import traceback
import weakref
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from alerting.practice.server import PracticeServer

PLANTED = (
    "219-09-9999",
    "219099999",
    "jane.canary@example.org",
    "555-0187",
    "MRN-77001234",
    "77001234",
    "MRN0012345",
    "4111111111111111",
    "Jane Doe",
)
"""Identifiers of nobody: a social security number, an address, a telephone, record numbers, a card, a name."""

_PATTERN = re.compile("|".join(map(re.escape, PLANTED)))


class Emitted(logging.Handler):
    """Keeps where an identifier came out, never what it was part of."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.leaks: list[str] = []
        self.made: weakref.WeakSet[object] = weakref.WeakSet()

    def follow(self, kind: type[object]) -> None:
        """Take note of everything of a kind that is made from now on."""
        kind.__init__ = self._noting(kind.__init__)  # type: ignore[method-assign]  # only to look on

    def _noting(self, make: Callable[..., None]) -> Callable[..., None]:
        @wraps(make)
        def made(thing: object, *args: Any, **options: Any) -> None:
            make(thing, *args, **options)
            self.made.add(thing)

        return made

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a log record with everything that a formatter could show of it."""
        try:
            said = record.getMessage()
        except (TypeError, ValueError):
            said = str(record.msg)
        if record.exc_info and record.exc_info[1] is not None:
            said += "".join(traceback.format_exception(record.exc_info[1]))
        extras = {name: value for name, value in vars(record).items() if name not in ("args", "exc_info")}
        self.look(f"the log of {record.name}", f"{said} {extras}")

    def look(self, where: str, text: str) -> None:
        """Note it if a planted identifier is in a text."""
        if found := _PATTERN.search(text):
            self.leaks.append(f"{where}: {found[0]!r}")


_EMITTED = pytest.StashKey[Emitted]()


def pytest_configure(config: pytest.Config) -> None:
    """Listen to all loggers from the beginning."""
    config.stash[_EMITTED] = emitted = Emitted()
    logging.getLogger().addHandler(emitted)
    emitted.follow(PracticeServer)
    emitted.follow(CollectorRegistry)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop listening."""
    logging.getLogger().removeHandler(config.stash[_EMITTED])


@pytest.fixture
def emitted(request: pytest.FixtureRequest) -> Emitted:
    """What a test hands texts to that left the process by another way."""
    return request.config.stash[_EMITTED]


@pytest.fixture(autouse=True)
def _nothing_planted_comes_out(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which a planted identifier came out."""
    emitted = request.config.stash[_EMITTED]
    emitted.leaks.clear()
    yield
    for server in [made for made in emitted.made if isinstance(made, PracticeServer)]:
        for sent in server.requests:
            emitted.look(f"a request to {type(server).__name__}", f"{sent.path} {sent.body.decode(errors='replace')}")
    for registry in [made for made in emitted.made if isinstance(made, CollectorRegistry)]:
        emitted.look("metrics", generate_latest(registry).decode())
    assert not emitted.leaks, f"planted identifiers came out: {sorted(set(emitted.leaks))}"
