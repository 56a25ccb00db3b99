"""The figures that the demo shows: from the worker's metrics, the incident store and the practice servers."""

import time
from collections.abc import Callable

import httpx
from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from alerting.incidents import Incident
from alerting.muting.waiting import count_waiting
from alerting.standing.counting import Standing
from monitor.demo.site import Site

SHOWN_INCIDENTS = 8
TIMEOUT_SECONDS = 2.0
INTAKE = {"agent": "intake", "outcome": "received"}


class Figures(Struct, frozen=True):
    """One look at the demo. `rate` is events judged a second, `lag` records that wait, `waiting` cases held back."""

    ready: bool
    events: int
    rate: float
    findings: int
    lag: int
    incidents: list[Incident]
    messages: int
    pages: int
    waiting: int
    response: Standing


class Watch:
    """Looks at a site again and again, and remembers enough to give rates."""

    def __init__(self, site: Site, clock: Callable[[], float] = time.monotonic) -> None:
        self._site = site
        self._clock = clock
        self._before: tuple[float, int] | None = None

    def look(self) -> Figures:
        """Return the figures of now."""
        sums = self._metrics()
        now, events = self._clock(), int(sums.get("wardwatch_agent_events_total", 0))
        before = self._before or (now, events)
        self._before = (now, events)
        elapsed = now - before[0]
        cases = [incident for incident in self._site.store.incidents(limit=1000) if incident.kind == "case"]
        return Figures(
            ready=sums.get("wardwatch_ready", 0) == 1,
            events=events,
            rate=(events - before[1]) / elapsed if elapsed > 0 else 0.0,
            findings=int(sums.get("wardwatch_findings_total", 0)),
            lag=int(sums.get("wardwatch_consumer_lag", 0)),
            incidents=cases,
            messages=len(self._site.slack.messages),
            pages=len(self._site.pagerduty.alerts),
            waiting=self._waiting(),
            response=self._site.responder.look(cases),
        )

    def _waiting(self) -> int:
        with self._site.store.reading() as connection:
            return count_waiting(connection).total()

    def _metrics(self) -> dict[str, float]:
        """Return the sum of every metric; of the agents' events only those that the intake received."""
        try:
            text = httpx.get(f"{self._site.worker_health}/metrics", timeout=TIMEOUT_SECONDS, trust_env=False).text
        except httpx.HTTPError:
            return {}
        sums: dict[str, float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name != "wardwatch_agent_events_total" or sample.labels == INTAKE:
                    sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
        return sums
