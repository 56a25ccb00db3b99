"""Where somebody is asked: the addresses of the staff, by the tokens of their accounts."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.refusal import Refused

Audience: TypeAlias = Literal["actor", "manager"]
Way: TypeAlias = Literal["slack", "email"]

WAYS: tuple[Way, ...] = ("slack", "email")
"""In the order in which they are tried."""


class Contact(Struct, frozen=True, kw_only=True):
    """The addresses of somebody: a Slack member id, an email address; empty for none."""

    email: str = ""
    slack: str = ""

    def __repr__(self) -> str:
        return "<Contact>"


class Staff(Struct, frozen=True, kw_only=True):
    """Somebody on the staff, and the manager."""

    own: Contact
    manager: Contact = Contact()

    def __repr__(self) -> str:
        return "<Staff>"


Directory: TypeAlias = Mapping[str, Staff]
"""The staff by the tokens of their accounts."""


def address_for(
    staff: Directory, account: str, audience: Audience, way: Way | None, ways: Sequence[Way] = WAYS
) -> tuple[Way, str]:
    """Return how and where to ask about an account.

    Args:
        staff: everybody.
        account: the token of the account that acted.
        audience: the one whose account it is, or the manager.
        way: the way that was asked for, None for the first that there is an address for.
        ways: those that can be gone, in the order in which they are tried.

    Raises:
        Refused: if there is no address.
    """
    known = staff.get(account)
    contact = Contact() if known is None else known.own if audience == "actor" else known.manager
    addresses: dict[Way, str] = {"slack": contact.slack, "email": contact.email}
    tried = ways if way is None else (way,)
    for each in tried:
        if addresses[each]:
            return each, addresses[each]
    by = "" if tuple(tried) == WAYS else f" by {' or '.join(tried)}"
    message = f"the table of staff contacts has no way to reach the {audience}{by}"
    raise Refused(message)
