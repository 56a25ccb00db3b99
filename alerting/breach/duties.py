"""Who must be told of a breach, how, and by when: what follows from a file."""

from collections.abc import Callable
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.breach.affected import HHS_FROM, WEB_FROM, Affected
from alerting.breach.clocks import NOTICE_DAYS, Stage, is_late, notice_due, shifted, stage_of, yearly_due
from alerting.breach.file import BreachFile
from alerting.breach.records import Method, Noticed, NoticeKind

DutyKind: TypeAlias = Literal["individual", "next_of_kin", "substitute", "media", "hhs", "hhs_yearly", "covered_entity"]

METHODS: dict[NoticeKind, tuple[Method, ...]] = {
    "individual": ("mail", "agreed_email"),
    "next_of_kin": ("mail",),
    "substitute": ("web", "major_media", "email", "telephone", "mail"),
    "urgent": ("telephone", "email"),
    "media": ("press_release",),
    "hhs": ("portal",),
    "hhs_yearly": ("portal",),
    "covered_entity": ("mail", "email", "portal", "delivered"),
}
"""How a notice may be made. Email to an individual only where the individual agreed to it (164.404(d)(1)(i)); `urgent`
is in addition to a letter (164.404(d)(3))."""
PUBLIC: tuple[Method, ...] = ("web", "major_media")
POSTING_DAYS = 90
"""How long a posting on the web stays, and a toll-free number is answered, where ten or more are out of reach
(164.404(d)(2)(ii))."""


class Duty(Struct, frozen=True, kw_only=True):
    """One notice that must be made, or several of a kind.

    `needed` is the number of people to be told, or 1 where it is an office or the media of a state; None while nobody
    has counted. `late` says that one was made after the last day. `may_wait` is true of the yearly submission alone: it
    does not keep a case open.
    """

    kind: DutyKind
    state: str = ""
    section: str
    due: date
    needed: int | None
    made: int
    late: bool
    may_wait: bool = False

    @property
    def clock(self) -> str:
        """The name of its clock."""
        return f"{self.kind}:{self.state}" if self.state else self.kind

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.needed is not None and self.made >= self.needed

    def stage(self, today: date) -> Stage:
        """Return how near the end of its clock is; a duty that is done has no clock."""
        return "" if self.is_done else stage_of(self.due, today)


def duties(file: BreachFile) -> list[Duty]:
    """Return what must be done if this is a breach, nothing once it is none.

    While nobody has counted who is affected, the shorter clock of large breaches counts.
    """
    if not file.is_running:
        return []
    if file.described.part == "business_associate":
        return [_to_covered_entity(file)]
    affected = file.counted.affected if file.counted else None
    if affected is None:
        return [
            _duty(file, "individual", "164.404", None, _of_kind("individual")),
            _duty(file, "hhs", "164.408(b)", None, _of_kind("hhs")),
        ]
    return [*_to_people(file, affected), *_to_the_public(file, affected), _to_hhs(file, affected)]


def unfinished(file: BreachFile) -> list[Duty]:
    """Return the duties that keep a case in notification."""
    return [duty for duty in duties(file) if not duty.is_done and not duty.may_wait]


def _to_people(file: BreachFile, affected: Affected) -> list[Duty]:
    found = []
    if affected.by_letter:
        found.append(_duty(file, "individual", "164.404(d)(1)(i)", affected.by_letter, _of_kind("individual")))
    if affected.deceased:
        found.append(_duty(file, "next_of_kin", "164.404(d)(1)(ii)", affected.deceased, _of_kind("next_of_kin")))
    return found


def _to_the_public(file: BreachFile, affected: Affected) -> list[Duty]:
    found = []
    if affected.unreachable >= WEB_FROM:
        # One posting reaches everybody, and it says for how many it was meant.
        found.append(_duty(file, "substitute", "164.404(d)(2)(ii)", affected.unreachable, _is_public_substitute))
    elif affected.unreachable:
        found.append(_duty(file, "substitute", "164.404(d)(2)(i)", affected.unreachable, _of_kind("substitute")))
    for state in affected.media_states:
        found.append(_duty(file, "media", "164.406", 1, _of_kind("media", state), state=state))
    return found


def _to_hhs(file: BreachFile, affected: Affected) -> Duty:
    if affected.total >= HHS_FROM:
        return _duty(file, "hhs", "164.408(b)", 1, _of_kind("hhs"))
    due = shifted(yearly_due(file.discovered_on), file.hold_times)
    # A small breach may be submitted at once; the form is the same.
    made = [notice for notice in file.valid_notices if notice.kind in ("hhs", "hhs_yearly")]
    return Duty(
        kind="hhs_yearly",
        section="164.408(c)",
        due=due,
        needed=1,
        made=len(made),
        late=any(is_late(due, notice.made_on) for notice in made),
        may_wait=True,
    )


def _to_covered_entity(file: BreachFile) -> Duty:
    contract = file.described.contract_days
    days = min(NOTICE_DAYS, contract if contract is not None else NOTICE_DAYS)
    needed = file.counted.affected.total if file.counted else None
    return _duty(file, "covered_entity", "164.410", needed, _of_kind("covered_entity"), days=days)


def _duty(
    file: BreachFile,
    kind: DutyKind,
    section: str,
    needed: int | None,
    counts: Callable[[Noticed], bool],
    *,
    state: str = "",
    days: int = NOTICE_DAYS,
) -> Duty:
    due = shifted(notice_due(file.discovered_on, days), file.hold_times)
    made = [notice for notice in file.valid_notices if counts(notice)]
    to_office = kind in ("media", "hhs")
    return Duty(
        kind=kind,
        state=state,
        section=section,
        due=due,
        needed=needed,
        made=len(made) if to_office else sum(notice.count for notice in made),
        late=any(is_late(due, notice.made_on) for notice in made),
    )


def _of_kind(kind: NoticeKind, state: str = "") -> Callable[[Noticed], bool]:
    return lambda notice: notice.kind == kind and notice.state == state


def _is_public_substitute(notice: Noticed) -> bool:
    return notice.kind == "substitute" and notice.method in PUBLIC and notice.days >= POSTING_DAYS
