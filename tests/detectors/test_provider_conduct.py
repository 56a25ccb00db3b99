"""Patterns of how a provider bills, against its peers and its own past (domain.md §2.2: B04 to B18)."""

import datetime

import pytest

from detectors.events import BillingTransaction
from detectors.events.billing import Amounts, Kind, Line, Party
from detectors.finding import Finding
from detectors.reference.service_minutes import ServiceMinutes, TableError
from detectors.reference.zip_places import Place, find, load
from detectors.references import References
from detectors.stages.provider_conduct import level_of
from streams.simulator.providers import npi
from tests.detectors.test_billing_patterns import claim
from tests.detectors.watch import Watch, at

DAY = 24.0
SPECIALTY = "207Q00000X"
NEW_YORK, NEWARK, BOSTON, LOS_ANGELES = (
    Place(40.7128, -74.0060),
    Place(40.7357, -74.1724),
    Place(42.3601, -71.0589),
    Place(34.0522, -118.2437),
)


def bill(
    watch: Watch,
    provider: int,
    day: float,
    *codes: str,
    kind: Kind = "claim_submitted",
    pcn: str = "",
    modifiers: tuple[str, ...] = (),
    charge: int = 10_000,
    zip_code: str = "",
    asked_by: int | None = None,
) -> list[Finding]:
    """Bill for one patient on a day (since Monday) and return what was found."""
    number = watch.outcomes.get("scored", 0)
    lines = [
        Line(code=code, charge=charge, modifiers=list(modifiers) if not index else [])
        for index, code in enumerate(codes)
    ]
    data = claim(day * DAY + 9, *lines, kind=kind, patient=f"P{number}", pcn=pcn or f"C{number}", npi=npi(provider))
    assert data.rendering is not None
    data.rendering.taxonomy = SPECIALTY
    data.amounts = Amounts(charge=charge)
    data.service_facility = Party(zip=zip_code) if zip_code else None
    data.ordering = Party(npi=npi(asked_by)) if asked_by is not None else None
    return watch.see(data)


def found(watch: Watch, detector: str) -> list[Finding]:
    return [finding for finding in watch.findings if finding.detector == detector]


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("99213", 3.0),
        ("99205", 5.0),
        ("99285", 5.0),
        ("99223", 5.0),
        ("99231", 5 / 3),
        ("97110", 0.0),
        ("9921X", 0.0),
        ("99226", 0.0),
    ],
)
def test_levels_of_visits(code: str, level: float) -> None:
    assert level_of(Line(code=code)) == pytest.approx(level)


# --- B04 --------------------------------------------------------------------------------------------------------------


def with_peers(watch: Watch, usual: str, claims: int = 50) -> None:
    """Let twelve peers bill on day 0, once on day 1, when that is added up, and one an hour later, when it is known."""
    for peer in range(100, 112):
        for number in range(claims):
            bill(watch, peer, 0, "99214" if number % 2 else usual)
    for peer in range(100, 112):
        bill(watch, peer, 1, usual)
    bill(watch, 100, 1 + 1 / 24, usual)


def test_b04_a_provider_far_above_the_peers() -> None:
    watch = Watch()
    with_peers(watch, "99213")
    for _ in range(50):
        bill(watch, 1, 1, "99215")
    assert found(watch, "B04") == []
    bill(watch, 1, 2, "99215")
    (finding,) = found(watch, "B04")
    assert finding.severity == "medium"
    assert finding.features["visits"] == 51.0
    assert finding.features["share"] == 1.0
    assert "100% of this provider's 51 visits in 90 days" in finding.reasons[0]
    bill(watch, 1, 3, "99215")
    assert len(found(watch, "B04")) == 1, "once in a month"


@pytest.mark.parametrize(("lately", "rises"), [(35, True), (18, False)])
def test_b04_a_provider_far_above_the_own_past(lately: int, rises: bool) -> None:
    """A fifth of 50 visits were at the highest levels, now 35 (or 18) of 50 are; the peers differ widely.

    35: a rise of 0.5, and z = 0.5 / sqrt(0.45 * 0.55 * 2 / 50) = 5.0. 18: a rise of 0.16 is below 0.2.
    """
    watch = Watch()
    for peer in range(12):
        for number in range(50):
            bill(watch, 100 + peer, 0, "99215" if number < 4 * peer else "99213")
        bill(watch, 100 + peer, 1, "99213")
    for day, tops in ((0, 10), (20, lately)):
        for number in range(50):
            bill(watch, 1, day, "99215" if number < tops else "99213")
    bill(watch, 1, 21, "99213")
    said = [one for one in found(watch, "B04") if "In the last 14 days it was" in one.reasons[0]]
    assert bool(said) == rises
    assert all("it was 69%, before 20%" in one.reasons[0] for one in said)  # 35 of 51


def test_b04_says_nothing_of_few_visits_nor_without_peers() -> None:
    few, alone = Watch(), Watch()
    with_peers(few, "99213")
    for _ in range(48):
        bill(few, 1, 1, "99215")
    bill(few, 1, 2, "99215")  # 49 visits
    for _ in range(60):
        bill(alone, 1, 1, "99215")
    bill(alone, 1, 2, "99215")
    assert found(few, "B04") == found(alone, "B04") == []


def test_b04_a_voided_claim_does_not_count() -> None:
    watch = Watch()
    with_peers(watch, "99213")
    for number in range(50):
        bill(watch, 1, 1, "99215", pcn=f"V{number}")
    for number in range(10):
        bill(watch, 1, 1, "99215", kind="claim_voided", pcn=f"V{number}")
    bill(watch, 1, 2, "99215")  # 41 are left
    assert found(watch, "B04") == []


# --- B10 --------------------------------------------------------------------------------------------------------------


def test_b10_office_claims_on_weekends_that_peers_do_not_have() -> None:
    watch = Watch()
    with_peers(watch, "99213")
    for _ in range(20):
        bill(watch, 1, 5, "99213")  # a Saturday
    bill(watch, 1, 7, "99213")
    (finding,) = found(watch, "B10")
    assert finding.features == {"claims": 21.0, "closed": 20.0}


# --- B11 --------------------------------------------------------------------------------------------------------------


def test_b11_a_new_provider_that_bills_more_than_the_peers() -> None:
    watch = Watch()
    with_peers(watch, "99213", claims=10)
    for _ in range(40):
        bill(watch, 1, 11, "99213")
    bill(watch, 1, 12, "99213")
    (finding,) = found(watch, "B11")
    assert finding.severity == "high"
    assert finding.features["claims_in_a_day"] == 40.0
    assert "First claim 1 days ago" in finding.reasons[0]


def test_b11_nobody_is_new_while_claims_have_just_begun_to_come() -> None:
    watch = Watch()
    with_peers(watch, "99213", claims=10)
    for _ in range(40):
        bill(watch, 1, 5, "99213")
    bill(watch, 1, 6, "99213")
    assert found(watch, "B11") == []


# --- B12 --------------------------------------------------------------------------------------------------------------


def history(watch: Watch, days: int, claims: int) -> None:
    for day in range(days):
        for _ in range(claims):
            bill(watch, 1, day, "99213")


def test_b12_a_jump_on_two_of_three_days() -> None:
    watch = Watch()
    history(watch, 21, 4)
    for day in (21, 22):
        for _ in range(30):
            bill(watch, 1, day, "99213")
    assert found(watch, "B12") == []
    bill(watch, 1, 23, "99213")
    (finding,) = found(watch, "B12")
    assert finding.features == {"claims": 30.0, "median": 4.0}
    assert finding.reasons == [
        "4, 30, 30 claims on the last 3 days with claims; this provider's median of the 20 such days before was 4."
    ]


def test_b12_one_busy_day_is_none() -> None:
    watch = Watch()
    history(watch, 22, 4)
    for _ in range(30):
        bill(watch, 1, 22, "99213")
    bill(watch, 1, 23, "99213")
    assert found(watch, "B12") == []


# --- B13 --------------------------------------------------------------------------------------------------------------

SITE = References(
    zip_places={"100": NEW_YORK, "071": NEWARK, "021": BOSTON, "900": LOS_ANGELES},
    minutes={"X30": ServiceMinutes(30, 30), "LONG": ServiceMinutes(700, 700)},
)


def test_b13_two_coasts_on_one_day_and_a_void_that_clears_it() -> None:
    watch = Watch(references=SITE)
    bill(watch, 1, 0, "X30", zip_code="10001")
    bill(watch, 1, 0, "X30", zip_code="90012", pcn="FAR")
    (finding,) = found(watch, "B13")
    assert finding.features["distance_km"] == 3935.8  # the golden vector of domain.md §9
    bill(watch, 1, 0, "X30", kind="claim_voided", pcn="FAR")
    assert finding.id in {retraction.finding_id for retraction in watch.retractions}


def test_b13_a_neighbouring_town_or_time_for_the_way_is_possible() -> None:
    watch = Watch(references=SITE)
    bill(watch, 1, 0, "X30", zip_code="10001")
    bill(watch, 1, 0, "X30", zip_code="07102")  # 14 km
    bill(watch, 1, 0, "X30", zip_code="02108")  # Boston, 306 km: 2.8 hours and half an hour of work
    assert found(watch, "B13") == []
    bill(watch, 1, 0, "LONG", zip_code="10001")
    bill(watch, 1, 0, "LONG", zip_code="02108")  # 24.8 hours in all
    assert len(found(watch, "B13")) == 1


def test_b13_telehealth_needs_no_presence() -> None:
    watch = Watch(references=SITE)
    bill(watch, 1, 0, "X30", zip_code="10001")
    bill(watch, 1, 0, "X30", zip_code="90012", modifiers=("95",))
    assert found(watch, "B13") == []


def test_zip_places_are_found_by_five_and_by_three_digits() -> None:
    table = load(["zip,lat,lon", "100,40.7,-74.0", "10014,40.8,-74.1"])
    assert find(table, "10014") == Place(40.8, -74.1)
    assert find(table, "10015") == Place(40.7, -74.0)
    assert find(table, "99999") is None
    with pytest.raises(TableError, match="line 3"):
        load(["zip,lat,lon", "100,40.7,-74.0", "101,140.7,-74.0"])


# --- B15 --------------------------------------------------------------------------------------------------------------


def test_b15_a_number_without_its_check_digit_goes_to_billing_quality() -> None:
    watch = Watch()
    wrong = claim(1, npi="1234567890")
    (finding,) = [one for one in watch.see(wrong) if one.detector == "B15"]
    assert finding.queue == "billing_quality"
    assert finding.reasons == ["A provider number on the claim fails its check digit."]


def test_b15_an_organisation_that_renders() -> None:
    watch = Watch()
    watch.see(claim(1, entity="2"))
    assert [finding.reasons[0][:33] for finding in found(watch, "B15")] == ["The claim names an organisation as"[:33]]
    watch = Watch()
    watch.see(claim(1, entity="1"))
    assert found(watch, "B15") == []


# --- B17 --------------------------------------------------------------------------------------------------------------


def test_b17_modifier_25_with_nearly_every_procedure() -> None:
    watch = Watch()
    for peer in range(100, 112):
        for number in range(50):
            bill(watch, peer, 0, "99213", "11102", modifiers=("25",) if number < 10 else ())
        bill(watch, peer, 1, "99213", "11102")
    bill(watch, 100, 1 + 1 / 24, "99213")
    for _ in range(50):
        bill(watch, 1, 1, "99213", "11102", modifiers=("25",))
    bill(watch, 1, 2, "99213", "11102", modifiers=("25",))
    (finding,) = found(watch, "B17")
    assert finding.features == {"visits": 51.0, "share": 1.0}


def test_what_is_looked_at_once_a_day_is_said_in_a_note() -> None:
    watch = Watch()
    bill(watch, 1, 0, "99213")
    assert watch.notes["provider.looked_at"] == "claims"
    bill(watch, 1, 0, "99213")
    assert "provider.looked_at" not in watch.notes


def test_dates_are_monday_based() -> None:
    assert at(5 * DAY).date() == datetime.date(2026, 3, 7)
    assert isinstance(claim(1), BillingTransaction)
