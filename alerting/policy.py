"""What the desk decides by: windows, the storm guard's limit, routes, titles. Values only, made from the settings."""

from collections.abc import Mapping

from msgspec import Struct, field

from alerting.grouping import Windows
from alerting.incidents import Incident
from alerting.plan import Plan
from alerting.routes import EVERYTHING_TO_THE_LOG, Route, route_for
from alerting.storm import StormLimit

OWN_TITLES = {
    "tripwire": "A notice was stopped before it left",
    "notice_failed": "A notice could not be sent",
    "nobody_reached": "Nobody answered to a case",
    "review_overdue": "A review of activity is overdue",
}
"""Titles of the incidents about Wardwatch itself."""


class Policy(Struct, frozen=True, kw_only=True):
    """Everything about the desk that a site may set.

    `queue_route` is that of cases for billing quality and for the data team, which never page; `routes` are those of
    all others. `titles` are neutral titles by rule id; `console_url` is where the authenticated console is, without a
    slash at the end; `plan` is the response plan. `subjects` are the accounts of its people, and their NPIs:
    token or NPI to work name.
    """

    windows: Windows = Windows()
    storm: StormLimit = StormLimit()
    routes: tuple[Route, ...] = ()
    queue_route: Route = EVERYTHING_TO_THE_LOG
    titles: Mapping[str, str] = field(default_factory=dict)
    console_url: str = ""
    plan: Plan = field(default_factory=Plan)
    subjects: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def route_of(self, incident: Incident) -> Route:
        """Return the route for an incident."""
        return self.queue_route if incident.queue else route_for(incident.severity, self.routes)

    @property
    def all_titles(self) -> Mapping[str, str]:
        """Titles of rules and of our own incidents."""
        return {**self.titles, **OWN_TITLES}
