"""Snapshots as bytes, and their fields read back with their types checked.

The bytes are a NumPy archive (npz) without pickled objects: loading one cannot run code. JSON values travel in
one member of the archive, as UTF-8 text. Numbers come back to the last bit (NaN and infinities included).
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from models.api import Plain, Snapshot

_PLAIN_MEMBER = "plain.json"
_READ_ERRORS = (
    *(ValueError, KeyError, TypeError, OSError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error),
    RuntimeError,  # zipfile's word for encrypted and for unknown compression; RecursionError of deep JSON is one too
)


def pack(snapshot: Snapshot) -> bytes:
    """Write a snapshot as bytes.

    Raises:
        TypeError: if a value is neither an array of numbers nor a JSON value.
    """
    arrays = {name: value for name, value in snapshot.items() if isinstance(value, np.ndarray)}
    plain = {name: value for name, value in snapshot.items() if not isinstance(value, np.ndarray)}
    for name, array in arrays.items():
        if array.dtype.hasobject:
            message = f"snapshot field {name!r} is an array of objects"
            raise TypeError(message)
    text = np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{_PLAIN_MEMBER: text, **arrays})
    return buffer.getvalue()


def unpack(data: bytes) -> Snapshot:
    """Read what `pack` wrote.

    Raises:
        ValueError: if the bytes are anything else.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            members = {name: archive[name] for name in archive.files}
        plain = json.loads(members.pop(_PLAIN_MEMBER).tobytes())
        return {**members, **plain}
    except _READ_ERRORS as error:
        message = f"these bytes are not a model snapshot ({type(error).__name__})"
        raise ValueError(message) from error


def array(snapshot: Snapshot, name: str, dtype: npt.DTypeLike, shape: tuple[int | None, ...]) -> npt.NDArray[Any]:
    """Copy an array field out, requiring its element type and shape (None = any length on that axis).

    Raises:
        ValueError: if the field is missing or is something else.
    """
    value = snapshot.get(name)
    if not isinstance(value, np.ndarray) or value.dtype != np.dtype(dtype) or value.ndim != len(shape):
        message = f"snapshot field {name!r} must be an array of {np.dtype(dtype)} with {len(shape)} axes"
        raise ValueError(message)
    if any(want not in (None, have) for want, have in zip(shape, value.shape, strict=True)):
        message = f"snapshot field {name!r} has shape {value.shape}, expected {shape}"
        raise ValueError(message)
    return value.copy()


def integer(snapshot: Snapshot, name: str) -> int:
    """Read a field that must hold a whole number, not negative.

    Raises:
        ValueError: if it does not.
    """
    value = snapshot.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        message = f"snapshot field {name!r} must be a whole number of at least 0"
        raise ValueError(message)
    return value


def real(snapshot: Snapshot, name: str) -> float:
    """Read a field that must hold a number.

    Raises:
        ValueError: if it does not.
    """
    value = snapshot.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        message = f"snapshot field {name!r} must be a number"
        raise ValueError(message)
    return float(value)


def texts(snapshot: Snapshot, name: str) -> list[str]:
    """Read a field that must hold a list of texts.

    Raises:
        ValueError: if it does not.
    """
    value = snapshot.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        message = f"snapshot field {name!r} must be a list of texts"
        raise ValueError(message)
    return cast("list[str]", value)


def require_equal(snapshot: Snapshot, expected: dict[str, Plain]) -> None:
    """Refuse a snapshot of a model that was built with other parameters.

    Raises:
        ValueError: naming the first parameter that differs.
    """
    for name, value in expected.items():
        if snapshot.get(name) != value:
            message = f"the snapshot was taken with another {name}: {snapshot.get(name)!r}, this model has {value!r}"
            raise ValueError(message)
