"""Claims, benefits, payments and invoices by hand."""

import datetime
from typing import Any

import pytest

from detectors.events import AppointmentContext, BillingTransaction, EncounterContext, Event
from tests.streams.sources.fhir.samples import claim, folder, read, refusal, transaction

DAY = datetime.date


def money(value: float) -> dict[str, Any]:
    return {"value": value, "currency": "USD"}


def concept(code: str, system: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} if system else {"code": code}]}


def test_a_claim_of_the_standard_field_by_field() -> None:
    found = transaction(folder("fhir-r4-examples").joinpath("Claim-MED-00050.json").read_bytes())
    assert found.kind == "claim_submitted"
    # 2015-10-16T00:00:00-07:00
    assert found.occurred_at == datetime.datetime(2015, 10, 16, 7, tzinfo=datetime.UTC)
    assert found.claim is not None
    assert (found.claim.pcn, found.claim.type, found.claim.frequency) == ("MED-00050", "institutional", "1")
    assert (found.claim.facility_code, found.claim.pos) == ("83", "24")  # type of bill 831; place of service
    assert found.claim.admit_at == datetime.datetime(2015, 10, 1, 7, tzinfo=datetime.UTC)
    assert found.claim.discharge_at == datetime.datetime(2015, 10, 5, 7, tzinfo=datetime.UTC)
    assert found.claim.discharge_status == "01"
    assert [(dx.code, dx.system, dx.seq) for dx in found.claim.dx] == [
        ("M96.1", "icd10", 1), ("G89.4", "icd10", 2), ("M53.88", "icd10", 3), ("M47.816", "icd10", 4),
    ]  # fmt: skip
    assert found.patient is not None
    assert (found.patient.birth_date, found.patient.sex) == (DAY(1954, 6, 11), "F")
    assert (found.patient.zip3, found.patient.state) == ("971", "OR")
    assert len(found.patient.ref) == 64  # a contained patient without a number
    assert found.member is not None
    assert (found.member.ref, found.member.payer_id, found.member.relationship) == ("10138556", "123456", "self")
    (line,) = found.lines
    assert (line.code, line.code_system, line.charge, line.units) == ("62264", "HC", 1_250_000, 1.0)
    assert (line.dos_from, line.dos_to, line.dx_ptr, line.pos) == (DAY(2015, 10, 13), DAY(2015, 10, 13), [2, 4], "24")
    assert found.amounts is not None
    assert found.amounts.charge == 1_250_000


def test_a_contained_patient_is_the_same_in_every_claim() -> None:
    def ref(given: str) -> str:
        patient = {"resourceType": "Patient", "id": "x", "name": [{"family": "Doe", "given": [given]}]}
        found = transaction(claim(contained=[patient], patient={"reference": "#x"}))
        assert found.patient is not None
        return found.patient.ref

    assert ref("Ann") == ref("ann")
    assert ref("Ann") != ref("Eve")


def test_a_contained_patient_goes_by_its_record_number() -> None:
    numbers = [{"value": "SSN-1", "type": concept("SS")}, {"value": "MRN-1", "type": concept("MR")}]
    patient = {"resourceType": "Patient", "id": "x", "identifier": numbers}
    found = transaction(claim(contained=[patient], patient={"reference": "#x"}))
    assert found.patient is not None
    assert found.patient.ref == "MRN-1"


@pytest.mark.parametrize(
    ("changes", "kind", "frequency"),
    [
        ({}, "claim_submitted", "1"),
        ({"status": "cancelled"}, "claim_voided", "8"),
        ({"status": "entered-in-error"}, "claim_voided", "8"),
        ({"related": [{"relationship": concept("prior"), "reference": {"value": "ICN-7"}}]}, "claim_replaced", "7"),
        ({"related": [{"relationship": concept("associated")}]}, "claim_submitted", "1"),
    ],
)
def test_status_and_relation_say_what_a_claim_is(changes: dict[str, Any], kind: str, frequency: str) -> None:
    found = transaction(claim(**changes))
    assert found.claim is not None
    assert (found.kind, found.claim.frequency) == (kind, frequency)
    assert found.claim.original_ref == ("ICN-7" if frequency == "7" else "")


@pytest.mark.parametrize(
    ("changes", "reason", "place"),
    [
        ({"use": "predetermination"}, "predetermination", "use"),
        ({"status": "draft"}, "draft", "status"),
        ({"status": "bogus"}, "unknown_code", "$.status"),
        ({"insurance": []}, "missing_field", "$.insurance"),
        ({"provider": None}, "missing_field", "provider"),
        ({"item": [{"sequence": 2**70, "productOrService": {}}]}, "wrong_type", "$.item[0].sequence"),
        ({"created": "16.08.2026"}, "impossible_date", "created"),
        ({"created": "2026-02-30"}, "impossible_date", "created"),
        ({"total": money(1e12)}, "out_of_range", "total"),
        ({"total": {"value": "NaN"}}, "out_of_range", "total"),
        ({"total": {"value": "Infinity"}}, "out_of_range", "total"),
        ({"item": [{"sequence": 1}]}, "missing_field", "$.item[0].productOrService"),
        ({"item": [{"sequence": 1, "productOrService": {}}] * 1001}, "too_many_lines", "item"),
    ],
)
def test_a_claim_that_is_none_is_refused(changes: dict[str, Any], reason: str, place: str) -> None:
    found_reason, found_place = refusal(claim(**changes))
    assert found_reason == reason
    assert place in found_place


@pytest.mark.parametrize("quantity", ["NaN", "-Infinity", 1e7])
def test_a_quantity_that_is_none_is_refused(quantity: object) -> None:
    item = {"sequence": 1, "productOrService": concept("99213"), "quantity": {"value": quantity}}
    assert refusal(claim(item=[item]))[0] == "out_of_range"


def test_a_decimal_in_quotes_is_read() -> None:
    found = transaction(claim(total={"value": "12.50"}))
    assert found.amounts is not None
    assert found.amounts.charge == 1250


def test_the_price_stands_in_for_a_missing_net_amount() -> None:
    item = {
        "sequence": 1, "productOrService": concept("D1110"), "unitPrice": money(12.25),
        "quantity": {"value": 3}, "factor": 0.5,
    }  # fmt: skip
    (line,) = transaction(claim(item=[item])).lines
    assert (line.charge, line.units) == (1838, 3.0)  # 12.25 * 3 * 0.5 = 18.375


def test_the_providers_of_a_bundle_are_known_by_npi() -> None:
    def provider(type_: str, id_: str, npi: str) -> dict[str, Any]:
        number = {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}
        return {"resource": {"resourceType": type_, "id": id_, "identifier": [number]}}

    team = [
        {"sequence": 1, "provider": {"reference": "Practitioner/d1"}, "role": concept("rendering")},
        {"sequence": 2, "provider": {"reference": "http://ehr/fhir/Practitioner/d2"}, "role": concept("referring")},
    ]
    item = {"sequence": 1, "productOrService": concept("99213"), "careTeamSequence": [1]}
    record = claim(provider={"reference": "Organization/o1"}, careTeam=team, item=[item])
    bundle = {
        "resourceType": "Bundle", "type": "collection",
        "entry": [
            {"resource": record}, provider("Organization", "o1", "1234567893"),
            provider("Practitioner", "d1", "1992753880"), provider("Practitioner", "d2", "610"),
        ],
    }  # fmt: skip
    items = read(bundle)
    assert len(items) == 4
    assert isinstance(items[0], Event)
    found = items[0].data
    assert isinstance(found, BillingTransaction)
    assert found.billing is not None
    assert (found.billing.npi, found.billing.entity) == ("1234567893", "2")
    assert found.rendering is not None
    assert (found.rendering.npi, found.rendering.entity) == ("1992753880", "1")
    assert found.referring is not None
    assert found.referring.npi == ""  # what is no ten digits is no NPI
    assert found.lines[0].rendering_npi == "1992753880"


def benefit(**changes: Any) -> dict[str, Any]:
    """A CARIN Blue Button benefit of one line, paid in part."""

    def adjudication(code: str, amount: float, reason: str = "") -> dict[str, Any]:
        found: dict[str, Any] = {"category": concept(code), "amount": money(amount)}
        return found | ({"reason": concept(reason)} if reason else {})

    record: dict[str, Any] = {
        "resourceType": "ExplanationOfBenefit", "id": "e1", "status": "active", "use": "claim", "outcome": "complete",
        "type": concept("professional"), "patient": {"reference": "Patient/p1"}, "created": "2026-03-02",
        "identifier": [{"type": concept("uc"), "value": "ICN-1"}],
        "insurer": {"identifier": {"value": "PAYER"}}, "provider": {"reference": "Organization/o1"},
        "insurance": [{"focal": True, "coverage": {"reference": "Coverage/v1"}}],
        "supportingInfo": [
            {"sequence": 1, "category": concept("patientaccountnumber"), "valueString": "PCN-1"},
            {"sequence": 2, "category": concept("clmrecvddate"), "timingDate": "2026-03-01"},
            {"sequence": 3, "category": concept("typeofbill"), "code": concept("0137")},
        ],
        "item": [
            {
                "sequence": 1, "productOrService": concept("99213"), "net": money(120.0),
                "adjudication": [
                    adjudication("eligible", 90.0), adjudication("benefit", 70.0), adjudication("copay", 20.0),
                    adjudication("adjustmentreason", 30.0, "45"),
                ],
            }
        ],
        "total": [
            adjudication("submitted", 120.0), adjudication("benefit", 70.0), adjudication("copay", 20.0),
            adjudication("memberliability", 25.0), adjudication("discount", 30.0),
        ],
        "payment": {"date": "2026-03-09", "amount": money(70.0), "identifier": {"value": "EFT-1"}},
    }  # fmt: skip
    return record | changes


def test_a_benefit_field_by_field() -> None:
    found = transaction(benefit())
    assert found.kind == "remit_paid"
    assert found.occurred_at == datetime.datetime(2026, 3, 9, tzinfo=datetime.UTC)
    assert found.recorded_at == datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    assert found.claim is not None
    assert (found.claim.pcn, found.claim.payer_ccn, found.claim.status) == ("PCN-1", "ICN-1", "complete")
    assert (found.claim.facility_code, found.claim.frequency) == ("13", "7")
    assert found.amounts is not None
    amounts = found.amounts
    # The member's liability is the sum of what the patient owes, the copay included.
    assert (amounts.charge, amounts.paid, amounts.patient_resp, amounts.adjustment) == (12000, 7000, 2500, 3000)
    (line,) = found.lines
    assert (line.charge, line.allowed, line.paid, line.patient_resp) == (12000, 9000, 7000, 2000)
    assert [(one.carc, one.amount) for one in line.adjustments] == [("45", 3000)]
    assert found.payment is not None
    assert (found.payment.trace, found.payment.effective) == ("EFT-1", DAY(2026, 3, 9))
    assert found.payment.payer_id == "PAYER"


def test_adjustments_of_lines_are_summed_where_no_total_says_them() -> None:
    amounts = transaction(benefit(total=[])).amounts
    assert amounts is not None
    assert (amounts.adjustment, amounts.paid) == (3000, 7000)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"status": "cancelled"}, "remit_reversed"),
        ({"outcome": "error"}, "remit_denied"),
        ({"item": [], "total": [], "payment": {}}, "remit_denied"),
        ({"outcome": "partial"}, "remit_paid"),
    ],
)
def test_status_and_outcome_say_what_a_benefit_is(changes: dict[str, Any], kind: str) -> None:
    assert transaction(benefit(**changes)).kind == kind


def test_what_the_payer_has_not_decided_is_refused() -> None:
    assert refusal(benefit(outcome="queued")) == ("not_adjudicated", "line 1: outcome")
    assert refusal(benefit(outcome="done"))[0] == "unknown_code"
    assert refusal(benefit(use="preauthorization"))[0] == "preauthorization"


def test_a_claim_response_of_the_standard_field_by_field() -> None:
    found = transaction(folder("fhir-r4-examples").joinpath("ClaimResponse-R3500.json").read_bytes())
    assert found.claim is not None
    assert (found.claim.pcn, found.claim.payer_ccn, found.claim.status) == ("15476332402", "R3500", "complete")
    assert found.amounts is not None
    assert (found.amounts.charge, found.amounts.allowed, found.amounts.paid) == (13557, 13557, 9047)
    assert found.amounts.patient_resp == 1000
    (line,) = found.lines
    assert (line.n, line.paid, line.patient_resp, line.remarks) == (1, 9047, 1000, ["ar002"])
    assert found.payment is not None
    assert (found.payment.trace, found.payment.effective) == ("201408-2-1569478", DAY(2014, 8, 31))
    assert found.payment.payer_id == "555123"


def test_a_reconciliation_of_the_standard_is_a_transaction_for_each_detail() -> None:
    items = read(folder("fhir-r4-examples").joinpath("PaymentReconciliation-ER2500.json").read_bytes())
    found = [item.data for item in items if isinstance(item, Event) and isinstance(item.data, BillingTransaction)]
    assert [(one.kind, one.amounts.paid if one.amounts else 0) for one in found] == [
        ("remit_paid", 350_000), ("remit_paid", 400_000), ("provider_adjustment", -150_000),
    ]  # fmt: skip
    assert [one.claim.pcn if one.claim else "" for one in found] == ["AB12345", "225476332699", ""]
    assert {one.payment.trace if one.payment else "" for one in found} == {"10-12345"}
    assert found[2].adjustment is not None
    assert found[2].adjustment.reason == "advance"
    assert len({item.id for item in items if isinstance(item, Event)}) == 3


def test_a_reconciliation_without_details_is_one_payment() -> None:
    record = {
        "resourceType": "PaymentReconciliation", "id": "r1", "status": "active", "created": "2026-03-02",
        "paymentDate": "2026-03-01", "paymentAmount": money(99.99),
    }  # fmt: skip
    found = transaction(record)
    assert found.kind == "remit_paid"
    assert found.amounts is not None
    assert found.amounts.paid == 9999
    assert transaction(record | {"status": "cancelled"}).kind == "remit_reversed"
    assert refusal(record | {"outcome": "queued"})[0] == "not_adjudicated"


def invoice(status: str, *components: tuple[str, float]) -> dict[str, Any]:
    return {
        "resourceType": "Invoice", "id": "i1", "status": status, "date": "2026-03-02",
        "subject": {"reference": "Patient/p1"}, "totalGross": money(80.0),
        "participant": [{"role": concept("biller"), "actor": {"reference": "Practitioner/u1"}}],
        "lineItem": [{"priceComponent": [{"type": type_, "amount": money(value)} for type_, value in components]}],
    }  # fmt: skip


def test_an_invoice_says_what_was_written_off_and_that_it_was_paid() -> None:
    items = read(invoice("balanced", ("base", 100.0), ("discount", -15.0), ("deduction", 5.0)))
    found = [item.data for item in items if isinstance(item, Event) and isinstance(item.data, BillingTransaction)]
    assert [(one.kind, one.amounts.paid if one.amounts else 0) for one in found] == [
        ("write_off", 2000), ("patient_payment", 8000),
    ]  # fmt: skip
    assert found[0].user is not None
    assert (found[0].user.ref, found[0].user.role) == ("u1", "biller")
    assert transaction(invoice("cancelled", ("base", 100.0))).kind == "credit"


def test_an_invoice_that_moves_no_money_is_refused() -> None:
    assert refusal(invoice("issued", ("base", 100.0)))[0] == "no_money_moved"
    assert refusal(invoice("draft", ("base", 100.0)))[0] == "draft"
    assert refusal(invoice("issued", ("gift", 100.0)))[0] == "unknown_code"


def encounter(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter", "id": "v1", "status": "finished", "class": {"code": "AMB"},
        "subject": {"reference": "Patient/p1"}, "period": {"start": "2026-03-02T09:00:00Z"},
        "participant": [{"individual": {"reference": "Practitioner/u1"}}],
        "location": [{"location": {"reference": "Location/4W"}}],
        "serviceProvider": {"reference": "Organization/o1"},
    } | changes  # fmt: skip


def test_a_visit_becomes_context() -> None:
    (item,) = read(encounter())
    assert isinstance(item, Event)
    nine = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
    assert item.data == EncounterContext(
        patient_ref="p1", encounter_id="v1", admit_at=nine, class_="AMB", dept="o1", unit="4W", user_refs=["u1"],
        facility="o1",
    )  # fmt: skip
    assert item.time == nine.timestamp()


def test_another_version_of_a_visit_is_another_event() -> None:
    def id_of(record: dict[str, Any]) -> str:
        (item,) = read(record)
        assert isinstance(item, Event)
        return item.id

    assert id_of(encounter()) == id_of(encounter())
    assert id_of(encounter()) != id_of(encounter(status="in-progress"))
    assert id_of(encounter(meta={"versionId": "1"})) == id_of(encounter(meta={"versionId": "1"}, text={"div": "x"}))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "cancelled"}, "did_not_happen"),
        ({"period": {}}, "missing_field"),
        ({"id": ""}, "missing_field"),
        ({"subject": {"reference": "Group/g1"}}, "missing_patient"),
        ({"status": "over"}, "unknown_code"),
    ],
)
def test_a_visit_that_explains_nothing_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert refusal(encounter(**changes))[0] == reason


def test_an_appointment_is_context_for_each_member_of_staff() -> None:
    actors = ["Patient/p1", "Practitioner/u1", "Location/l1", "Practitioner/u2"]
    record = {
        "resourceType": "Appointment", "id": "t1", "status": "booked", "start": "2026-03-02T09:00:00Z",
        "participant": [{"actor": {"reference": actor}, "status": "accepted"} for actor in actors],
    }  # fmt: skip
    found = [item.data for item in read(record) if isinstance(item, Event)]
    start = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
    assert found == [
        AppointmentContext(patient_ref="p1", start=start, user_ref=user, status="booked") for user in ("u1", "u2")
    ]
    assert refusal(record | {"start": ""})[0] == "missing_field"
