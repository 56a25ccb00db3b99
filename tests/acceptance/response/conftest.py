"""A script on an empty store, an SQLite in memory: a story has one thread and many transactions."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from alerting.policy import Policy
from alerting.store import Store, create_schema, open_engine
from tests.acceptance.response.script import Script


@pytest.fixture
def scripts() -> Iterator[Callable[..., Script]]:
    """Make the script of a story: `scripts(policy, start=…, workers=2, channels={…})`."""
    engine = open_engine("sqlite://")
    create_schema(engine)

    def make(policy: Policy, **options: Any) -> Script:
        options.setdefault("channels", {})
        return Script(store=Store(engine), policy=policy, **options)

    yield make
    engine.dispose()
