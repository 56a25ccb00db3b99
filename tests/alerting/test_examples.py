"""The examples in the docstrings of this package."""

import doctest
import importlib
import pkgutil

import pytest

import alerting

MODULES = sorted(module.name for module in pkgutil.walk_packages(alerting.__path__, "alerting."))


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
