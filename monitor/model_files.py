"""Where trained models are kept, and with which keys they are signed and verified."""

from collections.abc import Mapping
from pathlib import Path

from detectors.visit import StageName
from models import KINDS
from models.api import Scorer
from models.manifest import Manifest
from models.store import ModelStore, ModelStoreError
from monitor.failure import Failure
from monitor.settings import Settings
from monitor.signing_keys import private_key, public_key

MADE_BY = "wardwatch models keygen"

MODELS: Mapping[str, StageName] = {"user-stage": "user"}
"""Model that is loaded, and the stage that it scores for."""


TrainedModels = Mapping[str, tuple[Scorer, Manifest]]
"""Name of a model to the model and what its manifest says."""


def open_store(settings: Settings, signing_key: Path | None = None) -> ModelStore:
    """Open the model store, for saving and promoting with the private key.

    Raises:
        Failure: where a key is missing or is not one.
    """
    if settings.model_public_key is None:
        raise Failure("WARDWATCH_MODEL_PUBLIC_KEY is not set; make a pair of keys with `wardwatch models keygen`")
    public = public_key(settings.model_public_key, MADE_BY)
    return ModelStore(settings.models, KINDS, public, private_key(signing_key, MADE_BY) if signing_key else None)


def current_models(settings: Settings) -> TrainedModels:
    """Return the promoted models, verified, by name; none where there is no public key.

    Raises:
        Failure: where a promoted model is not as it was saved.
    """
    if settings.model_public_key is None:
        return {}
    store = open_store(settings)
    try:
        promotions = {name: store.current(name) for name in MODELS}
        return {name: store.load(name, promotion.version) for name, promotion in promotions.items() if promotion}
    except ModelStoreError as error:
        raise Failure(str(error)) from None
