"""Who looked at a record, as a patient or the privacy office asks: which accesses are told, in which words. Pure.

The access report tells every access. The accounting of disclosures (45 CFR 164.528) tells what left the organisation,
but for what (a)(1) leaves out: treatment, payment and operations, and what went to the patient.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerting.archive.accesses import Access, Gap
from alerting.records.years import years_before

Form: TypeAlias = Literal["accesses", "disclosures"]

PURPOSES: Mapping[str, str] = {
    "TREAT": "treatment",
    "ETREAT": "emergency treatment",
    "HPAYMT": "payment",
    "HOPERAT": "health care operations",
    "PATRQT": "at the patient's request",
    "FAMRQT": "at the family's request",
    "HRESCH": "research",
    "PUBHLTH": "public health",
    "HLEGAL": "legal proceedings",
    "HDIRECT": "directory",
    "HMARKT": "marketing",
}
"""Words for codes of HL7 v3 ActReason; another code is told as it is."""

NOT_ACCOUNTED = frozenset({"TREAT", "ETREAT", "HPAYMT", "HOPERAT", "PATRQT"})
"""Purposes of disclosures that need no accounting, 164.528(a)(1)(i) and (ii). What says no purpose is accounted for."""

ACTIONS: Mapping[str, str] = {
    "read": "viewed",
    "query": "found in a search",
    "create": "entered",
    "update": "changed",
    "delete": "deleted",
    "print": "printed",
    "export": "exported",
    "import": "imported",
    "download": "downloaded",
    "transmit": "sent",
    "disclose": "disclosed",
    "break_glass_start": "opened in an emergency",
    "break_glass_end": "emergency access ended",
}
ACTORS: Mapping[str, str] = {
    "human": "member of staff",
    "service": "computer system",
    "patient": "patient",
    "proxy": "representative of the patient",
    "vendor": "contractor",
}


class Line(Struct, frozen=True, kw_only=True):
    """One access in words. `who` is empty where names are not told; `when` is local time."""

    when: str
    what: str
    part: str
    role: str
    department: str
    who: str
    purpose: str
    outcome: str

    def __repr__(self) -> str:
        return "<Line>"


class Report(Struct, frozen=True, kw_only=True):
    """A report about one patient, over a period from `start` to before `end` (seconds since the epoch).

    `limits` are sentences about what the archive cannot know. `is_whole` is false where more was found than is told.
    """

    form: Form
    start: float
    end: float
    zone: str
    lines: tuple[Line, ...]
    limits: tuple[str, ...]
    is_whole: bool = True

    def __repr__(self) -> str:
        return f"<Report {self.form}>"


def period(form: Form, start: float | None, end: float, now: float) -> tuple[float, float]:
    """Return the period that a report covers: six years back where nothing else is said.

    An accounting looks back six years from the request at most (164.528(a)(3)).
    """
    longest = years_before(now)
    begins = longest if start is None else start
    return (max(begins, longest) if form == "disclosures" else begins), min(end, now)


def is_told(access: Access, form: Form) -> bool:
    """Return whether an access is part of a report."""
    return form == "accesses" or (access.disclosed and access.purpose not in NOT_ACCOUNTED)


def lines_of(accesses: Iterable[Access], form: Form, zone: str, names: Mapping[str, str]) -> tuple[Line, ...]:
    """Return the accesses of a report in words, in the order of time.

    Args:
        accesses: in the order of time.
        form: what the report tells.
        zone: the IANA time zone that its times are told in.
        names: who the users are, by token, as far as it may be told.
    """
    local = ZoneInfo(zone)
    return tuple(_line(access, local, names) for access in accesses if is_told(access, form))


def limits_of(
    start: float, end: float, *, first_at: float | None, deleted_before: float | None, gaps: Sequence[Gap], zone: str
) -> tuple[str, ...]:
    """Return what a report cannot know, a sentence each: a short list must not look like a quiet record."""
    local = ZoneInfo(zone)
    said = []
    if first_at is None:
        said.append("The archive holds no accesses at all.")
    elif start < first_at:
        said.append(f"The archive begins on {_day(first_at, local)}; accesses before that day are not in it.")
    if deleted_before is not None and start < deleted_before:
        said.append(f"Accesses before {_day(deleted_before, local)} were deleted after their six years.")
    missed = [gap for gap in gaps if gap.seen_at >= start]
    if missed:
        days = dict.fromkeys(_day(gap.seen_at, local) for gap in missed)
        said.append(f"Accesses are missing from before {', '.join(days)}: the archive had been away for too long.")
    return tuple(said)


def _line(access: Access, zone: ZoneInfo, names: Mapping[str, str]) -> Line:
    return Line(
        when=datetime.fromtimestamp(access.at, zone).strftime("%Y-%m-%d %H:%M %Z"),
        what=ACTIONS.get(access.action, access.action.replace("_", " ")),
        part=access.resource or "record",
        role=access.role or ACTORS.get(access.actor_type, access.actor_type),
        department=access.department,
        who=names.get(access.actor, ""),
        purpose=PURPOSES.get(access.purpose, access.purpose) or "not stated",
        outcome="" if access.outcome in ("", "success") else "failed",
    )


def _day(at: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d")
