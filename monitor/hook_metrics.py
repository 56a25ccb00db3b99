"""What Prometheus sees of `wardwatch hooks`: who calls, what is answered, and how soon.

Labels are the routes of our own table and status codes. A path as it came is none: it may hold the token of a link.
"""

from http import HTTPStatus

from prometheus_client import CollectorRegistry

from monitor.metric_set import MetricSet

UNKNOWN = "none"
"""The route of a path that we do not answer."""
REFUSED, TOO_MANY = HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS


class HookMetrics(MetricSet):
    """The metrics of the hooks."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry)
        self._requests = self._counter("hook_requests", "Requests by route and answer (status).", "route", "answer")
        refused = "Requests that were refused: their signature is wrong, or too old."
        self._refused = self._counter("hook_refused_signatures", refused, "route")
        limited = "Requests that were refused because there were too many wrong ones."
        self._limited = self._counter("hook_rate_limited", limited, "route")
        self._seconds = self._histogram("hook_seconds", "Time to answer; Slack waits 3 s, PagerDuty 5 s.", "route")

    def answered(self, route: str | None, status: HTTPStatus, seconds: float) -> None:
        """Count a request and its answer; `route` is None for a path that we do not answer."""
        name = route or UNKNOWN
        self._requests.labels(name, str(status.value)).inc()
        self._seconds.labels(name).observe(seconds)
        if status is REFUSED:
            self._refused.labels(name).inc()
        elif status is TOO_MANY:
            self._limited.labels(name).inc()
