"""The table of one stage's profiles: written in batches, recovered by Faust.

A write to a Faust table costs 100 µs, most of it for a changelog record of its own (engines.md §9). This one remembers
what changes and sends the changelog of a batch in one piece a partition, waits for the broker, and only then lets its
store have it: the store never holds what the changelog does not.
"""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

import faust
from faust.types import StoreT
from yarl import URL

from streams.emit import Outgoing, Outlet
from streams.stores import ROCKSDB_OPTIONS, Changes, MemoryProfiles, ProfileStore, RocksProfiles

logger = logging.getLogger(__name__)

STORES: Mapping[str, type[MemoryProfiles] | type[RocksProfiles]] = MappingProxyType(
    {"memory": MemoryProfiles, "rocksdb": RocksProfiles}
)
"""Scheme of a store's address to its class."""


class ProfileTable(faust.Table[bytes, bytes]):
    """Profiles by key, each in the partition of its entity, as bytes.

    Writes go through `write` and `flush` alone; the mapping interface of Faust's tables is for reading at most.
    """

    outlet: Outlet

    @classmethod
    def create(cls, app: faust.App, *, name: str, changelog: str, partitions: int, outlet: Outlet) -> "ProfileTable":
        """Create a table and have the app recover it.

        Args:
            app: the app, not yet started.
            name: of the table; names its files below the data directory.
            changelog: full name of a compacted topic that exists, with as many partitions as the stage's topic.
            partitions: that number.
            outlet: what sends the changelog.
        """
        topic = app.topic(
            changelog,
            key_serializer="raw",
            value_serializer="raw",
            partitions=partitions,
            acks=False,
            internal=False,  # Faust would try to create it
            allow_empty=True,
            maxsize=app.conf.stream_buffer_maxsize,
        )
        table = cls(app, name=name, key_type=bytes, value_type=bytes, partitions=partitions, changelog_topic=topic)
        table.outlet = outlet
        app.tables.add(table)
        return table

    def __post_init__(self) -> None:
        """Begin with nothing to write; Faust calls this."""
        self._unwritten: dict[int, dict[str, bytes | None]] = {}

    def profiles(self, partition: int) -> Mapping[str, bytes]:
        """Return the entries of one partition as they were last flushed, to be read only."""
        return self._profiles.profiles(partition)

    def write(self, partition: int, changes: Changes) -> None:
        """Remember changes of one partition for the next flush; a later change of an entry replaces an earlier one."""
        self._unwritten.setdefault(partition, {}).update(changes)

    async def flush(self) -> int:
        """Send all remembered changes to the changelog, one batch a partition, and wait until the broker has them.

        Returns:
            The number of partitions in whose changelog somebody else wrote, which ought to be none.

        Raises:
            DeliveryError: the broker did not take them; the store is as it was.
        """
        unwritten, self._unwritten = self._unwritten, {}
        changelog = self.changelog_topic_name
        deliveries = await self.outlet.send(
            Outgoing(changelog, partition, key.encode(), value)
            for partition, changes in unwritten.items()
            for key, value in changes.items()
        )
        foreign = 0
        for (_, partition), delivery in deliveries.items():
            if not self._profiles.apply(partition, unwritten[partition], first=delivery.first, last=delivery.last):
                logger.warning("somebody else writes to %s, partition %d", changelog, partition)
                foreign += 1
        return foreign

    async def on_start(self) -> None:
        """Start the store; unlike Faust's tables, do not try to create the changelog."""
        await self.add_runtime_dependency(self.data)

    def on_key_set(self, key: bytes, value: bytes) -> None:
        """Refuse: Faust would send a record for it, to the partition of an event that batches do not have."""
        raise TypeError("profiles are written by ProfileTable.write and flush")

    def on_key_del(self, key: bytes) -> None:
        """Refuse, as `on_key_set` does."""
        raise TypeError("profiles are written by ProfileTable.write and flush")

    @property
    def _profiles(self) -> ProfileStore:
        return cast(ProfileStore, self.data)

    def _new_store_by_url(self, url: str | URL) -> StoreT[Any, Any]:
        address = URL(url)
        store = STORES[address.scheme](
            address.with_query(None),
            self.app,
            self,
            table_name=self.name,
            key_type=self.key_type,
            key_serializer=self.key_serializer,
            value_type=self.value_type,
            value_serializer=self.value_serializer,
            options=dict(ROCKSDB_OPTIONS),
            loop=self.loop,
        )
        return cast("StoreT[Any, Any]", store)
