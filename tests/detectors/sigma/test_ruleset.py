"""The twin files of tests, and what `wardwatch rules check|test|list` rests on."""

from pathlib import Path

import pytest

from detectors.sigma import RuleError, RuleSet, load_rules
from tests.detectors.sigma.test_correlation import META, READS
from tests.detectors.sigma.writing import NOTES, rule_text

RULE = rule_text("seen:\n    action: read\n    staff.known: true\ncondition: seen\n")
EVENT = "{action: %s, occurred_at: '2026-03-02T09:00:00Z', actor: {id: u_1}}"
READ, PRINT = EVENT % "read", EVENT % "print"
GOOD = f"""\
- name: read
  match: true
  event: {READ}
  notes: {{staff.known: true}}
  reason: A sentence.
- name: printed
  match: false
  event: {PRINT}
"""


def loaded(folder: Path, tests: str, rule: str = RULE) -> RuleSet:
    (folder / "a_first_rule.yml").write_text(rule)
    (folder / "a_first_rule.tests.yml").write_text(tests)
    return load_rules([folder], NOTES)


def test_good_tests_pass(tmp_path: Path) -> None:
    rules = loaded(tmp_path, GOOD)
    assert [test.name for test in rules.tests] == ["read", "printed"]
    assert rules.run_tests() == []
    assert rules.check() == []


FAILING = {
    GOOD.replace(
        "match: true", "match: false"
    ): "a_first_rule.tests.yml:1: a_first_rule must not match, but does: read",
    GOOD.replace("staff.known: true", "staff.known: false"): (
        "a_first_rule.tests.yml:1: a_first_rule must match, but does not: read"
    ),
    GOOD.replace("A sentence.", "Another."): "a_first_rule.tests.yml:1: a_first_rule gives another reason: A sentence.",
}


@pytest.mark.parametrize(("tests", "message"), FAILING.items())
def test_failing_tests_are_told(tmp_path: Path, tests: str, message: str) -> None:
    assert [str(problem) for problem in loaded(tmp_path, tests).run_tests()] == [message]


def test_rules_want_tests_of_both_kinds(tmp_path: Path) -> None:
    only_matching = GOOD[: GOOD.index("- name: printed")]
    (problem,) = loaded(tmp_path, only_matching).check()
    assert str(problem).startswith("a_first_rule.yml:1: a_first_rule has no test with an event that must not match")
    (tmp_path / "a_first_rule.tests.yml").unlink()
    assert len(load_rules([tmp_path], NOTES).check()) == 2


REFUSED = {
    "a: b\n": (1, "must be a list of tests"),
    GOOD.replace("match: true", "match: maybe"): (2, "match must be true or false"),
    GOOD.replace("  match: true\n", ""): (1, "a test needs the key match"),
    GOOD.replace("name: read", "nam: read"): (1, "a test needs the key name"),
    GOOD.replace("match: true", "match: true\n  rule: other"): (3, "there is no rule 'other'"),
    GOOD.replace("staff.known", "staff.unknown"): (4, "'staff.unknown' is no note of any stage"),
    GOOD.replace("{staff.known: true}", "{staff.known: {a: b}}"): (3, "this is no AccessEvent with notes"),
    GOOD.replace(f"event: {READ}", "event: {action: read}"): (3, "this is no AccessEvent with notes: Object missing"),
    GOOD.replace(f"  event: {READ}\n", ""): (1, "a test needs the key event"),
    GOOD.replace(f"event: {READ}", f"events: [{{event: {READ}}}]"): (3, "is shown one event"),
    GOOD.replace(f"event: {READ}", "events: 5"): (3, "is shown one event"),
    GOOD.replace("  event:", "  evnt:"): (3, "a test has no key evnt: did you mean event?"),
}


@pytest.mark.parametrize(("tests", "expected"), REFUSED.items(), ids=[message for _, message in REFUSED.values()])
def test_bad_tests_are_refused_by_line(tmp_path: Path, tests: str, expected: tuple[int, str]) -> None:
    with pytest.raises(RuleError) as refused:
        loaded(tmp_path, tests)
    line, message = expected
    found = [(problem.file, problem.line, problem.message) for problem in refused.value.problems]
    assert any(file == "a_first_rule.tests.yml" and at == line and message in text for file, at, text in found), found


def test_correlations_are_shown_several_events(tmp_path: Path) -> None:
    def event(minute: int, patient: str) -> str:
        who = f"actor: {{id: u}}, patient: {{ref: {patient}}}"
        return f"    - event: {{action: read, occurred_at: '2026-03-02T09:{minute:02}:00Z', {who}}}\n"

    three = event(1, "a") + event(2, "b") + event(3, "c")
    two = event(1, "a") + event(2, "b") + event(3, "a")
    (tmp_path / "mr_many_patients.yml").write_text(f"{READS}---\n{META}")
    tests = (
        f"- name: three\n  match: true\n  reason: Opened 3 different charts in one hour.\n  events:\n{three}"
        f"- name: two\n  match: false\n  events:\n{two}"
    )
    (tmp_path / "mr_many_patients.tests.yml").write_text(tests)
    rules = load_rules([tmp_path], NOTES)
    assert (rules.run_tests(), rules.check()) == ([], [])
    (tmp_path / "mr_many_patients.tests.yml").write_text(tests.replace(three, two))
    assert len(load_rules([tmp_path], NOTES).run_tests()) == 1
    for bad, message in {
        " 5\n": "4: events must be a list",
        "\n    - notes: {}\n": "5: an event of a test needs the key",
    }.items():
        (tmp_path / "mr_many_patients.tests.yml").write_text(tests.replace("\n" + three, bad))
        with pytest.raises(RuleError, match=f"mr_many_patients.tests.yml:{message}"):
            load_rules([tmp_path], NOTES)
