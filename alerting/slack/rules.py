"""What a site says about rooms: private channels for single cases."""

from collections.abc import Iterator

from msgspec import Struct

from alerting.people import Team
from alerting.severity import IncidentSeverity


class Rooms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cases get a room, and which team works there."""

    team: str
    at_least: IncidentSeverity = "SEV1"

    def problems(self, teams: tuple[Team, ...]) -> Iterator[str]:
        """Yield what is wrong with it."""
        if self.team not in {team.name for team in teams}:
            yield f"slack_rooms: there is no team {self.team!r} in `teams`"
