"""A breach through the command line alone: assessment by two people, counts, letters, proof."""

import csv
import getpass
import hashlib
import io
import json
import re
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from alerting.commands import Acknowledge, AssessRisk, IncidentCommand, RecordFindings, StartInvestigation
from detectors.sigma import load_rules
from monitor.cli.shared import load_settings
from monitor.response import build_desk, opened_store
from tests.alerting.building import a_finding
from tests.monitor.cli.conftest import Ran, Wardwatch

PLAN = """\
zone: America/New_York
people:
  - {name: p.officer, roles: [privacy_officer]}
  - {name: a.nalyst, roles: [analyst]}
entity:
  name: Springfield General Hospital
  street: 1 Hospital Way
  city: Springfield
  state: IL
  zip: "62701"
  toll_free: 1-800-555-0142
  email: privacy@springfield.example
  signer: Pat Officer
  signer_title: Privacy Officer
  contact: Pat Officer
  contact_phone: 217-555-0100
  contact_email: privacy@springfield.example
"""
ASSESSMENT = """\
impermissible: true
nature: {rating: high, narrative: "names and diagnoses of three patients"}
recipient: {rating: medium, narrative: "a member of staff without a reason"}
acquired: {rating: high, narrative: "the charts were opened and read"}
mitigation: {rating: medium, narrative: "a written statement of the person"}
conclusion: breach
ground: "the presumption stands: the charts were read"
"""
STORY = """\
happened: "A member of our staff looked at records of patients without a work reason."
first_day: 2026-01-05
information: [name, diagnosis, other]
information_more: photographs
steps: ["Read the statements of your health plan."]
actions: "We ended the access of this person. We now check each week who opens records."
hhs: {places: [emr], safeguards: [privacy], description: "Snooping by staff.", actions: "Sanction and training."}
"""
PEOPLE = """\
Name,Street,Street2,City,State,Zip,Next_of_kin,MRN
Łucja Canary-Öz,12 Main St,Apt 4,Springfield,il,62701,,MRN 4471
Bo Canary,9 Elm St,,Newark,NJ,07101,,
Jo Canary,3 Oak St,,Newark,NJ,07101,Mary Canary,
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {"plan": PLAN, "assessment": ASSESSMENT, "story": STORY}.items():
        (tmp_path / f"{name}.yml").write_text(text)
    (tmp_path / "people.csv").write_text(PEOPLE)
    monkeypatch.setenv("WARDWATCH_RESPONSE_FILE", str(tmp_path / "plan.yml"))
    return tmp_path


@pytest.fixture
def breach(wardwatch: Wardwatch, files: Path) -> Callable[..., Ran]:
    """Run a command about breaches that must succeed."""

    def ran(*words: str | Path, actor: str = "p.officer") -> Ran:
        reads = {"show", "clocks", "log", "checklist", "form", "template"} & set(map(str, words[:2]))
        result = wardwatch("breach", *words, *([] if reads else ["--as", actor]))
        assert result.code == 0, result.err
        return result

    return ran


@pytest.fixture
def incident(files: Path, wardwatch: Wardwatch) -> str:
    """The id of a case that somebody investigates."""
    return a_case(Acknowledge, StartInvestigation)


@pytest.fixture
def begun(files: Path, wardwatch: Wardwatch) -> str:
    """The id of a case whose assessment has begun."""
    return a_case(Acknowledge, StartInvestigation, AssessRisk)


def a_case(*steps: type[IncidentCommand]) -> str:
    settings = load_settings(None)
    with opened_store(settings) as store:
        desk = build_desk(settings, store, load_rules((), ()))
        (found,) = desk.handle(RecordFindings([a_finding()])).opened
        for step in steps:
            desk.handle(step(incident_id=found, actor="a.nalyst"))
    return found


def today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - 5 * 3600))  # not later than in New York


def test_the_whole_path(wardwatch: Wardwatch, breach: Callable[..., Ran], incident: str, files: Path) -> None:
    breach("begin", incident, actor="a.nalyst")
    (clock,) = [row for row in json.loads(breach("clocks", "--json").out) if row["clock"] == "individual"]
    assert "not counted" in breach("clocks").out
    assert (clock["days_left"], clock["needed"], clock["status"]) == (60, None, "undetermined")
    breach("assess", incident, "--from", files / "assessment.yml", actor="a.nalyst")
    refused = wardwatch("breach", "approve", incident, "--revision", "1", "--as", "a.nalyst")
    assert (refused.code, "second person" in refused.err) == (1, True)
    said = breach("approve", incident, "--revision", "1")
    assert "is approved: breach" in said.out
    assert "both came from the login" in said.err
    breach("affected", incident, "--affected", "IL=1", "--affected", "NJ=2", "--deceased", "1")
    breach("confirm", incident)
    breach("start", incident)

    for kind in ("individual", "next_of_kin"):
        breach("notice", "make", incident, kind, "--story", files / "story.yml", "--people", files / "people.csv",
               "--out", files / "letters")  # fmt: skip
    letters = files / "letters" / f"{incident}-individual.pdf"
    assert stat.S_IMODE(letters.stat().st_mode) == 0o600
    assert stat.S_IMODE(letters.parent.stat().st_mode) == 0o700
    pages = [page.extract_text() for page in pypdf.PdfReader(letters).pages]
    assert len(pages) == 2  # one for each person; who has died gets none
    assert "Dear Łucja Canary-Öz:" in pages[0]
    assert "Springfield, IL 62701" in pages[0]
    assert "This happened on January 5, 2026." in pages[0]
    assert "Dear Mary Canary:" in (files / "letters" / f"{incident}-next_of_kin.txt").read_text()

    breach("notice", "record", incident, "individual", "--method", "mail", "--count", "2", "--document", letters,
           "--on", today())  # fmt: skip
    unfinished = wardwatch("breach", "finish", incident, "--as", "p.officer")
    refusal = f"the notices of {incident} cannot be called finished: notices are missing: next_of_kin (0 of 1 made"
    assert (unfinished.code, refusal in unfinished.err) == (1, True)
    breach("notice", "record", incident, "next_of_kin", "--method", "mail", "--count", "1")
    breach("finish", incident)

    shown = json.loads(breach("show", incident, "--json").out)
    assert shown["first_break"] is None
    assert shown["file"]["notices"][0]["notice"]["document"] == hashlib.sha256(letters.read_bytes()).hexdigest()
    assert shown["file"]["made"][0]["document"] == shown["file"]["notices"][0]["notice"]["document"]
    assert shown["file"]["assessments"][0]["approver"] == "p.officer"
    (line,) = json.loads(breach("log", "--year", shown["file"]["first_alert_on"][:4], "--json").out)
    assert (line["incident_id"], line["affected"], line["states"]) == (incident, 3, "IL=1 NJ=2")
    assert line["hhs_submitted_on"] is None
    for_people = breach("log", "--year", line["discovered_on"][:4]).out
    assert ("None" in for_people, "False" in for_people) == (False, False)
    rows = list(csv.DictReader(io.StringIO(breach("log", "--year", line["discovered_on"][:4], "--csv").out)))
    assert [row["incident_id"] for row in rows] == [incident]


def test_no_name_is_kept_or_said(wardwatch: Wardwatch, breach: Callable[..., Ran], begun: str, files: Path) -> None:
    said = breach("notice", "make", begun, "list", "--story", files / "story.yml", "--people",
                  files / "people.csv", "--out", files / "letters")  # fmt: skip
    assert "Canary" in (files / "letters" / f"{begun}-list.txt").read_text()
    kept = b"".join(path.read_bytes() for path in (files / "data").rglob("*") if path.is_file())
    assert b"Canary" not in kept
    assert "Canary" not in said.out + said.err


def test_nothing_is_written_over(wardwatch: Wardwatch, breach: Callable[..., Ran], begun: str, files: Path) -> None:
    breach("affected", begun, "--affected", "IL=3")
    words = ("notice", "make", begun, "hhs", "--story", files / "story.yml", "--out", files / "letters")
    assert "sha256" in breach(*words).out
    (files / "letters" / f"{begun}-hhs.pdf").unlink()
    again = wardwatch("breach", *words)
    assert (again.code, "nothing was written over" in again.err) == (1, True)
    assert not (files / "letters" / f"{begun}-hhs.pdf").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("individual",), "letters and the list need a file of people"),
        (("media",), "is for one state"),
        (("media", "--state", "IL"), "no resident of that state"),
        (("letter",), "there is no document 'letter'"),
        (("individual", "--people", "people.csv", "--template", "bad.txt"), "the template lacks $actions"),
        (("individual", "--people", "bad.csv"), "not complete in line 3"),
        (("substitute", "--story", "short.yml"), "happened: describe briefly"),
        (("substitute", "--story", "wrong.yml"), "wrong.yml: information[0]: not one of the words"),
        (("substitute", "--story", "quoting.yml"), "looks like a ssn"),
    ],
)
def test_what_is_missing_is_said(
    wardwatch: Wardwatch, begun: str, files: Path, words: tuple[str, ...], says: str
) -> None:
    (files / "bad.txt").write_text("Dear $name, $happened $when $information $steps $contact $address $date")
    (files / "bad.csv").write_text("name,street,city,state,zip\nAna,1 Main,Newark,NJ,07101\nCanary,,Newark,NJ,07101\n")
    (files / "short.yml").write_text(STORY.replace("member of our staff looked at records of patients without", ""))
    (files / "wrong.yml").write_text(STORY.replace("[name", "[Jane"))
    (files / "quoting.yml").write_text(STORY.replace("photographs", "number 078-05-1120"))
    spoken = [files / word if word.endswith((".yml", ".csv", ".txt")) else word for word in words]
    if "--story" not in words:
        spoken += ["--story", files / "story.yml"]
    ran = wardwatch("breach", "notice", "make", begun, *spoken, "--out", files / "letters")
    assert ran.code == 1
    assert says in ran.err
    for quoted in ("Canary", "Jane", "078-05"):
        assert quoted not in ran.err
    assert not (files / "letters").exists()


def test_forms_and_templates_are_complete(breach: Callable[..., Ran], begun: str, files: Path) -> None:
    for kind in ("individual", "next_of_kin", "substitute", "media"):
        assert "$happened" in breach("notice", "template", kind).out
    (files / "form.yml").write_text(breach("form", "assessment").out)
    said = breach("assess", begun, "--from", files / "form.yml")
    assert said.err.count("Missing:") == 10  # impermissible, four factors twice, ground


def test_ruling_out_and_the_checklist(breach: Callable[..., Ran], begun: str, files: Path) -> None:
    secured = ASSESSMENT.replace("conclusion: breach", "conclusion: secured")
    (files / "secured.yml").write_text(secured)
    breach("assess", begun, "--from", files / "secured.yml", actor="a.nalyst")
    assert "[ ] risk assessment, approved" in breach("checklist", begun).out
    breach("approve", begun, "--revision", "1")
    breach("rule-out", begun, "--reason", "the laptop was encrypted")
    assert "[x] decision: not breach" in breach("checklist", begun).out
    assert "No clock runs" in breach("clocks").out
    shown = breach("show", begun).out
    minute = r"20\d\d-\d\d-\d\d \d\d:\d\d E[SD]T"  # the plan is of New York
    pattern = rf"Assessment 1 by a\.nalyst on {minute}, approved by p\.officer on {minute}: secured\n"
    assert re.search(pattern + rf"  logins     both came from the login {getpass.getuser()}\n", shown)
    assert "the charts were opened and read" in shown


def test_discovery_holds_and_description(wardwatch: Wardwatch, breach: Callable[..., Ran], begun: str) -> None:
    breach("describe", begun, "--part", "business_associate", "--contract-days", "10", "--part-2")
    breach("discovery", begun, "--on", "2026-01-15", "--basis", "known")
    breach("hold", begun, "--kind", "oral", "--stated-on", "2026-01-20", "--until", "2026-02-19", "--official",
           "Det. A. Example", "--statement", "notices would warn the suspect")  # fmt: skip
    (duty,) = json.loads(breach("show", begun, "--json").out)["duties"]
    assert (duty["kind"], duty["due"]) == ("covered_entity", "2026-02-20")
    assert "42 CFR part 2" in breach("show", begun).out
    breach("lift", begun, "--on", "2026-02-01", "--official", "Det. A. Example", "--statement", "an arrest was made")
    (duty,) = json.loads(breach("show", begun, "--json").out)["duties"]
    assert duty["due"] == "2026-02-02"
    assert "Det. A. Example: an arrest was made" in breach("show", begun).out
    longer = wardwatch("breach", "hold", begun, "--kind", "oral", "--stated-on", "2026-01-20", "--until",
                       "2026-02-20", "--official", "x", "--statement", "x")  # fmt: skip
    assert (longer.code, "30 days at most" in longer.err) == (1, True)


def test_less_after_the_decision_is_proposed(
    wardwatch: Wardwatch, breach: Callable[..., Ran], begun: str, files: Path
) -> None:
    breach("affected", begun, "--affected", "IL=612", "--unreachable", "12")
    breach("assess", begun, "--from", files / "assessment.yml", actor="a.nalyst")
    breach("approve", begun, "--revision", "1")
    breach("confirm", begun)
    open_items = breach("checklist", begun).out
    fewer = ("affected", begun, "--affected", "IL=600", "--unreachable", "9", "--deceased-without-kin", "1")
    said = breach(*fewer, actor="a.nalyst")
    assert f"{begun}: proposed: affected 600: IL 600; unreachable 9; dead without kin 1.\n" in said.out
    assert "counts when a second person gives the same command" in said.err
    breach("describe", begun, "--part", "business_associate", "--contract-days", "10", actor="a.nalyst")
    breach("discovery", begun, "--on", "2026-01-15")  # an earlier day counts at once
    breach("discovery", begun, "--on", "2026-01-16", "--reason", "nobody read it", actor="a.nalyst")
    shown = breach("show", begun).out
    assert "\naffected   612: IL 612; unreachable 12\n" in shown
    assert "\nproposed   affected 600: IL 600; unreachable 9; dead without kin 1; by a.nalyst on " in shown
    assert "\nproposed   part business associate, contract of 10 days; by a.nalyst on " in shown
    assert "\nproposed   discovered on 2026-01-16 (known): nobody read it; by a.nalyst on " in shown
    checked = breach("checklist", begun).out
    assert [line.split(":")[:2] for line in checked.splitlines()[3:]] == [
        line.split(":")[:2] for line in open_items.splitlines()[3:]
    ]
    again = wardwatch("breach", *fewer, "--as", "a.nalyst")
    assert (again.code, "a privacy officer gives it too" in again.err) == (1, True)
    assert f"{begun} affects 600 individuals." in breach(*fewer).out
    assert "\naffected   600: " in breach("show", begun).out


def test_a_notice_is_voided(wardwatch: Wardwatch, breach: Callable[..., Ran], begun: str) -> None:
    breach("affected", begun, "--affected", "XX=1")
    breach("notice", "record", begun, "individual", "--method", "agreed_email", "--count", "1")
    breach("notice", "void", begun, "1", "--reason", "wrong case")
    assert "(void: wrong case)" in breach("show", begun).out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "INC-NONE"), "has no breach file"),
        (("begin", "INC-NONE"), "there is no incident"),
        (("form", "letter"), "there is no form"),
        (("notice", "template", "hhs"), "there is no template"),
        (("discovery", "INC-NONE", "--on", "yesterday"), "2026-03-02"),
        (("affected", "INC-NONE"), "--affected"),
    ],
)
def test_what_is_wrong_is_said(wardwatch: Wardwatch, words: tuple[str, ...], says: str) -> None:
    ran = wardwatch("breach", *words)
    assert ran.code == 1
    assert says in ran.err
