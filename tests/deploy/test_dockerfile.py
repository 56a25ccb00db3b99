"""The Dockerfile names only what exists and builds what pyproject.toml describes."""

import ast
import json
import tomllib

from packaging.specifiers import SpecifierSet

from monitor.settings import Settings, load
from tests.deploy.files import OURS, ROOT, image_environment, instructions, services

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = {pattern.rstrip("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}


def rest_of(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def copied() -> list[str]:
    """Return the paths of the repository that the image is built from."""
    return [path for rest in rest_of("COPY") if "--from" not in rest for path in rest.split()[:-1]]


def test_every_copied_path_exists_and_reaches_the_build() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert [path for path in copied() if not (ROOT / path).exists()] == []
    assert sorted(copied()) == sorted(allowed)


def test_the_build_gets_every_package_and_the_readme() -> None:
    assert set(copied()) >= PACKAGES
    assert PROJECT["project"]["readme"] in copied()


def test_dependencies_are_installed_from_locks_by_hash() -> None:
    installs = [
        part for rest in rest_of("RUN") for part in rest.split("&&") if "pip install" in part and "/wheels" not in part
    ]
    assert len(installs) == 2
    assert all("--require-hashes" in part and "--only-binary :all:" in part for part in installs)
    named = {word for part in installs for word in part.split() if word.endswith(".lock")}
    assert named == {"requirements-runtime.lock", "requirements-build.lock"}


def test_it_starts_the_command_of_the_project_as_an_ordinary_user() -> None:
    (entrypoint,) = rest_of("ENTRYPOINT")
    assert json.loads(entrypoint) == list(PROJECT["project"]["scripts"])
    (user,) = rest_of("USER")
    assert user not in ("root", "0")
    (created,) = [rest for rest in rest_of("RUN") if "useradd" in rest]
    uid = created.partition("--uid ")[2].split()[0]
    assert all(f"uid={uid},gid={uid}" in services()[service]["tmpfs"][1] for service in OURS)


def test_its_python_is_supported() -> None:
    versions = {rest.split()[0].partition(":")[2].removesuffix("-slim") for rest in rest_of("FROM")}
    (version,) = versions
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(version)


def test_its_settings_are_known_and_its_ports_are_the_defaults() -> None:
    settings = load(environment=image_environment())
    (exposed,) = rest_of("EXPOSE")
    assert set(exposed.split()) == {
        str(port)
        for port in (settings.console_port, settings.health_port, settings.hooks_port, settings.hooks_metrics_port)
    }
    (health,) = rest_of("HEALTHCHECK")
    assert f"127.0.0.1:{Settings().health_port}/healthz" in health


def test_its_data_folder_is_what_the_containers_may_write() -> None:
    folder = image_environment()["WARDWATCH_DATA_DIR"]
    assert rest_of("WORKDIR")[-1] == folder
    assert all(services()[service]["tmpfs"][1].startswith(f"{folder}:") for service in OURS)


def test_health_checks_are_programs_that_compile() -> None:
    (health,) = rest_of("HEALTHCHECK")
    own = [services()[service]["healthcheck"]["test"][1:] for service in ("console", "hooks")]
    for arguments in (json.loads(health[health.index("[") :]), *own):
        assert arguments[:2] == ["python", "-c"]
        ast.parse(arguments[2])
