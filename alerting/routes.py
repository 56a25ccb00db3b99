"""Who is told: the first route whose severity is reached names the channels, and whom to try when one fails."""

from collections.abc import Sequence

from msgspec import Struct

from alerting.severity import IncidentSeverity

LOG = "log"
"""The channel that needs nothing and cannot fail."""


class Route(Struct, frozen=True):
    """Incidents at least as grave as `at_least` go to all of `channels`; one that fails is followed by `fallbacks`."""

    at_least: IncidentSeverity
    channels: tuple[str, ...]
    fallbacks: tuple[str, ...] = ()


EVERYTHING_TO_THE_LOG = Route(at_least="SEV4", channels=(LOG,))


def route_for(severity: IncidentSeverity, routes: Sequence[Route]) -> Route:
    """Return the first route for a severity, or the log."""
    return next((route for route in routes if severity <= route.at_least), EVERYTHING_TO_THE_LOG)
