"""The model store: a folder of signed models that can be loaded without executing anything that came with them.

    ROOT/NAME/VERSION/manifest.json       what it is (`models.manifest.Manifest`)
    ROOT/NAME/VERSION/manifest.json.sig   Ed25519 signature of that file
    ROOT/NAME/VERSION/weights.npz         plain arrays (`models.snapshots`); its SHA-256 is in the manifest
    ROOT/NAME/_current                    which version is in use: one line of JSON and one of signature

Order of a load: verify the signature of the manifest's bytes, read them, compare the name, version and file hashes,
rebuild the model, compare its scores of the probe rows. Whoever can write the folder but has no private key can
delete a model or put back an older signed `current`, and nothing else; promotions are therefore also in the audit
trail of who promotes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, TypeVar

import msgspec
import numpy as np

from models import snapshots
from models.manifest import Manifest, Name, Probe, is_plain_name, library_versions
from models.signing import is_signed, sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from models.api import Matrix, Scorer

PROBE_TOLERANCE = 1e-9
"""Largest difference of a probe's score: another libm may round an exponential differently, nothing more."""

_Struct = TypeVar("_Struct", bound=msgspec.Struct)

_MANIFEST, _SIGNATURE, _WEIGHTS, _CURRENT = "manifest.json", "manifest.json.sig", "weights.npz", "_current"
_FOR_MANIFEST, _FOR_CURRENT = "model manifest v1", "current model v1"


class ModelStoreError(Exception):
    """A model cannot be saved, promoted or loaded; the message names the file and says what to do."""


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a training: see the fields of the same names in `models.manifest.Manifest`."""

    features: Sequence[str]
    trained_from: str
    trained_until: str
    created_at: str
    metrics: Mapping[str, float]


class Promotion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version of a model is in use, since when (RFC 3339) and on whose word."""

    name: Name
    version: Name
    promoted_at: str
    promoted_by: str


class ModelStore:
    """Saves, lists, promotes and loads models that were trained once.

    Args:
        root: folder of the store; made when the first model is saved.
        kinds: class by kind, usually `models.KINDS`.
        public_key: verifies what is loaded.
        private_key: signs what is saved and promoted; not needed to load.
    """

    def __init__(
        self,
        root: Path,
        kinds: Mapping[str, type[Scorer]],
        public_key: Ed25519PublicKey,
        private_key: Ed25519PrivateKey | None = None,
    ) -> None:
        self._root = root
        self._kinds = kinds
        self._public_key = public_key
        self._private_key = private_key

    def save(self, name: str, version: str, model: Scorer, training: Training, probe_rows: Matrix) -> Manifest:
        """Write a model as a new version, whole or not at all.

        Args:
            name: what the model is for.
            version: must not exist yet.
            model: an instance of one of the kinds.
            training: what is known about it.
            probe_rows: shape (k, d), finite, k of at least 1; about ten ordinary and odd rows, never of real people:
                the manifest is readable.

        Raises:
            ModelStoreError: if the name or the probes will not do, the version exists, or there is no private key.
        """
        folder = self._folder(name, version)
        kind = next((kind for kind, cls in self._kinds.items() if type(model) is cls), None)
        if kind is None or len(training.features) != model.n_features:
            _fail(
                folder, "the model is of no known kind, or has not as many columns as features are named", "check both"
            )
        if not np.isfinite(list(training.metrics.values())).all():
            _fail(folder, "a metric is not a finite number", "leave it out")
        if probe_rows.shape[0] == 0 or not np.isfinite(probe_rows).all():
            _fail(folder, "probe rows are missing or not finite", "pass at least one row of finite numbers")
        weights = snapshots.pack(model.snapshot())
        scores = model.score(probe_rows)
        manifest = Manifest(
            name=name,
            version=version,
            kind=kind,
            features=list(training.features),
            trained_from=training.trained_from,
            trained_until=training.trained_until,
            created_at=training.created_at,
            metrics=dict(training.metrics),
            libraries=library_versions(),
            probes=[
                Probe(row=row, score=score) for row, score in zip(probe_rows.tolist(), scores.tolist(), strict=True)
            ],
            files={_WEIGHTS: hashlib.sha256(weights).hexdigest()},
        )
        text = msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"
        signature = sign(self._signing_key(folder), _FOR_MANIFEST, text).encode() + b"\n"
        self._publish(folder, {_WEIGHTS: weights, _MANIFEST: text, _SIGNATURE: signature})
        return manifest

    def versions(self, name: str) -> list[str]:
        """Versions of a model that are in the store, sorted; none of them is verified by this."""
        folder = self._folder(name)
        if not folder.is_dir():
            return []
        return sorted(each.name for each in folder.iterdir() if is_plain_name(each.name) and each.is_dir())

    def manifest(self, name: str, version: str) -> Manifest:
        """Read and verify the manifest of a version.

        Raises:
            ModelStoreError: if it is missing, not signed by the store's key, or of another model.
        """
        path = self._folder(name, version) / _MANIFEST
        text = _read(path)
        signature = _read(path.with_name(_SIGNATURE)).decode("ascii", errors="replace")
        if not is_signed(self._public_key, _FOR_MANIFEST, text, signature):
            _fail(path, "the signature is not that of the store's key", "restore the folder, or save the model again")
        manifest = _decode(path, text, Manifest)
        if (manifest.name, manifest.version) != (name, version):
            _fail(path, "it belongs to another model or version", "put the folder back where it was saved")
        return manifest

    def load(self, name: str, version: str) -> tuple[Scorer, Manifest]:
        """Verify and rebuild a version.

        Raises:
            ModelStoreError: if anything about it is not as it was saved, or it scores its probe rows differently.
        """
        manifest = self.manifest(name, version)
        path = self._folder(name, version) / _WEIGHTS
        data = _read(path)
        if hashlib.sha256(data).hexdigest() != manifest.files.get(_WEIGHTS):
            _fail(path, "the SHA-256 is not that of the manifest", "restore the file, or save the model again")
        if manifest.kind not in self._kinds:
            _fail(path, f"models of kind {manifest.kind!r} are not known here", "update this program")
        try:
            model = self._kinds[manifest.kind].restore(snapshots.unpack(data))
        except ValueError as error:
            message = f"{path}: {error}; save the model again"
            raise ModelStoreError(message) from error
        if model.n_features != len(manifest.features):
            _fail(path, "it has another number of columns than the manifest names", "save the model again")
        self._compare_probes(path, model, manifest)
        return model, manifest

    def promote(self, name: str, version: str, *, at: str, by: str) -> Promotion:
        """Make a version the current one, after loading it once to be sure that it loads.

        Args:
            name: which model.
            version: which version of it.
            at: instant of the promotion, RFC 3339.
            by: who promotes, a work name.

        Raises:
            ModelStoreError: if the version does not load, or there is no private key.
        """
        path = self._folder(name) / _CURRENT
        key = self._signing_key(path)
        self.load(name, version)
        promotion = Promotion(name=name, version=version, promoted_at=at, promoted_by=by)
        line = msgspec.json.encode(promotion)
        fresh = path.with_name(f".incoming-{secrets.token_hex(8)}")
        with _writing(path):
            _write(fresh, line + b"\n" + sign(key, _FOR_CURRENT, line).encode() + b"\n")
            fresh.replace(path)
            _sync_folder(path.parent)
        return promotion

    def current(self, name: str) -> Promotion | None:
        """Which version is in use; None if none was ever promoted.

        Raises:
            ModelStoreError: if the pointer is not signed by the store's key or is that of another model.
        """
        path = self._folder(name) / _CURRENT
        if not path.exists():
            return None
        line, _, signature = _read(path).partition(b"\n")
        if not is_signed(self._public_key, _FOR_CURRENT, line, signature.decode("ascii", errors="replace")):
            _fail(path, "the signature is not that of the store's key", "promote a version again")
        promotion = _decode(path, line, Promotion)
        if promotion.name != name:
            _fail(path, "it belongs to another model", "promote a version again")
        return promotion

    def _folder(self, *parts: str) -> Path:
        for part in parts:
            if not is_plain_name(part):
                _fail(self._root, f"{part!r} cannot name a model or a version", "use a-z, 0-9, '.', '_' and '-'")
        return self._root.joinpath(*parts)

    def _signing_key(self, path: Path) -> Ed25519PrivateKey:
        if self._private_key is None:
            _fail(path, "this store was opened without a private key", "open it with one to save or promote")
        return self._private_key

    def _publish(self, folder: Path, files: Mapping[str, bytes]) -> None:
        """Write the files into a hidden folder beside the final one, then rename it: readers see all or nothing."""
        if folder.exists():
            _fail(folder, "this version exists", "choose another version; models are never overwritten")
        incoming = folder.with_name(f".incoming-{secrets.token_hex(8)}")
        try:
            with _writing(folder):
                incoming.mkdir(parents=True)
                for name, content in files.items():
                    _write(incoming / name, content)
                _sync_folder(incoming)
                incoming.rename(folder)
                _sync_folder(folder.parent)
        finally:
            shutil.rmtree(incoming, ignore_errors=True)

    def _compare_probes(self, path: Path, model: Scorer, manifest: Manifest) -> None:
        try:
            scores = model.score(np.array([probe.row for probe in manifest.probes], dtype=np.float64))
        except ValueError as error:
            message = f"{path}: the probe rows cannot be scored ({error}); save the model again"
            raise ModelStoreError(message) from error
        difference = np.abs(scores - [probe.score for probe in manifest.probes]).max(initial=0.0)
        if not difference <= PROBE_TOLERANCE:
            advice = f"train again with these libraries, or run with {manifest.libraries}"
            _fail(path, f"probe rows score differently here, by up to {difference:.3g}", advice)


def _fail(path: Path, problem: str, advice: str) -> NoReturn:
    message = f"{path}: {problem}; {advice}"
    raise ModelStoreError(message)


def _decode(path: Path, text: bytes, kind: type[_Struct]) -> _Struct:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        message = f"{path}: {error}; it was written by another version of this program"
        raise ModelStoreError(message) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); check the model's name and version, or save it again"
        raise ModelStoreError(message) from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror}); check the disk and the rights, then do it again"
        raise ModelStoreError(message) from error


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
