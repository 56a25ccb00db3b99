"""`wardwatch incidents overpayment`: what was paid and not due, and until when it must go back (42 CFR 401.305)."""

import datetime
import re
from typing import Annotated

import typer

from alerting.work.commands import DecideOverpayment, ReturnOverpayment
from alerting.work.values import Overpayment
from monitor.cli.incident_parts import AsOption, IdArgument, ReasonOption, acting, handled
from monitor.cli.incident_views import told_overpayment
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, load_settings, new_app, say
from monitor.failure import Failure

app = new_app("Decide whether a case is about an overpayment; a true positive about billing is closed only after that.")

_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d{2}))?")


@app.command()
def found(
    incident: IdArgument,
    *,
    identified_on: Annotated[
        str, typer.Option("--identified-on", metavar="DAY", help="When it was identified: the 60 days run from then.")
    ],
    amount: Annotated[str, typer.Option("--amount", metavar="DOLLARS", help="How much it is, such as 1250 or 99.50.")],
    reason: ReasonOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that money was paid that was not due; people are reminded 15 days before it must be back.

    Example:
        wardwatch incidents overpayment found INC-7F3K9Q2M --identified-on 2026-03-02 --amount 1250.00
    """
    command = DecideOverpayment(
        incident_id=incident,
        actor=acting(actor),
        decision="overpayment",
        identified_on=_day(identified_on),
        cents=_cents(amount),
        reason=reason,
    )
    _say(handled(load_settings(config), command), as_json=as_json)


@app.command()
def none(
    incident: IdArgument,
    *,
    reason: ReasonOption,
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that nothing has to go back.

    Example:
        wardwatch incidents overpayment none INC-7F3K9Q2M --reason "the claim was denied"
    """
    command = DecideOverpayment(incident_id=incident, actor=acting(actor), decision="no_overpayment", reason=reason)
    _say(handled(load_settings(config), command), as_json=as_json)


@app.command()
def returned(
    incident: IdArgument,
    *,
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="When it was reported and returned.")],
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that an overpayment was reported and returned.

    Example:
        wardwatch incidents overpayment returned INC-7F3K9Q2M --on 2026-04-20
    """
    command = ReturnOverpayment(incident_id=incident, actor=acting(actor), returned_on=_day(on))
    _say(handled(load_settings(config), command), as_json=as_json)


def _say(overpayment: Overpayment, *, as_json: bool) -> None:
    if as_json:
        answer_json(overpayment)
    else:
        say(f"{overpayment.incident_id}: {told_overpayment(overpayment)}.")


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        message = "a day is written as 2026-03-02"
        raise Failure(message) from None


def _cents(text: str) -> int:
    written = _AMOUNT.fullmatch(text)
    if written is None:
        message = "an amount is written as 1250 or 1250.00"
        raise Failure(message)
    return int(written[1]) * 100 + int(written[2] or 0)
