"""The base of every event struct, and the field types that they share."""

import datetime
from typing import Annotated

from msgspec import Meta, Struct

Instant = Annotated[datetime.datetime, Meta(tz=True)]
"""An instant with its offset; RFC 3339 in JSON, UTC by convention."""

Cents = Annotated[int, Meta(ge=-(10**13), le=10**13)]
"""Money in integer minor units (cents); refunds, reversals and take-backs are negative."""

Reference = Annotated[str, Meta(min_length=1, max_length=128)]
"""An identifier: raw from a source, a keyed token after intake."""

Text = Annotated[str, Meta(max_length=256)]
"""A short code or label; free text has no place in a canonical event."""


class Redacted(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A struct whose `repr` shows its type only, so that no log line or traceback can carry PHI.

    Unknown fields are refused here; `detectors.events.envelope.decode` falls back to a tolerant twin that keeps
    them out and counts them.
    """

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
