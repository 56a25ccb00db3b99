"""Letters and notices: complete, plain, and the right one to each."""

from datetime import date
from typing import Any, get_args

import pytest
from msgspec import structs

from alerting.breach.affected import Affected
from alerting.breach.entity import CoveredEntity
from alerting.breach.file import BreachFile
from alerting.breach.letters.drawing import DrawnKind, Order, drawn
from alerting.breach.letters.reading import reading_grade
from alerting.breach.letters.recipients import Recipient, by_state, recipients_in
from alerting.breach.letters.story import (
    BREACH_TYPES,
    INFORMATION,
    PLACES,
    SAFEGUARDS,
    BreachType,
    ForHhs,
    Information,
    Place,
    Safeguard,
    Story,
    spoken,
    story_problems,
    story_remarks,
    when,
)
from alerting.breach.letters.writing import TEMPLATES, template_of, template_problem
from alerting.breach.records import Counted, Decided, Described
from alerting.documents import Facts, plain_text
from alerting.refusal import Refused
from tests.alerting.breach.building import a_file, a_notice

ENTITY = CoveredEntity(
    name="Springfield General Hospital",
    street="1 Hospital Way",
    city="Springfield",
    state="IL",
    zip="62701",
    toll_free="1-800-555-0142",
    email="privacy@springfield.example",
    signer="Pat Officer",
    signer_title="Privacy Officer",
    contact="Pat Officer",
    contact_phone="217-555-0100",
    contact_email="privacy@springfield.example",
)
STORY = Story(
    happened="A member of our staff looked at records of patients without a work reason.",
    information=("name", "diagnosis"),
    steps=("Read the statements of your health plan.", " "),
    actions="We ended the access of this person.\n\nWe now check each week who opens records.",
    first_day=date(2026, 1, 5),
    last_day=date(2026, 2, 20),
    hhs=ForHhs(places=("emr", "paper"), safeguards=("privacy",), description="Snooping.", actions="Sanction."),
)
PEOPLE = (
    Recipient(name="Zoë Quist", street="12 Main St", street2="Apt 4", city="Springfield", state="IL", zip="62701"),
    Recipient(name="Al Stone", street="9 Elm St", city="Newark", state="NJ", zip="07101", next_of_kin="Mary Stone"),
    Recipient(name="Bo Abt", street="Weg 3", city="Köln", state="", zip="50667", country="Germany"),
)
AFFECTED = Affected(states={"IL": 510, "NJ": 1, "XX": 1}, deceased=1)


def an_order(kind: DrawnKind, **fields: Any) -> Order:
    usual: dict[str, Any] = {
        "kind": kind,
        "entity": ENTITY,
        "story": STORY,
        "written_on": date(2026, 3, 20),
        "recipients": PEOPLE if kind in ("individual", "next_of_kin", "list") else (),
        "state": "IL" if kind == "media" else "",
    }
    return Order(**(usual | fields))


def file_with(affected: Affected = AFFECTED) -> BreachFile:
    return a_file(Counted(affected=affected), Decided(outcome="breach"), first_alert_on=date(2026, 3, 2))


def texts(kind: DrawnKind, **fields: Any) -> list[str]:
    return [plain_text([document]) for document in drawn(an_order(kind, **fields), file_with()).documents]


@pytest.mark.parametrize("kind", ["individual", "next_of_kin", "substitute", "media"])
def test_every_notice_holds_every_element_of_the_rule(kind: DrawnKind) -> None:
    """45 CFR 164.404(c)(1)(A) to (E)."""
    for text in texts(kind):
        unwrapped = " ".join(text.split())
        assert "looked at records of patients without a work reason" in unwrapped  # (A)
        assert "between January 5, 2026 and February 20, 2026. We learned of it on March 2, 2026." in unwrapped
        assert "- name - diagnoses and conditions" in unwrapped  # (B)
        assert "- Read the statements of your health plan." in unwrapped  # (C)
        assert "We ended the access of this person. We now check each week" in unwrapped  # (D)
        assert "Call toll-free: 1-800-555-0142" in unwrapped  # (E)
        assert "Write to: Springfield General Hospital, 1 Hospital Way, Springfield, IL 62701" in unwrapped


def test_each_gets_the_right_letter() -> None:
    first, second = texts("individual")
    assert "Zoë Quist\n12 Main St\nApt 4\nSpringfield, IL 62701\n" in first
    assert "Dear Zoë Quist:" in first
    assert "Bo Abt\nWeg 3\nKöln 50667\nGermany\n" in second
    (kin,) = texts("next_of_kin")
    assert "Mary Stone\n9 Elm St\nNewark, NJ 07101\n" in kin
    assert "Dear Mary Stone:" in kin
    assert "representative of Al Stone" in " ".join(kin.split())
    assert "March 20, 2026" in kin


def test_the_public_notice_stands_ninety_days() -> None:
    (text,) = texts("substitute")
    assert "Please call 1-800-555-0142." in text
    assert "until June 18, 2026 or longer" in " ".join(text.split())  # 2026-03-20 + 90 days
    (media,) = texts("media")
    assert "About 510 residents of Illinois are affected." in " ".join(media.split())


def test_the_sheet_for_hhs() -> None:
    (document,) = drawn(an_order("hhs"), file_with()).documents
    rows = {name: value for block in document.blocks if isinstance(block, Facts) for name, value in block.rows}
    expected = {
        "Report type": "Initial Breach Report",
        "Filing as": "Covered Entity, for itself",
        "Type of covered entity": "Healthcare Provider",
        "How many individuals": "500 or More Individuals",
        "Approximate number": "512",
        "Breach start": "January 5, 2026",
        "Breach end": "February 20, 2026",
        "Discovery start": "March 2, 2026",
        "Type of breach": "Unauthorized Access/Disclosure",
        "Location of breach": "Electronic Medical Record; Paper/Films",
        "Type of PHI": "Demographic; Clinical",
        "Substitute notice required": "No",
        "Media notice required": "Yes: IL",
        "Individual notice, first day": "",
        "Name": "",
    }
    assert {name: rows[name] for name in expected} == expected


@pytest.mark.parametrize(("unreachable", "said"), [(0, "No"), (9, "Yes: fewer than 10"), (10, "Yes: 10 or more")])
def test_the_sheet_after_notices(unreachable: int, said: str) -> None:
    file = a_file(
        Counted(affected=Affected(states={"IL": 20}, unreachable=unreachable), is_estimate=True),
        a_notice(made_on=date(2026, 3, 9)),
        a_notice(made_on=date(2026, 3, 5)),
        a_notice(kind="hhs", method="portal"),
    )
    (document,) = drawn(an_order("hhs"), file).documents
    rows = {name: value for block in document.blocks if isinstance(block, Facts) for name, value in block.rows}
    assert rows["Report type"] == "Addendum to Previous Report"
    assert rows["How many individuals"] == "Fewer Than 500 Individuals"
    assert rows["Approximate number"] == "20 (estimate)"
    assert rows["Individual notice, first day"] == "March 5, 2026"
    assert rows["Individual notice, last day"] == "March 9, 2026"
    assert rows["Substitute notice required"] == said
    assert rows["Media notice required"] == "No"


def test_the_list_of_individuals() -> None:
    (text,) = texts("list")
    assert "IL: 1\nNJ: 1\nXX: 1\nTogether: 3\n" in text
    names = [
        line.partition(":")[0] for line in text.splitlines() if ", " in line and ":" in line and "Case" not in line
    ]
    assert names == ["Al Stone", "Bo Abt", "Zoë Quist"]
    assert "(next of kin: Mary Stone)" in text


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        ("individual", {"recipients": ()}, "file of people"),
        ("individual", {"recipients": PEOPLE[1:2]}, "nobody for letters of this kind"),
        ("individual", {"entity": structs.replace(ENTITY, signer="")}, "entity.signer"),
        ("individual", {"entity": CoveredEntity()}, "entity.name.*entity.toll_free, email, website or street"),
        ("substitute", {"entity": structs.replace(ENTITY, toll_free="")}, r"entity.toll_free \(164.404\(d\)"),
        ("individual", {"template": "$name $happened"}, r"\$actions, \$address, \$contact"),
        ("media", {"state": ""}, "is for one state"),
        ("media", {"state": "CA"}, "no resident"),
        ("hhs", {"state": "IL"}, "is for one state"),
        ("hhs", {"entity": structs.replace(ENTITY, contact_phone="")}, "entity.contact_phone"),
        ("hhs", {"story": structs.replace(STORY, hhs=ForHhs())}, "hhs.places.*hhs.safeguards.*hhs.description"),
    ],
)
def test_what_is_missing_is_refused(kind: DrawnKind, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Refused, match=wrong):
        drawn(an_order(kind, **fields), file_with())


def test_a_breach_at_a_business_associate_names_it() -> None:
    file = a_file(Counted(affected=AFFECTED), Described(at_associate=True), first_alert_on=date(2026, 3, 2))
    with pytest.raises(Refused, match=r"hhs\.business_associate"):
        drawn(an_order("hhs"), file)
    told = structs.replace(STORY, hhs=structs.replace(STORY.hhs, business_associate="Billing Partner LLC"))
    text = plain_text(drawn(an_order("hhs", story=told), file).documents)
    assert "Filing as: Covered Entity, for its Business Associate" in text
    assert "Business associate: Billing Partner LLC" in text


def test_a_sheet_needs_counts() -> None:
    with pytest.raises(Refused, match="count the affected"):
        drawn(an_order("hhs"), a_file(first_alert_on=date(2026, 3, 2)))


def test_what_to_think_about_before_sending() -> None:
    made = drawn(an_order("individual"), file_with(Affected(states={"IL": 5})))
    assert made.remarks[0] == "2 letters for 5 individuals who are counted to get one"
    hard = structs.replace(STORY, actions="Organizational remediation activities were subsequently operationalized.")
    unconfirmed = a_file(Counted(affected=AFFECTED), Described(part_2=True), first_alert_on=date(2026, 3, 2))
    remarks = drawn(an_order("list", story=hard), unconfirmed).remarks
    assert [remark.partition(" ")[0] for remark in remarks] == ["the", "3", "the", "records", "no"]


def test_an_order_does_not_show_itself() -> None:
    order = an_order("individual")
    assert "Zoë" not in repr((order, order.recipients, order.story, drawn(order, file_with())))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ""),
        ({"happened": "Oops."}, "happened"),
        ({"information": ()}, "information"),
        ({"information": ("other",)}, "information"),
        ({"steps": (" ",)}, "steps"),
        ({"actions": ""}, "actions"),
        ({"first_day": None}, "first_day"),
        ({"last_day": date(2026, 1, 4)}, "last_day"),
        ({"first_day": date(2026, 3, 3), "last_day": None}, "first_day"),
        ({"actions": "We wrote to the person with MRN 4471829 again."}, "looks like a mrn"),
    ],
)
def test_accounts_that_lack_something(fields: dict[str, Any], wrong: str) -> None:
    problems = story_problems(structs.replace(STORY, **fields), date(2026, 3, 2))
    assert bool(problems) == bool(wrong)
    assert wrong in " ".join(problems)


def test_the_days_of_a_breach() -> None:
    found = date(2026, 3, 2)
    one = structs.replace(STORY, last_day=None)
    assert when(one, found) == "This happened on January 5, 2026. We learned of it on March 2, 2026."
    unknown = structs.replace(one, first_day=None)
    assert when(unknown, found).startswith("We do not know on which day this happened.")
    assert spoken(date(2026, 12, 31)) == "December 31, 2026"


def test_plain_language_is_measured() -> None:
    # 16 words, 2 sentences, 17 syllables: 0.39 * 8 + 11.8 * 17/16 - 15.59 = 0.0675
    text = "We are sorry that this took place. Please call us if you want to know more."
    assert reading_grade(text) == pytest.approx(0.0675)
    assert reading_grade("") == 0.0
    assert story_remarks(STORY) == []


def test_the_words_of_hhs_are_all_there() -> None:
    for words, known in (
        (BREACH_TYPES, BreachType),
        (PLACES, Place),
        (SAFEGUARDS, Safeguard),
        (INFORMATION, Information),
    ):
        assert tuple(words) == get_args(known)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_our_templates_are_complete(kind: Any) -> None:
    assert template_problem(kind, template_of(kind)) == ""


def test_people_are_read_from_csv() -> None:
    text = "NAME, Street ,City,State,ZIP,MRN\n Ana  Li ,1 Main,Newark,nj,07101,x\nAna Li,1 Main,Newark,NJ,07101,y\n"
    (ana,) = recipients_in(text)
    assert ana == Recipient(name="Ana Li", street="1 Main", city="Newark", state="NJ", zip="07101")
    assert by_state([*PEOPLE, ana]) == {"IL": 1, "NJ": 2, "XX": 1}


def test_names_are_written_as_one_character_each() -> None:
    (one,) = recipients_in("name,street,city,state,zip\nZoe\u0308\x07 Q,1 Main,Newark,NJ,07101\n")
    assert one.name == "Zo\u00eb Q"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "columns name, street, city, state, zip"),
        ("name,street,city,state\n", "columns zip"),
        ("name,street,city,state,zip\nAna,1 Main,Newark,Jersey,07101\n", "line 2"),
        ("name,street,city,state,zip\nAna,1 Main,Newark,NJ,\n", "line 2"),
        ("name,street,city,state,zip\n" + "Ana,,,,\n" * 12, "2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and more"),
    ],
)
def test_incomplete_people_are_told_by_line(text: str, wrong: str) -> None:
    with pytest.raises(Refused, match=wrong) as refused:
        recipients_in(text)
    assert "Ana" not in str(refused.value)
