"""A command line that is run in this process, on settings of its own."""

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.cli.app import run
from tests.emissions import Emitted

KEY = "0123456789abcdef" * 4


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


Wardwatch = Callable[..., Ran]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """What runs in this process sends all log lines its way; give pytest its own back."""
    root = logging.getLogger()
    handlers, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook)
    yield
    root.handlers[:], (sys.excepthook, threading.excepthook) = handlers, hooks
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.fixture
def wardwatch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], emitted: Emitted
) -> Wardwatch:
    """Run a command; settings are what the test sets, and the data folder is the test's own."""
    for name in [name for name in os.environ if name.startswith("WARDWATCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("COLUMNS", raising=False)  # pytest-xdist tells its workers how wide the screen is
    monkeypatch.setenv("WARDWATCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WARDWATCH_TOKEN_KEY", KEY)

    def ran(*words: str | Path, **settings: str | Path) -> Ran:
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(f"WARDWATCH_{name.upper()}", str(value))
            capsys.readouterr()
            code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        emitted.look("standard error of the command line", err)
        return Ran(code, out, err)

    return ran
