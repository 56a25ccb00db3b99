"""Fixtures of the acceptance tests: reference data, databases, and deployments on a broker."""

from pathlib import Path

import pytest

from tests.acceptance.world import DATA


@pytest.fixture(scope="module")
def reference_data() -> Path:
    """The folder of public reference data; its tests are skipped where it is absent."""
    if not DATA.is_dir():
        pytest.skip("the public reference data are not here: ../shared/data is no folder")
    return DATA


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: PostgreSQL, and where it is missing and not required, SQLite."""
    fixture = "postgres_url"
    try:
        url: str = request.getfixturevalue(fixture)
    except pytest.skip.Exception:
        url = request.getfixturevalue("sqlite_url")
    return url
