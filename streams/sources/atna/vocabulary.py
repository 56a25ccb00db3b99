"""What the codes of an audit message say: event, type and action codes to the action of an `AccessEvent`.

Shared by DICOM/ATNA audit messages and FHIR AuditEvents, which carry the same codes (DICOM PS3.15 A.5, PS3.16 CID 400
and 401; domain.md §1.6 and §1.7).
"""

from collections.abc import Iterable
from typing import Literal

from detectors.events import BadRecord
from detectors.events.access import Action, Outcome

Letter = Literal["C", "R", "U", "D", "E"]
"""EventActionCode, AuditEvent.action: create, read, update, delete, execute."""

OUTCOMES: dict[str, Outcome] = {
    "0": "success",
    "4": "minor_failure",
    "8": "serious_failure",
    "12": "major_failure",
}
"""EventOutcomeIndicator, AuditEvent.outcome."""

LETTERS: dict[str, Action] = {"C": "create", "R": "read", "U": "update", "D": "delete"}
"""The action where the kind of the event does not say more; `E` alone says too little."""

_EVENTS: dict[str, Action] = {
    "110101": "read",
    "110104": "transmit",
    "110105": "delete",
    "110106": "export",
    "110107": "import",
    "110112": "query",
}
"""Events that say what was done whatever their letter.

110101, the audit log was used, is a read of the audit log: whether the reader belongs to the audit team, and so whether
it is tampering (A27), is not in the record.
"""

AUDIT_LOG_USED, AUDIT_LOG = "110101", "audit_log"
"""The event, and the category of what was opened by it: rules tell readers of the audit team from others."""

_BY_LETTER = frozenset({"110100", "110102", "110103", "110109", "110110", "110111"})
"""Application activity (of other types than start and stop), DICOM instances begun or accessed; order, patient and
procedure record."""

_TYPES: dict[str, Action] = {
    "110122": "login",
    "110123": "logout",
    "110126": "login",
    "110127": "break_glass_start",
    "110133": "audit_tamper",
    "110136": "privilege_change",
    "110137": "privilege_change",
    "110138": "break_glass_end",
    "ITI-71": "login",
}
"""Types of 110113 security alert and 110114 user authentication; ITI-71 is IHE IUA's Get Access Token."""

_AUTHENTICATION, _ALERT = "110114", "110113"
_NO_ACCESS_TYPES = frozenset({"110120", "110121"})
_DISCLOSURES = frozenset({"disclose", "disclosure"})

AUTHORISATION_DECISIONS = frozenset({"AuthZ-Consent", "AuthZ-Role"})
"""Types of a security alert that reports a decision (IHE BALP). A permit is followed by the record of the access; of a
denial this is the only record."""


def dicom_action(event: str, types: Iterable[str], letter: str, outcome: Outcome) -> Action:
    """Return what an event of the DICOM vocabulary was.

    Args:
        event: code of EventID, AuditEvent.type.
        types: codes of EventTypeCode, AuditEvent.subtype.
        letter: EventActionCode, "" where absent.
        outcome: whether it succeeded.

    Raises:
        BadRecord: `not_an_access` where nobody touched a record or a session, `unknown_event_type` where the codes say
            nothing that we know.
    """
    types = tuple(types)
    if event in (_ALERT, _AUTHENTICATION):
        return _security_action(types, outcome)
    if event == "110106" and any(type_.casefold() in _DISCLOSURES for type_ in types):
        return "disclose"
    if event in _EVENTS:
        return _EVENTS[event]
    if event in _BY_LETTER:
        if not _NO_ACCESS_TYPES.isdisjoint(types):
            raise BadRecord("not_an_access", "application start or stop")
        return letter_action(letter)
    if event == "110108":
        raise BadRecord("not_an_access", "network entry")
    return letter_action(letter)


def letter_action(letter: str) -> Action:
    """Return the action of C, R, U or D.

    Raises:
        BadRecord: `unknown_event_type` for E and for nothing.
    """
    try:
        return LETTERS[letter]
    except KeyError:
        raise BadRecord("unknown_event_type", "neither type nor action says what was done") from None


def _security_action(types: tuple[str, ...], outcome: Outcome) -> Action:
    action = next((_TYPES[type_] for type_ in types if type_ in _TYPES), None)
    if action == "login":
        return "login" if outcome == "success" else "login_failed"
    if action:
        return action
    if not AUTHORISATION_DECISIONS.isdisjoint(types):
        if outcome == "success":
            raise BadRecord("not_an_access", "authorisation granted; the access has a record of its own")
        return "read"
    raise BadRecord("not_an_access", "security alert that concerns no access or session")
