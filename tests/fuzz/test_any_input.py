"""Hypothesis over the table of targets: any bytes, and valid samples damaged."""

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import MUTATIONS, mutated
from tests.fuzz.properties import check
from tests.fuzz.targets import TARGETS

SIZES = st.lists(st.sampled_from([1, 2, 3, 7, 100, 4000]), min_size=1, max_size=3)
SLOW = frozenset({"presets", "mapping", "rules", "rule_tests", "workbook"})
"""Targets that take milliseconds for an input: they get fewer."""


def examples(name: str) -> int:
    return 25 if name in SLOW else 70


@pytest.mark.parametrize("name", TARGETS)
def test_valid_samples_are_read_whole_or_in_pieces(name: str) -> None:
    for sample in TARGETS[name].samples:
        check(name, sample, [1] if len(sample) < 5_000 else [997])


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_samples(name: str) -> None:
    target = TARGETS[name]

    @settings(max_examples=examples(name), deadline=None)
    @given(
        st.sampled_from(target.samples),
        st.lists(st.sampled_from(list(MUTATIONS)), min_size=1, max_size=6),
        st.integers(0, 2**32),
        SIZES,
    )
    def damaged(sample: bytes, names: list[str], seed: int, sizes: list[int]) -> None:
        check(name, mutated(sample, Random(seed), target.syntax, names), sizes)

    damaged()


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes(name: str) -> None:
    target = TARGETS[name]
    piece = st.binary(max_size=12) | st.sampled_from([*target.syntax, *(sample[:40] for sample in target.samples)])

    @settings(max_examples=examples(name), deadline=None)
    @given(st.lists(piece, max_size=12).map(b"".join), SIZES)
    @example(b"", [1])
    @example(b"\xef\xbb\xbf", [1])
    @example(b"\xff\xfe", [1])
    @example(b"\x1f\x8b", [1])
    @example(b"PK\x03\x04", [2])
    def any_bytes(content: bytes, sizes: list[int]) -> None:
        check(name, content, sizes)

    any_bytes()
