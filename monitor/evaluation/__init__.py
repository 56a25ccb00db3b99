"""How well a run found what was injected: findings and scores against labels."""

from monitor.evaluation.evaluate import evaluate_run
from monitor.evaluation.explained import ExplainedCounter
from monitor.evaluation.inputs import (
    Collected,
    EvaluationInputError,
    Label,
    ScoreRow,
    read_decoys,
    read_labels,
    read_scores,
)
from monitor.evaluation.report import Report, ScenarioReport, as_json, as_table
from monitor.evaluation.reviewers import Reviewers

__all__ = [
    "Collected",
    "EvaluationInputError",
    "ExplainedCounter",
    "Label",
    "Report",
    "Reviewers",
    "ScenarioReport",
    "ScoreRow",
    "as_json",
    "as_table",
    "evaluate_run",
    "read_decoys",
    "read_labels",
    "read_scores",
]
