"""What people ask of a breach file. Each answers with the file as it is then; texts may hold PHI and are not shown."""

from datetime import date

from alerting.breach.affected import Affected
from alerting.breach.assessment import Assessment
from alerting.breach.clocks import Hold
from alerting.breach.file import BreachFile
from alerting.breach.records import Described, Discovered, Made, Noticed
from alerting.command import Command


class BreachCommand(Command[BreachFile], frozen=True, kw_only=True):
    """Something about the breach file of one case."""

    incident_id: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.incident_id}>"


class RecordDiscovery(BreachCommand, frozen=True, kw_only=True):
    """Say on which day the breach was discovered, and why on that day."""

    discovered: Discovered


class DescribeBreach(BreachCommand, frozen=True, kw_only=True):
    """Say what the duties depend on: our part, a business associate's, records of 42 CFR part 2."""

    described: Described


class CountAffected(BreachCommand, frozen=True, kw_only=True):
    """Say who is affected, as counts."""

    affected: Affected
    is_estimate: bool = False


class AssessBreach(BreachCommand, frozen=True, kw_only=True):
    """Write an assessment; it takes the place of the one before, which is kept."""

    assessment: Assessment
    login: str = ""


class ApproveAssessment(BreachCommand, frozen=True, kw_only=True):
    """Agree to the assessment of this number, as a second person."""

    revision: int
    note: str = ""
    login: str = ""


class HoldNotices(BreachCommand, frozen=True, kw_only=True):
    """Write down that law enforcement asked for a delay: which official, and what they stated."""

    hold: Hold
    official: str
    statement: str


class LiftHold(BreachCommand, frozen=True, kw_only=True):
    """Write down that law enforcement let the notices go before the time that was stated."""

    on: date
    official: str
    statement: str


class RecordNotice(BreachCommand, frozen=True, kw_only=True):
    """Write down that a notice was made."""

    notice: Noticed


class RecordDocument(BreachCommand, frozen=True, kw_only=True):
    """Write down that a document was drawn up."""

    made: Made


class VoidNotice(BreachCommand, frozen=True, kw_only=True):
    """Say that the notice of this number was recorded in error."""

    number: int
    reason: str
