"""Looking at a case is an act of its own (45 CFR 164.312(b)): who saw which case is in the audit log."""

from alerting.act import Act
from alerting.command import Command


class Look(Command[None], frozen=True, kw_only=True):
    """Somebody opens a case, with all that it holds."""

    incident_id: str


def look(act: Act, command: Look) -> None:
    """Carry out `Look`: see that there is such a case; the desk writes the audit entry."""
    act.incident(command.incident_id)
