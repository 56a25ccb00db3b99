"""The scanner itself: what it must find in each place, or it would find nothing anywhere."""

import logging
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parent.parent

TESTS = """
import gc
import logging
import urllib.request

import pytest
from alerting.practice.server import Answer, PracticeServer
from prometheus_client import CollectorRegistry, Counter

log = logging.getLogger("x")
log.setLevel(logging.INFO)
keep = []


class Anything(PracticeServer):
    def answer(self, request):
        return Answer(200)


def test_a_message():
    log.warning("about %s", "Jane Doe")


def test_an_extra():
    log.info("about", extra={"who": "Jane Doe"})


def test_a_traceback():
    try:
        raise ValueError("Jane Doe")
    except ValueError:
        log.exception("it failed")


def test_a_metric():
    registry = CollectorRegistry()
    Counter("a", "b", ["c"], registry=registry).labels("Jane Doe").inc()
    keep.append(registry)


def test_a_request():
    with Anything() as server:
        urllib.request.urlopen(server.url, data=b"Jane Doe").read()
    keep.append(server)


def test_nothing():
    keep.clear()
    gc.collect()
    log.warning("about nobody")
"""


def test_a_planted_identifier_is_found_in_every_place(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(TESTS)
    options = ("-p", "tests.emissions", "-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")
    result = pytester.runpytest_subprocess(*options)
    result.assert_outcomes(passed=6, errors=5)
    for place in ("the log of x", "metrics", "a request to Anything"):
        result.stdout.fnmatch_lines([f"*planted identifiers came out*{place}: 'Jane Doe'*"])


def test_the_scanner_listens_here_too() -> None:
    assert [type(handler).__name__ for handler in logging.getLogger().handlers].count("Emitted") == 1
