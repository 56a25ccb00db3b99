"""The table of staff contacts: where somebody whose account acted can be asked, and who leads them.

A CSV file with the columns `user_id,email,slack,manager_user_id`; all but the first may be empty. Accounts become
tokens as it is read, and no message ever quotes a line.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from alerting.people import Person
from alerting.questions.contacts import Contact, Directory, Staff
from monitor.accounts import Accounts
from monitor.failure import Failure
from monitor.settings import Settings

COLUMNS = ("user_id", "email", "slack", "manager_user_id")


def staff_contacts(settings: Settings, people: Iterable[Person] = ()) -> Directory:
    """Return the staff by the tokens of their accounts: those of the table, and people of the response plan.

    Where both know somebody, the table counts: the plan has no managers.

    Raises:
        Failure: where the table cannot be read.
    """
    staff = {
        user: Staff(own=Contact(email=person.email, slack=person.slack))
        for person in people
        for user in person.user_ids
    }
    rows = {row["user_id"]: row for row in _rows(settings.staff_contacts)} if settings.staff_contacts else {}
    contacts = {user: Contact(email=row["email"], slack=row["slack"]) for user, row in rows.items()}
    for user, row in rows.items():
        staff[user] = Staff(own=contacts[user], manager=contacts.get(row["manager_user_id"], Contact()))
    if not staff:
        return {}
    accounts = Accounts(settings)
    return {token: one for user, one in staff.items() for token in accounts.tokens(user)}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            if set(header) != set(COLUMNS) or len(header) != len(COLUMNS):
                message = f"{path} (WARDWATCH_STAFF_CONTACTS) needs the columns {','.join(COLUMNS)}"
                raise Failure(message)
            for cells in reader:
                if not any(cells):
                    continue
                if len(cells) != len(COLUMNS) or not cells[header.index("user_id")].strip():
                    message = (
                        f"line {reader.line_num} of {path} (WARDWATCH_STAFF_CONTACTS) has no user or other columns"
                    )
                    raise Failure(message)
                yield {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"{path} (WARDWATCH_STAFF_CONTACTS) cannot be read: {type(error).__name__}"
        raise Failure(message) from None
