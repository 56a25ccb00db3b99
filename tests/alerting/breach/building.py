"""What tests of breaches are made of."""

from datetime import date
from typing import Any

from alerting.breach.affected import Affected
from alerting.breach.assessment import Assessment, Factor
from alerting.breach.commands import ApproveAssessment, AssessBreach, CountAffected, RecordNotice
from alerting.breach.file import BreachFile, file_of
from alerting.breach.records import Begun, Line, Noticed, Record, following
from alerting.breach.rows import find_file
from alerting.commands import Acknowledge, AssessRisk, ConfirmBreach, RecordFindings, StartInvestigation, StartNotifying
from alerting.desk import Desk
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.routes import Route
from alerting.store import Store
from tests.alerting.building import CONSOLE, a_finding

OFFICER, SECOND, LAWYER, ANALYST = "p.officer", "q.officer", "l.counsel", "a.nalyst"
PEOPLE = (
    Person(name=OFFICER, roles=("privacy_officer",)),
    Person(name=SECOND, roles=("privacy_officer",)),
    Person(name=LAWYER, roles=("legal",)),
    Person(name=ANALYST, roles=("analyst",)),
)
POLICY = Policy(
    plan=Plan(zone="America/New_York", people=PEOPLE), routes=(Route("SEV3", ("chat",)),), console_url=CONSOLE
)
TEXT = "Names and diagnoses of the patients, Jane Doe among them."


def an_assessment(**fields: Any) -> Assessment:
    """A whole assessment that concludes that it is a breach, with what the test says otherwise."""
    factor = Factor("high", TEXT)
    usual: dict[str, Any] = {
        "impermissible": True,
        "nature": factor,
        "recipient": factor,
        "acquired": factor,
        "mitigation": factor,
        "conclusion": "breach",
        "ground": TEXT,
    }
    return Assessment(**(usual | fields))


def a_notice(**fields: Any) -> Noticed:
    """A letter to one person, with what the test says otherwise."""
    usual: dict[str, Any] = {"kind": "individual", "made_on": date(2026, 3, 1), "method": "mail", "count": 1}
    return Noticed(**(usual | fields))


def a_file(*records: Record, first_alert_on: date = date(2026, 1, 15), actor: str = ANALYST) -> BreachFile:
    """The file that records make, one after the other."""
    lines: list[Line] = []
    for record in (Begun(first_alert_on=first_alert_on), *records):
        last = lines[-1] if lines else None
        lines.append(following(last, record, incident_id="INC-F73K9Q2M", actor=actor, at=float(len(lines))))
    file = file_of(lines)
    assert file is not None
    return file


def a_case_under_assessment(desk: Desk) -> str:
    """The id of a new case about records whose assessment has begun."""
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened
    for step in (Acknowledge, StartInvestigation, AssessRisk):
        desk.handle(step(incident_id=incident_id, actor=ANALYST))
    return incident_id


def approved(desk: Desk, incident_id: str, assessment: Assessment | None = None) -> BreachFile:
    """Write an assessment and have it approved."""
    file = desk.handle(AssessBreach(actor=ANALYST, incident_id=incident_id, assessment=assessment or an_assessment()))
    return desk.handle(
        ApproveAssessment(actor=OFFICER, incident_id=incident_id, revision=file.assessments[-1].revision)
    )


def a_breach_in_notification(desk: Desk, **states: int) -> str:
    """The id of a confirmed breach whose notices are being made."""
    incident_id = a_case_under_assessment(desk)
    approved(desk, incident_id)
    desk.handle(CountAffected(actor=OFFICER, incident_id=incident_id, affected=Affected(states=states)))
    for step in (ConfirmBreach, StartNotifying):
        desk.handle(step(incident_id=incident_id, actor=OFFICER))
    return incident_id


def record(desk: Desk, incident_id: str, **fields: Any) -> BreachFile:
    """Record a notice."""
    return desk.handle(RecordNotice(actor=OFFICER, incident_id=incident_id, notice=a_notice(**fields)))


def the_file(store: Store, incident_id: str) -> BreachFile:
    """The file as it is stored."""
    with store.reading() as connection:
        file = find_file(connection, incident_id)
    assert file is not None
    return file
