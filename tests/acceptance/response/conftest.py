"""A script on an empty store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from alerting.policy import Policy
from alerting.store import Store, create_schema, open_engine
from tests.acceptance.response.script import Script


@pytest.fixture
def scripts(tmp_path: Path) -> Iterator[Callable[..., Script]]:
    """Make the script of a story: `scripts(policy, start=…, workers=2, channels={…})`."""
    engine = open_engine(f"sqlite:///{tmp_path / 'story.sqlite'}")
    create_schema(engine)

    def make(policy: Policy, **options: Any) -> Script:
        options.setdefault("channels", {})
        return Script(store=Store(engine), policy=policy, **options)

    yield make
    engine.dispose()
