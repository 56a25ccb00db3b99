"""The archive itself: adding what comes, however often it comes, and giving it back by patient."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import Connection, Engine, delete, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from alerting.archive.accesses import Access, Gap, Merge
from alerting.archive.schema import ACCESSES, DELETIONS, GAPS, MERGES
from alerting.store.chunks import chunks
from alerting.store.engine import WRITES

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_TABLE = ACCESSES.c


class Extent(Struct, frozen=True):
    """What the archive holds: how many accesses, from the first to the last; None where it is empty."""

    accesses: int
    first_at: float | None
    last_at: float | None


class Archive:
    """Accesses in SQLite or PostgreSQL. It may be used by several threads and processes at once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    def add(self, accesses: Sequence[Access], merges: Sequence[Merge] = ()) -> None:
        """Add what is not there yet, in one transaction.

        An access that comes again changes nothing but whether it is explained, where that was not known.
        """
        rows = {(access.patient, access.event_id): access for access in accesses if access.explained is None}
        # What knows whether it is explained is kept, of two rows of one access in one batch.
        rows |= {(access.patient, access.event_id): access for access in accesses if access.explained is not None}
        newest = {merge.patient: merge for merge in sorted(merges, key=lambda merge: merge.at)}
        if not rows and not newest:
            return
        with self._writing() as connection:
            if rows:
                statement = _INSERT[connection.dialect.name](ACCESSES)
                known = func.coalesce(_TABLE.explained, statement.excluded.explained)
                statement = statement.on_conflict_do_update(
                    index_elements=["patient", "event_id"], set_={"explained": known}
                )
                # One order for all writers: no deadlock.
                connection.execute(statement, [structs.asdict(rows[key]) for key in sorted(rows)])
            if newest:
                merging = _INSERT[connection.dialect.name](MERGES)
                merging = merging.on_conflict_do_update(
                    index_elements=["patient"],
                    set_={"into": merging.excluded.into, "at": merging.excluded.at},
                    where=MERGES.c.at <= merging.excluded.at,
                )
                connection.execute(merging, [structs.asdict(newest[key]) for key in sorted(newest)])

    def note_gap(self, gap: Gap) -> None:
        """Write down that records were gone before they could be read; the same gap is written once."""
        with self._writing() as connection:
            statement = _INSERT[connection.dialect.name](GAPS).on_conflict_do_nothing()
            connection.execute(statement, structs.asdict(gap))

    def gaps(self) -> list[Gap]:
        """Return what the archive never saw, in the order in which that was noticed."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(GAPS).order_by(GAPS.c.seen_at, GAPS.c.topic, GAPS.c.partition))
            return [Gap(**row._mapping) for row in rows]

    def numbers_of(self, patients: Collection[str]) -> list[str]:
        """Return the tokens under which patients have records, those that were merged with theirs too."""
        known = set(patients)
        fresh = known
        with self.engine.connect() as connection:
            while fresh:
                merges = [
                    row
                    for chunk in chunks(sorted(fresh))
                    for row in connection.execute(
                        select(MERGES).where(or_(MERGES.c.patient.in_(chunk), MERGES.c.into.in_(chunk)))
                    )
                ]
                fresh = {one for row in merges if row.into for one in (row.patient, row.into)} - known
                known |= fresh
        return sorted(known)

    def accesses(self, patients: Collection[str], start: float, end: float, *, limit: int) -> list[Access]:
        """Return the accesses to records from `start` to before `end`, in the order of time, at most `limit`."""
        query = (
            select(ACCESSES)
            .where(_TABLE.patient.in_(sorted(patients)), _TABLE.at >= start, _TABLE.at < end)
            .order_by(_TABLE.at, _TABLE.event_id)
            .limit(limit)
        )
        with self.engine.connect() as connection:
            return [Access(**row._mapping) for row in connection.execute(query)]

    def knows(self, patients: Collection[str]) -> bool:
        """Return whether there was ever an access to the record of one of these patients."""
        with self.engine.connect() as connection:
            return any(
                connection.execute(select(_TABLE.patient).where(_TABLE.patient.in_(chunk)).limit(1)).first()
                for chunk in chunks(sorted(patients))
            )

    def extent(self) -> Extent:
        """Return how much the archive holds, and from when to when."""
        with self.engine.connect() as connection:
            row = connection.execute(select(func.count(), func.min(_TABLE.at), func.max(_TABLE.at))).one()
            return Extent(row[0], row[1], row[2])

    def count_before(self, before: float, kept: Collection[str] = ()) -> int:
        """Return how many accesses are older than a time, without those of patients and users that are kept."""
        with self.engine.connect() as connection:
            query = select(func.count()).select_from(ACCESSES).where(*_older(before, kept))
            return int(connection.scalar(query) or 0)

    def delete_before(self, before: float, kept: Collection[str], now: float) -> int:
        """Delete accesses that are older than a time, but for kept patients and users; return how many."""
        with self._writing() as connection:
            deleted = connection.execute(delete(ACCESSES).where(*_older(before, kept))).rowcount
            connection.execute(delete(DELETIONS).where(DELETIONS.c.before == before))
            connection.execute(insert(DELETIONS), {"before": before, "done_at": now, "rows": deleted})
        return deleted

    def deleted_before(self) -> float | None:
        """Return the latest time from before which accesses were deleted, None if none ever were."""
        with self.engine.connect() as connection:
            before = connection.scalar(select(func.max(DELETIONS.c.before)))
            return None if before is None else float(before)


def _older(before: float, kept: Collection[str]) -> list[Any]:
    conditions: list[Any] = [_TABLE.at < before]
    if kept:
        conditions += [_TABLE.patient.not_in(sorted(kept)), _TABLE.actor.not_in(sorted(kept))]
    return conditions
