"""How deep JSON nests, against a count over the decoded value."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.events.nesting import nests_deeper

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

TEXTS = st.text(st.sampled_from('[]{}"\\'), max_size=4)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def depth(value: Json) -> int:
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 0


@settings(max_examples=400)
@given(VALUES, st.integers(0, 8))
def test_the_depth_is_that_of_the_value(value: Json, most: int) -> None:
    assert nests_deeper(json.dumps(value).encode(), most) is (depth(value) > most)


@pytest.mark.parametrize(
    ("payload", "deeper"),
    [
        (b"[" * 33 + b"]" * 33, True),
        (b"[" * 32 + b"]" * 32, False),
        (b"[],[]," * 50, False),
        (b"[" * 99, True),
        (b"[[" * 3_000 + b"]]" * 3_000, True),
        (b"[" + b"[]," * 5_000 + b"[]]", False),
    ],
)
def test_edges(payload: bytes, deeper: bool) -> None:
    assert nests_deeper(payload, 32) is deeper


def test_brackets_in_texts_hide_nothing() -> None:
    hidden = b'["]",' * 40 + b"[" * 40 + b"]" * 40 + b',"[[[["]' * 40
    json.loads(hidden)
    assert nests_deeper(hidden, 79)
    assert not nests_deeper(hidden, 80)
    assert not nests_deeper(json.dumps(['\\"[[[[', "\\", "[[[[", 'x"[', "]]"]).encode(), 1)
    assert not nests_deeper(b'["' + b"[" * 9_000 + b'"]', 1)
