"""`wardwatch deadletters`: what was set aside, and sending it again."""

import asyncio
import datetime
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed

from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, say
from monitor.failure import Failure
from monitor.topics import require_broker, topic_plan
from streams.deadletters import DeadLettersError, StoredLetter, read_letters, replay_letters

app = new_app("List what was set aside, and send it again.")

ReasonOption = Annotated[
    list[str] | None, typer.Option("--reason", metavar="REASON", help="Only with this reason; may be repeated.")
]
IdOption = Annotated[list[str] | None, typer.Option("--id", metavar="ID", help="Only this one; may be repeated.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many, the newest.")]

Answer = TypeVar("Answer")


@app.command("list")
def list_letters(
    *,
    reason: ReasonOption = None,
    ids: IdOption = None,
    limit: LimitOption = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List dead letters with reason and place. Their contents may be PHI and are not shown.

    Example:
        wardwatch deadletters list --reason missing_field
    """
    settings = load_settings(config)
    security = require_broker(settings)
    found = _asked(
        read_letters(
            settings.broker,
            topic_plan(settings),
            reasons=reason or (),
            ids=ids or (),
            limit=limit,
            security=security.for_aiokafka(),
        )
    )
    rows = [_row(stored) for stored in found.letters]
    if as_json:
        answer_json({"letters": rows, "by_reason": found.by_reason, "unreadable": found.unreadable})
        return
    answer_table(rows, "There are no dead letters.")
    for name, n in found.by_reason.items():
        say(f"{n} with reason {name}")


@app.command()
def replay(
    *,
    reason: ReasonOption = None,
    ids: IdOption = None,
    force: Annotated[bool, typer.Option("--force", help="Also those that were sent again before.")] = False,
    limit: LimitOption = 10_000,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send dead letters to their source topic again, when the cause is gone.

    Example:
        wardwatch deadletters replay --reason unknown_type
    """
    settings = load_settings(config)
    security = require_broker(settings)
    report = _asked(
        replay_letters(
            settings.broker,
            topic_plan(settings),
            reasons=reason or (),
            ids=ids or (),
            force=force,
            limit=limit,
            security=security.for_aiokafka(),
        )
    )
    if as_json:
        answer_json(report)
    else:
        say(f"{report.replayed} sent again, {report.already} were before, {report.not_replayable} cannot be.")


def _row(stored: StoredLetter) -> dict[str, object]:
    letter = stored.letter
    received = datetime.datetime.fromtimestamp(letter.timestamp, datetime.UTC)
    return {
        "id": letter.id,
        "reason": letter.reason,
        "detail": letter.detail,
        "received": received.isoformat(timespec="seconds"),
        "bytes": letter.cut_from or len(letter.payload),
        "sent_again": stored.replayed,
    }


def _asked(work: Coroutine[Any, Any, Answer]) -> Answer:
    try:
        return asyncio.run(work)
    except (DeadLettersError, KafkaError) as error:
        message = f"the broker does not answer as it should ({type(error).__name__}); try again, then look at its log"
        raise Failure(message) from None
