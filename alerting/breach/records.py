"""What is written down about a breach: records that are only ever added, each chained to the one before by its hash.

Whoever has to prove that all notices were made, or that there was no breach (164.414(b)), needs what was known and
decided at each time. So nothing is changed: a new assessment stands beside the old one, a wrong record is voided by a
later one.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct, structs

from alerting.breach.affected import Affected
from alerting.breach.assessment import Assessment
from alerting.breach.clocks import Hold, Stage

Basis: TypeAlias = Literal["known", "reasonable_diligence", "associate_told"]
"""Why a day is that of discovery (164.404(a)(2)): somebody of the workforce or an agent knew; somebody would have known
by reasonable diligence; a business associate that is no agent told of it."""

Part: TypeAlias = Literal["covered_entity", "business_associate"]

NoticeKind: TypeAlias = Literal[
    "individual", "next_of_kin", "substitute", "urgent", "media", "hhs", "hhs_yearly", "covered_entity"
]
Method: TypeAlias = Literal[
    "mail", "agreed_email", "email", "telephone", "web", "major_media", "press_release", "portal", "delivered"
]

RECORD = "record"
"""What the hash of a record goes by in the timeline: neither can be cut short without the other."""


class Quiet(Struct, frozen=True, kw_only=True):
    """A record whose texts may hold PHI."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Begun(Quiet, frozen=True, tag="begun"):
    """The assessment of a case began, or began anew after it was reopened."""

    first_alert_on: date


class Alerted(Quiet, frozen=True, tag="alerted"):
    """An earlier first alert became part of the case, by a merge."""

    first_alert_on: date


class Discovered(Quiet, frozen=True, tag="discovered"):
    """The day of discovery, and why it is that day."""

    on: date
    basis: Basis
    reason: str = ""


class Described(Quiet, frozen=True, tag="described"):
    """What the duties depend on.

    `part` is what this organisation is for these records; a business associate tells its covered entity within
    `contract_days` where the contract says fewer than the rule. `at_associate` says that the breach was at a business
    associate of ours, `part_2` that records of 42 CFR part 2 (substance use disorder) are among them.
    """

    part: Part = "covered_entity"
    contract_days: int | None = None
    at_associate: bool = False
    part_2: bool = False


class Counted(Quiet, frozen=True, tag="counted"):
    """Who is affected, as far as it is known; `is_estimate` while people still count."""

    affected: Affected
    is_estimate: bool = False


Change: TypeAlias = Discovered | Described | Counted
"""What the duties follow from; of each kind the latest record counts."""


class Proposed(Quiet, frozen=True, tag="proposed"):
    """A change that would lessen the duties of a confirmed breach: it counts once a second person makes it too."""

    change: Change


class Assessed(Quiet, frozen=True, tag="assessed"):
    """A risk assessment was written; `login` is the account of the machine that it came from."""

    assessment: Assessment
    login: str = ""


class Approved(Quiet, frozen=True, tag="approved"):
    """Somebody else agreed to the assessment of this number."""

    revision: int
    note: str = ""
    login: str = ""


class Decided(Quiet, frozen=True, tag="decided"):
    """The approved assessment was acted on."""

    outcome: Literal["breach", "not_breach"]


class HeldBack(Quiet, frozen=True, tag="held_back"):
    """Law enforcement asked for a delay (164.412): who asked, and what they stated."""

    hold: Hold
    official: str
    statement: str


class Lifted(Quiet, frozen=True, tag="lifted"):
    """Law enforcement let the notices go, from the day after `on`."""

    on: date
    official: str
    statement: str


class Noticed(Quiet, frozen=True, tag="noticed"):
    """A notice was made.

    `count` is the number of people that it reached out to, or that it was about; `state` is that of a notice to the
    media; `days` is how long a posting stays or a toll-free number is answered. `document` is the SHA-256 of what was
    sent, in hexadecimal.
    """

    kind: NoticeKind
    made_on: date
    method: Method
    count: int
    state: str = ""
    days: int = 0
    document: str = ""
    reference: str = ""


class Made(Quiet, frozen=True, tag="made"):
    """A document was drawn up, for one kind of notice, with a number of copies; `document` is its SHA-256."""

    kind: NoticeKind | Literal["list"]
    copies: int
    document: str


class Voided(Quiet, frozen=True, tag="voided"):
    """The notice of this number was recorded in error."""

    number: int
    reason: str


class Warned(Quiet, frozen=True, tag="warned"):
    """People were told how near the end of a clock is."""

    clock: str
    stage: Stage
    due: date


Record: TypeAlias = (
    Begun
    | Alerted
    | Discovered
    | Described
    | Counted
    | Proposed
    | Assessed
    | Approved
    | Decided
    | HeldBack
    | Lifted
    | Noticed
    | Made
    | Voided
    | Warned
)


class Line(Struct, frozen=True, kw_only=True):
    """A record with who wrote it and when. `seq` counts from 1 within a case."""

    incident_id: str
    seq: int
    at: float
    actor: str
    record: Record
    prev_hash: str
    hash: str

    def __repr__(self) -> str:
        return f"<Line {self.incident_id} {self.seq} {type(self.record).__name__}>"


def following(last: Line | None, record: Record, *, incident_id: str, actor: str, at: float) -> Line:
    """Return the line that comes after the last one of a case."""
    ground = Line(
        incident_id=incident_id,
        seq=last.seq + 1 if last else 1,
        at=float(max(at, last.at) if last else at),
        actor=actor,
        record=record,
        prev_hash=last.hash if last else "",
        hash="",
    )
    return structs.replace(ground, hash=_chained(ground))


def first_break(lines: Iterable[Line]) -> int | None:
    """Return the number of the first line that does not continue the chain, None if all do."""
    expected, prev_hash = 1, ""
    for line in lines:
        if line.seq != expected or line.prev_hash != prev_hash or line.hash != _chained(line):
            return expected
        expected, prev_hash = expected + 1, line.hash
    return None


def missing_records(lines: Iterable[Line], noted: Iterable[str]) -> int:
    """Return how many hashes of the timeline belong to no record any more: the end of the file was cut off."""
    return len(set(noted) - {line.hash for line in lines})


def _chained(line: Line) -> str:
    hashed = [getattr(line, name) for name in line.__struct_fields__ if name != "hash"]
    return hashlib.sha256(msgspec.json.encode(hashed, order="sorted")).hexdigest()
