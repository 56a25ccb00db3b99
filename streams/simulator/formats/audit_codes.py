"""How the audit formats say what was done: actions of an access to codes (DICOM PS3.15 A.5; domain.md §1.6, §1.7)."""

import datetime
from typing import NamedTuple

from detectors.events.access import Action, Outcome


class Said(NamedTuple):
    """An event: its code and text, those of its type, "" where it has none, and the letter of its action."""

    event: str
    event_text: str
    type: str
    type_text: str
    letter: str


_ALERT, _AUTHENTICATION = "110113", "110114"

DICOM: dict[Action, Said] = {
    "login": Said(_AUTHENTICATION, "User Authentication", "110122", "Login", "E"),
    "logout": Said(_AUTHENTICATION, "User Authentication", "110123", "Logout", "E"),
    "login_failed": Said(_AUTHENTICATION, "User Authentication", "110122", "Login", "E"),
    "query": Said("110112", "Query", "", "", "E"),
    "read": Said("110110", "Patient Record", "", "", "R"),
    "create": Said("110110", "Patient Record", "", "", "C"),
    "update": Said("110110", "Patient Record", "", "", "U"),
    "delete": Said("110110", "Patient Record", "", "", "D"),
    "print": Said("110106", "Export", "", "", "R"),
    "export": Said("110106", "Export", "", "", "R"),
    "import": Said("110107", "Import", "", "", "C"),
    "transmit": Said("110104", "DICOM Instances Transferred", "", "", "R"),
    "disclose": Said("110106", "Export", "disclosure", "Disclosure", "R"),
    "break_glass_start": Said(_ALERT, "Security Alert", "110127", "Emergency Override Started", "E"),
    "break_glass_end": Said(_ALERT, "Security Alert", "110138", "Emergency Override Stopped", "E"),
    "privilege_change": Said(_ALERT, "Security Alert", "110136", "Security Roles Changed", "E"),
    "audit_tamper": Said(_ALERT, "Security Alert", "110133", "Audit Recording Stopped", "E"),
}
"""What audit messages and AuditEvents can say; a download and a change of a user's attributes have no code."""

OUTCOMES: dict[Outcome, str] = {"success": "0", "minor_failure": "4", "serious_failure": "8", "major_failure": "12"}


def written(instant: datetime.datetime) -> str:
    """Return an instant in UTC as both formats write it."""
    return instant.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
