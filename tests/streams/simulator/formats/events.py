"""Any event of the kinds that the formats carry: what hypothesis draws, by the file that it belongs in."""

from typing import Any

from hypothesis import strategies as st

from detectors.events import (
    AccessEvent,
    AppointmentContext,
    CareTeamContext,
    Data,
    EncounterContext,
    Event,
    ExclusionContext,
    OrderContext,
    PatientContext,
    RosterContext,
    StaffContext,
    TaskContext,
)
from detectors.events.access import (
    AccessedPatient,
    Actor,
    BreakGlass,
    Client,
    Geo,
    Purpose,
    Query,
    Resource,
    Session,
    Volume,
)
from streams.simulator.formats.audit_codes import DICOM
from tests.streams.simulator.formats.drawn_billing import claims, payments, remits
from tests.streams.simulator.formats.values import dates, degrees, event, maybe, moments, npis, words


def accesses(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[Event]:
    """An access, or a login and the like, in the shapes that the simulator has and all actions that have a code."""
    actors = st.builds(
        Actor,
        id=alphabet,
        type=st.sampled_from(["human", "service", "vendor", "patient"]),
        roles=st.lists(alphabet, min_size=1, max_size=2, unique=True),
        dept=maybe(alphabet),
        job_code=maybe(alphabet),
        last_name_tok=maybe(alphabet),
        address_tok=maybe(alphabet),
        geo5=maybe(alphabet),
        block_tok=maybe(alphabet),
    )
    clients = st.builds(
        Client,
        ip=maybe(st.ip_addresses().map(str)),
        ip_class=st.sampled_from(["", "vpn"]),
        device_id=maybe(alphabet),
        workstation=st.from_regex("[A-Z]{2}-[0-9]{3}", fullmatch=True),
        location=maybe(alphabet),
        geo=maybe(st.builds(Geo, lat=degrees(90), lon=degrees(180), accuracy_km=degrees(100).map(abs)), None),
        app=alphabet,
    )
    shown = st.builds(
        AccessedPatient,
        ref=alphabet,
        mrn_rank=maybe(st.integers(0, 10**9), None),
        vip=st.booleans(),
        deceased_at=maybe(moments(), None),
        is_employee=st.booleans(),
        last_name_tok=maybe(alphabet),
        address_tok=maybe(alphabet),
        geo5=maybe(alphabet),
        block_tok=maybe(alphabet),
        age_band=maybe(alphabet),
    )
    resources = st.builds(
        Resource,
        type=st.sampled_from(["DocumentReference", "Observation"]),
        id=maybe(alphabet),
        category=maybe(alphabet),
        sensitivity=st.lists(st.sampled_from(["PSY", "HIV"]), max_size=1),
    )

    @st.composite
    def drawn(draw: st.DrawFn) -> Event:
        action = draw(st.sampled_from(sorted(DICOM)))
        access = AccessEvent(
            action=action,
            occurred_at=draw(moments()),
            recorded_at=draw(maybe(moments(), None)),
            actor=draw(actors),
            outcome="success"
            if action == "login"
            else "minor_failure"
            if action == "login_failed"
            else "major_failure",
            session=draw(maybe(st.builds(Session, id=alphabet, auth=maybe(alphabet), mfa=st.booleans()), None)),
            client=draw(clients),
            break_glass=draw(maybe(st.builds(BreakGlass, flag=st.booleans(), expires_at=maybe(moments(), None)), None)),
            purpose=draw(
                maybe(st.builds(Purpose, code=st.sampled_from(["TREAT", "BTG"]), text_present=st.booleans()), None)
            ),
        )
        if draw(st.booleans()):
            access.patient, access.resource = draw(shown), draw(resources)
            access.query = draw(maybe(st.builds(Query, result_count=st.integers(0, 10**6)), None))
            access.volume = draw(maybe(st.builds(Volume, records=st.integers(1, 10**6)), None))
        return event(access)

    return drawn()


def context(kind: type[Data], /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    return st.builds(event, st.builds(kind, **fields), moments())


_ref = words

EVENTS: dict[str, st.SearchStrategy[Event]] = {
    "x12/claims-professional.x12": claims(professional=True),
    "x12/claims-institutional.x12": claims(professional=False),
    "x12/remittances.x12": remits(),
    "fhir/AuditEvent.ndjson": accesses(words),
    "fhir/Claim.ndjson": claims(professional=True) | claims(professional=False),
    "fhir/ExplanationOfBenefit.ndjson": remits(),
    "fhir/Invoice.ndjson": payments(("write_off",)),
    "atna/audit-messages.xml": accesses(words),
    "csv/plain_access.csv": accesses(words),
    "csv/generic_payments.csv": payments(),
    "csv/plain_staff.csv": context(
        StaffContext, user_ref=_ref, dept=maybe(_ref), role=maybe(_ref), shift=maybe(_ref), manager_ref=maybe(_ref),
        hired_at=maybe(moments(), None), terminated_at=maybe(moments(), None), notice_at=maybe(moments(), None),
        block_tok=maybe(_ref), last_login_at=maybe(moments(), None),
    ),
    "csv/plain_patient.csv": context(
        PatientContext, patient_ref=_ref, vip=st.booleans(), is_employee=st.booleans(),
        deceased_at=maybe(moments(), None), restricted=st.booleans(), geo5=maybe(_ref), age_band=maybe(_ref),
        block_tok=maybe(_ref),
    ),
    "csv/plain_appointment.csv": context(
        AppointmentContext, patient_ref=_ref, start=moments(), user_ref=maybe(_ref), end=maybe(moments(), None),
    ),
    "csv/plain_encounter.csv": context(
        EncounterContext, patient_ref=_ref, encounter_id=_ref, admit_at=moments(), class_=maybe(_ref),
        user_refs=st.lists(_ref, max_size=3), discharge_at=maybe(moments(), None), dx=st.lists(_ref, max_size=3),
    ),
    "csv/plain_order.csv": context(OrderContext, patient_ref=_ref, at=moments(), kind=maybe(_ref)),
    "csv/plain_care_team.csv": context(
        CareTeamContext, patient_ref=_ref, user_ref=_ref, from_=moments(), to=maybe(moments(), None)
    ),
    "csv/plain_task.csv": context(
        TaskContext, patient_ref=_ref, opened_at=moments(), pool=maybe(_ref), closed_at=maybe(moments(), None)
    ),
    "csv/plain_roster.csv": context(
        RosterContext, user_ref=_ref, start=moments(), end=moments(), unit=maybe(_ref), on_call=st.booleans()
    ),
    "csv/plain_exclusion.csv": context(
        ExclusionContext, from_=dates, npi=maybe(npis), name_tok=maybe(_ref), to=maybe(dates, None),
        list=st.just("LEIE")
    ),
}  # fmt: skip
"""File to the events that belong in it."""
