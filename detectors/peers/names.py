"""How common a surname is among the patients of all partitions, in a sketch of fixed size (A03).

A count-min sketch (Cormode and Muthukrishnan, J. Algorithms 55, 2005): two rows of counters, a name's count is the
smaller of its two. It never counts too few; too many only for the few names that share both counters with others.
"""

from detectors.peers.book import PeerBook, Standing
from detectors.peers.view import PeerView
from detectors.profiles.applied import fingerprint

WIDTH = 2048
"""Counters of a row: some thousand surnames make a hospital, most of them rare."""

TOTAL = -1
SURNAMES, ALL = "surnames", "*"


def count_name(book: PeerBook, standings: dict[str, Standing], name: str) -> None:
    """Count a patient by the surname's token; once, and again only where the name has changed."""
    places = _places(name)
    before = standings.get(SURNAMES)
    if before is not None and before.bin == places[0]:
        return
    bins = book.bins(SURNAMES, ALL)
    if before is not None:
        for place in (before.bin, *map(int, before.segments), TOTAL):
            bins[place] = max(bins.get(place, 0) - 1, 0)
    for place in (*places, TOTAL):
        bins[place] = bins.get(place, 0) + 1
    standings[SURNAMES] = Standing(places[0], [str(places[1])])


def bearers(view: PeerView, name: str) -> tuple[int, int]:
    """Return how many known patients bear a name, and how many are known at all."""
    first, second, total = view.counted(SURNAMES, ALL, (*_places(name), TOTAL))
    return min(first, second), total


def _places(name: str) -> tuple[int, int]:
    token = fingerprint(name)
    return token % WIDTH, WIDTH + (token >> 32) % WIDTH
