"""The demo, as a person starts it: an incident comes, and nothing is left behind however it ends."""

import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.monitor.cli.processes import environment, ports_in, started, wait_for


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The folder in which the demo makes its own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def end_of(process: subprocess.Popen[bytes], log: Path) -> tuple[int, str]:
    """Wait for a process's end; return its code and what it said."""
    code = process.wait(90)
    return code, log.read_text()


def test_the_demo_shows_an_incident_and_leaves_nothing_behind(place: Path, tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    variables = {**environment({"partitions": "not of the demo"}), "TMPDIR": str(place)}
    with started(["demo", "--until-incidents", "1", "--for", "120"], variables, log) as demo:
        code, said = end_of(demo, log)
    assert code == 0, said
    assert "SEV" in said
    assert "/incidents/INC-" in said
    assert said.rstrip().endswith("nothing is left of it.")
    assert list(place.iterdir()) == []
    assert len(ports_in(said)) >= 3
    assert [port for port in ports_in(said) if is_open(port)] == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_demo_cleanly(place: Path, tmp_path: Path, how: signal.Signals) -> None:
    log = tmp_path / "demo.log"
    with started(["demo"], {**environment({}), "TMPDIR": str(place)}, log) as demo:
        wait_for("the demo", lambda: "broker" in log.read_text() and "simulated time" in log.read_text(), log)
        (console,) = [line.split()[1] for line in log.read_text().splitlines() if line.startswith("console")]
        assert httpx.get(console, trust_env=False).status_code == 200
        demo.send_signal(how)
        code, said = end_of(demo, log)
    assert code == 0, said
    assert "Traceback" not in said
    assert list(place.iterdir()) == []
    assert [port for port in ports_in(said) if is_open(port)] == []


def test_a_demo_without_incidents_says_so(place: Path, tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    words = ["demo", "--until-incidents", "1000", "--for", "1"]
    with started(words, {**environment({}), "TMPDIR": str(place)}, log) as demo:
        code, said = end_of(demo, log)
    assert code == 1
    assert "incidents came in 1 s" in said
    assert list(place.iterdir()) == []
