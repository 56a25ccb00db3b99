"""Any single event of the kinds that a format carries reads back as it was; and each rule of the law is needed."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from detectors.events import Event
from streams.simulator import Simulated
from tests.streams.simulator.formats.drawn_billing import provider_adjustments
from tests.streams.simulator.formats.events import EVENTS
from tests.streams.simulator.formats.hospitals import Pair, pairs, shown, written
from tests.streams.simulator.formats.law import TABLES, expected

DRAWING = settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""Without shrinking: an event is small, and files are slow to write and read."""


def through(file: str, event: Event) -> Pair:
    with TemporaryDirectory() as folder:
        ((name, (sheet, items)),) = written(file.partition("/")[0], [Simulated(event)], Path(folder)).items()
        assert name == file
        (pair,) = pairs(sheet, items)
        return pair


@pytest.mark.parametrize("file", EVENTS)
@DRAWING
@given(data=st.data())
def test_an_event_reads_back_as_it_was(file: str, data: st.DataObject) -> None:
    event, read = through(file, data.draw(EVENTS[file]))
    wanted = expected(file, event, read)
    assert read.data == wanted, shown(read.data, wanted)


@DRAWING
@given(event=provider_adjustments())
def test_a_provider_adjustment_reads_back_as_it_was(event: Event) -> None:
    event, read = through("x12/remittances.x12", event)
    wanted = expected("x12/remittances.x12", event, read)
    assert read.data == wanted, shown(read.data, wanted)


@pytest.mark.parametrize("file", TABLES)
def test_no_rule_of_the_law_is_idle(file: str) -> None:
    """A rule without which the law would hold as well allows what nobody needs."""
    rules = TABLES[file]
    idle = set(rules)

    @settings(max_examples=50, deadline=None, phases=[Phase.generate], database=None, derandomize=True)
    @given(event=EVENTS[file])
    def look(event: Event) -> None:
        if not idle:
            return
        event, read = through(file, event)
        for name in sorted(idle):
            others = {other: rule for other, rule in rules.items() if other != name}
            if read.data != expected(file, event, read, others):
                idle.discard(name)

    look()
    assert idle == set()
