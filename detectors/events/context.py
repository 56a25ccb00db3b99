"""Context events: what an organisation knows of its staff, patients and work, and that explains an access.

Each is kept beside the profile of the entity that needs it (design.md §2, §5).

Few sources know all of a patient or of a member of staff: an admission says who is of public interest, and nothing of
employment. In the records of both, a field that is left out, or an empty text, therefore means "not said" and changes
nothing; a flag that is `false` and an instant that is `null` are said and do. Field by field, what was known last (by
the event's `time`) holds, in whatever order the records arrive.
"""

import datetime
from typing import Literal

from msgspec import UNSET, UnsetType, field

from detectors.events.redacted import Instant, Redacted, Reference, Text


class StaffContext(Redacted):
    """One member of staff, from human resources. `terminated_at` ends the account, `notice_at` announces it.

    A date that is left out is not said, `null` says that there is none. Who was hired after the end of the account is
    back, so that a rehire needs no `null`. `last_login_at` is the last sign-in that the directory knows of.
    """

    user_ref: Reference
    dept: Text = ""
    role: Text = ""
    job_code: Text = ""
    status: Text = ""
    manager_ref: Text = ""
    hired_at: Instant | UnsetType | None = UNSET
    terminated_at: Instant | UnsetType | None = UNSET
    notice_at: Instant | UnsetType | None = UNSET
    shift: Text = ""
    self_patient_ref: Text = ""
    last_name_tok: Text = ""
    address_tok: Text = ""
    geo5: Text = ""
    block_tok: Text = ""
    last_login_at: Instant | UnsetType | None = UNSET


class PatientContext(Redacted):
    """Flags of one patient. One that is left out is not said; `deceased_at` of `null` says that the patient lives.

    `merged_into` is the record that goes on in the place of this one, `null` where a merge is taken back.
    """

    patient_ref: Reference
    vip: bool | UnsetType = UNSET
    is_employee: bool | UnsetType = UNSET
    deceased_at: Instant | UnsetType | None = UNSET
    restricted: bool | UnsetType = UNSET
    last_name_tok: Text = ""
    address_tok: Text = ""
    geo5: Text = ""
    age_band: Text = ""
    merged_into: Reference | UnsetType | None = UNSET
    block_tok: Text = ""


class AppointmentContext(Redacted):
    """An appointment of a patient with a person or a department."""

    patient_ref: Reference
    start: Instant
    user_ref: Text = ""
    dept: Text = ""
    end: Instant | None = None
    status: Text = ""


class EncounterContext(Redacted):
    """A visit or stay: the people who took part, the unit, and the reasons for it (`dx`, ICD-10-CM) where known."""

    patient_ref: Reference
    encounter_id: Text
    admit_at: Instant
    class_: Text = field(default="", name="class")
    dept: Text = ""
    unit: Text = ""
    user_refs: list[Reference] = []
    discharge_at: Instant | None = None
    facility: Text = ""
    dx: list[Text] = []


class OrderContext(Redacted):
    """An order, result or note by a user for a patient."""

    patient_ref: Reference
    at: Instant
    user_ref: Text = ""
    dept: Text = ""
    kind: Text = ""


class CareTeamContext(Redacted):
    """A user's membership of a patient's care team."""

    patient_ref: Reference
    user_ref: Reference
    from_: Instant = field(name="from")
    to: Instant | None = None


class TaskContext(Redacted):
    """A work-queue task (billing, coding, release of information, quality) on a patient, for a user or a pool."""

    patient_ref: Reference
    opened_at: Instant
    user_ref: Text = ""
    pool: Text = ""
    queue: Text = ""
    closed_at: Instant | None = None


class RosterContext(Redacted):
    """A shift of a user on a unit."""

    user_ref: Reference
    start: Instant
    end: Instant
    unit: Text = ""
    on_call: bool = False


class ExclusionContext(Redacted):
    """A party excluded from federal programmes, from one list; `to` is absent while the exclusion stands."""

    from_: datetime.date = field(name="from")
    npi: Text = ""
    name_tok: Text = ""
    to: datetime.date | None = None
    list: Text = ""


class Feedback(Redacted):
    """A verdict of a reviewer on a finding or an incident."""

    verdict: Literal[
        "true_positive_malicious", "true_positive_policy", "benign_explained", "false_positive_rule",
        "false_positive_data", "duplicate", "insufficient_data",
    ]  # fmt: skip
    by: Reference
    at: Instant
    finding_id: Text = ""
    incident_id: Text = ""
    note_hash: Text = ""
