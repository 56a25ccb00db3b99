"""From the accounts that a site writes down to their tokens: what the store knows people by."""

from collections.abc import Iterable

from alerting.people import Person
from monitor.keys import local_keys
from monitor.settings import Settings
from streams.tokens import Tokeniser

USER = "u"
"""The letter of users' tokens (`streams.identifiers.LETTERS`)."""


class Accounts:
    """Makes the tokens of accounts: one for each key whose tokens are in use."""

    def __init__(self, settings: Settings) -> None:
        keys = local_keys(settings)
        self._tokenisers = [Tokeniser(keys.live, number) for number in keys.live]

    def tokens(self, user_id: str) -> list[str]:
        """Return the tokens under which an account may be known."""
        return [tokeniser.token(USER, user_id) for tokeniser in self._tokenisers]


def accounts_of(people: Iterable[Person], settings: Settings) -> dict[str, str]:
    """Return the work name of the person by the tokens of their accounts; needs no key where nobody has any.

    Their NPIs are added as findings name providers and payees: NPIs are public and have no token.

    Raises:
        Failure: where the keys cannot be had.
    """
    people = list(people)
    known = {ref: person.name for person in people for npi in person.provider_ids for ref in (npi, f"payee:{npi}")}
    owned = [(person.name, user_id) for person in people for user_id in person.user_ids]
    if not owned:
        return known
    accounts = Accounts(settings)
    return known | {token: name for name, user_id in owned for token in accounts.tokens(user_id)}
