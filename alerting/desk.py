"""The desk: every change of what Wardwatch knows about incidents goes through `Desk.handle`.

One command is one transaction: incident, timeline and outbox change together or not at all.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, overload

from msgspec import Struct
from sqlalchemy import Connection

from alerting.act import Act
from alerting.budget import Budget
from alerting.budget_keeper import BudgetKeeper
from alerting.changing import SILENT_COMMANDS, change
from alerting.command import Command, Result, word_for
from alerting.commands import (
    BlockNotice,
    GiveUpNotice,
    IncidentCommand,
    RecordFindings,
    RecordLedger,
    RetractFindings,
    Unwatch,
    Watch,
)
from alerting.drafts import Changed, Drafts
from alerting.due import DUE
from alerting.ending import block_notice, give_up_notice
from alerting.grouping import UNTOLD
from alerting.handlers import HANDLERS
from alerting.incident_ids import IncidentIds
from alerting.incidents import Incident
from alerting.misdirected import news_for_others
from alerting.muting.ending import look_again
from alerting.observer import Observer, Unobserved
from alerting.policy import Policy
from alerting.recording import Recorded, record
from alerting.refusal import Refused, UnknownIncident
from alerting.store.incident_rows import find_incident
from alerting.store.ledger_rows import add_to_ledger
from alerting.store.store import Store, lock_opening
from alerting.subjects import refuse_subject
from alerting.telling import News, news_of, tell
from alerting.timeline import SYSTEM
from alerting.watch_list import WatchEntry
from alerting.watching import end_watches, unwatch, watch
from alerting.withdrawing import Withdrawn, withdraw
from alerting.work.correlating import link_by_party, mark_repeats
from alerting.work.timekeeping import start_missing_clocks
from detectors.finding import Finding

AnyCommand: TypeAlias = (
    RecordFindings
    | RetractFindings
    | Watch
    | Unwatch
    | RecordLedger
    | BlockNotice
    | GiveUpNotice
    | IncidentCommand
    | Command[Any]
)

_log = logging.getLogger(__name__)


class FindingsRecorded(Struct, frozen=True):
    """What became of findings.

    `findings` are those of the command, in their order, with `alert` and `incident_id` as the store has them. `new` of
    them were not known before; `held` counts those of the new that were held back, by reason. `opened` are the ids
    of new cases; what tells of a storm or of a failed notice is none. `threshold` is the risk from which a finding is
    certain to alert now, None without a budget. `released` are findings of earlier commands that the budget had held
    back and that alert now; `waiting` are the ids of those that may still be.
    """

    findings: list[Finding]
    new: int
    held: Counter[str]
    opened: tuple[str, ...]
    threshold: float | None
    released: list[Finding]
    waiting: frozenset[str]


class LedgerRecorded(Struct, frozen=True):
    """How many events the ledger counted that it had not counted before."""

    events: int


class NoticeEnded(Struct, frozen=True):
    """Whether the notice was still pending, and the incident raised because of it, if one was."""

    was_pending: bool
    raised: str | None = None


class Desk:
    """Takes commands. It may be used by several threads; several desks may work on one store.

    Args:
        store: where everything is kept.
        clock: gives the time in seconds since the epoch.
        incident_ids: gives ids for new incidents.
        policy: windows, limits, routes and titles.
        budget: the alert budget; without one every finding may ask for attention.
        observer: is told what happened, for metrics.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], float],
        incident_ids: IncidentIds,
        policy: Policy = Policy(),  # noqa: B008 -- frozen
        budget: Budget | None = None,
        observer: Observer = Unobserved(),  # noqa: B008 -- has no state
    ) -> None:
        self.store = store
        self._clock = clock
        self._incident_ids = incident_ids
        self._policy = policy
        self._budget = BudgetKeeper(budget)
        self._observer = observer
        self._recording = threading.Lock()

    @overload
    def handle(self, command: RecordFindings) -> FindingsRecorded: ...
    @overload
    def handle(self, command: RetractFindings) -> Withdrawn: ...
    @overload
    def handle(self, command: Watch | Unwatch) -> WatchEntry: ...
    @overload
    def handle(self, command: RecordLedger) -> LedgerRecorded: ...
    @overload
    def handle(self, command: BlockNotice | GiveUpNotice) -> NoticeEnded: ...
    @overload
    def handle(self, command: IncidentCommand) -> Incident: ...
    @overload
    def handle(self, command: Command[Result]) -> Result: ...

    def handle(self, command: AnyCommand) -> Any:
        """Carry out a command in one transaction and return its result; for one about an incident, the incident.

        What is refused changes nothing, and is in the audit log.

        Raises:
            UnknownIncident: if there is no such incident.
            IllegalTransition: if the status of the incident does not allow the command.
            Refused: if the command cannot be carried out for another reason.
            WatchRefused: if an entry of the watch list may not be, or is not there.
        """
        try:
            return self._carry_out(command)
        except Refused as refusal:
            self._note_refusal(command, refusal)
            raise

    def _carry_out(self, command: AnyCommand) -> object:  # noqa: PLR0911 -- one for each kind of command
        match command:
            case RecordFindings():
                return self._record_findings(command)
            case RetractFindings():
                return self._retract_findings(command)
            case Watch() | Unwatch():
                return self._watch(command)
            case RecordLedger():
                with self.store.writing() as connection:
                    return LedgerRecorded(add_to_ledger(connection, command.entries, self._clock()))
            case BlockNotice() | GiveUpNotice():
                return self._end_notice(command)
            case Command():
                return self._act(command)
            case _:
                return self._change(command)

    def pass_time(self) -> None:
        """Do everything that has become due; what fails is logged, hinders nothing else, and is tried again."""
        for name, work in DUE.items():
            try:
                with self.store.writing() as connection:
                    lock_opening(connection)
                    work(self._begin(connection))
            except Exception as error:  # noqa: BLE001 -- the clock's guard; the text may hold anything
                _log.error("%s could not be done and is tried again: %s", name, type(error).__name__)

    def catch_up(self) -> bool:
        """Give incidents of older versions what this one keeps of them; return whether all have it.

        It is done bit by bit and may be done again; what fails is logged and tried again.
        """
        try:
            with self.store.writing() as connection:
                lock_opening(connection)
                return start_missing_clocks(connection, self._policy.plan.promise)
        except Exception as error:  # noqa: BLE001 -- the clock's guard; the text may hold anything
            _log.error("older incidents could not be given clocks: %s", type(error).__name__)
            return False

    def _begin(self, connection: Connection) -> Act:
        return Act(connection, self._clock(), self._policy, self._incident_ids)

    def _drafts(self, connection: Connection, now: float) -> Drafts:
        return Drafts(connection, self._policy.windows, self._incident_ids, now, self._policy.plan.promise)

    def _act(self, command: Command[Result]) -> Result:
        with self.store.writing() as connection:
            lock_opening(connection)
            act = self._begin(connection)
            incident = getattr(command, "incident_id", "")
            if incident and (about := find_incident(connection, incident)):
                refuse_subject(connection, self._policy, about, command.actor)
            result: Result = HANDLERS[type(command)](act, command)
            purpose = getattr(command, "purpose", "")
            act.audit(actor=command.actor, action=word_for(command), outcome="done", incident=incident, purpose=purpose)
        return result

    def _note_refusal(self, command: AnyCommand, refusal: Refused) -> None:
        # What is said to be the id of an incident that is not there may be anything.
        incident = "" if isinstance(refusal, UnknownIncident) else getattr(command, "incident_id", "")
        with self.store.writing() as connection:
            actor = getattr(command, "actor", SYSTEM)
            self._begin(connection).audit(actor=actor, action=word_for(command), outcome="refused", incident=incident)

    def _watch(self, command: Watch | Unwatch) -> WatchEntry:
        with self.store.writing() as connection:
            lock_opening(connection)
            act = self._begin(connection)
            if isinstance(command, Watch):
                entry = watch(connection, command, act.now)
            else:
                entry = unwatch(connection, command, act.now)
            subject = f"{entry.entity.type}:{entry.entity.ref}"
            act.audit(actor=command.actor, action=word_for(command), outcome="done", subject=subject)
        return entry

    def _record_findings(self, command: RecordFindings) -> FindingsRecorded:
        with self._recording:
            with self.store.writing() as connection:
                lock_opening(connection)
                act = self._begin(connection)
                now = act.now
                end_watches(connection, now)
                recorded = record(
                    connection,
                    command.findings,
                    drafts=self._drafts(connection, now),
                    policy=self._policy,
                    budget=self._budget,
                    now=now,
                    until=command.until,
                )
                link_by_party(act, [*recorded.fresh, *recorded.released], recorded.changed)
                repeats = mark_repeats(act, recorded.changed)
                joined = [item.incident for item in recorded.changed if item.change in UNTOLD]
                new_ground = [item.incident for item in recorded.changed if item.change == "new_ground"]
                news = [
                    *_news_of(recorded.changed, repeats),
                    *news_for_others(connection, joined, self._policy, now),
                ]
                tell(connection, news, self._policy, now)
                look_again(connection, new_ground, now)
            self._budget.committed()
            threshold, waiting = self._budget.threshold, self._budget.waiting
        self._observe(recorded)
        return FindingsRecorded(
            findings=recorded.findings,
            new=len(recorded.fresh),
            held=recorded.held,
            opened=tuple(
                item.incident.id
                for item in recorded.changed
                if item.change == "opened" and item.incident.kind == "case"
            ),
            threshold=threshold,
            released=recorded.released,
            waiting=waiting,
        )

    def _retract_findings(self, command: RetractFindings) -> Withdrawn:
        with self.store.writing() as connection:
            lock_opening(connection)
            withdrawn = withdraw(connection, command.retractions, self._policy, self._clock())
        self._observer.withdrawn("withdrawn", len(withdrawn.findings))
        self._observer.withdrawn("unknown", withdrawn.unknown)
        for incident in withdrawn.changed:
            self._observer.incident(incident.kind, incident.severity, incident.status)
        return withdrawn

    def _end_notice(self, command: BlockNotice | GiveUpNotice) -> NoticeEnded:
        with self.store.writing() as connection:
            lock_opening(connection)
            act = self._begin(connection)
            drafts = self._drafts(connection, act.now)
            if isinstance(command, BlockNotice):
                ended = block_notice(act, command, drafts)
            else:
                ended = give_up_notice(act, command, drafts)
        for item in ended.changed:
            self._observe_change(item)
        if isinstance(command, BlockNotice) and ended.was_pending:
            self._observer.held("tripwire")
        return NoticeEnded(ended.was_pending, ended.changed[0].incident.id if ended.changed else None)

    def _change(self, command: IncidentCommand) -> Incident:
        with self.store.writing() as connection:
            lock_opening(connection)
            after = change(self._begin(connection), command)
        if not isinstance(command, SILENT_COMMANDS):
            self._observer.incident(after.kind, after.severity, after.status)
        return after

    def _observe(self, recorded: Recorded) -> None:
        for finding in recorded.fresh:
            self._observer.finding(finding.detector, finding.severity, alert=finding.alert)
        for finding in recorded.released:
            self._observer.released(finding.detector, finding.severity)
        for reason in recorded.held.elements():
            self._observer.held(reason)
        for item in recorded.changed:
            self._observe_change(item)

    def _observe_change(self, item: Changed) -> None:
        if item.change not in UNTOLD:
            self._observer.incident(item.incident.kind, item.incident.severity, item.change)


def _news_of(changed: Sequence[Changed], repeats: Mapping[str, Incident]) -> list[News]:
    """Return what people are told of: a case that is one more about its party says so when it is opened."""
    return [
        News(repeats[item.incident.id], "repeated") if item.incident.id in repeats else item
        for item in news_of(changed)
    ]
