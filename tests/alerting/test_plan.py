"""People and their plan: who is found by what, and what is wrong with a plan."""

import pytest

from alerting.people import Person, Team
from alerting.permissions import may
from alerting.plan import Plan

OFFICER = Person(name="p.officer", roles=("privacy_officer",), email="P.Officer@hospital.example", slack="U1")
CLERK = Person(name="b.clerk", roles=("operator",), pagerduty="PCLERK", backup="p.officer")


def test_people_are_found_by_every_name() -> None:
    directory = Plan(people=(OFFICER, CLERK), teams=(Team(name="privacy", members=("p.officer",)),)).directory
    assert directory.named("p.officer") is OFFICER
    assert directory.of_slack("U1") is OFFICER
    assert directory.of_email("p.officer@HOSPITAL.example") is OFFICER
    assert directory.of_pagerduty("PCLERK") is CLERK
    assert [directory.named("nobody"), directory.of_slack(""), directory.of_email("")] == [None, None, None]
    assert directory.with_role("privacy_officer") == (OFFICER,)
    team = directory.team("privacy")
    assert team is not None
    assert team.members == ("p.officer",)


def test_a_plan_tells_all_that_is_wrong_with_it() -> None:
    other = Person(name="p.officer", slack="U1", backup="nobody", provider_ids=("1234567893", "1234567890"))
    plan = Plan(people=(OFFICER, other), teams=(Team(name="night", members=("x",)),))
    assert plan.problems() == [
        "people: name 'p.officer' is given to more than one person",
        "people: slack 'U1' is given to more than one person",
        "people: the backup 'nobody' of 'p.officer' is nobody in `people`",
        "people: the provider id '1234567890' of 'p.officer' is no NPI",
        "teams: 'x' of team 'night' is nobody in `people`",
    ]


def test_an_account_belongs_to_one_person() -> None:
    one = Person(name="ana", user_ids=("clerk", "clerk"), provider_ids=("1234567893",))
    two = Person(name="bob", user_ids=("nurse", "clerk"), provider_ids=("1234567893",))
    assert Plan(people=(one,)).problems() == []
    assert Plan(people=(one, two)).problems() == [
        "people: user id 'clerk' is given to more than one person",
        "people: provider id '1234567893' is given to more than one person",
    ]


@pytest.mark.parametrize(
    ("person", "action", "expected"),
    [
        (OFFICER, "confirm_breach", True),
        (OFFICER, "acknowledge", True),
        (CLERK, "acknowledge", True),
        (CLERK, "resolve", False),
        (Person(name="x", roles=("analyst",)), "confirm_breach", False),
        (Person(name="x", roles=("auditor",)), "comment", False),
        (Person(name="x"), "acknowledge", False),
    ],
)
def test_a_role_may_what_its_row_says(person: Person, action: str, *, expected: bool) -> None:
    assert may(person, action) is expected
