"""The manifest of a stored model: what it is, what it was trained on, and how to tell that it still is that model."""

from __future__ import annotations

import platform
import re
from importlib import metadata
from typing import Annotated

import msgspec

PLAIN_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
"""Names and versions become folder names, so nothing that could leave a folder is allowed."""

_LIBRARIES = ("numba", "numpy", "scikit-learn")

Name = Annotated[str, msgspec.Meta(pattern=PLAIN_NAME)]


class Probe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row and the score that the model gave it when it was saved."""

    row: list[float]
    score: float


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `manifest.json` holds.

    Attributes:
        name: what the model is for, for example `user-stage`.
        version: one training of it.
        kind: its class, a key of `models.KINDS`.
        features: the meaning of its columns, in order.
        trained_from: first instant of the training data, RFC 3339.
        trained_until: last instant of the training data, RFC 3339.
        created_at: when it was saved, RFC 3339.
        metrics: what was measured on it, by name.
        libraries: versions that it was trained with.
        probes: rows with their scores, recomputed at every load.
        files: SHA-256 of every other file of the folder, in hexadecimal, by name.
    """

    name: Name
    version: Name
    kind: str
    features: list[str]
    trained_from: str
    trained_until: str
    created_at: str
    metrics: dict[str, float]
    libraries: dict[str, str]
    probes: list[Probe]
    files: dict[str, str]


def is_plain_name(text: str) -> bool:
    """Tell whether a text may be a model's name or version."""
    return re.fullmatch(PLAIN_NAME, text) is not None


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that decide what a model computes."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in _LIBRARIES}}
