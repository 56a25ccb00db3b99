"""Every quantity of domain.md §6.1 and §6.2 that the ordinary hospital follows, each with the tolerance it needs."""

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest

from streams.simulator import build_hospital
from streams.simulator.claims import DENIED, REPLACED, RESUBMITTED, REVERSED, SUBMITTED, Claims, Due, claims_of
from streams.simulator.hospital import Hospital
from streams.simulator.parameters import ROLES
from streams.simulator.tariff import PAID, TARIFF, index_of
from streams.simulator.visits import EMERGENCY, INPATIENT, OUTPATIENT, Agenda
from tests.streams.simulator.ward import BEGIN, CONTENT, DAY, Week

DAYS = range(1, 5)
"""Tuesday to Friday, at scale 1: some twenty thousand claims, so that shares are good to half a point."""


@pytest.fixture(scope="module")
def hospital() -> Hospital:
    return build_hospital(1.0, 3)


@pytest.fixture(scope="module")
def agenda(hospital: Hospital) -> Agenda:
    return Agenda(hospital)


@pytest.fixture(scope="module")
def billed(hospital: Hospital, agenda: Agenda) -> list[tuple[Claims, Due]]:
    return [claims_of(hospital, agenda, day) for day in DAYS]


def test_who_works_here(hospital: Hospital) -> None:
    """§6.2 `users`, exactly: numbers are rounded only below scale 1."""
    counted = Counter(ROLES[role].name for role in hospital.staff.role[~hospital.staff.former].tolist())
    assert counted == {
        "physician": 450, "resident": 200, "nurse": 1400, "ma_registrar": 350, "pharmacy_lab_rad": 300,
        "billing_coding": 160, "him_qa_research": 60, "service": 25,
    }  # fmt: skip
    assert hospital.patients.n == 120_000


def test_who_comes(agenda: Agenda) -> None:
    """2,200 outpatients a weekday, 160 emergencies and 55 admissions a day: within four Poisson deviations of a day."""
    for day in DAYS:
        kinds = Counter(agenda.of(day)["kind"].tolist())
        for kind, mean in ((OUTPATIENT, 2200), (EMERGENCY, 160), (INPATIENT, 55)):
            assert abs(kinds[kind] - mean) < 4 * mean**0.5
    saturday = Counter(agenda.of(5)["kind"].tolist())
    assert abs(saturday[OUTPATIENT] - 770) < 4 * 770**0.5


def test_stays_last_three_days_in_the_median(agenda: Agenda) -> None:
    """Lognormal, median 3.2, sigma 0.8: 1,500 stays give the median to 3 %."""
    visits = agenda.between(-30, 0)
    stays = visits[visits["kind"] == INPATIENT]
    days = (stays["end"] - stays["start"]) / DAY
    assert 2.9 < np.median(days) < 3.5


def test_context_explains_94_of_100_charts_by_construction(hospital: Hospital) -> None:
    """§6.1: more than 94 %. Weighted by how many charts each role opens; what is capped can only make it more."""
    charts = np.array([0.0 if role.name == "service" else role.charts for role in ROLES])[hospital.staff.role]
    unexplained = (hospital.staff.unexplained * charts).sum() / charts.sum()
    assert 0.04 < unexplained < 0.06


def test_codes_of_family_medicine_follow_medicare(hospital: Hospital, billed: list[tuple[Claims, Due]]) -> None:
    """S:AAFP, established patients. Habits of 26 physicians move the shares by two or three points."""
    family = hospital.layout.named("Family Medicine")
    codes: Counter[str] = Counter()
    for table, _ in billed:
        professional = table.claims[~table.claims["institutional"] & (table.claims["provider"] < len(hospital.actors))]
        at_home = hospital.staff.place[professional["provider"]] == family
        for claim in professional[at_home]:
            codes[TARIFF[table.lines["code"][claim["first"]]].code] += 1
    established = {code: count for code, count in codes.items() if code.startswith("9921")}
    total = sum(established.values())
    assert total > 500
    for code, share in (("99211", 0.026), ("99212", 0.028), ("99213", 0.432), ("99214", 0.484), ("99215", 0.029)):
        assert established.get(code, 0) / total == pytest.approx(share, abs=0.06)


def test_specialties_differ_more_than_family_physicians(hospital: Hospital, billed: list[tuple[Claims, Due]]) -> None:
    """S:codingintel: specialty matters more than anything else."""
    levels: dict[int, list[int]] = defaultdict(list)
    for table, _ in billed:
        first = table.lines["code"][table.claims["first"]]
        for code, level in (("99213", 3), ("99214", 4), ("99215", 5)):
            rows = np.flatnonzero((first == index_of(code)) & ~table.claims["institutional"])
            for provider in table.claims["provider"][rows].tolist():
                levels[int(hospital.staff.place[provider])].append(level)
    means = {hospital.layout.names[place]: float(np.mean(own)) for place, own in levels.items()}
    assert means["Dermatology"] < means["Family Medicine"] < means["Cardiology"]
    assert means["Cardiology"] - means["Dermatology"] > 0.2


def test_what_is_paid_is_what_medicare_pays() -> None:
    """S:DHC, payments divided by services, in cents."""
    paid = {tariff.code: tariff.paid for tariff in TARIFF}
    assert [paid[code] for code in ("99214", "99213", "99232", "97110", "97140")] == [7000, 4711, 5622, 2098, 1823]


def test_charges_spread_as_they_do_across_providers(billed: list[tuple[Claims, Due]]) -> None:
    """P90/P10 of one code: 2.6 for 99214 to 4.0 for a head CT (S:fonteum), which are spreads across providers.

    Here the effect of the provider (sigma 0.25) adds to the spread within the code: root(0.37² + 0.25²) * 2.563 = 3.1
    and root(0.54² + 0.25²) * 2.563 = 4.6 in place of them. Some hundreds of lines give the ratio to a tenth.
    """
    for code, expected in (("99214", 3.1), ("70450", 4.6)):
        charges = np.concatenate([table.lines["charge"][table.lines["code"] == index_of(code)] for table, _ in billed])
        low, high = np.quantile(charges, [0.1, 0.9])
        assert high / low == pytest.approx(expected, rel=0.2)


def test_charges_are_a_multiple_of_what_is_paid(billed: list[tuple[Claims, Due]]) -> None:
    """2.6 times in the median; a lognormal's median is not moved by its spread."""
    lines = np.concatenate([table.lines for table, _ in billed])
    assert 2.4 < np.median(lines["charge"] / (PAID[lines["code"]] * lines["units"])) < 2.8


def test_claims_have_as_many_lines_as_they_should(hospital: Hospital, billed: list[tuple[Claims, Due]]) -> None:
    """Professional 1 + Poisson(0.9); institutional 4 + negative binomial of mean 9."""
    claims = np.concatenate([table.claims for table, _ in billed])
    counts = claims["last"] - claims["first"]
    office = ~claims["institutional"] & (claims["pos"] == 11) & (claims["provider"] < len(hospital.actors))
    assert 1.85 < counts[office].mean() < 1.95
    assert 12.0 < counts[claims["institutional"]].mean() < 14.0


def test_a_day_has_thousands_of_claims(billed: list[tuple[Claims, Due]]) -> None:
    """§6.2: some 6,000 to 9,000 a day with all that follows; it is not sure of its own parts, so a wide range."""
    events = sum(len(due.row) for _, due in billed) / len(billed)
    assert 6_000 < events < 14_000


def test_what_becomes_of_claims(billed: list[tuple[Claims, Due]]) -> None:
    """Denied 11 %, reversed 1.5 %, replaced 3 %; honest duplicates under 1 % (S:WPS), of 20,000 claims."""
    steps: Counter[int] = Counter()
    for _, due in billed:
        steps.update(due.step.tolist())
    total = steps[SUBMITTED]
    assert steps[DENIED] / total == pytest.approx(0.11, abs=0.01)
    assert steps[REVERSED] / total == pytest.approx(0.015, abs=0.005)
    assert steps[REPLACED] / total == pytest.approx(0.03, abs=0.005)
    assert 0 < steps[RESUBMITTED] / total < 0.01


def test_claims_leave_a_week_after_the_service(hospital: Hospital, billed: list[tuple[Claims, Due]]) -> None:
    """Median 6 days, to the next of six files a day."""
    lags = [(due.at[due.step == SUBMITTED] - hospital.calendar.begin(table.day + 1)) / DAY for table, due in billed]
    assert 5.8 < np.median(np.concatenate(lags)) < 6.6


def test_modifiers_are_as_frequent_as_they_should(billed: list[tuple[Claims, Due]]) -> None:
    """25 on 18 % of visits that have another line, 59 on 3 % of further lines, and on most therapy pairs."""
    lines = np.concatenate([table.lines for table, _ in billed])
    share = (lines["modifier"] == 1).sum() / np.isin(lines["code"], [index_of(f"9921{n}") for n in range(1, 6)]).sum()
    # Of visits six in ten have another line: 1 - e^-0.9.
    assert share == pytest.approx(0.18 * 0.59, abs=0.03)
    assert 0.005 < (lines["modifier"] == 2).mean() < 0.05


def test_clinicians_make_hundreds_of_audit_events_a_day(week: Week) -> None:
    """§6.1: up to about 1,000 a day (S:Kannampallil). A lognormal tail goes a little beyond."""
    days: Counter[tuple[str, int]] = Counter()
    for access in week.ordinary():
        if week.staff[access.user].role in ("physician", "resident", "nurse"):
            days[access.user, int((access.at - BEGIN) // DAY)] += 1
    counts = sorted(days.values())
    assert 150 < counts[len(counts) // 2] < 700
    assert counts[int(0.95 * len(counts))] < 1500


def test_users_do_from_day_to_day_what_they_always_do(week: Week) -> None:
    """S:EMRusage: users are consistent. Correlation of their volumes on two following working days."""
    by_day: list[Counter[str]] = [Counter() for _ in range(5)]
    for access in week.ordinary():
        if access.data.action in CONTENT and (day := int((access.at - BEGIN) // DAY)) < 5:
            by_day[day][access.user] += 1
    found = []
    for one, other in pairwise(by_day):
        both = sorted(one.keys() & other.keys())
        found.append(np.corrcoef([one[user] for user in both], [other[user] for user in both])[0, 1])
    assert np.mean(found) > 0.4


def test_few_users_see_few_patients(week: Week) -> None:
    """S:EMRusage: the matrix of users and patients is sparse. At a hundredth of the size it is denser than in life."""
    pairs = {(access.user, access.patient) for access in week.ordinary() if access.patient}
    users, patients = {user for user, _ in pairs}, {patient for _, patient in pairs}
    assert len(pairs) < 0.15 * len(users) * len(patients)


def test_day_teams_linger_and_night_teams_stop(week: Week) -> None:
    """S:Wang19. Day physicians open charts after 18:00; who works the night is gone by 8:00."""
    late = [access for access in week.ordinary() if week.staff[access.user].role == "physician"]
    assert sum(18 <= access.at % DAY / 3600 < 20 for access in late) > 0
    ends: dict[str, float] = {}
    starts: dict[str, float] = {}
    for access in week.ordinary():
        if access.data.session and access.data.action in CONTENT and week.staff[access.user].shift == "12h_7_19":
            starts.setdefault(access.data.session.id, access.at)
            ends[access.data.session.id] = access.at
    nights = [session for session, at in starts.items() if at % DAY / 3600 >= 19]
    assert nights
    for session in nights:
        assert ends[session] % DAY / 3600 >= 19 or ends[session] % DAY / 3600 < 8
