"""Where profiles lie on a worker: in memory, or in RocksDB on its disk; always a copy of the changelog's beginning.

A store knows, per partition, up to which offset of the changelog it is a faithful copy. Recovery reads from there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol, cast

import rocksdict
from faust.stores import memory, rocksdb
from faust.types import TP, EventT

Changes = Mapping[str, bytes | None]
"""Entries by key; None deletes."""

ROCKSDB_OPTIONS: dict[str, int] = {
    "write_buffer_size": 8 * 1024 * 1024,
    "max_write_buffer_number": 2,
    "block_cache_size": 16 * 1024 * 1024,
}
"""Per partition and stage. Faust's own are meant for one large database (2 GiB of cache); a worker here has dozens."""

_EMPTY: Mapping[str, bytes] = MappingProxyType({})


class ProfileStore(Protocol):
    """What a table needs of its store."""

    def profiles(self, partition: int) -> Mapping[str, bytes]:
        """Return the live entries of one partition, to be read only."""

    def apply(self, partition: int, changes: Changes, *, first: int, last: int) -> bool:
        """Take over what now lies in the changelog at the offsets from `first` to `last`, in one piece.

        Returns:
            False where somebody else wrote to the changelog too; the next recovery then reads it from its beginning.
        """


class MemoryProfiles(memory.Store[bytes, bytes]):
    """Profiles in dictionaries, one per partition; the very objects that were written are handed back."""

    def __post_init__(self) -> None:
        """Begin empty; Faust calls this."""
        super().__post_init__()
        self._partitions: dict[int, dict[str, bytes]] = {}
        self._offsets: dict[int, int] = {}

    def profiles(self, partition: int) -> Mapping[str, bytes]:
        """Return the live entries of one partition, to be read only."""
        return self._partitions.get(partition, _EMPTY)

    def apply(self, partition: int, changes: Changes, *, first: int, last: int) -> bool:
        """Take over what now lies in the changelog; see `ProfileStore`."""
        expected = self._offsets.get(partition, -1) + 1
        entries = self._partitions.setdefault(partition, {})
        for key, value in changes.items():
            if value is None:
                entries.pop(key, None)
            else:
                entries[key] = value
        if _is_whole(changes, expected, first, last):
            self._offsets[partition] = last
            return True
        self._offsets.pop(partition, None)
        return False

    def apply_changelog_batch(
        self, batch: Iterable[EventT[Any]], to_key: Callable[[Any], Any], to_value: Callable[[Any], Any]
    ) -> None:
        """Take over records that recovery read."""
        for event in batch:
            message = event.message
            entries = self._partitions.setdefault(message.partition, {})
            key = cast(bytes, message.key).decode()
            if message.value is None:
                entries.pop(key, None)
            else:
                entries[key] = message.value
            self._offsets[message.partition] = message.offset

    def persisted_offset(self, tp: TP) -> int | None:
        """Return the last offset of the changelog that the entries hold, or None where there is none."""
        return self._offsets.get(tp.partition)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Forget the partitions that went to others."""
        changelog = _changelog(self.table)
        for tp in revoked:
            if tp.topic == changelog:
                self._partitions.pop(tp.partition, None)
                self._offsets.pop(tp.partition, None)


class RocksProfiles(rocksdb.Store):
    """Profiles in one RocksDB a partition, below the worker's data directory."""

    def profiles(self, partition: int) -> Mapping[str, bytes]:
        """Return the live entries of one partition, to be read only."""
        return _RocksEntries(self._db_for_partition(partition), self.offset_key)

    def apply(self, partition: int, changes: Changes, *, first: int, last: int) -> bool:
        """Take over what now lies in the changelog, entries and offset in one atomic write; see `ProfileStore`."""
        database = self._db_for_partition(partition)
        known = database.get(self.offset_key)
        is_whole = _is_whole(changes, int(known) + 1 if known is not None else 0, first, last)
        write = rocksdict.WriteBatch(raw_mode=True)
        for key, value in changes.items():
            if value is None:
                write.delete(key.encode())
            else:
                write.put(key.encode(), value)
        if is_whole:
            write.put(self.offset_key, str(last).encode())
        else:
            write.delete(self.offset_key)
        database.write(write)
        return is_whole


class _RocksEntries(Mapping[str, bytes]):
    """The entries of one database."""

    def __init__(self, database: rocksdict.Rdict, offset_key: bytes) -> None:
        self._database = database
        self._offset_key = offset_key

    def __getitem__(self, key: str) -> bytes:
        value: bytes | None = self._database.get(key.encode())
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        for key in self._database.keys():  # noqa: SIM118 - an Rdict is no mapping: iterating over it is an error
            if key != self._offset_key:
                yield cast(bytes, key).decode()

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _is_whole(changes: Changes, expected: int, first: int, last: int) -> bool:
    """Whether the changelog goes on with exactly these changes."""
    return first == expected and last - first + 1 == len(changes)


def _changelog(table: Any) -> str:  # noqa: ANN401 - the name is missing in Faust's interface of tables
    name: str = table.changelog_topic_name
    return name
