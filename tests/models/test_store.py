"""The model store: what was saved comes back, and nothing else does."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from models import BATCH, KINDS, VERDICT_BATCH
from models.isolation_forest import FlatForest
from models.manifest import library_versions
from models.signing import generate_keys, read_private_key, read_public_key, sign, write_keys
from models.snapshots import pack
from models.store import ModelStore, ModelStoreError, Promotion, Training

PRIVATE_PEM, PUBLIC_PEM = generate_keys()
PRIVATE, PUBLIC = read_private_key(PRIVATE_PEM), read_public_key(PUBLIC_PEM)
TRAINING = Training(
    features=["records_opened", "hour"],
    trained_from="2026-01-01T00:00:00Z",
    trained_until="2026-02-01T00:00:00Z",
    created_at="2026-02-02T03:04:05Z",
    metrics={"average_precision": 0.25},
)
ROWS = np.random.default_rng(0).random((300, 2))
PROBES = ROWS[:10]
FOREST = FlatForest.train(ROWS, seed=1, n_trees=20)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with one model, `user-stage` 1."""
    store = ModelStore(tmp_path / "models", BATCH, PUBLIC, PRIVATE)
    store.save("user-stage", "1", FOREST, TRAINING, PROBES)
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where that model is."""
    return tmp_path / "models" / "user-stage" / "1"


def reader(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", BATCH, PUBLIC)


def test_loads_what_was_saved(store: ModelStore, tmp_path: Path) -> None:
    model, manifest = reader(tmp_path).load("user-stage", "1")
    assert model.score(ROWS).tolist() == FOREST.score(ROWS).tolist()
    assert manifest == store.manifest("user-stage", "1")
    assert (manifest.kind, manifest.features) == ("isolation_forest", ["records_opened", "hour"])
    assert manifest.trained_until == "2026-02-01T00:00:00Z"
    assert manifest.metrics == {"average_precision": 0.25}
    assert manifest.libraries == library_versions()
    assert [probe.row for probe in manifest.probes] == PROBES.tolist()


def test_keeps_models_of_verdicts(tmp_path: Path) -> None:
    boosting = VERDICT_BATCH["gradient_boosting"].train(
        ROWS, (ROWS[:, 0] > np.median(ROWS[:, 0])).astype(float), seed=1
    )
    both = ModelStore(tmp_path / "models", KINDS, PUBLIC, PRIVATE)
    both.save("user-verdicts", "1", boosting, TRAINING, PROBES)
    model, manifest = both.load("user-verdicts", "1")
    assert manifest.kind == "gradient_boosting"
    assert model.score(ROWS).tolist() == boosting.score(ROWS).tolist()
    with pytest.raises(ModelStoreError, match="gradient_boosting"):
        reader(tmp_path).load("user-verdicts", "1")


def test_folder_holds_the_three_files_and_nothing_is_left_over(store: ModelStore, folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "manifest.json.sig", "weights.npz"]
    store.promote("user-stage", "1", at="2026-02-03T00:00:00Z", by="Ann")
    assert sorted(path.name for path in folder.parent.iterdir()) == ["1", "_current"]


def test_versions_are_listed_and_never_overwritten(store: ModelStore, folder: Path) -> None:
    store.save("user-stage", "2026.02.02-a", FOREST, TRAINING, PROBES)
    (folder.parent / ".incoming-half").mkdir()
    assert store.versions("user-stage") == ["1", "2026.02.02-a"]
    assert store.versions("other") == []
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(ModelStoreError, match="this version exists"):
        store.save("user-stage", "1", FOREST, TRAINING, PROBES)
    assert (folder / "manifest.json").read_bytes() == before


def test_promotion_points_at_a_version(store: ModelStore, tmp_path: Path) -> None:
    store.save("user-stage", "2", FOREST, TRAINING, PROBES)
    assert store.current("user-stage") is None
    store.promote("user-stage", "2", at="2026-02-03T00:00:00Z", by="Ann")
    store.promote("user-stage", "1", at="2026-02-04T00:00:00Z", by="Bo")
    expected = Promotion(name="user-stage", version="1", promoted_at="2026-02-04T00:00:00Z", promoted_by="Bo")
    assert reader(tmp_path).current("user-stage") == expected


def test_only_what_loads_is_promoted(store: ModelStore, folder: Path) -> None:
    (folder / "weights.npz").write_bytes(b"")
    for version in ("1", "2"):
        with pytest.raises(ModelStoreError):
            store.promote("user-stage", version, at="2026-02-03T00:00:00Z", by="Ann")
    assert store.current("user-stage") is None


def flip(path: Path, place: int = 40) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def sign_again(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change the manifest and sign it with the right key: what only a mistake of ours could produce."""
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    text = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(text)
    (folder / "manifest.json.sig").write_text(sign(PRIVATE, "model manifest v1", text))


def weights_of(folder: Path, data: bytes) -> None:
    (folder / "weights.npz").write_bytes(data)
    sign_again(folder, lambda manifest: manifest.update(files={"weights.npz": hashlib.sha256(data).hexdigest()}))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "weights changed": (lambda folder: flip(folder / "weights.npz"), "weights.npz: the SHA-256"),
    "manifest changed": (lambda folder: flip(folder / "manifest.json"), "manifest.json: the signature"),
    "signature changed": (lambda folder: flip(folder / "manifest.json.sig"), "manifest.json: the signature"),
    "signature not text": (
        lambda folder: (folder / "manifest.json.sig").write_bytes(b"\xff\x00"),
        "manifest.json: the signature",
    ),
    "weights gone": (lambda folder: (folder / "weights.npz").unlink(), "weights.npz: cannot be read"),
    "manifest gone": (lambda folder: (folder / "manifest.json").unlink(), "manifest.json: cannot be read"),
    "signature gone": (lambda folder: (folder / "manifest.json.sig").unlink(), "manifest.json.sig: cannot be read"),
    "signed with another key": (
        lambda folder: (folder / "manifest.json.sig").write_text(
            sign(read_private_key(generate_keys()[0]), "model manifest v1", (folder / "manifest.json").read_bytes())
        ),
        "manifest.json: the signature",
    ),
    "signed for another purpose": (
        lambda folder: (folder / "manifest.json.sig").write_text(
            sign(PRIVATE, "current model v1", (folder / "manifest.json").read_bytes())
        ),
        "manifest.json: the signature",
    ),
    "another model's": (
        lambda folder: sign_again(folder, lambda manifest: manifest.update(name="other")),
        "manifest.json: it belongs to another model",
    ),
    "unknown field": (
        lambda folder: sign_again(folder, lambda manifest: manifest.update(extra=1)),
        "written by another version",
    ),
    "no hash of the weights": (
        lambda folder: sign_again(folder, lambda manifest: manifest.update(files={})),
        "weights.npz: the SHA-256",
    ),
    "unknown kind": (
        lambda folder: sign_again(folder, lambda manifest: manifest.update(kind="oracle")),
        "kind 'oracle' are not known here",
    ),
    "probe scores differently": (
        lambda folder: sign_again(
            folder, lambda manifest: manifest.update(probes=[{"row": [0.5, 0.5], "score": 0.123}])
        ),
        "probe rows score differently here",
    ),
    "probe of another width": (
        lambda folder: sign_again(folder, lambda manifest: manifest.update(probes=[{"row": [0.5], "score": 0.5}])),
        "probe rows cannot be scored",
    ),
    "no probes": (
        lambda folder: sign_again(folder, lambda manifest: manifest.update(probes=[])),
        "probe rows cannot be scored",
    ),
    "other features": (
        lambda folder: sign_again(folder, lambda manifest: manifest.update(features=["one"])),
        "another number of columns",
    ),
    "weights of something else": (lambda folder: weights_of(folder, b"GIF89a"), "not a model snapshot"),
    "weights of another model": (lambda folder: weights_of(folder, pack({"a": 1})), "path_length"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_refused(store: ModelStore, folder: Path, damage: Callable[[Path], object], message: str) -> None:
    store.load("user-stage", "1")
    damage(folder)
    with pytest.raises(ModelStoreError, match=message) as caught:
        store.load("user-stage", "1")
    assert str(folder) in str(caught.value)
    assert ";" in str(caught.value)  # what is wrong; what to do


def test_a_version_moved_to_another_place_is_refused(store: ModelStore, folder: Path) -> None:
    shutil.copytree(folder, folder.with_name("2"))
    with pytest.raises(ModelStoreError, match="belongs to another"):
        store.load("user-stage", "2")


def test_pointer_is_verified(store: ModelStore, folder: Path) -> None:
    store.save("other", "1", FOREST, TRAINING, PROBES)
    store.promote("user-stage", "1", at="2026-02-03T00:00:00Z", by="Ann")
    pointer = folder.parent / "_current"
    shutil.copy(pointer, folder.parent.parent / "other" / "_current")
    with pytest.raises(ModelStoreError, match="_current: it belongs to another model"):
        store.current("other")
    flip(pointer, place=5)
    with pytest.raises(ModelStoreError, match="_current: the signature"):
        store.current("user-stage")


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "_current", ".hidden", "a\n", "a" * 65, "ä"])
def test_names_cannot_leave_the_store(store: ModelStore, name: str) -> None:
    for attempt in (
        lambda: store.load(name, "1"),
        lambda: store.load("user-stage", name),
        lambda: store.versions(name),
        lambda: store.current(name),
        lambda: store.save("user-stage", name, FOREST, TRAINING, PROBES),
    ):
        with pytest.raises(ModelStoreError, match="cannot name"):
            attempt()


def test_saving_and_promoting_need_the_private_key(store: ModelStore, tmp_path: Path) -> None:
    without = reader(tmp_path)
    with pytest.raises(ModelStoreError, match="without a private key"):
        without.save("user-stage", "2", FOREST, TRAINING, PROBES)
    with pytest.raises(ModelStoreError, match="without a private key"):
        without.promote("user-stage", "1", at="2026-02-03T00:00:00Z", by="Ann")
    assert store.versions("user-stage") == ["1"]


def test_what_cannot_be_verified_later_is_not_saved(store: ModelStore) -> None:
    def training(**changes: object) -> Training:
        fields = {name: getattr(TRAINING, name) for name in TRAINING.__struct_fields__}
        return Training(**{**fields, **changes})

    for model, known, probes, message in (
        (FOREST, TRAINING, PROBES[:0], "probe rows"),
        (FOREST, TRAINING, np.full((1, 2), np.nan), "probe rows"),
        (FOREST, training(features=["one"]), PROBES, "as many columns"),
        (FOREST, training(metrics={"recall": float("nan")}), PROBES, "metric"),
    ):
        with pytest.raises(ModelStoreError, match=message):
            store.save("user-stage", "2", model, known, probes)
    with pytest.raises(ModelStoreError, match="no known kind"):
        ModelStore(Path("unused"), {}, PUBLIC, PRIVATE).save("user-stage", "2", FOREST, TRAINING, PROBES)
    assert store.versions("user-stage") == ["1"]


def test_a_place_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ModelStoreError, match="cannot be written"):
        ModelStore(tmp_path / "models", BATCH, PUBLIC, PRIVATE).save("user-stage", "1", FOREST, TRAINING, PROBES)


def test_keys_are_written_once_and_for_the_owner(tmp_path: Path) -> None:
    private, public = tmp_path / "signing.pem", tmp_path / "verify.pem"
    write_keys(private, public)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    key = read_private_key(private.read_bytes())
    assert read_public_key(public.read_bytes()) == key.public_key()
    with pytest.raises(FileExistsError):
        write_keys(private, tmp_path / "new.pem")
    with pytest.raises(FileExistsError):
        write_keys(tmp_path / "new.pem", public)
    assert sorted(tmp_path.iterdir()) == [private, public]


def test_only_ed25519_keys_are_read() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    with pytest.raises(ValueError, match="not an Ed25519"):
        read_private_key(other.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    with pytest.raises(ValueError, match="not an Ed25519"):
        read_public_key(other.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(ValueError, match="encrypted"):
        read_private_key(PRIVATE.private_bytes(pem, pkcs8, serialization.BestAvailableEncryption(b"secret")))
