"""Who carries out the commands of this area, and what of it becomes due by the clock."""

from collections.abc import Callable
from typing import Any

from alerting.act import Act
from alerting.command import Command
from alerting.work import handling
from alerting.work.commands import (
    AddEvidence,
    AddTask,
    DecideOverpayment,
    FinishTask,
    LinkIncidents,
    ReturnOverpayment,
    Split,
    UnlinkIncidents,
    UnwatchIncident,
    WatchIncident,
)
from alerting.work.correlating import forget_old_parties
from alerting.work.overpaying import decide, give_back, remind_of_overpayments
from alerting.work.splitting import split
from alerting.work.timekeeping import tell_overdue

HANDLERS: dict[type[Command[Any]], Callable[[Act, Any], Any]] = {
    WatchIncident: handling.watch,
    UnwatchIncident: handling.unwatch,
    AddTask: handling.add_task,
    FinishTask: handling.finish_task,
    LinkIncidents: handling.link,
    UnlinkIncidents: handling.unlink,
    AddEvidence: handling.add_evidence,
    Split: split,
    DecideOverpayment: decide,
    ReturnOverpayment: give_back,
}

DUE: dict[str, Callable[[Act], None]] = {
    "sla": tell_overdue,
    "overdue tasks": handling.remind_of_tasks,
    "overpayments": remind_of_overpayments,
    "old parties": forget_old_parties,
}
