"""What deploy/README.md tells operators to type exists, and it has a line for every alert."""

import re
import shlex

import pytest
import typer

from monitor.cli.app import build_app
from tests.deploy.files import OURS, ROOT, compose, services, yaml_file

PAGE = (ROOT / "deploy" / "README.md").read_text()
RUNBOOK = PAGE.partition("\n## At 3 a.m.\n")[2].partition("\n## ")[0]
TYPED = sorted(
    {
        found.strip()
        for line in re.findall(r"`([^`\n]+)`|^ {4}(.+)$", PAGE, flags=re.MULTILINE)
        for found in re.findall(r"(?:^|worker |hooks |archive )wardwatch ([^|<>]+)", "".join(line))
    }
)


def wrong_with(typed: str) -> str:
    """Return what of a command line does not exist: a command, or an option of it."""
    command: object = typer.main.get_command(build_app())
    words = shlex.split(typed.partition(" #")[0])
    while words and (children := getattr(command, "commands", None)):
        if words[0] not in children:
            return words[0]
        command = children[words.pop(0)]
    options = {option for parameter in getattr(command, "params", ()) for option in parameter.opts}
    return next((word for word in words if word.startswith("--") and word not in options), "")


@pytest.mark.parametrize("typed", TYPED)
def test_a_command_exists_with_its_options(typed: str) -> None:
    assert wrong_with(typed) == ""


def test_what_does_not_exist_is_found() -> None:
    assert wrong_with("incidents lost") == "lost"
    assert wrong_with("incidents list --late") == "--late"
    assert len(TYPED) > 15


def test_every_alert_has_a_line_with_something_to_type() -> None:
    alerts = [rule["alert"] for group in yaml_file("deploy/prometheus/alerts.yml")["groups"] for rule in group["rules"]]
    rows = [row for row in RUNBOOK.partition("\n### ")[0].splitlines() if row.startswith("| `")]
    told = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(told) == sorted(alerts)
    assert [row for row in rows if "`docker compose " not in row.split("|", 2)[2]] == []


def test_it_enters_services_that_there_are() -> None:
    entered = re.findall(
        r"docker compose (?:exec|logs|restart)(?: -T| --since \w+| --timestamps| --env \S+)* (\w+)", PAGE
    )
    assert set(entered) <= services().keys()


def test_every_kind_of_key_has_a_line_for_its_loss() -> None:
    lost = RUNBOOK.partition("### A key is lost")[2]
    keys = {name for name in compose()["secrets"] if name.endswith("_key")} - {"pagerduty_routing_key"}
    assert {name for name in keys if f"`{name}`" not in lost} == set()


def test_files_come_out_of_the_worker_alone_and_by_a_folder_that_is_its_own() -> None:
    mounts = {service: [str(one) for one in services()[service]["volumes"]] for service in OURS}
    assert [service for service, found in mounts.items() if "exchange:/exchange" in found] == ["worker"]
    assert "exchange" in compose()["volumes"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    # A new volume takes owner and mode from the folder of the image that it covers.
    made = "--owner wardwatch --group wardwatch --mode 0700 /var/lib/wardwatch /exchange"
    assert f"install --directory {made}" in dockerfile
    assert "--out /exchange/" in PAGE
