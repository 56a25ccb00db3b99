"""Partitions are those that every Kafka client would choose."""

import aiokafka.partitioner  # type: ignore[import-untyped]  # has no py.typed
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.partition import murmur2, partition_of

# From Apache Kafka's own test, clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2.
KAFKA_CASES = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize(("key", "signed"), KAFKA_CASES.items())
def test_hashes_are_those_of_apache_kafkas_own_test(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed % 2**32


@given(st.binary(max_size=200))
def test_hashes_are_those_of_the_python_client(key: bytes) -> None:
    assert murmur2(key) == aiokafka.partitioner.murmur2(key)


@given(st.text(max_size=60), st.integers(1, 64))
def test_partitions_are_those_of_the_python_clients_partitioner(ref: str, partitions: int) -> None:
    everywhere = list(range(partitions))
    chosen = aiokafka.partitioner.DefaultPartitioner()(ref.encode(), everywhere, everywhere)
    assert partition_of(ref, partitions) == chosen
