"""One risk from 0 to 100 out of what rules and models said about an event.

Every piece of evidence is a weight w in [0, 1], read as "the chance that this alone is worth a person's time". They are
fused as independent causes (noisy-or: Pearl 1988, Probabilistic Reasoning in Intelligent Systems, section 4.3.2):

    risk = 100 * (1 - product of (1 - w))

So one rule alone gives exactly 100 times its weight; more evidence never lowers the risk, and order does not matter.
Models that look at the same event are not independent, which is why a model alone is held under
`ModelEvidence.ceiling`, and why the alert threshold on the risk is steered by volume (`models.budget`) instead of
being read as a probability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RULE_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"info": 0.02, "low": 0.15, "medium": 0.40, "high": 0.70, "critical": 0.95}
)
"""Weight of a rule by its severity, rising. Chosen, not learned: two mediums (64) stay under one high (70)."""


@dataclass(frozen=True, slots=True)
class ModelEvidence:
    """How an upper-tail probability p of `models.calibration` becomes a weight: linear in log10(1 / p).

    Attributes:
        ordinary: p at and above which a model says nothing. Every event has scores, so this must be rare.
        extreme: p at and below which it says all it can.
        ceiling: weight at `extreme`: below the 0.7 of a rule of high severity, for a model alone accuses nobody. High
            severity takes a rule, or several models that agree.
    """

    ordinary: float = 1e-2
    extreme: float = 1e-5
    ceiling: float = 0.69

    def __post_init__(self) -> None:
        if not 0 < self.extreme < self.ordinary <= 1 or not 0 <= self.ceiling <= 1:
            raise ValueError("model evidence needs 0 < extreme < ordinary <= 1 and a ceiling in [0, 1]")

    def weight(self, p: float) -> float:
        """Weight of a model that gave the event the upper-tail probability p.

        Raises:
            ValueError: if p is not in (0, 1].
        """
        if not 0 < p <= 1:
            message = f"a tail probability lies in (0, 1], not {p}"
            raise ValueError(message)
        share = math.log(self.ordinary / p) / math.log(self.ordinary / self.extreme)
        return self.ceiling * min(max(share, 0.0), 1.0)


DEFAULT_EVIDENCE = ModelEvidence()


def fuse(rule_weights: Iterable[float], p_values: Iterable[float], evidence: ModelEvidence = DEFAULT_EVIDENCE) -> float:
    """Fuse the weights of the rules that matched and the models' tail probabilities into a risk.

    Computed as an exactly rounded sum of logarithms, so the order of the evidence cannot change a bit of the result;
    rounded to six decimals, so that one rule of weight 0.4 is 40 and reaches the band of its own severity.

    Args:
        rule_weights: each in [0, 1], usually out of `RULE_WEIGHTS`.
        p_values: each in (0, 1].
        evidence: how the latter become weights.

    Returns:
        Risk in [0, 100]; 0 if there is no evidence.

    Raises:
        ValueError: if a weight or a probability is out of its range.
    """
    weights = [*rule_weights, *(evidence.weight(p) for p in p_values)]
    if not all(0 <= weight <= 1 for weight in weights):
        raise ValueError("a weight lies in [0, 1]")
    if 1 in weights:
        return 100.0
    return round(-100.0 * math.expm1(math.fsum(math.log1p(-weight) for weight in weights)), 6) + 0.0


def severity_of(risk: float, rule_weights: Mapping[str, float] = RULE_WEIGHTS) -> str:
    """Name the highest severity whose rules alone would give at most this risk; the lowest one below them all.

    Args:
        risk: from 0 to 100.
        rule_weights: weight by severity.

    Raises:
        ValueError: if the risk is out of its range.
    """
    if not 0 <= risk <= 100:
        message = f"a risk lies between 0 and 100, not {risk}"
        raise ValueError(message)
    rising = sorted(rule_weights, key=rule_weights.__getitem__)
    reached = [severity for severity in rising if round(100 * rule_weights[severity], 6) <= risk]
    return reached[-1] if reached else rising[0]
