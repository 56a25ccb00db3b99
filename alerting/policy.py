"""What the desk decides by: windows, the storm guard's limit, routes, titles. Values only, made from the settings."""

from collections.abc import Mapping

from msgspec import Struct, field

from alerting.grouping import Windows
from alerting.routes import Route
from alerting.storm import StormLimit

OWN_TITLES = {
    "tripwire": "A notice was stopped before it left",
    "notice_failed": "A notice could not be sent",
}
"""Titles of the incidents about Wardwatch itself."""


class Policy(Struct, frozen=True, kw_only=True):
    """Everything about the desk that a site may set.

    `titles` are neutral titles by rule id; `console_url` is where the authenticated console is, without a slash at
    the end.
    """

    windows: Windows = Windows()
    storm: StormLimit = StormLimit()
    routes: tuple[Route, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    console_url: str = ""

    @property
    def all_titles(self) -> Mapping[str, str]:
        """Titles of rules and of our own incidents."""
        return {**self.titles, **OWN_TITLES}
