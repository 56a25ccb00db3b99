"""Who letters go to: names and addresses from a CSV file that is read for the letters and not kept."""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence

from msgspec import Struct

from alerting.breach.affected import ELSEWHERE, STATES
from alerting.refusal import Refused

NEEDED = ("name", "street", "city", "state", "zip")
OPTIONAL = ("street2", "country", "next_of_kin")
MAX_NAMED = 10


class Recipient(Struct, frozen=True, kw_only=True):
    """Somebody who gets a letter. With `next_of_kin` (or a personal representative) the address is theirs."""

    name: str
    street: str
    city: str
    state: str
    zip: str
    street2: str = ""
    country: str = ""
    next_of_kin: str = ""

    def __repr__(self) -> str:
        return "<Recipient>"

    @property
    def address(self) -> tuple[str, ...]:
        """The lines of the address, without the name."""
        place = f"{self.city}, {self.state} {self.zip}" if self.state else f"{self.city} {self.zip}"
        return tuple(line for line in (self.street, self.street2, place.strip(), self.country) if line)


def recipients_in(text: str) -> list[Recipient]:
    """Return the recipients of a CSV file with the columns `name`, `street`, `city`, `state` and `zip`.

    `street2`, `country` and `next_of_kin` may be there; other columns are not read. An address in another country needs
    neither state nor ZIP code. Somebody who stands there twice, letter for letter, gets one letter.

    Raises:
        Refused: if columns are missing or lines are not complete; lines are named by number, nobody by name.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}"), newline=""))
    columns = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    if lacking := [name for name in NEEDED if name not in columns]:
        message = f"the file of people lacks the columns {', '.join(lacking)}"
        raise Refused(message)
    found: dict[Recipient, None] = {}
    wrong: list[int] = []
    for row in rows:
        recipient = _recipient(row, columns)
        if _is_complete(recipient):
            found[recipient] = None
        else:
            wrong.append(rows.line_num)
    if wrong:
        shown = ", ".join(str(number) for number in wrong[:MAX_NAMED])
        more = " and more" if len(wrong) > MAX_NAMED else ""
        message = f"the file of people is not complete in line {shown}{more}; who has no address gets substitute notice"
        raise Refused(message)
    return list(found)


def by_state(recipients: Sequence[Recipient]) -> dict[str, int]:
    """Return how many of them live in each state."""
    counts: dict[str, int] = {}
    for recipient in recipients:
        state = ELSEWHERE if recipient.country else recipient.state
        counts[state] = counts.get(state, 0) + 1
    return dict(sorted(counts.items()))


def _recipient(row: Mapping[str, str | None], columns: Mapping[str, str]) -> Recipient:
    cells = {name: _cell(row.get(columns[name])) for name in (*NEEDED, *OPTIONAL) if name in columns}
    cells["state"] = cells["state"].upper() if not cells.get("country") else cells["state"]
    return Recipient(**cells)


def _cell(value: object) -> str:
    text = unicodedata.normalize("NFC", value if isinstance(value, str) else "")
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _is_complete(recipient: Recipient) -> bool:
    if not (recipient.name and recipient.street and recipient.city):
        return False
    return bool(recipient.country) or (recipient.state in STATES and bool(recipient.zip))
