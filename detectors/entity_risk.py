"""The risk that an entity has come to: every hit of every rule, decayed, so that many small things become one finding.

One score per user, provider, patient and instrument (domain.md §2.2, "multi-rule score"): the sum of
weight * exp(-age / tau) over the hits, capped per rule. A rule alone never opens a case by repetition; several do.
"""

import math
from collections.abc import Mapping

from detectors.finding import Severity
from detectors.profiles.history import History, RiskShare
from detectors.scene import Hit, Pattern
from detectors.visit import STAGES

RISK = "R01"
"""Catalogue id of the finding."""

PATTERN = Pattern(
    id=RISK,
    title="Several smaller findings about one party",
    version=1,
    level="medium",
    levels=("medium", "high"),
    stage=", ".join(STAGES),
    window="day",
    needs=("findings of two rules or more, each under high severity",),
    false_positives=("unusual work, such as a new task, that several rules see as unusual at once",),
    references=("domain.md §2.2, multi-rule score",),
)
"""What the catalogue lists."""

WEIGHTS: Mapping[Severity, float] = {"critical": 40.0, "high": 20.0, "medium": 8.0, "low": 2.0, "info": 0.5}
TAU_SECONDS = 14 * 86_400.0
OPENS_AT, ESCALATES_AT = 25.0, 60.0
"""Weights, decay and levels of domain.md §2.2."""

CAP = 20.0
"""Of one rule: under `OPENS_AT`, so that it takes two to make a case."""

QUIET: frozenset[Severity] = frozenset({"info", "low", "medium"})
"""Severities that count: a graver hit is a case already, and repeating it would only make noise."""


def add_hit(history: History, rule: str, severity: Severity, at: float, part: float = 1.0) -> None:
    """Add a part of a hit at `at`, in seconds since the epoch. Below the cap their order does not matter."""
    if severity not in QUIET:
        return
    share = history.shares.get(rule) or RiskShare(0.0, at, 0)
    latest = max(share.at, at)
    score = _decayed(share.score, latest - share.at) + _decayed(part * WEIGHTS[severity], latest - at)
    history.shares[rule] = RiskShare(min(score, CAP), latest, share.hits + 1)


def risk_of(history: History, at: float) -> float:
    """Return the risk as of `at`, 0 and up. Hits after `at` count as if they were made then."""
    return math.fsum(_decayed(share.score, max(0.0, at - share.at)) for share in history.shares.values())


def risen(history: History, at: float) -> Hit | None:
    """Return the finding that the risk has just risen over a level, once until it has fallen below it again."""
    risk = risk_of(history, at)
    if risk < history.risk_level:
        history.risk_level = ESCALATES_AT if risk >= ESCALATES_AT else OPENS_AT if risk >= OPENS_AT else 0.0
        _forget_faded(history, at)
    level = ESCALATES_AT if risk >= ESCALATES_AT else OPENS_AT
    if risk < level or level <= history.risk_level:
        return None
    history.risk_level = level
    hits = sum(share.hits for share in history.shares.values())
    rules = sorted(history.shares, key=lambda rule: -history.shares[rule].score)
    named = ", ".join(f"{rule} ({_times(history.shares[rule].hits)})" for rule in rules[:5])
    return Hit(
        "high" if level == ESCALATES_AT else "medium",
        f"{hits} smaller findings of {len(rules)} kinds have come together: {named}. Their weight, in which older ones "
        f"fade, is {risk:.0f}; from {level:.0f} on it is worth a look.",
        window=f"{level:.0f}:{int(at // 86_400)}",
        features={"risk": round(risk, 1), "rules": float(len(rules)), "hits": float(hits)},
    )


def _times(hits: int) -> str:
    return "once" if hits == 1 else f"{hits} times"


def _forget_faded(history: History, at: float) -> None:
    """Forget rules whose share has faded to nothing."""
    history.shares = {
        rule: share for rule, share in history.shares.items() if _decayed(share.score, max(0.0, at - share.at)) >= 0.05
    }


def _decayed(score: float, seconds: float) -> float:
    return score * math.exp(-seconds / TAU_SECONDS)
