"""Reading the response plan: one YAML file, validated whole, every mistake told at once with its place."""

from pathlib import Path

from alerting.plan import Plan
from monitor.settings import Settings
from monitor.yaml_file import YamlFile


def response_plan(settings: Settings) -> Plan:
    """Return the site's response plan; an empty one where the site has none.

    Raises:
        Failure: with everything that is wrong with the file.
    """
    return Plan() if settings.response_file is None else read_plan(settings.response_file)


def read_plan(path: Path) -> Plan:
    """Read and check a response plan; see `response_plan`."""
    file = YamlFile(path, "the response plan", "WARDWATCH_RESPONSE_FILE")
    plan = file.converted(file.written(), Plan)
    if problems := plan.problems():
        raise file.wrong(problems)
    return plan
