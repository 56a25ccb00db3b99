"""The canonical events: billing transactions, accesses to patient records, and the context that explains them."""

from detectors.events.access import AccessEvent
from detectors.events.billing import BillingTransaction
from detectors.events.context import (
    AppointmentContext,
    CareTeamContext,
    EncounterContext,
    ExclusionContext,
    Feedback,
    OrderContext,
    PatientContext,
    RosterContext,
    StaffContext,
    TaskContext,
)
from detectors.events.envelope import DATA_TYPES, TYPE_OF, BadRecord, Data, Event, event_id, event_type
from detectors.events.redacted import Redacted

__all__ = [
    "DATA_TYPES",
    "TYPE_OF",
    "AccessEvent",
    "AppointmentContext",
    "BadRecord",
    "BillingTransaction",
    "CareTeamContext",
    "Data",
    "EncounterContext",
    "Event",
    "ExclusionContext",
    "Feedback",
    "OrderContext",
    "PatientContext",
    "Redacted",
    "RosterContext",
    "StaffContext",
    "TaskContext",
    "event_id",
    "event_type",
]
