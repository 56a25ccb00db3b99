"""Prometheus scrapes what compose runs, on the ports of the settings, and asks only for metrics that exist."""

import re

import pytest

from monitor.settings import Settings
from tests.deploy.files import ROOT, services, yaml_file
from tests.deploy.queries import offered, parse, unknown_names

CONFIGURATION = yaml_file("deploy/prometheus/prometheus.yml")
JOBS = {job["job_name"]: job for job in CONFIGURATION["scrape_configs"]}
RULES = [
    rule
    for file in CONFIGURATION["rule_files"]
    for group in yaml_file(f"deploy/prometheus/{file}")["groups"]
    for rule in group["rules"]
]
IDS = [rule["alert"] for rule in RULES]


def test_workers_are_found_by_name_on_their_health_port() -> None:
    (discovery,) = JOBS["worker"]["dns_sd_configs"]
    assert discovery["port"] == Settings().health_port
    assert set(discovery["names"]) == {"worker"} <= services().keys()


def test_the_console_is_found_on_its_port() -> None:
    assert JOBS["console"]["static_configs"] == [{"targets": [f"console:{Settings().console_port}"]}]


def test_the_archive_is_found_on_its_health_port() -> None:
    assert JOBS["archive"]["static_configs"] == [{"targets": [f"archive:{Settings().health_port}"]}]


def test_the_metrics_of_the_hooks_are_found_on_a_port_that_is_not_published() -> None:
    port = Settings().hooks_metrics_port
    assert JOBS["hooks"]["static_configs"] == [{"targets": [f"hooks:{port}"]}]
    assert not any(str(port) in published for published in services()["hooks"]["ports"])


def test_prometheus_shares_a_network_with_what_it_scrapes() -> None:
    own = set(services()["prometheus"]["networks"])
    assert all(own & set(services()[name]["networks"]) for name in ("worker", "archive", "console", "hooks"))


def test_its_configuration_is_mounted_where_its_command_looks() -> None:
    prometheus = services()["prometheus"]
    (option,) = [part for part in prometheus["command"] if part.startswith("--config.file=")]
    (mount,) = [volume for volume in prometheus["volumes"] if volume.startswith("./deploy/prometheus:")]
    source, target, _ = mount.split(":")
    assert (ROOT / source / option.removeprefix(f"--config.file={target}/")).is_file()


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_an_alert_asks_for_metrics_and_labels_that_exist(rule: dict[str, str]) -> None:
    assert unknown_names(rule["expr"]) == set()


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_an_alert_says_what_is_wrong_and_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"].keys() == {"summary", "description"}
    used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    known = offered()
    expression = str(rule["expr"])
    grouped = parse(expression).labels if " by " in expression else set().union(*known.values())
    assert used <= grouped


def test_alert_names_are_given_once() -> None:
    assert len(IDS) == len(set(IDS))


@pytest.mark.parametrize(
    ("expression", "unknown"),
    [
        ("sum by (source) (rate(wardwatch_events_total[5m]))", set()),
        ("rate(wardwatch_events[5m])", {"wardwatch_events"}),
        ("sum by (patient) (wardwatch_events_total)", {"patient"}),
        ('wardwatch_events_total{color="red"}', {"color"}),
        ("sum by (le) (wardwatch_scoring_seconds_bucket)", set()),
        ("sum by (le) (wardwatch_scoring_seconds_sum)", {"le"}),
    ],
)
def test_unknown_names_are_found(expression: str, unknown: set[str]) -> None:
    assert unknown_names(expression) == unknown


def test_what_is_no_query_is_refused() -> None:
    with pytest.raises(ValueError, match="parenthesis"):
        parse("sum by (source (wardwatch_events_total)")
