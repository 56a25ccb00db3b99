"""A worker without its key is told where the one is that commands of this machine use: another makes strangers."""

from pathlib import Path

import pytest

from monitor.failure import Failure
from monitor.keys import local_keys, required_keys
from monitor.settings import load


def test_a_worker_is_told_of_the_key_that_is_there(tmp_path: Path) -> None:
    settings = load(environment={"WARDWATCH_DATA_DIR": str(tmp_path)})
    with pytest.raises(Failure, match="make one with `openssl rand -hex 32`"):
        required_keys(settings)
    local = local_keys(settings)
    with pytest.raises(Failure, match=r"set WARDWATCH_TOKEN_KEY_FILE=.*token\.key, or its tokens will be strangers"):
        required_keys(settings)
    named = load(environment={"WARDWATCH_TOKEN_KEY_FILE": str(tmp_path / "token.key")})
    assert required_keys(named).live == local.live
