"""Changes that lessen the duties of a confirmed breach: two people decided that it is one, so two people make them.

The first of the two proposes the change; it counts when a second one, whose role is enough, makes it too.
"""

from datetime import date

from msgspec import Struct, structs

from alerting.breach.deciding import may_be_second, same_person, second_needed
from alerting.breach.duties import Duty, DutyKind, duties
from alerting.breach.file import BreachFile, Proposal, changed
from alerting.breach.records import Change, Counted, Discovered
from alerting.people import Directory

_SERVES: dict[DutyKind, tuple[str, ...]] = {
    "individual": ("people told by letter", "people told"),
    "next_of_kin": ("people told by letter", "people told"),
    "substitute": ("people told",),
    "media": ("media",),
    "hhs": ("HHS told within 60 days", "HHS told"),
    "hhs_yearly": ("HHS told",),
    "covered_entity": ("covered entity told",),
}
"""What a duty achieves. More of one duty makes up for less of another only where it achieves no less: a letter for a
substitute notice, the report within 60 days for the yearly one."""


class _Owed(Struct, frozen=True):
    """How many are to be told by when; 0 while nobody has counted."""

    count: int
    due: date


def lessens(file: BreachFile, change: Change) -> bool:
    """Return whether somebody would be told later, or not at all, of a breach that was confirmed.

    A first count lessens nothing, as nothing was known before. Nor does it if we turn out to be the covered entity:
    then the individuals are told instead of our covered entity.
    """
    if file.decision != "breach" or (file.counted is None and isinstance(change, Counted)):
        return False
    before, after = _owed(file), _owed(changed(file, change))
    if "people told" in after:
        before.pop("covered entity told", None)
    return any(_is_less(after.get(name), owed) for name, owed in before.items())


def agreed_proposal(file: BreachFile, change: Change, actor: str, directory: Directory) -> Proposal | None:
    """Return the proposal of another that somebody agrees to with a change, None where there is none to agree to."""
    return next(
        (
            one
            for one in file.proposed
            if _is_same(one.change, change)
            and not same_person(one.by, actor)
            and may_be_second(one.by, actor, directory)
        ),
        None,
    )


def proposal_refusal(file: BreachFile, change: Change, actor: str, directory: Directory) -> str:
    """Return why somebody cannot propose a change."""
    if any(_is_same(one.change, change) and same_person(one.by, actor) for one in file.proposed):
        needed = second_needed(actor, directory)
        return f"you proposed this already, and it lessens the duties of a confirmed breach: {needed} gives it too"
    return ""


def _is_same(one: Change, other: Change) -> bool:
    """Return whether two changes do the same; why a day is that of discovery, each says in words of their own."""
    return _without_reason(one) == _without_reason(other)


def _without_reason(change: Change) -> Change:
    return structs.replace(change, reason="") if isinstance(change, Discovered) else change


def _owed(file: BreachFile) -> dict[str, _Owed]:
    """Return what the duties achieve. Holds are left out: a later day must not hide behind one that may be lifted."""
    found: dict[str, _Owed] = {}
    for duty in duties(structs.replace(file, hold_times=())):
        for name in _names(duty):
            count = found[name].count if name in found else 0
            found[name] = _Owed(count + (duty.needed or 0), duty.due)
    if file.described.part_2:
        found["care with records of substance use disorder"] = _Owed(0, date.max)
    return found


def _names(duty: Duty) -> list[str]:
    return [f"{name} {duty.state}" for name in _SERVES[duty.kind]] if duty.state else list(_SERVES[duty.kind])


def _is_less(after: _Owed | None, before: _Owed) -> bool:
    return after is None or after.count < before.count or after.due > before.due
