"""What an evaluation reads, and what it refuses."""

import io

import pytest

from detectors.finding import Entity, Finding
from detectors.result import Score
from monitor.evaluation import Collected, EvaluationInputError, Label, ScoreRow, read_labels, read_scores
from streams.formats import ReplayFiles
from streams.replay import Sink

HEADER = "event_id,time,type,entity_type,entity_ref,risk,alert,top_detector"


def test_labels() -> None:
    lines = ["event_id,scenario,incident", "e1,A09,A09-001", "e2,B01,B01-001"]
    assert read_labels(lines) == [
        Label(event_id="e1", scenario="A09", incident="A09-001"),
        Label(event_id="e2", scenario="B01", incident="B01-001"),
    ]


def test_labels_that_complete_their_incident() -> None:
    lines = ["event_id,scenario,incident,completes", "e1,B28,B28-001,", "e2,B28,B28-001,yes"]
    assert [label.completes for label in read_labels(lines)] == [False, True]


def test_scores_as_a_replay_writes_them() -> None:
    """1772442843.5 is 2026-03-02T09:14:03.500Z."""
    file = io.StringIO()
    scores = [
        Score("e1", 1772442843.5, "org.wardwatch.phi.access.v1", Entity("user", "u_1"), 12.25, "A09"),
        Score("e2", 1772442844.0, "org.wardwatch.phi.access.v1", Entity("user", "u_2"), 0.0, ""),
    ]
    ReplayFiles(None, file).scores(scores, {"e1"})
    assert list(read_scores(file.getvalue().splitlines())) == [
        ScoreRow(event_id="e1", time=1772442843.5, entity=("user", "u_1"), risk=12.25, alert=True),
        ScoreRow(event_id="e2", time=1772442844.0, entity=("user", "u_2"), risk=0.0, alert=False),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("e1,yesterday,t,user,u_1,1.0,true,A09", "scores, line 2"),
        ("e1,2026-03-02T09:14:03Z,t,user,u_1,high,true,A09", "scores, line 2"),
        ("e1,2026-03-02T09:14:03Z,t,user,u_1,1.0,maybe,A09", "scores, line 2"),
        ("e1,2026-03-02T09:14:03Z", "scores, line 2"),
    ],
)
def test_damaged_scores_are_refused_by_line_without_their_values(line: str, words: str) -> None:
    with pytest.raises(EvaluationInputError, match=words) as refused:
        list(read_scores([HEADER, line]))
    assert "u_1" not in str(refused.value)


@pytest.mark.parametrize("lines", [[], ["event_id,incident", "e1,A09-001"]])
def test_labels_without_their_columns_are_refused(lines: list[str]) -> None:
    with pytest.raises(EvaluationInputError, match=r"labels: the header lacks .*scenario"):
        read_labels(lines)


def test_short_label_row_is_refused() -> None:
    with pytest.raises(EvaluationInputError, match="labels, line 3"):
        read_labels(["event_id,scenario,incident", "e1,A09,A09-001", "e2,B01"])


def test_collected_is_a_sink_of_a_replay() -> None:
    collected = Collected()
    sink: Sink = collected
    finding = Finding(
        id="f",
        event_id="e1",
        at=1.0,
        kind="rule",
        detector="A09",
        version=1,
        severity="high",
        risk=70.0,
        entity=Entity("user", "u_1"),
        alert=True,
    )
    quiet = Finding(
        id="g",
        event_id="e2",
        at=1.0,
        kind="rule",
        detector="A09",
        version=1,
        severity="low",
        risk=7.0,
        entity=Entity("user", "u_1"),
    )
    sink.findings([finding, quiet])
    sink.scores([Score("e1", 5.0, "t", Entity("user", "u_1"), 70.0, "A09")], {"e1"})
    sink.scores([Score("e2", 6.0, "t", Entity("user", "u_1"), 7.0, "A09")], set())
    assert collected.found == [finding]
    assert collected.rows == [
        ScoreRow(event_id="e1", time=5.0, entity=("user", "u_1"), risk=70.0, alert=True),
        ScoreRow(event_id="e2", time=6.0, entity=("user", "u_1"), risk=7.0, alert=False),
    ]


def test_a_row_does_not_show_whom_it_is_about() -> None:
    assert "u_1" not in repr(ScoreRow(event_id="e", time=0.0, entity=("user", "u_1"), risk=1.0, alert=False))
