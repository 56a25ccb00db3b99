"""The file of one possible breach: what its records add up to."""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from msgspec import Struct, structs

from alerting.breach.assessment import Assessment, Presumption, presumption
from alerting.breach.clocks import Hold
from alerting.breach.records import (
    Alerted,
    Approved,
    Assessed,
    Begun,
    Change,
    Counted,
    Decided,
    Described,
    Discovered,
    HeldBack,
    Lifted,
    Line,
    Made,
    Noticed,
    Proposed,
    Record,
    Voided,
    Warned,
)


class Written(Struct, frozen=True, kw_only=True):
    """An assessment: its number, who wrote it and when, in which round of the case, and who approved it."""

    revision: int
    author: str
    login: str
    at: float
    round: int
    assessment: Assessment
    approver: str = ""
    approver_login: str = ""
    approved_at: float | None = None


class Notice(Struct, frozen=True, kw_only=True):
    """A notice that was made: its number, who recorded it and when; `voided` says why it does not count."""

    number: int
    recorded_by: str
    recorded_at: float
    notice: Noticed
    voided: str = ""


class Proposal(Struct, frozen=True, kw_only=True):
    """A change that does not count yet: who proposed it, and when."""

    by: str
    at: float
    change: Change


class BreachFile(Struct, frozen=True, kw_only=True):
    """Everything that is known about one possible breach.

    `round` counts how often its assessment began. Without a record of discovery, the day of the first alert counts: a
    high alert that nobody reviewed may start the clock (164.404(a)(2)). `made` are documents drawn up, which says
    nothing of whether they were sent. `hold_times` are the holds as they are in force: one that was lifted ends then,
    one that was written down after that does not. `proposed` holds at most one change of each kind and person; any
    change of that kind that counts ends them.
    """

    incident_id: str
    first_alert_on: date
    round: int = 1
    discovered: Discovered | None = None
    described: Described = Described()
    counted: Counted | None = None
    proposed: tuple[Proposal, ...] = ()
    assessments: tuple[Written, ...] = ()
    decision: Literal["", "breach", "not_breach"] = ""
    decided_at: float | None = None
    holds: tuple[HeldBack, ...] = ()
    hold_times: tuple[Hold, ...] = ()
    lifted: tuple[Lifted, ...] = ()
    notices: tuple[Notice, ...] = ()
    warned: tuple[Warned, ...] = ()
    made: tuple[Made, ...] = ()

    def __repr__(self) -> str:
        return f"<BreachFile {self.incident_id} {self.presumption}>"

    @property
    def discovered_on(self) -> date:
        """The day from which the clocks run."""
        return self.discovered.on if self.discovered else self.first_alert_on

    @property
    def current(self) -> Written | None:
        """The latest assessment, if it was written since the assessment last began."""
        latest = self.assessments[-1] if self.assessments else None
        return latest if latest is not None and latest.round == self.round else None

    @property
    def presumption(self) -> Presumption:
        """Whether it counts as a breach."""
        current = self.current
        return presumption(
            current.assessment if current else None, is_approved=current is not None and bool(current.approver)
        )

    @property
    def is_running(self) -> bool:
        """Whether the clocks run: they end only when somebody has approved that it is no breach."""
        return self.presumption != "not_breach"

    @property
    def valid_notices(self) -> list[Noticed]:
        """The notices that count."""
        return [one.notice for one in self.notices if not one.voided]

    @property
    def discovery_remark(self) -> str:
        """A warning where the day of discovery lies after the first alert, or is not settled."""
        if self.discovered is None:
            return f"no day of discovery is recorded: the clocks run from the first alert, {self.first_alert_on}"
        days = (self.discovered.on - self.first_alert_on).days
        if days <= 0:
            return ""
        return (
            f"the first alert came {days} days before the recorded discovery ({self.first_alert_on}): an alert that "
            "reasonable diligence would have reviewed starts the clock (164.404(a)(2))"
        )


def file_of(lines: Iterable[Line]) -> BreachFile | None:
    """Return what the lines of one case add up to, None without any; the first one says that it began."""
    file: BreachFile | None = None
    for line in lines:
        if file is not None:
            file = _with(file, line)
        elif isinstance(line.record, Begun):
            file = BreachFile(incident_id=line.incident_id, first_alert_on=line.record.first_alert_on)
    return file


def changed(file: BreachFile, change: Change) -> BreachFile:
    """Return the file with a change that counts."""
    fields = {_CHANGES[type(change)]: change, "proposed": _proposals_but(file, type(change))}
    return structs.replace(file, **fields)


_CHANGES: dict[type[Change], str] = {Discovered: "discovered", Described: "described", Counted: "counted"}
_ALL_COUNT: dict[type[Record], str] = {Warned: "warned", Made: "made"}


def _with(file: BreachFile, line: Line) -> BreachFile:
    record = line.record
    if isinstance(record, Discovered | Described | Counted):
        return changed(file, record)
    if (field := _ALL_COUNT.get(type(record))) is not None:
        return structs.replace(file, **{field: (*getattr(file, field), record)})
    changes: dict[str, object]
    match record:
        case Proposed(change=change):
            changes = {"proposed": _proposals(file, line, change)}
        case Assessed() | Approved():
            changes = {"assessments": _assessments(file, line, record)}
        case Decided(outcome=outcome):
            changes = {"decision": outcome, "decided_at": line.at}
        case Noticed() | Voided():
            changes = {"notices": _notices(file, line, record)}
        case HeldBack(hold=hold):
            changes = {"holds": (*file.holds, record), "hold_times": (*file.hold_times, hold)}
        case Lifted(on=day):
            changes = {"lifted": (*file.lifted, record), "hold_times": _ended(file.hold_times, day)}
        case Alerted(first_alert_on=day):
            changes = _with_alert(file, day)
        case _:
            changes = {"round": file.round + 1, "decision": "", "decided_at": None, "proposed": ()}
    return structs.replace(file, **changes)


def _proposals(file: BreachFile, line: Line, change: Change) -> tuple[Proposal, ...]:
    """Return the proposals with another; somebody's last word of a kind replaces the one before."""
    kept = [one for one in file.proposed if one.by != line.actor or type(one.change) is not type(change)]
    return (*kept, Proposal(by=line.actor, at=line.at, change=change))


def _proposals_but(file: BreachFile, kind: type[Change]) -> tuple[Proposal, ...]:
    return tuple(one for one in file.proposed if not isinstance(one.change, kind))


def _ended(holds: Iterable[Hold], day: date) -> tuple[Hold, ...]:
    """Return holds that end on a day at the latest, but for those stated after it."""
    return tuple(structs.replace(hold, until=min(hold.until, day)) if hold.stated_on <= day else hold for hold in holds)


def _with_alert(file: BreachFile, day: date) -> dict[str, object]:
    """Return what an earlier first alert changes; a later day of discovery was not said with that alert in view."""
    discovered = file.discovered if file.discovered and file.discovered.on <= day else None
    proposed = _proposals_but(file, Discovered)
    return {"first_alert_on": min(file.first_alert_on, day), "discovered": discovered, "proposed": proposed}


def _assessments(file: BreachFile, line: Line, record: Assessed | Approved) -> tuple[Written, ...]:
    if isinstance(record, Approved):
        return tuple(
            structs.replace(one, approver=line.actor, approver_login=record.login, approved_at=line.at)
            if one.revision == record.revision
            else one
            for one in file.assessments
        )
    written = Written(
        revision=len(file.assessments) + 1,
        author=line.actor,
        login=record.login,
        at=line.at,
        round=file.round,
        assessment=record.assessment,
    )
    return (*file.assessments, written)


def _notices(file: BreachFile, line: Line, record: Noticed | Voided) -> tuple[Notice, ...]:
    if isinstance(record, Voided):
        return tuple(
            structs.replace(one, voided=record.reason) if one.number == record.number else one for one in file.notices
        )
    number = len(file.notices) + 1
    made = Notice(number=number, recorded_by=line.actor, recorded_at=line.at, notice=record)
    return (*file.notices, made)
