"""kafka-python, which is used for what aiokafka cannot do: creating topics and reading their settings."""

import importlib
import warnings
from types import ModuleType


def module(name: str) -> ModuleType:
    """Import a module of kafka-python, without its warnings about its own use of importlib.resources."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module(name)
