"""Incident ids: opaque, random and short enough to say on the telephone."""

import random
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, which leaves out I, L, O and U (https://www.crockford.com/base32.html)."""
LETTERS = ALPHABET[10:]
LENGTH = 8

IncidentIds = Callable[[], str]


def random_ids(source: random.Random) -> IncidentIds:
    """Return a generator of ids such as `INC-F73K9Q2M` (39 bits; the desk draws again where one is taken).

    The first character is a letter, so that no id looks like a record number to the tripwire.

    Args:
        source: `random.SystemRandom()` in the product, a seeded one in tests.
    """
    return lambda: "INC-" + source.choice(LETTERS) + "".join(source.choices(ALPHABET, k=LENGTH - 1))
