"""B21: unrelated providers who bill for the same patients in the same weeks."""

import datetime
import random
from array import array
from typing import Any

import msgspec
import pytest

from detectors.events.billing import Kind, Line, Party
from detectors.finding import Finding
from detectors.partition import PartitionState
from detectors.peers import PeerBook, PeerCounts, PeerView
from detectors.peers.sharing import BEYOND, KEPT, Sample, Shared, pair_hash, publish
from detectors.profiles.claims import ClaimMark
from detectors.profiles.entries import Codec, Entries
from detectors.profiles.provider import ProviderProfile
from detectors.profiles.sharing import Meetings
from detectors.stages.provider_sharing import count_meeting
from streams.simulator.providers import npi
from tests.detectors.claims.site import DAY, claim
from tests.detectors.watch import MONDAY, Watch

WEEK = 7 * DAY
BOSTON, CAMBRIDGE, NEWTON = "021180001", "021390002", "024580003"


def bill(
    watch: Watch, provider: int, week: float, patient: str, *, practice: str = "", zip_code: str = "", pos: str = "11",
    code: str = "99213", dos: float | None = None, kind: Kind = "claim_submitted",
) -> None:  # fmt: skip
    """Bill a visit of a week, on its Thursday; the number of the claim is that of who was seen, by whom and when.

    1970-01-01 was a Thursday, and days since then are cut into weeks: those begin on Thursdays.
    """
    served = week if dos is None else dos
    day = (MONDAY + datetime.timedelta(days=3 + 7 * served)).date()
    data = claim(
        week * WEEK + 3 * DAY + 12, Line(code=code, charge=10_000 + provider), kind=kind, dos=day, patient=patient,
        pcn=f"{provider}-{served}-{patient}", npi=npi(provider), pos=pos,
    )  # fmt: skip
    data.billing = Party(npi=npi(900 + provider), tin_ref=practice or f"TIN-{provider}", entity="2", zip=zip_code)
    watch.see(data)


def months(watch: Watch, *providers: int, patients: int = 8, weeks: int = 3, name: str = "P", **of_claim: Any) -> None:
    """Let each provider see the same patients week by week: 8 patients in 3 weeks are 24 meetings."""
    for week in range(weeks):
        for patient in range(patients):
            for provider in providers:
                bill(watch, provider, week, f"{name}{patient}", **of_claim)


def look(watch: Watch, *providers: int, week: int = 3, times: int = 2, **of_claim: Any) -> list[Finding]:
    """Let each provider see one patient of its own in the weeks from one on, with which it is looked at."""
    for later in range(week, week + times):
        for provider in providers:
            bill(watch, provider, later, f"own-{provider}", **of_claim)
    return [finding for finding in watch.findings if finding.detector == "B21"]


def test_b21_three_practices_with_the_same_patients_in_the_same_weeks() -> None:
    """24 meetings in common, and one of each provider's own: 24 / 26 after the first look."""
    watch = Watch()
    months(watch, 1, 2, 3)
    found = look(watch, 1, 2, 3)
    assert {finding.entity.ref for finding in found} == {npi(1), npi(2), npi(3)}
    assert {(finding.severity, finding.features["others"]) for finding in found} == {("high", 2.0)}
    marks = {finding.reasons[0].rpartition("mark ")[2] for finding in found}
    assert len(marks) == 1
    assert len(found) == 3, "once in thirty days"


def test_b21_two_are_no_ring() -> None:
    watch = Watch()
    months(watch, 1, 2)
    months(watch, 3, name="Q")
    assert look(watch, 1, 2, 3) == []


@pytest.mark.parametrize(
    "of_claim",
    [
        pytest.param({"practice": "TIN-ONE"}, id="one tax number"),
        pytest.param({"zip_code": BOSTON}, id="one address"),
        pytest.param({"pos": "21"}, id="in a hospital"),
        pytest.param({"code": "90935"}, id="dialysis"),
    ],
)
def test_b21_care_teams_and_chains_are_none(of_claim: dict[str, Any]) -> None:
    watch = Watch()
    months(watch, 1, 2, 3, **of_claim)
    assert look(watch, 1, 2, 3, **of_claim) == []


def test_b21_a_quarter_of_a_town_is_no_address() -> None:
    watch = Watch()
    months(watch, 1, 2, 3, zip_code="02118")
    assert look(watch, 1, 2, 3, zip_code="02118")


def test_b21_two_of_three_who_share_a_practice_are_one() -> None:
    watch = Watch()
    months(watch, 1, 2, practice="TIN-ONE")
    months(watch, 3)
    assert look(watch, 1, 2, practice="TIN-ONE") == []
    assert look(watch, 3) == []


def test_b21_the_same_patients_in_other_weeks_do_not_count() -> None:
    watch = Watch()
    for week in range(9):
        for patient in range(10):
            bill(watch, 1 + week % 3, week, f"P{patient}")
    assert look(watch, 1, 2, 3, week=9) == []


@pytest.mark.parametrize(("own", "found"), [(10, True), (11, False)])
def test_b21_half_of_the_patients_is_the_limit(own: int, found: bool) -> None:
    """24 meetings in common, and `own` and that of the first look beside: 24 / 46 is more than half, 24 / 48 not."""
    watch = Watch()
    months(watch, 1, 2, 3)
    for provider in (1, 2, 3):
        for patient in range(own):
            bill(watch, provider, 0, f"{provider}-{patient}")
    assert len(look(watch, 1, 2, 3)) == (3 if found else 0)


def test_b21_few_meetings_say_nothing() -> None:
    watch = Watch()
    months(watch, 1, 2, 3, patients=6)  # 18
    assert look(watch, 1, 2, 3) == []


def test_b21_voided_claims_do_not_count() -> None:
    watch = Watch()
    months(watch, 1, 2, 3)
    for week in range(3):
        for patient in range(8):
            bill(watch, 3, 3, f"P{patient}", dos=week, kind="claim_voided")
    assert look(watch, 1, 2, 3) == []
    profile = msgspec.msgpack.decode(watch.tables["provider"][npi(3)], type=ProviderProfile)
    assert {claims for _, claims in profile.meetings.met.values()} == {1}
    assert len(profile.meetings.met) == 2, "its own of the looks"


def test_b21_what_is_remembered_of_a_provider_is_bounded() -> None:
    watch = Watch()
    for patient in range(2 * KEPT):
        bill(watch, 1, 0, f"P{patient}")
    profile = msgspec.msgpack.decode(watch.tables["provider"][npi(1)], type=ProviderProfile)
    assert len(profile.meetings.met) == KEPT
    assert max(profile.meetings.met) < profile.meetings.limit


# --- samples ----------------------------------------------------------------------------------------------------------


def mark(patient: int) -> ClaimMark:
    return ClaimMark(1, patient, 0.0, [], is_outside=True)


def sampled(patients: range, order: int = 0, practice: int = 0, week: int = 0) -> tuple[Meetings, Sample]:
    """Count each patient once, in an order of its own."""
    meetings, shuffled = Meetings(practice=practice), list(patients)
    random.Random(order).shuffle(shuffled)
    for patient in shuffled:
        count_meeting(meetings, 7 * week, mark(patient + 1), 1)
    hashes = array("Q", sorted(meetings.met))
    weeks = array("Q", [week] * len(hashes))
    return meetings, Sample(hashes, weeks, meetings.limit or BEYOND, 0, 9, practice, 0)


def test_a_sample_does_not_depend_on_the_order() -> None:
    one, other = sampled(range(1_000), order=1)[0], sampled(range(1_000), order=2)[0]
    assert (one.met.keys(), one.limit) == (other.met.keys(), other.limit)
    smallest = sorted(pair_hash(patient + 1, 0) for patient in range(1_000))
    assert (sorted(one.met), one.limit) == (smallest[:KEPT], smallest[KEPT])


@pytest.mark.parametrize(("shift", "share"), [(0, 1.0), (250, 0.6), (500, 1 / 3), (1_000, 0.0)])
def test_the_share_in_common_is_that_of_all(shift: int, share: float) -> None:
    """(1000 - shift) of all (1000 + shift) are in common; four standard errors of the sample are 0.18."""
    common, either = sampled(range(1_000))[1].common(sampled(range(shift, 1_000 + shift))[1])
    assert abs(common / either - share) <= (0.18 if 0 < share < 1 else 0)
    assert either >= KEPT


def test_only_weeks_that_both_know_are_compared() -> None:
    one, other = sampled(range(50), week=3)[1], sampled(range(50), week=3)[1]
    later = Sample(other.hashes, other.weeks, BEYOND, 4, 9, 0, 0)
    assert one.common(other) == (50, 50)
    assert one.common(later) == (0, 0)


def test_what_is_published_is_found_by_every_worker_and_replaced() -> None:
    view, shared = PeerView(), Shared()
    samples = {f"N{number}": sampled(range(number, 60 + number), practice=number + 1)[1] for number in range(3)}
    for partition, (name, sample) in enumerate(samples.items()):
        entries = Entries(Codec(PeerCounts), {})
        publish(PeerBook(partition, entries, PartitionState()), name, sample)
        for key, value in entries.written().items():
            view.receive(key, value)
    # 59 of 61, and 58 of 62.
    assert view.shared.ring("N0", samples["N0"], 0.5, 20) == {"N1": 59 / 61, "N2": 58 / 62}
    view.shared.receive("N1", {})
    assert view.shared.ring("N0", samples["N0"], 0.5, 20) == {"N2": 58 / 62}
    assert shared.ring("N0", samples["N0"], 0.5, 20) == {}


def test_a_circle_has_everybody_in_common_two_by_two() -> None:
    """Of a hundred each, the second and the third have 75 in common with the first, of 125, and 50 of 150 together."""
    shared, (_, own) = Shared(), sampled(range(1_000, 1_100), practice=1)
    for name, patients, practice in (("B", range(975, 1_075), 2), ("C", range(1_025, 1_125), 3)):
        meetings, _ = sampled(patients)
        shared.receive(name, dict.fromkeys(sorted(meetings.met), 0) | {-1: practice, -5: 9})
    assert shared.ring("A", own, 0.5, 20) == {"B": 0.6}
