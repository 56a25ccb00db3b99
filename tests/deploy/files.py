"""The deployment files, read as the programs read them that they are for."""

import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
OURS = ("topics", "worker", "archive", "console", "hooks")
SECRETS = Path("/run/secrets")

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<default>:-(?P<value>[^}]*))?\}")


def interpolated(text: str, variables: dict[str, str]) -> str:
    """Fill in ``${NAME}`` and ``${NAME:-default}`` as compose does; KeyError for a name that has neither."""

    def value(found: re.Match[str]) -> str:
        given = variables.get(found["name"], "")
        return given if given or not found["default"] else found["value"]

    missing = {found["name"] for found in _VARIABLE.finditer(text) if not found["default"]} - variables.keys()
    if missing:
        raise KeyError(*missing)
    return _VARIABLE.sub(value, text)


@cache
def compose() -> dict[str, Any]:
    """Return docker-compose.yml as compose sees it where no variable is set."""
    read: dict[str, Any] = _filled_in(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))
    return {key: value for key, value in read.items() if not key.startswith("x-")}


def _filled_in(node: Any) -> Any:
    """Interpolate the strings of a parsed file; the values stay strings, as in compose."""
    if isinstance(node, dict):
        return {key: _filled_in(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled_in(value) for value in node]
    return interpolated(node, {}) if isinstance(node, str) else node


def services() -> dict[str, Any]:
    """Return the services of docker-compose.yml by name."""
    found: dict[str, Any] = compose()["services"]
    return found


def settings_of(service: str) -> dict[str, str]:
    """Return the WARDWATCH_ variables that a service of ours starts with: the image's and then its own."""
    own: dict[str, str] = services()[service]["environment"]
    return image_environment() | own


def published_ports(service: str) -> list[tuple[str, int, int]]:
    """Return (address, host port, container port) of each published port of a service."""
    parts = [str(port).rsplit(":", 2) for port in services()[service].get("ports", [])]
    return [(address, int(outer), int(inner)) for address, outer, inner in parts]


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions, each as its word and its arguments on one line."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def image_environment() -> dict[str, str]:
    """Return the WARDWATCH_ variables that the image sets."""
    assignments = [pair.partition("=") for word, rest in instructions() if word == "ENV" for pair in rest.split()]
    return {name: value for name, _, value in assignments if name.startswith("WARDWATCH_")}


def yaml_file(path: str) -> dict[str, Any]:
    """Return a YAML file of the repository."""
    read: dict[str, Any] = yaml.safe_load((ROOT / path).read_text())
    return read


def json_file(path: str) -> dict[str, Any]:
    """Return a JSON file of the repository."""
    read: dict[str, Any] = json.loads((ROOT / path).read_text())
    return read


def make_secrets(folder: Path) -> str:
    """Run deploy/make-secrets for a folder and return what it prints."""
    ran = subprocess.run(
        [str(ROOT / "deploy/make-secrets"), str(folder)],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout
