"""Every command that the deployment files start exists."""

import json

import pytest
import typer

from monitor.cli.app import build_app
from tests.deploy.files import OURS, instructions, services


def is_command(words: list[str]) -> bool:
    """Return whether words name a command of the command line, by way of its groups."""
    command: object = typer.main.get_command(build_app())
    for word in words:
        children = getattr(command, "commands", {})
        if word not in children:
            return False
        command = children[word]
    return not hasattr(command, "commands")


@pytest.mark.parametrize("service", OURS)
def test_the_command_of_a_service_exists(service: str) -> None:
    assert is_command(services()[service]["command"])


def test_the_default_command_of_the_image_exists() -> None:
    (default,) = [json.loads(rest) for word, rest in instructions() if word == "CMD"]
    assert is_command(default)


def test_what_is_no_command_is_found() -> None:
    assert not is_command(["no-such-command"])
    assert not is_command(["config"])
    assert is_command(["config", "check"])
