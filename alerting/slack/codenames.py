"""Codenames for rooms: two plain words that say nothing of the case (domain.md §4.4: an innocuous codename)."""

import hashlib
import itertools
from collections.abc import Collection

FIRST = (
    "amber", "autumn", "birch", "blue", "bright", "brisk", "bronze", "calm", "cedar", "cherry", "clear", "clover",
    "cobalt", "copper", "coral", "crisp", "crystal", "dapper", "dusky", "early", "easy", "ember", "fabled", "fern",
    "frosty", "gentle", "ginger", "golden", "grand", "green", "hazel", "honey", "indigo", "ivory", "jolly", "kind",
    "lemon", "light", "lively", "lucky", "maple", "mellow", "merry", "mint", "misty", "noble", "olive", "opal",
    "orange", "pearl", "plain", "quick", "quiet", "rosy", "rustic", "sandy", "silver", "snowy", "sunny", "swift",
    "teal", "velvet", "warm", "winter",
)  # fmt: skip
SECOND = (
    "anchor", "arch", "badger", "barn", "beacon", "bison", "boat", "bridge", "brook", "canyon", "castle", "cliff",
    "cloud", "comet", "crane", "creek", "dune", "falcon", "field", "finch", "forest", "garden", "glade", "grove",
    "harbor", "heron", "hill", "island", "kite", "lagoon", "lake", "lantern", "lark", "lighthouse", "lodge", "lynx",
    "meadow", "mill", "moose", "mountain", "oak", "orchard", "otter", "owl", "panda", "path", "pebble", "pine",
    "pond", "puffin", "rain", "reef", "river", "robin", "sail", "shore", "spruce", "stream", "tern", "trail",
    "valley", "wagon", "wharf", "willow",
)  # fmt: skip
"""64 words each, which makes 4096 names; chosen by hand: no diagnosis, no department, no person."""


def codename(incident_id: str, taken: Collection[str]) -> str:
    """Return the codename of an incident: from its random id, another one where that is taken, then with a number."""
    choices = len(FIRST) * len(SECOND)
    start = int.from_bytes(hashlib.sha256(incident_id.encode()).digest()[:8], "big")
    for number in itertools.count(1):
        for step in range(choices):
            first, second = divmod((start + step) % choices, len(SECOND))
            name = f"{FIRST[first]}-{SECOND[second]}" + (f"-{number}" if number > 1 else "")
            if name not in taken:
                return name
    raise AssertionError  # numbers do not end


def without_number(name: str) -> str:
    """Return a codename without the number that may follow its two words."""
    return "-".join(name.split("-")[:2])


def numbered(name: str, taken: Collection[str]) -> str:
    """Return the codename of the next room of a case, whose last one had this name."""
    numbers = (f"{without_number(name)}-{number}" for number in itertools.count(2))
    return next(one for one in numbers if one not in taken)
