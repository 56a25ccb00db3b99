"""Reading the response plan: one YAML file, validated whole, every mistake told at once with its place."""

from pathlib import Path

import msgspec
import yaml

from alerting.plan import Plan
from monitor.failure import Failure
from monitor.settings import Settings


def response_plan(settings: Settings) -> Plan:
    """Return the site's response plan; an empty one where the site has none.

    Raises:
        Failure: with everything that is wrong with the file.
    """
    return Plan() if settings.response_file is None else read_plan(settings.response_file)


def read_plan(path: Path) -> Plan:
    """Read and check a response plan; see `response_plan`."""
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(_told(path, [f"it cannot be read: {type(error).__name__}"])) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark else ""
        raise Failure(_told(path, [f"it is no YAML{place}"])) from None
    try:
        plan = msgspec.convert(written, Plan)
    except msgspec.ValidationError as error:
        raise Failure(_told(path, [str(error)])) from None
    if problems := plan.problems():
        raise Failure(_told(path, problems))
    return plan


def _told(path: Path, problems: list[str]) -> str:
    lines = "".join(f"\n  {problem}" for problem in problems)
    return f"the response plan {path} (WARDWATCH_RESPONSE_FILE) is wrong:{lines}"
