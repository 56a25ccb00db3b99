"""A store is a faithful copy of the changelog's beginning, or says that it is not; the same for both kinds."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import faust
import pytest
from faust.types import TP

from streams.stores import MemoryProfiles, RocksProfiles
from streams.tables import ProfileTable
from tests.streams.engine.fakes import Basket

CHANGELOG = "table.patient"


def make_table(store: str, folder: Path) -> ProfileTable:
    app = faust.App("test", broker="kafka://127.0.0.1:1", store=store, datadir=folder, web_enabled=False)
    return ProfileTable.create(app, name="patient", changelog=CHANGELOG, partitions=2, outlet=Basket())


@pytest.fixture(params=["memory://", "rocksdb://"])
async def table(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ProfileTable]:
    made = make_table(request.param, tmp_path)
    yield made
    made.data.reset_state()


def store_of(table: ProfileTable) -> MemoryProfiles | RocksProfiles:
    return cast("MemoryProfiles | RocksProfiles", table.data)


def changelog_of(*entries: tuple[int, int, str, bytes | None]) -> list[Any]:
    """Return recovery's events: partition, offset, key, value."""
    return [
        SimpleNamespace(
            message=SimpleNamespace(
                tp=TP(CHANGELOG, partition), partition=partition, offset=offset, key=key.encode(), value=value
            )
        )
        for partition, offset, key, value in entries
    ]


async def test_what_is_flushed_can_be_read_in_its_partition_and_is_in_the_changelog(table: ProfileTable) -> None:
    table.write(0, {"a": b"1", "b": b"2"})
    table.write(1, {"a": b"other"})
    table.write(0, {"b": b"3"})
    assert table.profiles(0).get("a") is None, "not before the broker has it"
    assert await table.flush() == 0
    assert dict(table.profiles(0)) == {"a": b"1", "b": b"3"}
    assert dict(table.profiles(1)) == {"a": b"other"}
    sent = [(record.topic, record.partition, record.key, record.value) for record in cast(Basket, table.outlet).sent]
    assert sent == [(CHANGELOG, 0, b"a", b"1"), (CHANGELOG, 0, b"b", b"3"), (CHANGELOG, 1, b"a", b"other")]


async def test_deletes_are_sent_and_take_effect(table: ProfileTable) -> None:
    table.write(0, {"a": b"1", "b": b"2"})
    await table.flush()
    table.write(0, {"a": None, "unknown": None})
    await table.flush()
    assert dict(table.profiles(0)) == {"b": b"2"}
    assert len(table.profiles(0)) == 1
    assert "a" not in table.profiles(0)
    assert [record.value for record in cast(Basket, table.outlet).sent[2:]] == [None, None]


async def test_a_flush_of_nothing_sends_nothing(table: ProfileTable) -> None:
    table.write(0, {})
    assert await table.flush() == 0
    assert cast(Basket, table.outlet).sent == []


async def test_the_store_knows_how_far_it_follows_the_changelog(table: ProfileTable) -> None:
    store, tp = store_of(table), TP(CHANGELOG, 0)
    assert store.persisted_offset(tp) is None
    store.apply_changelog_batch(changelog_of((0, 0, "a", b"1"), (0, 3, "b", b"2"), (0, 4, "a", None)), str, str)
    assert dict(store.profiles(0)) == {"b": b"2"}
    assert store.persisted_offset(tp) == 4
    assert store.apply(0, {"c": b"3", "d": b"4"}, first=5, last=6)
    assert store.persisted_offset(tp) == 6
    assert store.persisted_offset(TP(CHANGELOG, 1)) is None


@pytest.mark.parametrize(("first", "last"), [(1, 2), (0, 2)], ids=["before", "between"])
async def test_where_somebody_else_wrote_the_next_recovery_reads_all(
    table: ProfileTable, first: int, last: int
) -> None:
    store, tp = store_of(table), TP(CHANGELOG, 0)
    assert not store.apply(0, {"a": b"1", "b": b"2"}, first=first, last=last)
    assert dict(store.profiles(0)) == {"a": b"1", "b": b"2"}
    assert store.persisted_offset(tp) is None


async def test_partitions_that_go_to_others_are_forgotten_and_the_rest_stay(tmp_path: Path) -> None:
    table = make_table("memory://", tmp_path)
    for partition in (0, 1):
        table.write(partition, {"a": b"1"})
    await table.flush()
    await table.on_rebalance(set(), {TP(CHANGELOG, 0), TP("another.topic", 1)}, set())
    assert dict(table.profiles(0)) == {}
    assert store_of(table).persisted_offset(TP(CHANGELOG, 0)) is None
    assert dict(table.profiles(1)) == {"a": b"1"}
    assert store_of(table).persisted_offset(TP(CHANGELOG, 1)) == 0


async def test_memory_hands_back_the_very_bytes_that_were_written(tmp_path: Path) -> None:
    """Stages remember what they decoded by the identity of the bytes (detectors.profiles.entries)."""
    table = make_table("memory://", tmp_path)
    value = bytes(bytearray(b"value"))
    table.write(0, {"a": value})
    await table.flush()
    assert table.profiles(0)["a"] is value


async def test_rocksdb_keeps_entries_and_offset_over_a_restart(tmp_path: Path) -> None:
    table = make_table("rocksdb://", tmp_path)
    table.write(1, {"a": b"1"})
    await table.flush()
    await cast(RocksProfiles, table.data).stop()
    again = make_table("rocksdb://", tmp_path)
    assert dict(again.profiles(1)) == {"a": b"1"}
    assert store_of(again).persisted_offset(TP(CHANGELOG, 1)) == 0
    again.data.reset_state()


async def test_the_mapping_interface_does_not_write(table: ProfileTable) -> None:
    with pytest.raises(TypeError, match="write and flush"):
        table[b"a"] = b"1"
    with pytest.raises(TypeError, match="write and flush"):
        del table[b"a"]
