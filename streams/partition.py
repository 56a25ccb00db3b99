"""Which partition an entity lives in: `murmur2(ref) mod n`, the same in every worker and in replay (design.md §2)."""

import struct
from functools import lru_cache

_SEED = 0x9747B28C
_MULTIPLIER = 0x5BD1E995
_WORD = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF

REMEMBERED_REFS = 1 << 17
"""Partitions kept in memory: the active entities of one worker, about 20 MB at 150 bytes each."""


def murmur2(data: bytes) -> int:
    """Return Kafka's 32-bit hash of a key, as an unsigned number.

    Source: `org.apache.kafka.common.utils.Utils.murmur2`, which every Kafka client's default partitioner uses.
    """
    length = len(data)
    whole = length & ~3
    hashed = _SEED ^ length
    for (word,) in struct.iter_unpack("<I", memoryview(data)[:whole]):
        mixed = word * _MULTIPLIER & _WORD
        mixed = (mixed ^ mixed >> 24) * _MULTIPLIER & _WORD
        hashed = (hashed * _MULTIPLIER & _WORD) ^ mixed
    if length != whole:
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _WORD
    hashed = (hashed ^ hashed >> 13) * _MULTIPLIER & _WORD
    return hashed ^ hashed >> 15


@lru_cache(maxsize=REMEMBERED_REFS)
def partition_of(ref: str, partitions: int) -> int:
    """Return the partition, from 0 to `partitions` - 1, of the entity named by `ref`."""
    return (murmur2(ref.encode()) & _POSITIVE) % partitions
