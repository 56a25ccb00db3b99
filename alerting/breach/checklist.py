"""Everything that the rule asks for in one case, and whether it is there."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from alerting.breach.assessment import missing, remarks
from alerting.breach.clocks import held_on
from alerting.breach.duties import duties
from alerting.breach.file import BreachFile


class Item(Struct, frozen=True, kw_only=True):
    """One line of the checklist. `hint` says what is open, or what to think about; it quotes no text."""

    what: str
    section: str
    is_done: bool
    hint: str = ""


def checklist(file: BreachFile, today: date) -> list[Item]:
    """Return the items in the order in which they come up."""
    return [*_assessing(file), *_notifying(file, today)]


def _assessing(file: BreachFile) -> Iterator[Item]:
    yield Item(
        what="day of discovery",
        section="164.404(a)(2)",
        is_done=file.discovered is not None,
        hint=file.discovery_remark,
    )
    current = file.current
    lacks = missing(current.assessment) if current else ["no assessment of this round is written"]
    yield Item(what="risk assessment, written", section="164.402(2)", is_done=not lacks, hint="; ".join(lacks))
    yield Item(
        what="risk assessment, approved by a second person",
        section="164.414(b)",
        is_done=current is not None and bool(current.approver),
        hint="; ".join(remarks(current.assessment)) if current else "",
    )
    yield Item(
        what=f"decision: {file.decision.replace('_', ' ') or file.presumption}",
        section="164.402",
        is_done=bool(file.decision),
        hint="" if file.decision else "an impermissible use is presumed to be a breach until two people say otherwise",
    )


def _addendum(file: BreachFile) -> Iterator[Item]:
    told = [notice.count for notice in file.valid_notices if notice.kind in ("hhs", "hhs_yearly")]
    total = file.counted.affected.total if file.counted else 0
    if told and told[-1] != total:
        hint = f"HHS was told of {told[-1]} individuals, {total} are counted now"
        yield Item(what="addendum to the report to HHS", section="164.408", is_done=False, hint=hint)


def _notifying(file: BreachFile, today: date) -> Iterator[Item]:
    if not file.is_running:
        return
    counted = file.counted
    hint = "" if counted else "nobody has counted"
    yield Item(
        what="affected individuals counted",
        section="164.404",
        is_done=counted is not None and not counted.is_estimate,
        hint="it is an estimate" if counted and counted.is_estimate else hint,
    )
    if held_on(file.hold_times, today):
        until = max(hold.until for hold in file.hold_times)
        yield Item(what=f"law enforcement holds notices back until {until}", section="164.412", is_done=False)
    if file.described.part_2:
        yield Item(
            what="records of substance use disorder: nothing on envelope or sender may tell of it",
            section="42 CFR 2.16(b)",
            is_done=False,
            hint="think of it when you mail",
        )
    yield from _addendum(file)
    for duty in duties(file):
        left = f"{duty.made} of {duty.needed if duty.needed is not None else 'unknown'} made, due {duty.due}"
        late = "; one was late" if duty.late else ""
        yield Item(
            what=f"notice: {duty.clock}",
            section=duty.section,
            is_done=duty.is_done,
            hint=f"{left}{', overdue' if duty.stage(today) == 'overdue' else ''}{late}",
        )
