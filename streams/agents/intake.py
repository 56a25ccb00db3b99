"""The intake agent: source records in, parcels for the first stops out."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from alerting.ledger import LedgerEntry
from streams.agents.received import Events, records_of
from streams.emit import Outlet
from streams.intake import IntakeResult
from streams.keeping import Keeping
from streams.observer import Observer
from streams.parcels import from_intake, of_entries, of_letters, of_verdicts
from streams.records import SourceRecord
from streams.topics import TopicPlan

NAME = "intake"


class Admits(Protocol):
    """What the agent needs of `streams.intake.Intake`."""

    def admit(self, records: Sequence[SourceRecord]) -> IntakeResult:
        """Turn records into visits, dead letters and ledger entries. Raises for no input."""


class IntakeAgent:
    """Admits a batch, and acknowledges it when all that came of it is with the broker."""

    def __init__(
        self, intake: Admits, outlet: Outlet, plan: TopicPlan, observer: Observer, vault: Keeping | None = None
    ) -> None:
        self._intake = intake
        self._outlet = outlet
        self._plan = plan
        self._observer = observer
        self._vault = vault

    async def handle(self, events: Events) -> None:
        """Do the whole work of one batch; when this returns, it may be acknowledged."""
        started = time.monotonic()
        result = self._intake.admit(records_of(events))
        if self._vault is not None:
            await self._vault.keep(result.new)
        await self._outlet.send(
            [
                *from_intake(result.visits, self._plan),
                *of_letters(result.dead_letters, self._plan),
                *of_verdicts(result.verdicts, self._plan),
                *of_entries(result.entries, self._plan),
            ]
        )
        for outcome, n in _outcomes(result.entries).items():
            self._observer.events(NAME, outcome, n)
        self._observer.unknown_fields(result.unknown_fields)
        self._observer.masked_texts(result.masked_texts)
        self._observer.step(NAME, time.monotonic() - started, len(events))


def _outcomes(entries: Sequence[LedgerEntry]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for entry in entries:
        for row in entry.rows:
            counts[row.outcome] += row.n
    return counts
