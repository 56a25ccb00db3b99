"""Card transactions of the Fraud Detection Handbook (`../shared/data/fraud-handbook`) as payments of patients.

The customer is the patient and has one card; the terminal is that of the till. The Handbook's own frauds (stolen cards,
compromised terminals) are no patterns of ours and are not judged here: they come as ordinary payments.
"""

import csv
import datetime
import lzma
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from detectors.events import BillingTransaction, Event
from detectors.events.billing import Amounts, BilledPatient, Card, Clerk, Link, Payment, PaymentClient
from tests.acceptance.world import World, event_of

TILL = "urn:handbook:till"

Row = dict[str, str]


def read(folder: Path, rows: int | None) -> World:
    """Return the first rows of the set, which is in the order of time, or all; a day has about 9,600."""
    world = World()
    for row in islice(_rows(folder), rows):
        patient, terminal = f"customer-{row['CUSTOMER_ID']}", f"terminal-{row['TERMINAL_ID']}"
        at = datetime.datetime.fromisoformat(row["TX_DATETIME"]).replace(tzinfo=datetime.UTC)
        cents = round(float(row["TX_AMOUNT"]) * 100)
        world.events.append(payment(row["TRANSACTION_ID"], patient, card_of(patient), cents, at, terminal=terminal))
        world.identifiers |= {patient, terminal, card_of(patient)}
    return world


def card_of(patient: str) -> str:
    """Return the token of a patient's card, as a payment provider would give it."""
    return f"tok-card-{patient}"


def payment(
    number: str,
    patient: str,
    card: str,
    cents: int,
    at: datetime.datetime,
    *,
    terminal: str = "",
    ip: str = "",
    response: str = "00",
) -> Event:
    """Return a payment by card; `response` is the ISO 8583 response code."""
    data = BillingTransaction(
        kind="patient_payment",
        occurred_at=at,
        patient=BilledPatient(ref=patient),
        amounts=Amounts(paid=cents),
        payment=Payment(
            method="card",
            direction="in",
            card=Card(token=card, response=response),
            client=PaymentClient(terminal=terminal, ip=ip, channel="pos" if terminal else "portal"),
        ),
    )
    return event_of(TILL, f"payment:{number}", data, at.timestamp())


def refund(number: str, paid: Event, card: str, clerk: str, at: datetime.datetime) -> Event:
    """Return the refund of a whole payment to a card, posted by a clerk."""
    assert isinstance(paid.data, BillingTransaction)
    assert paid.data.amounts is not None
    data = BillingTransaction(
        kind="refund",
        occurred_at=at,
        patient=paid.data.patient,
        amounts=Amounts(paid=-paid.data.amounts.paid),
        payment=Payment(method="card", direction="out", card=Card(token=card, response="00")),
        user=Clerk(ref=clerk, role="cashier", dept="cash-office"),
        links=[Link(rel="refunds", id=paid.id)],
    )
    return event_of(TILL, f"refund:{number}", data, at.timestamp())


def _rows(folder: Path) -> Iterator[Row]:
    (path,) = folder.glob("tx_*.csv.xz")
    with lzma.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
