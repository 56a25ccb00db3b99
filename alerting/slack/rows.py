"""Reading and writing the tables of Slack."""

import msgspec
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from alerting.slack.asked import Asked, Deed
from alerting.slack.tables import SLACK_JOBS, SLACK_NONCES
from alerting.store.schema import OUTBOX

SLACK = "slack"
"""The name of the channel."""

KEPT_SECONDS = 86_400.0
"""How long a request is known again: far longer than a signature holds or Slack repeats (an hour)."""

MOST_ATTEMPTS = 5

_JOB = SLACK_JOBS.c
_decoder: msgspec.json.Decoder[Asked] = msgspec.json.Decoder(Asked)


def enqueue(connection: Connection, asked: Asked, now: float) -> bool:
    """Keep what was asked for until it is done; return False for what was asked for before, by its key."""
    values = {"key": asked.key, "received_at": now, "state": "pending", "attempts": 0}
    try:
        with connection.begin_nested():
            connection.execute(insert(SLACK_JOBS).values(**values, body=msgspec.json.encode(asked)))
    except IntegrityError:
        return False
    return True


def pending_jobs(connection: Connection, limit: int) -> list[str]:
    """Return the keys of what is to be done, oldest first."""
    query = select(_JOB.key).where(_JOB.state == "pending").order_by(_JOB.received_at, _JOB.key).limit(limit)
    return list(connection.scalars(query))


def take_job(connection: Connection, key: str) -> Asked | None:
    """Return what is to be done, locked until the transaction ends; None if somebody has done it."""
    query = select(_JOB.body).where(_JOB.key == key, _JOB.state == "pending").with_for_update()
    body = connection.scalar(query)
    return None if body is None else _decoder.decode(body)


def read_job(connection: Connection, key: str) -> Asked | None:
    """Return what is to be done, None if somebody has done it or it cannot be read."""
    try:
        return take_job(connection, key)
    except msgspec.DecodeError:
        return None


def finish_job(connection: Connection, key: str) -> None:
    """Note that it is done, and forget what was typed: the timeline has it."""
    connection.execute(update(SLACK_JOBS).where(_JOB.key == key).values(state="done", body=b""))


def fail_job(connection: Connection, key: str) -> bool:
    """Note that doing it failed; return whether it was given up."""
    attempts = connection.scalar(select(_JOB.attempts).where(_JOB.key == key).with_for_update()) or 0
    gives_up = attempts + 1 >= MOST_ATTEMPTS
    values = {"attempts": attempts + 1, **({"state": "failed", "body": b""} if gives_up else {})}
    connection.execute(update(SLACK_JOBS).where(_JOB.key == key).values(**values))
    return gives_up


def use_nonce(connection: Connection, nonce: str, deed: Deed, now: float) -> bool:
    """Use up a button; return False if it was used before."""
    try:
        with connection.begin_nested():
            connection.execute(insert(SLACK_NONCES).values(nonce=nonce, deed=deed, used_at=now))
    except IntegrityError:
        return False
    return True


def forget_old(connection: Connection, now: float) -> None:
    """Drop what cannot come again."""
    old = now - KEPT_SECONDS
    connection.execute(delete(SLACK_JOBS).where(_JOB.state != "pending", _JOB.received_at < old))
    connection.execute(delete(SLACK_NONCES).where(SLACK_NONCES.c.used_at < old))


def recipients_told(connection: Connection, incident_id: str) -> list[str]:
    """Return the places in Slack that have been told of an incident, or are about to be."""
    told = OUTBOX.c
    query = select(told.recipient).where(
        told.about == incident_id, told.channel == SLACK, told.fate.not_in(("failed", "blocked"))
    )
    return sorted(set(connection.scalars(query)))


def incident_of_thread(connection: Connection, thread: str) -> str | None:
    """Return the incident whose first message in Slack this is, as `channel/ts`."""
    told = OUTBOX.c
    query = select(told.about).where(told.receipt == thread, told.channel == SLACK, told.fate == "sent").limit(1)
    return connection.scalar(query)
