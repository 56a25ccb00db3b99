"""B34: what a unit of a service is charged for, against what all providers ask for it."""

from typing import Any

import msgspec
import pytest

from detectors.events import BillingTransaction
from detectors.events.billing import Kind, Line
from detectors.finding import Finding
from detectors.partition import PartitionState
from detectors.peers import PeerBook, PeerCounts, PeerView
from detectors.peers.charges import HALVED_AT, count_charge, usual_charge
from detectors.profiles.conduct import SERVICES_CHARGED_KEPT
from detectors.profiles.entries import Codec, Entries
from detectors.profiles.provider import ProviderProfile
from detectors.stages.provider_charges import is_procedure
from streams.simulator.providers import npi
from tests.detectors.claims.site import DAY, claim
from tests.detectors.watch import Watch

CODE = "71046"


def charge(
    watch: Watch, provider: int, day: float, dollars: float, *, kind: Kind = "claim_submitted", pcn: str = "",
    pos: str = "11", **of_line: Any,
) -> list[Finding]:  # fmt: skip
    """Bill one line of one patient, whom nobody else bills."""
    number = sum(watch.outcomes.values())
    line = Line(code=CODE, charge=round(100 * dollars))
    for name, value in of_line.items():
        setattr(line, name, value)
    data: BillingTransaction = claim(
        day * DAY + 9, line, kind=kind, patient=f"P{number}", pcn=pcn or f"C{number}", npi=npi(provider), pos=pos
    )
    return [found for found in watch.see(data) if found.detector == "B34"]


@pytest.fixture
def usual() -> Watch:
    """Twenty providers, ten days each, for 100 dollars: 200 charges.

    100 dollars lie in bin int(128 ln(101) / ln(1,000,001)) = 42, whose upper edge is 1,000,001^(43/128) - 1 = 102.66.
    """
    watch = Watch()
    for day in range(10):
        for provider in range(20):
            charge(watch, 100 + provider, day, 100)
    return watch


def test_b34_more_than_twice_what_nearly_all_ask(usual: Watch) -> None:
    assert charge(usual, 1, 11, 205) == [], "2 x 102.66 = 205.32"
    (found,) = charge(usual, 1, 11, 206)
    assert found.severity == "info", "one measure is a feature"
    assert found.features == {"times": 2.01, "usual": 102.66, "charges": 200.0}
    assert found.reasons[0].startswith("206.35 USD for a unit of 71046: 2.0 times the 102.66 USD that 99.5%")
    assert charge(usual, 1, 11.1, 400) == [], "once a week"
    assert charge(usual, 1, 18, 400), "and in the next again"


def test_b34_counts_beside_something_else(usual: Watch) -> None:
    for _ in range(2):
        usual.see(claim(11 * DAY, Line(code="X1", charge=500), patient="P", pcn="SAME", npi=npi(1)))
    assert "B01" in {found.detector for found in usual.findings}
    (found,) = charge(usual, 1, 12, 400)
    assert found.severity == "low"


@pytest.mark.parametrize(
    "of_line",
    [
        pytest.param({"units": 4.0}, id="four units"),
        pytest.param({"modifiers": ["TC"]}, id="the technical part has no history"),
        pytest.param({"pos": "22"}, id="nor has the facility"),
        pytest.param({"code": "0120"}, id="no procedure"),
        pytest.param({"code": "99999"}, id="another procedure"),
    ],
)
def test_b34_what_it_is_not_held_against(usual: Watch, of_line: dict[str, Any]) -> None:
    assert charge(usual, 1, 11, 400, **of_line) == []


def test_b34_few_charges_are_no_measure() -> None:
    """A provider adds one a day: ten claims a day of twenty providers are still 20 a day."""
    watch = Watch()
    for day in range(9):
        for provider in range(20):
            for _ in range(3 if day == 8 else 1):
                charge(watch, 100 + provider, day, 100)
    for provider in range(19):
        charge(watch, 100 + provider, 10, 100)
    assert charge(watch, 1, 11, 1_000, kind="claim_replaced") == []  # 199 are known; a replacement is not counted
    charge(watch, 100, 11, 100)
    assert charge(watch, 1, 12, 1_000, kind="claim_replaced")


def test_b34_a_replacement_is_judged_and_not_counted(usual: Watch) -> None:
    (found,) = charge(usual, 1, 11, 900, kind="claim_replaced", pcn="C1")
    assert found.features["charges"] == 200.0
    (again,) = charge(usual, 2, 11, 900)
    assert again.features["charges"] == 200.0


def test_b34_nobody_is_remembered_for_more_services_than_kept() -> None:
    watch = Watch()
    for number in range(SERVICES_CHARGED_KEPT + 40):
        charge(watch, 1, number / 100, 100, code=f"{10_000 + number}")
    profile = msgspec.msgpack.decode(watch.tables["provider"][npi(1)], type=ProviderProfile)
    assert len(profile.conduct.charged) == SERVICES_CHARGED_KEPT


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("71046", True),
        ("J0120", True),
        ("0001U", True),
        ("0120", False),
        ("ABCDE", False),
        ("7104٣", False),
        ("", False),
    ],
)
def test_codes_of_procedures(code: str, known: bool) -> None:
    assert is_procedure(code) is known


def test_the_histogram_of_a_service_follows_the_fee_schedules() -> None:
    """Halved at 20,000, so that after 10,000 more at twice the price half of what is known is the new one."""
    entries, view = Entries(Codec(PeerCounts), {}), PeerView()
    book = PeerBook(0, entries, PartitionState())
    for _ in range(HALVED_AT):
        count_charge(book, "X:office", 100)
    for _ in range(HALVED_AT // 2):
        count_charge(book, "X:office", 205)
    for key, value in entries.written().items():
        view.receive(key, value)
    # The first at 205 halves 20,001 charges to 10,000 and none.
    half, beyond = usual_charge(view, "X:office", 0.5, 1), usual_charge(view, "X:office", 0.51, 1)
    assert half is not None
    assert beyond is not None
    assert (round(half[0], 2), half[1]) == (102.66, 19_999)
    # 205 dollars lie in bin 49, whose upper edge is 1,000,001^(50/128) - 1 = 219.67.
    assert (round(beyond[0], 2), beyond[1]) == (219.67, 19_999)
    assert usual_charge(view, "X:facility", 0.5, 1) is None
