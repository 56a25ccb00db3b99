"""`wardwatch doctor`: is everything there that Wardwatch needs?"""

from monitor.checkup import VERDICTS, examine
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings
from monitor.failure import Failure


def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check Python, packages, broker, topics, databases, disk, models, keys, response plan and clock.

    Example:
        wardwatch doctor
    """
    results = examine(load_settings(config))
    if as_json:
        answer_json([{"check": name, "ok": result.ok, "detail": result.detail} for name, result in results.items()])
    else:
        answer_table(
            [{"check": name, "": VERDICTS[result.ok], "detail": result.detail} for name, result in results.items()], ""
        )
    bad = [name for name, result in results.items() if not result.ok]
    if bad:
        message = f"{len(bad)} of {len(results)} checks fail: {', '.join(bad)}"
        raise Failure(message)
