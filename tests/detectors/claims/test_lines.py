"""B01, B01b, B02, B03 and B18 through the real stages (domain.md §2.2). Codes are invented, or bare."""

import datetime

import pytest

from detectors.events import BillingTransaction
from detectors.events.billing import Line, Link
from tests.detectors.claims.site import DAY, NPI, OTHER_NPI, claim, reason, remit, said, watch

TUESDAY = datetime.date(2026, 3, 3)


# --- B01 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("checks", [["reissued"], []])
def test_b01_a_file_that_says_it_is_sent_again_is_no_duplicate(checks: list[str]) -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"))
    assert said("B01", hospital.see(claim(2, pcn="B", checks=checks))) == ([] if checks else ["info"])


def test_b01_a_claim_that_says_it_corrects_one_is_no_duplicate() -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"))
    corrected = claim(2, pcn="B")
    assert corrected.claim is not None
    corrected.claim.frequency = "7"
    assert said("B01", hospital.see(corrected)) == []


# --- B01b -------------------------------------------------------------------------------------------------------------


def test_b01b_the_same_service_at_another_charge() -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"))
    found = hospital.see(claim(2, Line(code="X1", charge=12_000), pcn="B"))
    assert said("B01b", found) == ["low"]
    assert reason("B01b", found).endswith("billed on another claim, at another charge.")


def test_b01b_another_provider_of_the_same_group_and_specialty() -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"))
    found = hospital.see(claim(2, pcn="B", npi=OTHER_NPI))
    assert [(finding.detector, finding.entity.ref) for finding in found if finding.detector == "B01b"] == [
        ("B01b", OTHER_NPI)
    ]


@pytest.mark.parametrize(
    "other",
    [
        claim(2, pcn="B", npi=OTHER_NPI, billing="G2"),
        claim(2, pcn="B", npi=OTHER_NPI, taxonomy="207R00000X"),
        claim(2, pcn="B", npi=OTHER_NPI, dos=TUESDAY),
        claim(2, Line(code="X2", charge=12_000), pcn="B"),
        *(
            claim(2, Line(code="X1", charge=12_000, modifiers=[modifier]), pcn="B")
            for modifier in ("62", "80", "81", "82", "AS", "26", "TC", "76", "77", "91", "59", "XS", "LT", "RT", "50")
        ),
    ],
)
def test_b01b_another_practice_part_side_or_repeat_is_another_service(other: BillingTransaction) -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"))
    assert said("B01b", hospital.see(other)) == []


def test_b01b_a_denial_as_exact_duplicate() -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"))
    assert said("B01b", hospital.see(remit(DAY, 0, kind="remit_denied", carc="18"))) == ["info"]
    assert said("B01b", hospital.see(remit(DAY, 0, kind="remit_denied", carc="50"))) == []


def test_b01b_what_was_denied_is_no_other_claim() -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"), remit(DAY, 0, kind="remit_denied", carc="16", pcn="A"))
    assert said("B01b", hospital.see(claim(2 * DAY, Line(code="X1", charge=12_000), pcn="B"))) == []


# --- B02 --------------------------------------------------------------------------------------------------------------


def pair(hours: float, *codes: str, modifiers: tuple[str, ...] = (), **more: str) -> BillingTransaction:
    """Return a claim with some codes, the last of them with modifiers."""
    lines = [Line(code=code, charge=100 * number) for number, code in enumerate(codes, 1)]
    lines[-1].modifiers = list(modifiers)
    return claim(hours, *lines, patient=more.get("patient", "P1"), pcn=more.get("pcn", ""), npi=more.get("npi", NPI))


@pytest.mark.parametrize(
    ("codes", "modifiers", "fires"),
    [
        (("10000", "20000"), (), True),
        (("20000", "10000"), (), True),
        (("10000", "20000"), ("59",), True),  # indicator 0: no modifier helps
        (("10000", "30000"), (), True),
        (("10000", "30000"), ("59",), False),
        (("10000", "30000"), ("XS",), False),
        (("10000", "30000"), ("LT",), False),
        (("10000", "30000"), ("25",), False),
        (("10000", "30000"), ("GP",), True),  # none that NCCI knows
        (("10000", "40000"), (), False),  # indicator 9
        (("10000", "50000"), (), False),  # deleted the day before
        (("20000", "30000"), (), False),
    ],
)
def test_b02_a_pair_by_the_edits_of_its_day(codes: tuple[str, ...], modifiers: tuple[str, ...], *, fires: bool) -> None:
    hospital = watch()
    assert said("B02", hospital.see(pair(1, *codes, modifiers=modifiers))) == (["low"] if fires else [])


def test_b02_an_edit_holds_on_its_last_day() -> None:
    hospital = watch()
    last = claim(1, Line(code="10000"), Line(code="50000"), dos=datetime.date(2026, 3, 1))
    assert said("B02", hospital.see(last)) == ["low"]


def test_b02_across_claims_of_one_provider_only() -> None:
    hospital = watch()
    hospital.see(pair(1, "10000", pcn="A"))
    assert said("B02", hospital.see(pair(2, "20000", pcn="B", npi=OTHER_NPI))) == []
    assert said("B02", hospital.see(pair(3, "20000", pcn="C", patient="P2"))) == []
    assert said("B02", hospital.see(pair(4, "20000", pcn="D"))) == ["low"]


@pytest.mark.parametrize("kind", ["claim_voided", "claim_replaced"])
def test_b02_what_was_taken_back_makes_no_pair(kind: str) -> None:
    hospital = watch()
    hospital.see(pair(1, "10000", pcn="A"))
    back = pair(2, "X9", pcn="A2")
    back.kind = "claim_voided" if kind == "claim_voided" else "claim_replaced"
    back.links = [Link(rel="replaces", id="event-1")]
    hospital.see(back)
    assert said("B02", hospital.see(pair(3, "20000", pcn="B"))) == []


def test_b02_pairs_split_over_days_are_grave_from_the_twentieth_on() -> None:
    hospital = watch()
    for number in range(20):
        hospital.see(pair(1, "10000", pcn=f"A{number}", patient=f"P{number}"))
    for number in range(19):
        found = hospital.see(pair(1 + DAY, "20000", pcn=f"B{number}", patient=f"P{number}"))
        assert said("B02", found) == ["low"]
    found = hospital.see(pair(1 + DAY, "20000", pcn="B19", patient="P19"))
    assert said("B02", found) == ["high"]
    # 20 pairs in 40 claims.
    assert (
        "20 pairs of services in 90 days were billed apart that belong together, 20 of them over claims of different "
        in (reason("B02", found))
    )
    assert "That is 0.50 a claim." in reason("B02", found)


def test_b02_a_void_takes_its_own_pair_out_of_the_providers_figures() -> None:
    hospital = watch()
    for number in range(19):
        hospital.see(pair(1, "10000", "20000", pcn=f"A{number}", patient=f"P{number}"))
    void = pair(2, "10000", "20000", pcn="A0", patient="P0")
    void.kind = "claim_voided"
    hospital.see(void)
    # 18 and this one: 19 pairs are none too many; the next is the twentieth.
    assert said("B02", hospital.see(pair(3, "10000", "20000", pcn="B", patient="P40"))) == ["low"]
    assert said("B02", hospital.see(pair(3, "10000", "20000", pcn="C", patient="P41"))) == ["medium"]


# --- B18 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("modifier", "fires"), [("59", True), ("XU", True), ("LT", False)])
def test_b18_a_habit_of_thirty_pairs(modifier: str, *, fires: bool) -> None:
    hospital = watch()
    for number in range(29):
        found = hospital.see(pair(1, "97530", "97140", modifiers=(modifier,), patient=f"P{number}"))
        assert said("B18", found) == []
    found = hospital.see(pair(1, "97530", "97140", modifiers=(modifier,), patient="P29"))
    assert said("B18", found) == (["medium"] if fires else [])
    if fires:
        assert "30 of 30 pairs of services (100%)" in reason("B18", found)


def test_b18_a_mixed_practice_has_no_habit() -> None:
    hospital = watch()
    for number in range(40):
        modifier = "59" if number % 4 else "RT"
        hospital.see(pair(1, "97530", "97140", modifiers=(modifier,), patient=f"P{number}"))
    assert "B18" not in hospital.detected(), "30 of 40 are 75 %, under the ceiling of 80 %"


# --- B03 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "severities"),
    [
        (Line(code="11111", units=4), []),
        (Line(code="11111", units=5), ["low"]),
        (Line(code="22222", units=2), []),
        (Line(code="22222", units=3), ["high"]),
        (Line(code="33333", units=3), []),
        (Line(code="33333", units=4), ["medium"]),
        (Line(code="J1234", units=500), ["medium"]),  # milligrams for units?
        (Line(code="22222", units=90, unit_basis="MJ"), []),
        (Line(code="99999", units=90), []),
    ],
)
def test_b03_limits_of_a_line_and_of_a_day(line: Line, severities: list[str]) -> None:
    assert said("B03", watch().see(claim(1, line))) == severities


def test_b03_a_day_is_added_up_over_claims_and_a_line_is_not() -> None:
    hospital = watch()
    hospital.see(claim(1, Line(code="33333", units=2), Line(code="11111", units=3), pcn="A"))
    found = hospital.see(
        claim(2, Line(code="33333", units=2, charge=1), Line(code="11111", units=3, charge=1), pcn="B")
    )
    assert said("B03", found) == ["medium"]
    assert reason("B03", found) == (
        "4 units of 33333 are billed; more than 3 are not likely for one patient and day, unless documented."
    )


def test_b03_a_replacement_stands_in_the_place_of_its_claim() -> None:
    hospital = watch()
    hospital.see(claim(1, Line(code="33333", units=3), pcn="A"))
    assert said("B03", hospital.see(claim(2, Line(code="33333", units=2), pcn="A", kind="claim_replaced"))) == []
    assert said("B03", hospital.see(claim(3, Line(code="33333", units=1), pcn="B"))) == []
    assert said("B03", hospital.see(claim(4, Line(code="33333", units=1, charge=1), pcn="C"))) == ["medium"]


def test_b03_an_exact_duplicate_is_told_as_such_and_adds_no_units() -> None:
    hospital = watch()
    hospital.see(claim(1, Line(code="22222", units=2), pcn="A"))
    again = hospital.see(claim(2, Line(code="22222", units=2), pcn="B"))
    assert (said("B01", again), said("B03", again)) == (["info"], [])
    assert said("B03", hospital.see(claim(3, Line(code="22222", units=1), pcn="C"))) == ["high"]


def test_b03_each_side_has_the_limit() -> None:
    both = claim(1, Line(code="22222", units=2, modifiers=["LT"]), Line(code="22222", units=2, modifiers=["RT"]))
    assert said("B03", watch().see(both)) == []


def test_b03_the_quarter_of_the_service_counts_however_late_the_claim() -> None:
    hospital = watch()
    late = claim(1, Line(code="11111", units=2), dos=datetime.date(2025, 12, 31))
    assert said("B03", hospital.see(late)) == ["high"], "the limit was 1 a day, absolute"
    assert said("B03", hospital.see(claim(2, Line(code="11111", units=2)))) == []


def test_b03_is_withdrawn_with_its_claim() -> None:
    hospital = watch()
    (finding,) = [one for one in hospital.see(claim(1, Line(code="22222", units=3), pcn="A")) if one.detector == "B03"]
    hospital.see(claim(2, Line(code="22222", units=3), pcn="A", kind="claim_voided"))
    assert finding.id in {retraction.finding_id for retraction in hospital.retractions}
