"""`wardwatch config`: are the settings right, and what are they?"""

from monitor.checkup_response import all_doubts
from monitor.cli.shared import (
    ConfigOption,
    JsonOption,
    answer_json,
    answer_table,
    load_settings,
    new_app,
    remark,
    say,
)
from monitor.secret import HIDDEN, Secret
from monitor.setting_reader import fields_of
from monitor.setting_table import settings_document
from monitor.settings import Settings
from monitor.threshold_file import read_thresholds

app = new_app("Check and show the settings.")


@app.command()
def check(config: ConfigOption = None) -> None:
    """Tell every mistake in the settings, and in the response plan and thresholds that they name, at once.

    What may not be meant is told too: times in which nobody is on call, channels that the plan names and that are not
    set up, addresses, keys and secrets without which a part of the response does not work.

    Example:
        wardwatch config check --config wardwatch.yml
    """
    settings = load_settings(config)
    read_thresholds(settings)
    doubts = list(all_doubts(settings))
    for doubt in doubts:
        remark(f"wardwatch: {doubt}")
    say(_verdict(len(doubts)))


@app.command()
def show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every setting as it holds now; secrets are hidden.

    Example:
        WARDWATCH_PARTITIONS=16 wardwatch config show --json
    """
    settings = load_settings(config)
    shown = {name: _shown(getattr(settings, name)) for name in fields_of(Settings)}
    if as_json:
        answer_json(shown)
    else:
        answer_table([{"setting": name, "value": value} for name, value in shown.items()], "")


@app.command()
def docs() -> None:
    """Write the table of all settings in Markdown.

    Example:
        wardwatch config docs > docs/settings.md
    """
    say(settings_document().rstrip("\n"))


def _verdict(n_doubts: int) -> str:
    if not n_doubts:
        return "The settings are right."
    things = "1 thing" if n_doubts == 1 else f"{n_doubts} things"
    return f"The settings can be read; {things} to look at, above."


def _shown(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return HIDDEN if isinstance(value, Secret) else str(value)
