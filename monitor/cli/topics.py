"""`wardwatch topics`: what Kafka must hold."""

import msgspec

from monitor.cli.shared import ConfigOption, JsonOption, answer_json, load_settings, new_app, say
from monitor.failure import Failure
from monitor.topics import create

app = new_app("Create the topics.")


@app.callback()
def _group() -> None:
    """Create the topics."""


@app.command("create")
def create_topics(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Create the topics that are missing; existing ones are never altered. Running it again is harmless.

    Example:
        WARDWATCH_BROKER=kafka:9092 WARDWATCH_PARTITIONS=16 wardwatch topics create
    """
    report = create(load_settings(config))
    if as_json:
        answer_json(msgspec.to_builtins(report))
    else:
        say(f"{len(report.created)} topics created, {len(report.existing)} were there.")
        for topic, differences in report.different.items():
            say(f"  {topic} differs: {', '.join(differences)}")
    if not report.is_complete:
        message = f"{len(report.different)} topics are not as they should be; recreate them, or adapt the settings"
        raise Failure(message)
