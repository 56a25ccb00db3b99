"""`wardwatch channels`: the ways to people, and whether they work."""

from typing import Annotated

import msgspec
import typer

from alerting.channels import CHANNELS
from alerting.routes import LOG
from monitor.channel_trial import Trial, try_alertmanager, try_channel
from monitor.channels import CONFIGS, PAGERS, alertmanager
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, say
from monitor.failure import Failure
from monitor.settings import Settings

app = new_app("See the channels of notices, and try them out.")

ALERTMANAGER = "alertmanager"
FOR = {"email": "everybody, digests", ALERTMANAGER: "troubles of Wardwatch itself", LOG: "what nothing else takes"}


@app.callback()
def _group() -> None:
    """See the channels of notices, and try them out."""


@app.command("list")
def list_channels(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List every channel, whether it is configured, and what it is for.

    Example:
        wardwatch channels list --json
    """
    configured = _configured(load_settings(config))
    rows = [
        {"channel": name, "configured": "yes" if name in configured else "no", "for": _use(name)}
        for name in (*CONFIGS, ALERTMANAGER)
    ]
    if as_json:
        answer_json([row | {"configured": row["configured"] == "yes"} for row in rows])
    else:
        answer_table(rows, "There are no channels.")


@app.command("test")
def try_out(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The channel, as `wardwatch channels list` names it.")],
    to: Annotated[
        str,
        typer.Option("--to", metavar="ADDRESS", help="Somebody else than the usual recipient, as the channel has it."),
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a notice that is marked as a test to one channel, and say what to correct if it does not arrive.

    Example:
        wardwatch channels test email --to ana@hospital.example
    """
    settings = load_settings(config)
    if name not in CONFIGS and name != ALERTMANAGER:
        message = f"there is no channel {name}; there are {', '.join((*CONFIGS, ALERTMANAGER))}"
        raise Failure(message)
    if name not in _configured(settings):
        message = f"the channel {name} is not configured; see docs/channels.md for its settings"
        raise Failure(message)
    trial = _try(name, settings, to)
    if as_json:
        answer_json(msgspec.to_builtins(trial))
    if not trial.arrived:
        message = f"the test notice did not arrive by {name} ({trial.reason}): {trial.remedy}"
        raise Failure(message)
    if not as_json:
        say(f"The test notice was taken by {name}.")


def _try(name: str, settings: Settings, to: str) -> Trial:
    console_url = settings.public_url.rstrip("/")
    push = alertmanager(settings) if name == ALERTMANAGER else None
    if push is not None:
        return try_alertmanager(push, console_url)
    return try_channel(name, CHANNELS[name](CONFIGS[name](settings)), console_url, to=to)


def _configured(settings: Settings) -> set[str]:
    found = {name for name, config in CONFIGS.items() if config(settings) is not None}
    return found | ({ALERTMANAGER} if alertmanager(settings) else set())


def _use(name: str) -> str:
    return FOR.get(name, "SEV1 and SEV2, wakes people up" if name in PAGERS else "everybody")
