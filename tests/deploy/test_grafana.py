"""Grafana gets a data source and a dashboard whose every query asks for metrics that exist."""

from itertools import combinations
from typing import Any

import pytest

from tests.deploy.files import ROOT, json_file, published_ports, services, yaml_file
from tests.deploy.queries import unknown_names

PROVISIONING = "deploy/grafana/provisioning"
DASHBOARD = "deploy/grafana/dashboards/wardwatch.json"
PANELS: list[dict[str, Any]] = json_file(DASHBOARD)["panels"]
GRAPHS = [panel for panel in PANELS if panel["type"] != "row"]
QUERIES = [target["expr"] for panel in GRAPHS for target in panel["targets"]]
(SOURCE,) = yaml_file(f"{PROVISIONING}/datasources/prometheus.yml")["datasources"]


def mounted(target: str) -> str:
    """Return the path in the repository of what Grafana sees at a path."""
    for volume in services()["grafana"]["volumes"]:
        source, inside, *_ = str(volume).split(":")
        if source.startswith("./") and target.startswith(inside):
            return source + target.removeprefix(inside)
    raise AssertionError(target)


def test_the_data_source_is_the_prometheus_of_compose() -> None:
    ((_, _, port),) = published_ports("prometheus")
    assert SOURCE["url"] == f"http://prometheus:{port}"
    assert set(services()["grafana"]["networks"]) & set(services()["prometheus"]["networks"])


def test_the_provisioned_folders_are_mounted() -> None:
    assert (ROOT / mounted("/etc/grafana/provisioning/datasources/prometheus.yml")).is_file()
    assert (ROOT / mounted("/etc/grafana/provisioning/dashboards/wardwatch.yml")).is_file()
    (provider,) = yaml_file(f"{PROVISIONING}/dashboards/wardwatch.yml")["providers"]
    assert (ROOT / mounted(provider["options"]["path"]) / "wardwatch.json").is_file()
    assert (ROOT / mounted(services()["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])).is_file()


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_metrics_and_labels_that_exist(query: str) -> None:
    assert unknown_names(query) == set()


@pytest.mark.parametrize("panel", GRAPHS, ids=[panel["title"] for panel in GRAPHS])
def test_a_panel_is_explained_and_uses_the_data_source(panel: dict[str, Any]) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert (
        {target["datasource"]["uid"] for target in panel["targets"]} == {SOURCE["uid"]} == {panel["datasource"]["uid"]}
    )


def test_panels_do_not_overlap() -> None:
    def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
        return (
            one["x"] < other["x"] + other["w"]
            and other["x"] < one["x"] + one["w"]
            and one["y"] < other["y"] + other["h"]
            and other["y"] < one["y"] + one["h"]
        )

    places = [panel["gridPos"] for panel in PANELS]
    assert not any(overlap(one, other) for one, other in combinations(places, 2))
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
