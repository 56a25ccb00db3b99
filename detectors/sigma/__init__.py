"""Detection rules in Sigma syntax: loaded, checked, compiled once to closures, tested with their own events.

Whatever is outside the subset of Sigma that is supported is refused at start, by file and line. Nothing is evaluated
as code.
"""

from detectors.sigma.compiler import CompiledRule, compile_rule
from detectors.sigma.correlation import CompiledCorrelation
from detectors.sigma.document import Correlation, Rule, read_rules
from detectors.sigma.lists import read_lists
from detectors.sigma.problems import Problem, Problems, RuleError
from detectors.sigma.ruleset import RuleSet, load_rules, shipped_rules
from detectors.sigma.sliding import Recent

__all__ = [
    "CompiledCorrelation",
    "CompiledRule",
    "Correlation",
    "Problem",
    "Problems",
    "Recent",
    "Rule",
    "RuleError",
    "RuleSet",
    "compile_rule",
    "load_rules",
    "read_lists",
    "read_rules",
    "shipped_rules",
]
