"""The ledger rows of one batch of source records, neighbours of one fate in one row."""

from alerting.ledger import LedgerEntry, LedgerRow
from streams.records import SourceRecord


class LedgerBook:
    """Counts records by topic and partition; `entries` is what it has written."""

    def __init__(self) -> None:
        self.entries: list[LedgerEntry] = []
        self._open: dict[tuple[str, int], tuple[LedgerEntry, dict[str, LedgerRow]]] = {}

    def write(self, record: SourceRecord, source: str, outcome: str) -> None:
        """Count one record, in the run of its predecessor where that differs in nothing but the offset."""
        place = (record.topic, record.partition)
        if place not in self._open:
            entry = LedgerEntry(record.topic, record.partition, [])
            self.entries.append(entry)
            self._open[place] = (entry, {})
        entry, runs = self._open[place]
        offset, hour = record.offset, hour_of(record.timestamp)
        run = runs.get(outcome)
        if run is not None and run.last + 1 == offset and run.hour == hour and run.source == source:
            run.last = offset
            run.n += 1
        else:
            runs[outcome] = row = LedgerRow(offset, offset, source, hour, outcome, 1)
            entry.rows.append(row)


def hour_of(timestamp: float) -> int:
    """Return the hour of receipt in hours since the epoch; 0 where a client's timestamp is no finite number."""
    try:
        return int(timestamp // 3600)
    except (ValueError, OverflowError):
        return 0
