"""The yearly log, and the checklist of a case."""

from datetime import date

from alerting.breach.affected import Affected
from alerting.breach.checklist import checklist
from alerting.breach.clocks import Hold
from alerting.breach.file import BreachFile
from alerting.breach.forms import STORY_FORM, assessment_form
from alerting.breach.records import Approved, Assessed, Counted, Decided, Described, Discovered, HeldBack, Record
from alerting.breach.yearly import LogLine, yearly_log
from tests.alerting.breach.building import a_file, a_notice, an_assessment

BREACH = Decided(outcome="breach")


def of(n: int) -> Counted:
    return Counted(affected=Affected(states={"NY": n}))


def found(on: date) -> Discovered:
    return Discovered(on=on, basis="known", reason="told then")


def test_the_log_of_a_year() -> None:
    told = a_notice(count=3, made_on=date(2026, 3, 1))
    submitted = a_notice(kind="hhs_yearly", method="portal", made_on=date(2027, 3, 2))
    files = [
        a_file(found(date(2026, 12, 31)), of(499), BREACH),
        a_file(found(date(2026, 1, 15)), of(3), BREACH, told, submitted),
        a_file(found(date(2026, 5, 1)), BREACH),  # nobody has counted yet
        a_file(found(date(2026, 5, 2)), of(500), BREACH),  # too many
        a_file(found(date(2026, 5, 3)), of(3)),  # not confirmed
        a_file(found(date(2026, 5, 4)), of(3), BREACH, Described(part="business_associate")),
        a_file(found(date(2027, 1, 1)), of(3), BREACH),
    ]
    first, second, third = yearly_log(files, 2026)
    assert first == LogLine(
        incident_id="INC-F73K9Q2M",
        discovered_on=date(2026, 1, 15),
        affected=3,
        states="NY=3",
        individuals_told_on=date(2026, 3, 1),
        hhs_due=date(2027, 3, 1),
        hhs_submitted_on=date(2027, 3, 2),
        is_late=True,
    )
    assert (second.discovered_on, second.affected) == (date(2026, 5, 1), None)
    assert (third.discovered_on, third.hhs_submitted_on, third.is_late) == (date(2026, 12, 31), None, False)


def open_items(file: BreachFile) -> list[str]:
    return [item.what for item in checklist(file, date(2026, 3, 1)) if not item.is_done]


def test_the_checklist_of_a_case() -> None:
    records: list[Record] = []
    begun = ["day of discovery", "risk assessment, written", "risk assessment, approved by a second person",
             "decision: undetermined", "affected individuals counted", "notice: individual", "notice: hhs"]  # fmt: skip
    assert open_items(a_file()) == begun
    records += [found(date(2026, 1, 15)), Assessed(assessment=an_assessment())]
    assert open_items(a_file(*records)) == [begun[2], "decision: presumed", *begun[4:]]
    records += [Approved(revision=1), BREACH, of(2)]
    assert open_items(a_file(*records)) == ["notice: individual", "notice: hhs_yearly"]
    held = HeldBack(
        hold=Hold(kind="written", stated_on=date(2026, 2, 1), until=date(2026, 6, 1)), official="x", statement="x"
    )
    assert open_items(a_file(*records, held))[0] == "law enforcement holds notices back until 2026-06-01"
    records += [a_notice(count=2), a_notice(kind="hhs", method="portal", count=2)]
    assert open_items(a_file(*records)) == []
    assert open_items(a_file(*records, Described(part_2=True))) != []


def test_hhs_is_told_again_when_more_are_affected() -> None:
    told = a_notice(kind="hhs", method="portal", count=2)
    assert "addendum to the report to HHS" in open_items(a_file(of(2), told, of(3)))
    assert "addendum to the report to HHS" not in open_items(a_file(of(2), told))


def test_what_was_ruled_out_needs_no_notice() -> None:
    secured = Assessed(assessment=an_assessment(conclusion="secured"))
    records = (found(date(2026, 1, 15)), secured, Approved(revision=1), Decided(outcome="not_breach"))
    assert [item.is_done for item in checklist(a_file(*records), date(2026, 3, 1))] == [True] * 4


def test_forms_name_every_field() -> None:
    for name in an_assessment().__struct_fields__:
        assert f"\n{name}:" in assessment_form()
    for name in ("happened", "first_day", "last_day", "information", "information_more", "steps", "actions", "hhs"):
        assert f"\n{name}:" in STORY_FORM
