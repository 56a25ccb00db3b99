"""`AccessEvent`: one access to a patient record, or a session event of the system that holds it (domain.md §1.3)."""

from typing import Annotated, Literal

from msgspec import Meta

from detectors.events.redacted import Instant, Redacted, Reference, Text

Action = Literal[
    "login", "logout", "login_failed", "query", "read", "create", "update", "delete", "print", "export", "import",
    "download", "transmit", "disclose", "break_glass_start", "break_glass_end", "privilege_change",
    "user_attribute_change", "audit_tamper",
]  # fmt: skip
Outcome = Literal["success", "minor_failure", "serious_failure", "major_failure"]
Count = Annotated[int, Meta(ge=0, le=10**12)]


class Source(Redacted):
    """Where a record came from, as far as its system says."""

    system: Text = ""
    format: Text = ""
    file_id: Text = ""
    isa13: Text = ""
    gs06: Text = ""
    st02: Text = ""
    originator_id: Text = ""
    ordinal: int = 0


class Actor(Redacted):
    """Who acted. `id` is in one namespace with `user.ref` and `user_ref`; `block_tok` is the home's street block."""

    id: Reference
    type: Literal["human", "service", "patient", "proxy", "vendor"] = "human"
    roles: list[Text] = []
    dept: Text = ""
    job_code: Text = ""
    employment_status: Text = ""
    manager_ref: Text = ""
    npi: Text = ""
    self_patient_ref: Text = ""
    last_name_tok: Text = ""
    address_tok: Text = ""
    geo5: Text = ""
    block_tok: Text = ""


class Session(Redacted):
    """The session of the access."""

    id: Text = ""
    auth: Text = ""
    mfa: bool | None = None
    token_jti: Text = ""


class Geo(Redacted):
    """A position on the earth; `accuracy_km` is the radius that the position is good for."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    accuracy_km: Annotated[float, Meta(ge=0, le=20040)] = 0.0


class Client(Redacted):
    """The machine and application that the actor used."""

    ip: Text = ""
    ip_class: Literal["", "onsite", "vpn", "remote", "cloud"] = ""
    device_id: Text = ""
    workstation: Text = ""
    location: Text = ""
    geo: Geo | None = None
    app: Text = ""
    user_agent: Text = ""


class AccessedPatient(Redacted):
    """Whose record it was. `mrn_rank` is the numeric order of the MRN, computed in the secure zone."""

    ref: Reference
    mrn_rank: int | None = None
    vip: bool = False
    deceased_at: Instant | None = None
    is_employee: bool = False
    last_name_tok: Text = ""
    address_tok: Text = ""
    geo5: Text = ""
    age_band: Text = ""
    block_tok: Text = ""


class Resource(Redacted):
    """What was opened. `sensitivity` holds codes such as PSY, SUD, ETH, HIV, SEX, GDIS, EMP."""

    type: Text = ""
    id: Text = ""
    category: Text = ""
    sensitivity: list[Text] = []
    encounter_ref: Text = ""


class Purpose(Redacted):
    """Why, as the source states it (v3-ActReason code); the free text itself is kept out."""

    code: Text = ""
    text_present: bool = False


class BreakGlass(Redacted):
    """Emergency access."""

    flag: bool = False
    reason_code: Text = ""
    expires_at: Instant | None = None


class Query(Redacted):
    """A search: the hash of its text, never the text."""

    sha256: Text = ""
    result_count: Count | None = None


class Volume(Redacted):
    """How much left the system."""

    records: Count = 0
    bytes: Count = 0
    pages: Count = 0


class AccessEvent(Redacted):
    """One access to a patient record, or a session event without a patient (login, logout, privilege change)."""

    action: Action
    occurred_at: Instant
    actor: Actor
    outcome: Outcome = "success"
    recorded_at: Instant | None = None
    ingested_at: Instant | None = None
    session: Session | None = None
    client: Client | None = None
    patient: AccessedPatient | None = None
    resource: Resource | None = None
    purpose: Purpose | None = None
    break_glass: BreakGlass | None = None
    query: Query | None = None
    volume: Volume | None = None
    src: Source | None = None
    raw_ref: Text = ""
