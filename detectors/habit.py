"""How much it says that an access has no known reason: the more often that is so of a user, the less.

The chance that an unexplained access is a misuse falls with how many of the user's accesses are unexplained for other
reasons, such as a float pool that no roster names (Bayes' rule). So what rests on nothing else is weighed by how far
the user's own share lies above what is still called seldom; its severity stays what the catalogue says.
"""

from detectors.scene import Scene
from detectors.thresholds import Thresholds

KNOWN = 0.6
"""Part of the weight of an unexplained access to the chart of somebody whom others treat (A01): there a tie may be
missing in the feeds, while with somebody whom nobody treats there is none to miss. Ours."""

RESTING = frozenset({"A01", "A04", "A11", "A12", "A21", "A22", "A25"})
"""Patterns that rest on nothing else. A relative's, a colleague's or a well-known person's chart is no chance."""

NOTE = "user.unexplained_usual"


def habit_share(scene: Scene, catalogue: str, thresholds: Thresholds) -> float:
    """Return how much of the weight of a pattern counts here, above 0, at most 1."""
    if catalogue not in RESTING:
        return 1.0
    usual = scene.notes.get(NOTE)
    share = KNOWN if catalogue == "A01" and "rel.depts" in scene.notes else 1.0
    if not isinstance(usual, float) or usual <= thresholds.relations.seldom_share:
        return share
    return share * thresholds.relations.seldom_share / usual
