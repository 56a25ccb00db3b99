"""docker-compose.yml follows the Compose specification and names only what exists, and agrees with the settings."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

from monitor.response_plan import response_plan
from monitor.settings import Settings, load
from tests.deploy.files import (
    OURS,
    ROOT,
    SECRETS,
    compose,
    interpolated,
    make_secrets,
    published_ports,
    services,
    settings_of,
)
from tests.services.kafka_jars import KAFKA_VERSION


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets")
    make_secrets(folder)
    return folder


def loaded(service: str, secrets: Path) -> Settings:
    """Load the settings as the service's process does, with the secrets where this test can read them."""
    variables = settings_of(service)
    return load(environment={name: value.replace(str(SECRETS), str(secrets)) for name, value in variables.items()})


def test_it_follows_the_compose_specification() -> None:
    """The parser refuses unknown keys, wrong types and references to networks, volumes or secrets that are missing."""
    parsed = PyCompose.from_yaml(yaml.safe_dump(compose()))
    parsed.validate()
    assert set(parsed.service_names()) == set(services())


def test_the_parser_of_the_specification_does_refuse() -> None:
    with pytest.raises(ValueError, match="comand"):
        PyCompose.from_yaml("services: {worker: {image: wardwatch, comand: [worker]}}")
    with pytest.raises(ValueError, match="nowhere"):
        PyCompose.from_yaml("services: {worker: {image: wardwatch, networks: [nowhere]}}").validate()


def test_the_parts_of_the_product_are_there() -> None:
    assert set(services()) == {"kafka", "postgres", *OURS, "prometheus", "grafana"}
    assert services()["worker"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("service", OURS)
def test_every_setting_is_known_and_right(service: str, secrets: Path) -> None:
    settings = loaded(service, secrets)
    assert settings.broker == "kafka:9092"
    assert settings.token_key is not None


@pytest.mark.parametrize("service", OURS)
def test_secrets_come_from_files_that_the_service_is_given(service: str) -> None:
    given = {str(SECRETS / name) for name in services()[service]["secrets"]}
    assert {value for value in settings_of(service).values() if value.startswith(f"{SECRETS}/")} == given


def test_only_workers_sign_the_audit_log_and_everybody_can_check_it(secrets: Path) -> None:
    assert {name for name in OURS if "audit_signing_key" in services()[name]["secrets"]} == {"worker"}
    assert loaded("worker", secrets).audit_signing_key == secrets / "audit_signing_key"
    assert {loaded(name, secrets).audit_public_key for name in OURS} == {secrets / "audit_public_key"}


def test_what_others_call_has_a_port_of_its_own_and_asks_for_no_more(secrets: Path) -> None:
    hooks = loaded("hooks", secrets)
    assert published_ports("hooks") == [("127.0.0.1", hooks.hooks_port, hooks.hooks_port)]
    assert hooks.hooks_url == f"http://127.0.0.1:{hooks.hooks_port}"
    assert hooks.hooks_host == "0.0.0.0"
    assert f"127.0.0.1:{hooks.hooks_port}/healthz" in services()["hooks"]["healthcheck"]["test"][-1]
    assert (hooks.slack_signing_secret, hooks.slack_app_token, hooks.pagerduty_webhook_secrets) == (None, None, None)


def test_the_example_of_a_response_plan_can_be_switched_on(secrets: Path, tmp_path: Path) -> None:
    """As deploy/README.md says: copied into the folder of the site, and named."""
    (tmp_path / "response.yml").write_text((ROOT / "deploy" / "response.example.yml").read_text())
    variables = settings_of("worker") | {"WARDWATCH_RESPONSE_FILE": str(tmp_path / "response.yml")}
    settings = load(environment={name: value.replace(str(SECRETS), str(secrets)) for name, value in variables.items()})
    assert [schedule.name for schedule in response_plan(settings).schedules] == ["security"]
    assert "response.example.yml" in (ROOT / "deploy" / "site" / "README.md").read_text()


def test_the_database_is_the_one_that_postgres_makes(secrets: Path) -> None:
    postgres = services()["postgres"]["environment"]
    password = (secrets / Path(postgres["POSTGRES_PASSWORD_FILE"]).name).read_text()
    user, database = postgres["POSTGRES_USER"], postgres["POSTGRES_DB"]
    assert loaded("worker", secrets).database == f"postgresql+psycopg://{user}:{password}@postgres:5432/{database}"


def test_the_archive_is_a_database_of_its_own_that_postgres_makes(secrets: Path) -> None:
    settings = loaded("archive", secrets)
    server, _, database = settings.archive_database.rpartition("/")
    assert settings.database.rpartition("/")[0] == server
    assert database not in {"", settings.database.rpartition("/")[2], settings.vault_database.rpartition("/")[2]}
    script = ROOT / "deploy" / "postgres" / "archive.sql"
    assert f"CREATE DATABASE {database};" in script.read_text().splitlines()


@pytest.mark.parametrize("service", OURS)
def test_the_vault_is_a_database_of_its_own_that_postgres_makes(service: str, secrets: Path) -> None:
    settings = loaded(service, secrets)
    server, _, database = settings.vault_database.rpartition("/")
    assert settings.vault_key is not None
    assert settings.database.rpartition("/")[0] == server
    assert database not in {"", settings.database.rpartition("/")[2]}
    scripts = [
        volume for volume in services()["postgres"]["volumes"] if volume.endswith(":/docker-entrypoint-initdb.d:ro")
    ]
    (folder,) = (ROOT / volume.split(":")[0] for volume in scripts)
    assert f"CREATE DATABASE {database};" in (folder / "vault.sql").read_text().splitlines()


def test_every_secret_is_made_by_the_script(secrets: Path) -> None:
    assert {Path(secret["file"]).name for secret in compose()["secrets"].values()} == {
        path.name for path in secrets.iterdir()
    }


def test_the_folder_of_secrets_is_kept_out_of_git() -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", "--quiet", "secrets/token_key"], cwd=ROOT, capture_output=True, check=False
    )
    assert ignored.returncode == 0


@pytest.mark.parametrize("service", services())
def test_every_mounted_path_exists(service: str) -> None:
    sources = [str(volume).split(":")[0] for volume in services()[service].get("volumes", [])]
    assert [source for source in sources if source.startswith("./") and not (ROOT / source).exists()] == []


@pytest.mark.parametrize("service", services())
def test_only_this_host_reaches_the_published_ports(service: str) -> None:
    assert {address for address, _, _ in published_ports(service)} <= {"127.0.0.1"}


def test_ports_agree_with_the_settings(secrets: Path) -> None:
    console, worker = loaded("console", secrets), loaded("worker", secrets)
    assert published_ports("console") == [("127.0.0.1", console.console_port, console.console_port)]
    assert f"127.0.0.1:{console.console_port}/healthz" in services()["console"]["healthcheck"]["test"][-1]
    assert console.public_url == f"http://127.0.0.1:{console.console_port}"
    assert (console.console_host, worker.health_host) == ("0.0.0.0", "0.0.0.0")


def test_kafka_advertises_the_listeners_that_others_use(secrets: Path) -> None:
    environment = services()["kafka"]["environment"]
    advertised = dict(part.split("://") for part in environment["KAFKA_ADVERTISED_LISTENERS"].split(","))
    assert advertised["PLAINTEXT"] == loaded("worker", secrets).broker
    ((address, outer, inner),) = published_ports("kafka")
    assert advertised["HOST"] == f"{address}:{outer}"
    listened = dict(part.split("://") for part in environment["KAFKA_LISTENERS"].split(","))
    assert listened["HOST"] == f":{inner}"
    assert (
        listened.keys()
        == dict(part.split(":") for part in environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")).keys()
    )


def test_kafka_is_the_version_that_the_tests_run() -> None:
    assert services()["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"


@pytest.mark.parametrize("service", services())
def test_images_are_pinned(service: str) -> None:
    _, _, tag = services()[service]["image"].partition(":")
    assert any(character.isdigit() for character in tag), tag


@pytest.mark.parametrize("service", OURS)
def test_our_containers_cannot_write_or_gain_rights(service: str) -> None:
    container = services()[service]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]


def test_workers_wait_for_what_they_need() -> None:
    for service in ("worker", "archive", "console", "hooks"):
        conditions = {name: needed["condition"] for name, needed in services()[service]["depends_on"].items()}
        assert conditions == {
            "kafka": "service_healthy",
            "postgres": "service_healthy",
            "topics": "service_completed_successfully",
        }


def test_a_variable_of_the_host_wins_over_its_default() -> None:
    assert interpolated("${A:-1} ${A:-2} ${B:-}", {"A": "9"}) == "9 9 "
    with pytest.raises(KeyError, match="C"):
        interpolated("${C}", {})


@pytest.mark.parametrize("service", OURS)
def test_what_is_the_sites_own_can_be_switched_on(service: str, secrets: Path, tmp_path: Path) -> None:
    """The variables that the page names point into the folder that is mounted, read-only, and are good settings."""
    (volume,) = [one for one in services()[service]["volumes"] if ":/etc/wardwatch:" in one]
    folder, target, mode = volume.split(":")
    assert (ROOT / folder).is_dir()
    assert mode == "ro"
    page = (ROOT / "deploy" / "site" / "README.md").read_text()
    named = dict(re.findall(r"`(WARDWATCH_(?!SITE)\w+)=([^`]+)`", page))
    assert {name for name in named if settings_of(service).get(name) == ""} == set(named)
    assert {path.startswith(f"{target}/") for path in named.values()} == {True}
    assert loaded(service, secrets).rules_dir is None


def test_the_folders_of_the_site_are_there() -> None:
    assert all((ROOT / "deploy" / "site" / name).is_dir() for name in ("rules", "models"))
