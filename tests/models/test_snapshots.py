"""Snapshots survive the way through bytes, and nothing else is taken for one."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from models.snapshots import array, integer, pack, real, require_equal, texts, unpack

arrays = st_numpy.arrays(
    dtype=st.sampled_from([np.float64, np.int64, np.uint32, np.bool_]),
    shape=st_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0),
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), arrays | plain, max_size=5))
def test_round_trip(snapshot: dict[str, Any]) -> None:
    back = unpack(pack(snapshot))
    assert back.keys() == snapshot.keys()
    for name, value in snapshot.items():
        got = back[name]
        if isinstance(value, np.ndarray):
            assert isinstance(got, np.ndarray)
            assert (got.dtype, got.shape, got.tobytes()) == (value.dtype, value.shape, value.tobytes())
        else:
            assert got == value


@settings(deadline=None)
@given(st.data())
def test_damaged_bytes_raise_value_error_or_nothing(data: st.DataObject) -> None:
    whole = bytearray(pack({"a": np.arange(5.0), "b": 1}))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        whole[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    try:
        unpack(bytes(whole[:cut]))
    except ValueError as error:
        assert "not a model snapshot" in str(error)


@pytest.mark.parametrize("flag", [0x01, 0x20])
def test_encrypted_and_patched_archives_are_not_snapshots(flag: int) -> None:
    """Flag bits 0 and 5 of a zip entry, at offset 8 of its central directory header (APPNOTE.TXT 4.3.12, 4.4.4)."""
    data = bytearray(pack({"a": np.arange(5.0)}))
    data[data.index(b"PK\x01\x02") + 8] |= flag
    with pytest.raises(ValueError, match="not a model snapshot"):
        unpack(bytes(data))


def test_pickles_are_neither_written_nor_read() -> None:
    with pytest.raises(TypeError, match="objects"):
        pack({"a": np.array([object()])})
    pickled = io.BytesIO()
    np.savez(pickled, np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="not a model snapshot"):
        unpack(pickled.getvalue())


def test_fields_are_checked() -> None:
    snapshot: dict[str, Any] = {"a": np.zeros((2, 3)), "n": 3, "yes": True, "minus": -1, "x": 0.5, "t": ["a", "b"]}
    assert array(snapshot, "a", np.float64, (2, None)).shape == (2, 3)
    assert (integer(snapshot, "n"), real(snapshot, "x"), texts(snapshot, "t")) == (3, 0.5, ["a", "b"])
    assert math.isclose(real(snapshot, "n"), 3.0)
    for wrong in (
        lambda: array(snapshot, "a", np.int64, (2, 3)),
        lambda: array(snapshot, "a", np.float64, (6,)),
        lambda: array(snapshot, "a", np.float64, (3, None)),
        lambda: array(snapshot, "n", np.float64, (1,)),
        lambda: integer(snapshot, "yes"),
        lambda: integer(snapshot, "minus"),
        lambda: integer(snapshot, "gone"),
        lambda: real(snapshot, "yes"),
        lambda: texts(snapshot, "x"),
        lambda: texts({"t": ["a", 1]}, "t"),
        lambda: require_equal(snapshot, {"n": 4}),
    ):
        with pytest.raises(ValueError, match="snapshot"):
            wrong()


def test_array_fields_are_copies() -> None:
    values = np.zeros(2)
    array({"a": values}, "a", np.float64, (2,))[0] = 1
    assert values.tolist() == [0, 0]
