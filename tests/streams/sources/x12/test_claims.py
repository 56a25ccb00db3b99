"""837: what stands where in the transaction (domain.md §1.4), on files written by hand."""

import datetime

import pytest

from detectors.events.billing import BillingTransaction
from tests.streams.sources.x12.samples import (
    BILLING,
    CLAIM,
    PROFESSIONAL,
    SUBSCRIBER,
    institutional,
    interchange,
    items,
    professional,
    refusals,
    transaction_set,
    transactions,
    written,
)

DEPENDENT = "HL*3*2*23*0~PAT*19~NM1*QC*1*DOE*BEA~N3*2 ST~N4*TOWN*NH*03060~DMG*D8*20200304*F~"
FAMILY = SUBSCRIBER.replace("HL*2*1*22*0", "HL*2*1*22*1").replace("SBR*P*18*", "SBR*P**")


def only(content: bytes) -> BillingTransaction:
    (transaction,) = transactions(content)
    return transaction


@pytest.mark.parametrize(
    ("time", "second", "microsecond"),
    [("0915", 0, 0), ("091503", 3, 0), ("0915037", 3, 700_000), ("09150307", 3, 70_000)],
)
def test_tenths_and_hundredths_of_a_second_are_kept(time: str, second: int, microsecond: int) -> None:
    claim = only(professional(CLAIM, header=f"BHT*0019*00*B-1*20260302*{time}*CH~"))
    assert claim.occurred_at == datetime.datetime(2026, 3, 2, 9, 15, second, microsecond, tzinfo=datetime.UTC)


def test_a_professional_claim() -> None:
    claim = only(professional(CLAIM))
    assert claim.kind == "claim_submitted"
    assert claim.occurred_at == datetime.datetime(2026, 3, 2, 9, 15, tzinfo=datetime.UTC)
    assert claim.claim is not None
    assert (claim.claim.pcn, claim.claim.type, claim.claim.pos, claim.claim.facility_code) == (
        "PCN-1", "professional", "11", "",
    )  # fmt: skip
    assert (claim.claim.frequency, claim.claim.filing_indicator) == ("1", "MB")
    assert [(dx.code, dx.system, dx.role, dx.seq) for dx in claim.claim.dx] == [
        ("I10", "icd10cm", "principal", 1),
        ("E119", "icd10cm", "other", 2),
    ]
    assert claim.claim.from_ == claim.claim.through == datetime.date(2026, 3, 1)
    assert claim.patient is not None
    assert (claim.patient.ref, claim.patient.birth_date) == ("MRN7", datetime.date(1950, 1, 2))
    assert (claim.patient.sex, claim.patient.zip3, claim.patient.state) == ("F", "021", "MA")
    assert claim.member is not None
    assert (claim.member.ref, claim.member.payer_id, claim.member.relationship) == ("M100", "PAYER1", "18")
    assert claim.billing is not None
    assert (claim.billing.npi, claim.billing.taxonomy, claim.billing.tin_ref) == (
        "1234567893", "207Q00000X", "123456789",
    )  # fmt: skip
    assert (claim.billing.entity, claim.billing.zip) == ("2", "021140000")
    assert claim.rendering is not None
    assert (claim.rendering.npi, claim.rendering.entity) == ("1912301953", "1")
    first, second = claim.lines
    assert (first.n, first.code_system, first.code, first.modifiers) == (1, "HC", "99213", ["25"])
    assert (first.charge, first.units, first.unit_basis, first.dx_ptr, first.pos) == (10_000, 1.0, "UN", [1, 2], "11")
    assert first.dos_from == first.dos_to == datetime.date(2026, 3, 1)
    assert (second.code, second.charge, second.units) == ("85025", 5_000, 2.0)
    assert claim.amounts is not None
    assert claim.amounts.charge == 15_000
    assert claim.src is not None
    assert (claim.src.format, claim.src.isa13, claim.src.gs06, claim.src.st02) == (
        "x12_837p", "000000007", "5", "0001",
    )  # fmt: skip
    assert (claim.src.originator_id, claim.src.ordinal, claim.src.file_id) == ("B-1", 1, "file-1")
    assert claim.checks == []


def test_a_dependent_is_the_patient_and_the_subscriber_the_member() -> None:
    body = "BHT*0019*00*B*20260302*0915*CH~" + BILLING + FAMILY + DEPENDENT + CLAIM.replace("REF*EA*MRN7~", "")
    claim = only(written(interchange(transaction_set(body, PROFESSIONAL))))
    assert claim.patient is not None
    assert claim.member is not None
    assert (claim.patient.birth_date, claim.patient.zip3) == (datetime.date(2020, 3, 4), "030")
    assert claim.patient.ref == "member:M100:2020-03-04:F:BEA"
    assert (claim.member.ref, claim.member.relationship) == ("M100", "19")


def test_a_claim_after_a_dependent_is_the_next_subscribers() -> None:
    follower = SUBSCRIBER.replace("HL*2*1", "HL*4*1").replace("M100", "M200")
    plain = CLAIM.replace("REF*EA*MRN7~", "")
    body = "BHT*0019*00*B*20260302*0915*CH~" + BILLING + FAMILY + DEPENDENT + plain + follower + plain
    first, second = transactions(written(interchange(transaction_set(body, PROFESSIONAL))))
    assert first.patient is not None
    assert second.patient is not None
    assert (first.patient.ref, second.patient.ref) == ("member:M100:2020-03-04:F:BEA", "member:M200")


@pytest.mark.parametrize(
    ("frequency", "kind"), [("1", "claim_submitted"), ("7", "claim_replaced"), ("8", "claim_voided")]
)
def test_replacements_and_voids_name_the_original(frequency: str, kind: str) -> None:
    changed = CLAIM.replace("11:B:1", f"11:B:{frequency}").replace("REF*EA", "REF*F8*CCN-9~REF*EA")
    claim = only(professional(changed))
    assert claim.kind == kind
    assert claim.claim is not None
    assert (claim.claim.original_ref, claim.claim.frequency) == ("CCN-9", frequency)


def test_an_institutional_claim() -> None:
    claim = only(
        institutional(
            "CLM*P2*900.5***11:A:1**A*Y*Y~DTP*434*RD8*20260201-20260204~DTP*435*DT*202602010830~DTP*096*TM*1645~",
            "CL1*1*7*20~AMT*F3*25.5~REF*G1*AUTH1~",
            "HI*ABK:I2101:::::::Y~HI*ABJ:R079~HI*APR:R0602~HI*ABN:W19XXXA~HI*ABF:E119:::::::N~HI*BBR:027034Z:D8:20260202~",
            "HI*BBQ:4A023N7:D8:20260203~HI*DR:247~HI*BH:55:D8:20260204~HI*BG:09~",
            "NM1*71*1*A*B****XX*1912301953~PRV*AT*PXC*207RC0000X~NM1*72*1*C*D****XX*1234567893~",
            "LX*1~SV2*0120**800*DA*3~LX*2~SV2*0305*HC:85025*100.5*UN*1~DTP*472*D8*20260202~REF*6R*L2~",
        )
    )
    assert claim.claim is not None
    body = claim.claim
    assert (body.type, body.facility_code, body.pos, body.drg, body.auth) == (
        "institutional", "11", "", "247", "AUTH1",
    )  # fmt: skip
    assert (body.from_, body.through) == (datetime.date(2026, 2, 1), datetime.date(2026, 2, 4))
    assert body.admit_at == datetime.datetime(2026, 2, 1, 8, 30, tzinfo=datetime.UTC)
    assert body.discharge_at == datetime.datetime(2026, 2, 4, 16, 45, tzinfo=datetime.UTC)
    assert (body.admission_type, body.discharge_status) == ("1", "20")
    assert [(dx.code, dx.role, dx.poa, dx.seq) for dx in body.dx] == [
        ("I2101", "principal", "Y", 1),
        ("R079", "admitting", "", 0),
        ("R0602", "reason_for_visit", "", 0),
        ("W19XXXA", "external_cause", "", 0),
        ("E119", "other", "N", 2),
    ]
    assert [(done.code, done.date, done.role) for done in body.icd_proc] == [
        ("027034Z", datetime.date(2026, 2, 2), "principal"),
        ("4A023N7", datetime.date(2026, 2, 3), "other"),
    ]
    assert claim.patient is not None
    assert claim.patient.death_date == datetime.date(2026, 2, 4)
    assert claim.attending is not None
    assert claim.operating is not None
    assert (claim.attending.npi, claim.attending.taxonomy) == ("1912301953", "207RC0000X")
    assert (claim.operating.npi, claim.operating.taxonomy) == ("1234567893", "")
    assert [(line.revenue, line.code, line.charge, line.units, line.control) for line in claim.lines] == [
        ("0120", "", 80_000, 3.0, ""),
        ("0305", "85025", 10_050, 1.0, "L2"),
    ]
    assert claim.amounts is not None
    assert claim.amounts.patient_resp == 2_550
    assert claim.checks == []


def test_what_another_payer_did_is_not_the_claims() -> None:
    other = "SBR*S*01*******CI~AMT*D*40~NM1*IL*1*X*Y****MI*OTHER~NM1*PR*2*Z*****PI*P2~NM1*82*1******XX*1999999999~"
    other += "REF*F8*NO~"
    adjudicated = "SVD*P2*40*HC:1**1~CAS*CO*45*60~DTP*573*D8*20260202~"
    text = CLAIM.replace("LX*1~", other + "LX*1~").replace("LX*2~", adjudicated + "LX*2~")
    assert only(professional(text)).lines[0].adjustments == []
    plain, cluttered = only(professional(CLAIM)), only(professional(text))
    assert (plain.member, plain.claim, plain.lines, plain.rendering, plain.checks) == (
        cluttered.member, cluttered.claim, cluttered.lines, cluttered.rendering, cluttered.checks,
    )  # fmt: skip


def test_roles_of_a_line_count_where_the_claim_says_nothing() -> None:
    text = CLAIM.replace("LX*2~", "LIN**N4*00026063512~NM1*82*1******XX*1999999992~NM1*DK*1******XX*1112223338~LX*2~")
    claim = only(professional(text))
    assert [(line.rendering_npi, line.ndc) for line in claim.lines] == [("1999999992", "00026063512"), ("", "")]
    assert claim.ordering is not None
    assert claim.ordering.npi == "1112223338"


def test_who_bills_as_a_person_renders() -> None:
    content = professional(CLAIM.replace("NM1*82*1*ROE*JO****XX*1912301953~", ""))
    assert only(content).rendering is None
    person = only(content.replace(b"NM1*85*2*", b"NM1*85*1*"))
    assert person.rendering == person.billing
    assert person.rendering is not person.billing


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ("CLM*PCN-1*150*", "CLM*PCN-1*150.01*", "line_charges_differ"),
        ("XX*1912301953", "XX*1912301954", "npi_invalid"),
        ("SV1*HC:85025*", "SV1*HC*", "procedure_code_missing"),
    ],
)
def test_what_does_not_add_up_is_noted(old: str, new: str, check: str) -> None:
    assert only(professional(CLAIM.replace(old, new))).checks == [check]


def test_circumstances_of_the_file_are_noted() -> None:
    content = professional(CLAIM, header="BHT*0019*18*B*20260302*0915*RP~").replace(b"*0*P*:", b"*0*T*:")
    assert only(content).checks == ["test_interchange", "reissued", "reporting_only"]


def test_separators_left_as_they_were_in_a_new_envelope() -> None:
    claim = only(professional(CLAIM.replace(":", ">")))
    assert claim.checks == ["component_separator_undeclared"]
    plain = only(professional(CLAIM))
    assert (claim.claim, claim.lines) == (plain.claim, plain.lines)


@pytest.mark.parametrize(
    ("old", "new", "reason", "where"),
    [
        ("*150***", "*15x0***", "bad_amount", "2300 CLM02 (segment 16)"),
        ("*150***", "****", "missing_element", "2300 CLM02 (segment 16)"),
        ("*150***", "*150.005***", "amount_below_cents", "2300 CLM02 (segment 16)"),
        ("*150***", "*99999999999***", "amount_too_large", "2300 CLM02 (segment 16)"),
        ("*150***", "*1e3***", "bad_amount", "2300 CLM02 (segment 16)"),
        ("PCN-1", "", "missing_element", "2300 CLM01 (segment 16)"),
        ("PCN-1", "P" * 300, "too_long", "CLM (segment 16)"),
        ("D8*20260301~LX", "D8*20260231~LX", "impossible_date", "2400 DTP03 (segment 22)"),
        ("D8*20260301~LX", "D8*260301~LX", "bad_date", "2400 DTP03 (segment 22)"),
        ("UN*1*", "UN*2000000*", "quantity_too_large", "2400 SV104 (segment 21)"),
        ("***1:2~", "***1:x~", "bad_number", "2400 SV107 (segment 21)"),
    ],
)
def test_the_impossible_is_refused_by_place(old: str, new: str, reason: str, where: str) -> None:
    content = professional(CLAIM.replace(old, new, 1))
    assert refusals(content) == [(reason, f"interchange 1, group 1, set 1, record 1: {where}")]


def test_a_bad_subscriber_refuses_its_claims_and_no_others() -> None:
    other = SUBSCRIBER.replace("HL*2*1", "HL*3*1").replace("19500102", "19501302")
    body = "BHT*0019*00*B*20260302*0915*CH~" + BILLING + other.replace("HL*3", "HL*2") + CLAIM + CLAIM
    body += SUBSCRIBER.replace("HL*2*1", "HL*3*1") + CLAIM
    read = items(written(interchange(transaction_set(body, PROFESSIONAL))))
    assert [getattr(item, "reason", "read") for item in read] == ["impossible_date", "impossible_date", "read"]
    assert "2000B DMG02 (segment 14)" in getattr(read[0], "place", "")


def test_a_level_under_the_wrong_parent_is_refused() -> None:
    body = BILLING + SUBSCRIBER.replace("HL*2*1*22", "HL*2*9*22") + CLAIM
    ((reason, place),) = refusals(written(interchange(transaction_set(body, PROFESSIONAL))))
    assert (reason, "2000B HL02" in place) == ("wrong_parent", True)


def test_a_claim_without_subscriber_is_refused() -> None:
    ((reason, _),) = refusals(written(interchange(transaction_set(BILLING + CLAIM, PROFESSIONAL))))
    assert reason == "claim_without_subscriber"


def test_more_than_a_thousand_lines_are_refused() -> None:
    lines = "".join(f"LX*{number}~SV1*HC:1*0*UN*1***1~" for number in range(1, 1_002))
    ((reason, _),) = refusals(professional("CLM*P*0***11:B:1~" + lines))
    assert reason == "too_many_lines"
