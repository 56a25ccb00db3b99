"""Who carries out the commands of the areas: one line each."""

from collections.abc import Callable
from typing import Any

from alerting.act import Act
from alerting.breach.handling import HANDLERS as BREACH
from alerting.bundle.exporting import ExportCase, export_case
from alerting.command import Command
from alerting.feedback.teaching import TakeVerdict, take_verdict
from alerting.muting.handling import HANDLERS as MUTING
from alerting.oncall.handling import HANDLERS as ONCALL
from alerting.pagerduty.handling import HANDLERS as PAGERDUTY
from alerting.questions.handling import HANDLERS as QUESTIONS
from alerting.records.handling import HANDLERS as RECORDS
from alerting.slack.handling import HANDLERS as SLACK
from alerting.work.registry import HANDLERS as WORK

HANDLERS: dict[type[Command[Any]], Callable[[Act, Any], Any]] = {
    **BREACH,
    **WORK,
    **MUTING,
    **RECORDS,
    **QUESTIONS,
    **SLACK,
    **ONCALL,
    **PAGERDUTY,
    TakeVerdict: take_verdict,
    ExportCase: export_case,
}
"""What carries out a command, inside the desk's transaction, and gives its result."""
