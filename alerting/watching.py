"""Changes of the watch list, each with a line in its log."""

from sqlalchemy import Connection

from alerting.commands import Unwatch, Watch
from alerting.store.watch_rows import add_to_log, drop_entry, entry_of, newly_ended, put_entry
from alerting.timeline import SYSTEM
from alerting.watch_list import WatchEntry, WatchRefused


def watch(connection: Connection, command: Watch, now: float) -> WatchEntry:
    """Put an entity on the list; the newest entry about it holds.

    Raises:
        WatchRefused: where it gives no reason, or ends before it begins.
    """
    if not command.reason.strip():
        raise WatchRefused("a reason is needed")
    if not now < command.until < float("inf"):
        raise WatchRefused("the time until which to watch must lie in the future")
    end_watches(connection, now)
    entry = WatchEntry(
        entity=command.entity, author=command.actor, reason=command.reason, added_at=now, until=command.until
    )
    put_entry(connection, entry)
    add_to_log(connection, now, command.actor, "added", entry)
    return entry


def unwatch(connection: Connection, command: Unwatch, now: float) -> WatchEntry:
    """Take an entity off the list.

    Raises:
        WatchRefused: where it is not on it.
    """
    end_watches(connection, now)
    entry = entry_of(connection, command.entity)
    if entry is None:
        raise WatchRefused("this entity is not on the list")
    drop_entry(connection, command.entity)
    add_to_log(connection, now, command.actor, "removed", entry)
    return entry


def end_watches(connection: Connection, now: float) -> None:
    """Note in the log which entries have ended."""
    for entry in newly_ended(connection, now):
        add_to_log(connection, entry.until, SYSTEM, "ended", entry)
