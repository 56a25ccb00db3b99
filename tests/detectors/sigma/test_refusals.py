"""What is refused: by file, by line, with what to do; and everything at once."""

from pathlib import Path

import pytest

from detectors.sigma import RuleError, load_rules, read_lists
from tests.detectors.sigma.writing import ACCESS, BILLING, HEAD, NOTES, TAIL, rule_text

# The detection of `rule_text` begins at line 8; `seen` stands there, its first test at line 9.
IN_DETECTION = {
    "seen:\n    action: reed\ncondition: seen\n": (9, "action is never 'reed'; it is one of audit_tamper"),
    "seen:\n    acton: read\ncondition: seen\n": (9, "neither a field of AccessEvent nor a note: did you mean action?"),
    "seen:\n    rel.explaned: true\ncondition: seen\n": (9, "did you mean rel.explained?"),
    "seen:\n    action.kind: x\ncondition: seen\n": (9, "'action.kind' is neither a field"),
    "seen:\n    patient: x\ncondition: seen\n": (9, "'patient' is neither a field"),
    "seen:\n    action|wide: x\ncondition: seen\n": (9, "the modifier 'wide' is not supported"),
    "seen:\n    action|contain: x\ncondition: seen\n": (9, "did you mean contains?"),
    "seen:\n    resource.type|contains|re: x\ncondition: seen\n": (9, "cannot be combined"),
    "seen:\n    resource.type|cased|cased: x\ncondition: seen\n": (9, "cased is given twice"),
    "seen:\n    resource.type|re|cased: x\ncondition: seen\n": (9, "cased has no meaning with re"),
    "seen:\n    resource.type|re: '('\ncondition: seen\n": (9, "is not a regular expression"),
    "seen:\n    resource.type|all: x\ncondition: seen\n": (9, "all needs a list of two values or more"),
    "seen:\n    client.ip|cidr: 10.0.0.1/8\ncondition: seen\n": (9, "needs a network"),
    "seen:\n    resource.type: ''\ncondition: seen\n": (9, "an empty text counts as absent: write null"),
    "seen:\n    resource.type: []\ncondition: seen\n": (9, "an empty list"),
    "seen:\n    resource.type: 5\ncondition: seen\n": (9, "resource.type is a text, 5 is not: quote it"),
    "seen:\n    resource.type: no\ncondition: seen\n": (9, "'no' may be read in several ways: quote it"),
    "seen:\n    resource.type: 010\ncondition: seen\n": (9, "'010' may be read in several ways"),
    "seen:\n    resource.type|lt: 5\ncondition: seen\n": (9, "is a text, which lt cannot test"),
    "seen:\n    patient.vip: 1\ncondition: seen\n": (9, "patient.vip is a flag, 1 is not: write true or false"),
    "seen:\n    patient.mrn_rank: true\ncondition: seen\n": (9, "is a number, True is not"),
    "seen:\n    patient.mrn_rank|gt: '5'\ncondition: seen\n": (9, "needs a number"),
    "seen:\n    patient.mrn_rank|gt: [5, 6]\ncondition: seen\n": (9, "gt takes one value"),
    "seen:\n    patient.mrn_rank|contains: x\ncondition: seen\n": (9, "is a number, which contains cannot test"),
    "seen:\n    patient.vip|exists: 1\ncondition: seen\n": (9, "needs true or false"),
    "seen:\n    occurred_at: 2026-03-02\ncondition: seen\n": (9, "test minute, hour, day, week or month"),
    "seen:\n    occurred_at|hour: 24\ncondition: seen\n": (9, "hour is a whole number from 0 to 23"),
    "seen:\n    resource.type|hour: 3\ncondition: seen\n": (9, "is a text, which has no hour"),
    "seen:\n    occurred_at|hour|contains: 3\ncondition: seen\n": (9, "which contains cannot test"),
    "seen:\n    user.patients_1h|hour: 3\ncondition: seen\n": (9, "is no instant, so it has no hour"),
    "seen:\n    actor.id|fieldref: patient.vip\ncondition: seen\n": (9, "never equal"),
    "seen:\n    actor.id|fieldref: patient.nam\ncondition: seen\n": (9, "'patient.nam' is neither"),
    "seen:\n    actor.id|expand: rooms\ncondition: seen\n": (9, "needs the name of one list, as %name%"),
    "seen:\n    actor.id|expand: '%rooms%'\ncondition: seen\n": (9, "there is no list %rooms%"),
    "seen:\n    actor.id: {a: b}\ncondition: seen\n": (9, "needs a value or a list of values"),
    "seen:\n    actor.id: &x a\ncondition: seen\nother:\n    actor.id: *x\n": (12, "aliases are not supported"),
    "seen:\n    actor.id: !!binary aGk=\ncondition: seen\n": (9, "may be read in several ways"),
    "seen:\n    actor.id: a\n    actor.id: b\ncondition: seen\n": (10, "the key actor.id is given twice"),
    "seen: {}\ncondition: seen\n": (8, "the selection seen is empty"),
    "seen: []\ncondition: seen\n": (8, "the selection seen is empty"),
    "seen:\n    - password\ncondition: seen\n": (9, "searches for keywords, which is not supported"),
    "seen: password\ncondition: seen\n": (8, "searches for keywords"),
    "'se en':\n    action: read\ncondition: 1 of them\n": (8, "cannot be the name of a selection"),
    "seen:\n    action: read\nidle:\n    action: print\ncondition: seen\n": (10, "does not use the selection idle"),
    "seen:\n    action: read\ncondition: seen | count() > 5\n": (10, "write a correlation rule"),
    "seen:\n    action: read\ncondition: [seen]\n": (10, "one condition, as a text"),
    "seen:\n    action: read\n": (7, "detection needs one condition"),
    "seen:\n    action: read\ntimeframe: 15m\ncondition: seen\n": (10, "write a correlation rule with a timespan"),
}


def problems_of(folder: Path, texts: dict[str, str]) -> list[tuple[str, int, str]]:
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    with pytest.raises(RuleError) as refused:
        load_rules([folder], NOTES)
    assert str(refused.value) == "\n".join(str(problem) for problem in refused.value.problems)
    return [(problem.file, problem.line, problem.message) for problem in refused.value.problems]


@pytest.mark.parametrize(("detection", "expected"), IN_DETECTION.items())
def test_detections_are_refused_by_line(tmp_path: Path, detection: str, expected: tuple[int, str]) -> None:
    problems = problems_of(tmp_path, {"a_bad_rule.yml": rule_text(detection)})
    line, message = expected
    assert any(
        file == "a_bad_rule.yml" and at == line and message in text and "\n" not in text for file, at, text in problems
    ), problems


GOOD = rule_text("seen:\n    action: read\ncondition: seen\n")
IN_HEADER = {
    GOOD.replace("title: A rule\n", ""): (1, "a rule needs the key title"),
    GOOD.replace("title: A rule", f"title: {'x' * 257}"): (1, "title has 257 characters, 256 are allowed"),
    GOOD.replace("title: A rule", "title: Psychiatry notes opened"): (1, "titles leave the house"),
    GOOD.replace("title: A rule", "title: [a]"): (1, "title must be a text"),
    GOOD.replace("4111-8111", "1111-8111"): (2, "id must look like"),
    GOOD.replace("level: low", "level: severe"): (4, "level must be one of informational, low"),
    GOOD.replace("level: low\n", ""): (1, "a rule needs the key level"),
    GOOD.replace("level: low", "level: low\nstatus: unsupported"): (5, "status must be one of stable"),
    GOOD.replace("level: low", "level: low\ndate: 2026/03/02"): (5, "date must look like"),
    GOOD.replace("level: low", "level: low\ntags: [Attack]"): (5, "the tag 'Attack' must be lower case"),
    GOOD.replace("level: low", "level: low\nlevels: low"): (5, "a rule has no key levels: did you mean level?"),
    GOOD.replace("level: low", "level: low\nreferences: x"): (5, "references must be a list of texts"),
    GOOD.replace("level: low", "level: low\ntaxonomy: sigma"): (5, "taxonomy must be one of wardwatch"),
    GOOD.replace("phi_access", "firewall"): (6, "category must be one of phi_access, billing_transaction"),
    GOOD.replace("    category: phi_access", "    category: phi_access\n    host: a"): (7, "logsource has no key host"),
    GOOD.replace("catalogue: A05", "catalogue: X5"): (12, "catalogue must look like"),
    GOOD.replace("stage: user", "stage: users"): (13, "stage must be one of patient, user, provider, instrument"),
    GOOD.replace("version: 1", "version: 0"): (14, "version must be a whole number from 1"),
    GOOD.replace("version: 1", "version: true"): (14, "version must be a whole number from 1"),
    GOOD.replace("A sentence.", "'{patient.ref} seen'"): (15, "'patient.ref' is not on the list of names without"),
    GOOD.replace("A sentence.", "'{resource.sensitivity}'"): (15, "is not on the list"),
    GOOD.replace("A sentence.", "'{action:short}'"): (15, "there is no style 'short'"),
    GOOD.replace("A sentence.", "'{kind}'"): (15, "'kind' is neither a field of AccessEvent nor a note"),
    GOOD.replace("A sentence.", "'a } brace'"): (15, "a brace stands alone"),
    GOOD + "    window: week\n": (16, "window must be one of event, hour, day"),
    GOOD + "    needs: [rel.unknown]\n": (11, "'rel.unknown' is no note of any stage"),
    GOOD + "    needs: [5]\n": (16, "needs must be a list of texts"),
    GOOD.replace(TAIL, "wardwatch: A05\n"): (11, "wardwatch must be a map of keys and values"),
    GOOD + "    owner: me\n": (16, "wardwatch has no key owner"),
    GOOD.replace(TAIL, ""): (1, "a rule needs the key wardwatch, or a correlation that names it"),
    GOOD.replace("detection:", "detection: x\nothers:"): (7, "detection must be a map"),
    "": (1, "the file holds no rule"),
    "- a\n": (1, "a rule must be a map"),
    "a: [\n": (2, "this is not YAML"),
    "a: b: c\n": (1, "this is not YAML"),
    "a: \x00\n": (1, "this is not YAML"),
    "[" * 5000: (1, "this is not YAML"),
    "? [a]\n: b\n": (1, "a key must be plain text"),
    "<<: {a: b}\n": (1, "a key must be plain text"),
    "title: !!python/object/apply:os.system ['true']\n": (1, "is not supported: write a plain value"),
    GOOD.replace("\n", "\r\n"): (1, "lines must end in LF"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), IN_HEADER.items(), ids=[message for _, message in IN_HEADER.values()])
def test_headers_are_refused_by_line(tmp_path: Path, text: str, expected: tuple[int, str]) -> None:
    problems = problems_of(tmp_path, {"a_bad_rule.yml": text})
    line, message = expected
    assert any(at == line and message in found for _, at, found in problems), problems


def test_everything_wrong_with_all_files_is_told_at_once(tmp_path: Path) -> None:
    first = rule_text("seen:\n    action: reed\n    patient.vip: 1\ncondition: sen\n").replace("low", "lowest")
    second = HEAD + BILLING + "detection:\n    seen:\n        acton: read\n    condition: seen\n" + TAIL
    texts = {"a_first_rule.yml": first, "a_second_rule.yml": second, "an_old_rule.tests.yml": "[]", "Third.yml": "a: ["}
    assert [(file, line) for file, line, _ in problems_of(tmp_path, texts)] == [
        ("Third.yml", 1),  # its name
        ("Third.yml", 1),  # no YAML
        ("a_first_rule.yml", 4),  # level
        ("a_first_rule.yml", 9),  # action is never reed
        ("a_first_rule.yml", 10),  # vip is a flag
        ("a_first_rule.yml", 11),  # there is no selection sen
        ("a_second_rule.yml", 1),  # the id is taken
        ("a_second_rule.yml", 9),  # acton
        ("an_old_rule.tests.yml", 1),  # there is no such rule
    ]


def test_names_and_ids_are_unique(tmp_path: Path) -> None:
    other = GOOD.replace("11111111-1111-4111-8111", "22222222-1111-4111-8111")
    problems = problems_of(
        tmp_path,
        {"a_first_rule.yml": GOOD, "a_second_rule.yml": GOOD, "a_third_rule.yml": "name: a_first_rule\n" + other},
    )
    assert [(file, message) for file, _, message in problems] == [
        (
            "a_second_rule.yml",
            "11111111-1111-4111-8111-111111111111 is already a_first_rule.yml:1: give this rule another",
        ),
        ("a_third_rule.yml", "a_first_rule is already a_first_rule.yml:1: give this rule another"),
    ]


def test_two_folders_may_not_hold_the_same_file(tmp_path: Path) -> None:
    for name in ("shipped", "own"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a_first_rule.yml").write_text(GOOD)
    with pytest.raises(RuleError, match="two folders hold a file of this name"):
        load_rules([tmp_path / "shipped", tmp_path / "own"], NOTES)


def test_files_must_be_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a_first_rule.yml").write_bytes(b"title: \xff\n")
    with pytest.raises(RuleError, match=r"a_first_rule.yml:1: the file is not UTF-8"):
        load_rules([tmp_path], NOTES)


def test_a_good_rule_is_not_refused(tmp_path: Path) -> None:
    (tmp_path / "a_first_rule.yml").write_text(GOOD)
    assert [rule.name for rule in load_rules([tmp_path], NOTES).rules] == ["a_first_rule"]
    assert ACCESS in GOOD


def test_lists_that_rules_name_lie_beside_them(tmp_path: Path) -> None:
    (tmp_path / "a_first_rule.yml").write_text(
        rule_text("seen:\n    resource.type|expand: '%rooms%'\ncondition: seen\n")
    )
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "rooms.txt").write_text("# quiet rooms\nWard 7\n\nward 9  # since May\n")
    lists = read_lists(tmp_path)
    assert lists == {"rooms": frozenset({"Ward 7", "ward 9"})}
    assert [rule.name for rule in load_rules([tmp_path], NOTES, lists).rules] == ["a_first_rule"]
    assert read_lists(tmp_path / "lists") == {}, "a folder without lists"


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    for name, content in {"rooms.txt": b"a\n", "doors.csv": b"a\n", "halls.txt": b"#\n", "keys.txt": b"\xff"}.items():
        (tmp_path / "lists" / name).write_bytes(content)
    with pytest.raises(RuleError) as refused:
        read_lists(tmp_path)
    assert [(problem.file, problem.message.split(":")[0]) for problem in refused.value.problems] == [
        ("lists/doors.csv", "a list is called letters, digits and _, then .txt"),
        ("lists/halls.txt", "the list is empty"),
        ("lists/keys.txt", "the file is not UTF-8"),
    ]
