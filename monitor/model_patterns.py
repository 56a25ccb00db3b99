"""The models that make findings, with the same metadata as a detector: one list names all cases.

A model knows no rule: it says that the numbers of an event are rare among those it has seen. Alone it gives at most
medium severity (docs/adr/0009).
"""

from detectors.scene import Pattern
from models import isolation_forest, trees_and_tails

TREES_AND_TAILS = Pattern(
    id="trees_and_tails",
    title="Numbers that were rarely seen before",
    version=1,
    level="low",
    levels=("low", "medium"),
    stage="user, instrument",
    window="",
    needs=("enough events of the same partition before, to know what is usual",),
    false_positives=("rare work that is in order", "work of a kind that began lately"),
    references=(
        "Tan, Ting and Liu, Fast Anomaly Detection for Streaming Data, IJCAI 2011",
        "Fisher, Statistical Methods for Research Workers, 1925, on combining probabilities",
    ),
)

USER_STAGE = Pattern(
    id="user-stage",
    title="Numbers that were rarely seen in training",
    version=1,
    level="low",
    levels=("low", "medium"),
    stage="user",
    window="",
    needs=("a model that was trained and promoted with `wardwatch models`",),
    false_positives=("rare work that is in order", "work of a kind that began after the training"),
    references=("Liu, Ting and Zhou, Isolation Forest, ICDM 2008",),
)

MODEL_PATTERNS = ((TREES_AND_TAILS, trees_and_tails.__name__), (USER_STAGE, isolation_forest.__name__))
"""Each with the module of its model."""
