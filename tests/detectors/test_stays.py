"""B35: how inpatient stays are grouped, for the facility and for who attends."""

import datetime

import msgspec
import pytest

from detectors.events import BillingTransaction
from detectors.events.billing import BilledPatient, Claim, Diagnosis, Kind, Line, Party
from detectors.finding import Finding
from detectors.profiles.provider import ProviderProfile
from detectors.reference.drg_weights import DrgWeight
from detectors.references import References
from streams.simulator.providers import npi
from tests.detectors.watch import MONDAY, Watch, at

DAY = 24.0
HOSPITAL = npi(500)
SITE = References(
    drg_weights={
        # s = sqrt(2 ln(5.6 / 4.4)) = 0.6945: the shortest is 4.4 exp(-1.389) = 1.097 days.
        "193": [DrgWeight(1.6, 4.4, 5.6, "mcc")],
        "194": [DrgWeight(1.0, 3.4, 4.2, "cc")],
        "195": [DrgWeight(0.7, 2.4, 2.9, "none")],
        "313": [DrgWeight(0.7, 1.7, 2.1)],
    }
)


def stay(
    watch: Watch, attending: int, day: float, drg: str, *, nights: int = 4, secondary: int = 3, pcn: str = "",
    kind: Kind = "claim_submitted", status: str = "01", facility: str = HOSPITAL,
) -> list[Finding]:  # fmt: skip
    """Bill a stay that ended on a day since Monday."""
    number = sum(watch.outcomes.values())
    last = MONDAY.date() + datetime.timedelta(days=int(day))
    data = BillingTransaction(
        kind=kind,
        occurred_at=at(day * DAY + 12),
        patient=BilledPatient(ref=f"P{number}"),
        claim=Claim(
            pcn=pcn or f"C{number}",
            type="institutional",
            facility_code="11",
            from_=last - datetime.timedelta(days=nights),
            through=last,
            discharge_status=status,
            drg=drg,
            dx=[Diagnosis(code="J189", role="principal"), *(Diagnosis(code=f"E{n}") for n in range(secondary))],
        ),
        billing=Party(npi=facility, entity="2"),
        attending=Party(npi=npi(attending), entity="1", taxonomy="208M00000X"),
        lines=[Line(revenue="0120", charge=100_000)],
    )
    return [found for found in watch.see(data) if found.detector == "B35"]


def about(watch: Watch, ref: str) -> list[Finding]:
    return [finding for finding in watch.findings if finding.detector == "B35" and finding.entity.ref == ref]


def with_peers(watch: Watch) -> None:
    """Twelve physicians of hospitals of their own, a third of whose thirty stays have a complication."""
    for peer in range(12):
        for number in range(30):
            stay(watch, 100 + peer, 0, "195" if number % 3 else "194", facility=npi(600 + peer))
    for later in (1, 1.1):
        for peer in range(12):
            stay(watch, 100 + peer, later, "195", facility=npi(600 + peer))


def test_b35_more_complications_than_any_peer() -> None:
    watch = Watch(references=SITE)
    with_peers(watch)
    for _ in range(28):
        stay(watch, 1, 2, "194")
    assert stay(watch, 1, 3, "194") == [], "29 stays"
    found = stay(watch, 1, 4, "194")
    assert {(finding.entity.ref, finding.severity) for finding in found} == {(npi(1), "medium"), (HOSPITAL, "medium")}
    assert found[0].features == {"measures": 1.0, "told_apart": 30.0, "severe": 30.0}
    assert "100% of 30 were in groups with complications" in found[0].reasons[0]
    assert stay(watch, 1, 5, "194") == [], "once in thirty days"


def test_b35_as_many_as_the_peers_is_ordinary() -> None:
    watch = Watch(references=SITE)
    with_peers(watch)
    for number in range(30):
        stay(watch, 1, 2, "195" if number % 3 else "194")
    stay(watch, 1, 3, "195")
    assert about(watch, npi(1)) == []


@pytest.mark.parametrize(
    ("short", "nights", "status", "found"),
    [
        pytest.param(5, 1, "01", True, id="five of twenty-five"),
        pytest.param(4, 1, "01", False, id="four are few"),
        pytest.param(5, 2, "01", False, id="two nights are long enough"),
        pytest.param(5, 1, "02", False, id="transferred"),
        pytest.param(5, 1, "20", False, id="died"),
    ],
)
def test_b35_stays_far_too_short_for_their_group(short: int, nights: int, status: str, found: bool) -> None:
    """Peers there are none: one measure alone is low."""
    watch = Watch(references=SITE)
    for number in range(20 + short):
        stay(watch, 1, 0, "193", nights=nights if number < short else 5, status=status if number < short else "01")
    said = stay(watch, 1, 1, "195")
    assert [(finding.entity.ref, finding.severity) for finding in said] == (
        [(HOSPITAL, "low"), (npi(1), "low")] if found else []
    )


def test_b35_a_single_secondary_diagnosis_and_short_stays_are_two() -> None:
    watch = Watch(references=SITE)
    for number in range(20):
        stay(watch, 1, 0, "193", nights=1 if number < 5 else 5, secondary=1 if number < 16 else 4)
    said = stay(watch, 1, 1, "195")
    assert {finding.severity for finding in said} == {"medium"}
    assert "16 of 20 with a major complication rest on a single secondary diagnosis" in said[0].reasons[0]


@pytest.mark.parametrize(("single", "without"), [(15, 0), (15, 5)])
def test_b35_claims_without_secondary_diagnoses_say_nothing_of_them(single: int, without: int) -> None:
    """15 of 20 are no four fifths; 15 of 15 would be, and are too few."""
    watch = Watch(references=SITE)
    for number in range(20):
        stay(watch, 1, 0, "193", secondary=1 if number < single else 0 if without else 4)
    assert stay(watch, 1, 1, "195") == []


def test_b35_without_the_table_nothing_is_counted() -> None:
    watch = Watch()
    for _ in range(30):
        stay(watch, 1, 0, "193", nights=1, secondary=1)
    assert stay(watch, 1, 1, "193") == []
    assert "stays.looked" not in watch.notes


def test_b35_a_void_takes_its_own_back_and_a_replacement_stands_in_its_place() -> None:
    watch = Watch(references=SITE)
    for number in range(6):
        stay(watch, 1, 0, "193", nights=1, pcn=f"S{number}")
    stay(watch, 1, 1, "193", nights=1, pcn="S0", kind="claim_voided")
    stay(watch, 1, 1, "195", pcn="S1", kind="claim_replaced")
    stay(watch, 1, 1, "313", nights=1)
    for ref in (npi(1), HOSPITAL):
        profile = msgspec.msgpack.decode(watch.tables["provider"][ref], type=ProviderProfile)
        sums = [sum(column) for column in zip(*profile.stays.by_day.values(), strict=True)]
        # Told apart, severe, major, single, weighty, short.
        assert sums == [5, 4, 4, 0, 4, 4]


def test_b35_half_a_year_is_kept() -> None:
    watch = Watch(references=SITE)
    for day in (0, 100, 190):
        stay(watch, 1, day, "193")
    profile = msgspec.msgpack.decode(watch.tables["provider"][npi(1)], type=ProviderProfile)
    assert len(profile.stays.by_day) == 2
