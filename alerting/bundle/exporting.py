"""Exporting a case is an act that its timeline and the audit log tell of, with the hash of what left."""

from alerting.act import Act
from alerting.command import Command


class ExportCase(Command[None], frozen=True, kw_only=True):
    """Somebody takes a case out of the house as a bundle of this SHA-256, for a purpose."""

    incident_id: str
    purpose: str
    sha256: str


def export_case(act: Act, command: ExportCase) -> None:
    """Carry out `ExportCase`: note it; the desk writes the audit entry with the purpose."""
    act.note(
        act.incident(command.incident_id),
        action="exported",
        actor=command.actor,
        note=command.purpose,
        detail={"sha256": command.sha256},
    )
