"""People whom a provider knows and the response plan does not: what they tried is written down, and nothing is done.

A signature of Slack or PagerDuty proves who asks, not that they may. Whoever is to have rights is a person of the plan
with a role (45 CFR 164.312(a)(2)(i) and (d): one name for one person, and proof of it).
"""

from msgspec import Struct

from alerting.act import Act
from alerting.incidents import Incident


class Stranger(Struct, frozen=True):
    """Somebody by their id at a provider, which is also the name of the field of the plan that maps it."""

    provider: str
    user: str

    @property
    def actor(self) -> str:
        """How logs and timelines name them."""
        return f"{self.provider}:{self.user}"

    @property
    def remedy(self) -> str:
        """What to do if they are to be let."""
        return (
            f"Whoever this is has no rights: nobody in the response plan has this id. To let them, give the person "
            f"`{self.provider}: {self.user}` and a role under `people`."
        )


def turn_away(act: Act, stranger: Stranger, action: str, incident: Incident | None) -> None:
    """Write down what a stranger tried: in the audit log, and in the case with what to map if it was about one."""
    if incident is not None:
        detail: dict[str, str | int] = {"command": action, "by": stranger.provider}
        act.note(incident, action="refused", actor=stranger.actor, note=stranger.remedy, detail=detail)
    act.audit(actor=stranger.actor, action=action, outcome="refused", incident=incident.id if incident else "")
