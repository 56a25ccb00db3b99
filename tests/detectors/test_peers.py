"""Peers: entities stand in histograms, partitions are added up, segments lean on wider ones."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.partition import PartitionState
from detectors.peers import MEASURES, Measure, PeerBook, PeerCounts, PeerView, Standing, published
from detectors.peers.book import peer_key
from detectors.profiles.entries import Codec, Entries

SHARE = Measure("share", "a share", 1.0, is_count=False)
AMOUNT = Measure("amount", "an amount", 999_999.0)
ROLE, ALL = "role:nurse", "*"


class Partition:
    """One partition's book with its table, as a stage keeps it."""

    def __init__(self, number: int) -> None:
        self.table: dict[str, bytes] = {}
        self.clock = PartitionState()
        self.number = number
        self.standings: dict[str, dict[str, Standing]] = {}

    def place(self, entity: str, value: float, *, measure: Measure = SHARE, segments: tuple[str, ...] = (ALL,)) -> None:
        entries = Entries(Codec(PeerCounts), self.table)
        book = PeerBook(self.number, entries, self.clock)
        book.place(self.standings.setdefault(entity, {}), measure, segments, value)
        for key, written in entries.written().items():
            assert written is not None
            self.table[key] = written

    def publish(self, *views: PeerView) -> None:
        self.clock.newest += 60
        for key, value in published(self.clock, self.table.get).items():
            for view in views:
                view.receive(key, value)


def test_a_count_is_kept_on_a_logarithmic_scale_and_a_share_as_it_is() -> None:
    assert SHARE.bin_of(0.5) == 64
    assert SHARE.bin_of(1.0) == SHARE.bin_of(7.0) == 127
    assert AMOUNT.bin_of(0) == 0
    assert AMOUNT.bin_of(999) == 64  # log(1000) is half of log(1,000,000)
    assert AMOUNT.value_at(0.5) == pytest.approx(999.0)


@given(st.sampled_from([*MEASURES.values(), SHARE, AMOUNT]), st.floats(0, 1))
def test_a_figure_on_the_scale_comes_back(measure: Measure, share: float) -> None:
    value = share * measure.top
    assert measure.value_at(measure.scaled(value)) == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_the_group_has_the_median_the_spread_and_the_percentiles_of_all_partitions() -> None:
    one, other, view = Partition(0), Partition(1), PeerView()
    for number in range(20):
        (one if number % 2 else other).place(f"entity-{number}", (number + 0.5) / 128)
    one.publish(view)
    other.publish(view)
    group = view.group(SHARE, (ALL,))
    assert group is not None
    assert group.n == 20
    assert group.median == pytest.approx(9.5 / 128)  # bins 0 to 19: the tenth
    # Distances from bin 9, in bins: 0 once, 1 to 9 twice, 10 once; the tenth of twenty is 5, the middle of its bin 5.5.
    assert group.z(9.5 / 128) == 0
    assert group.z((9.5 + 5.5) / 128) == pytest.approx(0.6745)
    assert group.p95 == pytest.approx(18.5 / 128)
    assert group.p99 == pytest.approx(19.5 / 128)


def test_an_entity_stands_in_one_place_only_and_moves_between_segments() -> None:
    partition, view = Partition(0), PeerView()
    for number in range(12):
        partition.place(f"entity-{number}", 0.1, segments=(ROLE, ALL))
    partition.place("entity-0", 0.9, segments=("role:clerk", ALL))
    partition.publish(view)
    nurses, everybody = view.group(SHARE, (ROLE,)), view.group(SHARE, (ALL,))
    assert nurses is not None
    assert everybody is not None
    assert (nurses.n, everybody.n) == (11, 12)
    assert everybody.p99_place == pytest.approx((SHARE.bin_of(0.9) + 0.5) / 128)
    assert nurses.p99_place == pytest.approx((SHARE.bin_of(0.1) + 0.5) / 128)


def test_a_small_segment_leans_on_the_wider_one_and_a_lonely_entity_has_no_peers() -> None:
    partition, view = Partition(0), PeerView()
    for number in range(100):
        partition.place(f"other-{number}", 0.1, segments=(ALL,))
    for number in range(10):
        partition.place(f"nurse-{number}", 0.9, segments=(ROLE, ALL))
    partition.publish(view)
    group = view.group(SHARE, (ROLE, ALL))
    assert group is not None
    low, high = (SHARE.bin_of(0.1) + 0.5) / 128, (SHARE.bin_of(0.9) + 0.5) / 128
    assert group.n == 10
    assert group.median_place == pytest.approx((10 * high + 10 * low) / 20)  # ten nurses against a weight of ten
    assert view.group(SHARE, ("role:nobody",)) is None
    partition.place("clerk", 0.5, segments=("role:clerk", ALL))
    partition.publish(view)
    clerks = view.group(SHARE, ("role:clerk", ALL))
    assert clerks is not None
    assert clerks.n == 111, "one clerk is no group of peers"
    assert view.group(AMOUNT, (ALL,)) is None


def test_histograms_are_published_once_a_minute_of_event_time_and_nothing_is_forgotten() -> None:
    partition = Partition(3)
    partition.clock.newest = 1_000.0
    partition.place("a", 0.2)
    first = published(partition.clock, partition.table.get)
    assert list(first) == [peer_key(3, "share", ALL)]
    partition.place("b", 0.2)
    partition.clock.newest = 1_059.0
    assert published(partition.clock, partition.table.get) == {}
    partition.clock.newest = 1_060.0
    (value,) = published(partition.clock, partition.table.get).values()
    assert value is not None
    assert msgspec.msgpack.decode(value, type=PeerCounts).bins == {SHARE.bin_of(0.2): 2}
    assert partition.clock.peers_pending == []


def test_of_few_peers_the_spread_decides_and_of_many_the_percentile() -> None:
    few, many, view = Partition(0), Partition(0), PeerView()
    for number in range(12):
        few.place(f"a{number}", 0.3 + number / 1280)
    few.place("odd", 0.9)
    few.publish(view)
    group = view.group(SHARE, (ALL,))
    assert group is not None
    assert group.is_beyond(0.9, 0.99, 3.0), "though it is itself the 99th percentile"
    assert not group.is_beyond(0.31, 0.99, 3.0)
    for number in range(200):
        many.place(f"b{number}", 0.3 if number < 190 else 0.9)
    many.publish(view)
    crowd = view.group(SHARE, (ALL,))
    assert crowd is not None
    assert not crowd.is_beyond(0.9, 0.99, 3.0), "one in twenty peers stands there"


def test_a_record_that_is_no_histogram_is_refused() -> None:
    view = PeerView()
    with pytest.raises(ValueError, match="no histogram"):
        view.receive("u1:somebody", b"")
    with pytest.raises(ValueError, match="no histogram"):
        view.receive(peer_key(0, "share", ALL), b"\xc1")


def test_a_partition_that_goes_takes_its_entities_along() -> None:
    one, other, view = Partition(0), Partition(1), PeerView()
    for number in range(10):
        one.place(f"a{number}", 0.3)
        other.place(f"b{number}", 0.7)
    one.publish(view)
    other.publish(view)
    view.receive(peer_key(1, "share", ALL), None)
    group = view.group(SHARE, (ALL,))
    assert group is not None
    assert group.n == 10
    assert math.isclose(group.median_place, (SHARE.bin_of(0.3) + 0.5) / 128)
