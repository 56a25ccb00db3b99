"""What was said of an entity, field by field, and when: partial and late records change only what they know better."""

import datetime

from msgspec import UNSET, UnsetType

Said = dict[str, float]
"""Field to the time at which its value was known, in seconds since the epoch."""


def is_news(said: Said, name: str, value: object, known_at: float) -> bool:
    """Return whether `value` is said, and nothing newer is known of the field; remember it where it is.

    Of two values that were known at the same time, the one that arrives later holds.
    """
    if value is UNSET or value == "" or known_at < said.get(name, known_at):
        return False
    said[name] = known_at
    return True


def seconds(moment: datetime.datetime | UnsetType | None) -> float:
    """Return an instant in seconds since the epoch, 0 where there is none."""
    return moment.timestamp() if isinstance(moment, datetime.datetime) else 0.0
