"""Liveness, readiness and metrics over HTTP.

`/healthz` answers 503 where the process should be restarted, `/readyz` where it should get no work yet; both name
every check. `/metrics` is what Prometheus reads.
"""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

from msgspec import Struct
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from monitor.web import Answer, Route, json_answer


class Check(Struct, frozen=True):
    """The result of one check. `detail` is a plain phrase without identifiers."""

    ok: bool
    detail: str = ""


Checks = Mapping[str, Callable[[], Check]]


def health_routes(registry: CollectorRegistry, alive: Checks, ready: Checks) -> dict[str, Route]:
    """Return the three routes. Checks run in the server's threads and must return at once."""
    return {
        **check_routes(alive, ready),
        "/metrics": lambda _request: Answer(HTTPStatus.OK, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(registry)),
    }


def check_routes(alive: Checks, ready: Checks) -> dict[str, Route]:
    """Return the two routes that tell no figures."""
    return {"/healthz": lambda _request: _judge(alive), "/readyz": lambda _request: _judge({**alive, **ready})}


def _judge(checks: Checks) -> Answer:
    results = {name: _run(check) for name, check in checks.items()}
    ok = all(result.ok for result in results.values())
    return json_answer({"ok": ok, "checks": results}, HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE)


def _run(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - the guard of checks: one that fails says so by its type
        return Check(ok=False, detail=type(error).__name__)


class Heartbeat:
    """Tells whether something still goes round, such as the event loop."""

    def __init__(self, patience_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience_seconds
        self._clock = clock
        self._last = clock()

    def beat(self) -> None:
        """Note that it went round."""
        self._last = self._clock()

    def check(self) -> Check:
        """Return whether the last beat is recent enough."""
        age = self._clock() - self._last
        return Check(ok=age <= self._patience, detail=f"last beat {age:.1f} s ago")
