"""The picture of a run and its page: a PNG that shows something, and HTML that stands alone."""

import base64
import re
import struct

from msgspec import structs

from monitor.evaluation.picture import as_page, as_png, drawn
from monitor.evaluation.report import DayAlerts, DecoyReport, Interval
from tests.monitor.evaluation.test_report import REPORT

WHOLE = structs.replace(
    REPORT,
    budget=2.0,
    per_day=[DayAlerts(f"2026-03-{day:02}", day % 4, day % 2) for day in range(1, 29)],
    curve=[(0.1, 1.0), (0.5, 0.6), (1.0, 0.1)],
    decoys=[DecoyReport("<vip>", 3, 1, "medium", ["A09"])],
)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_picture_is_a_png_that_grows_with_the_scenarios() -> None:
    one = as_png(WHOLE)
    scenarios = [structs.replace(WHOLE.scenarios[0], scenario=f"A{number}") for number in range(40)]
    many = as_png(structs.replace(WHOLE, scenarios=scenarios))
    assert size_of(one)[0] == size_of(many)[0]
    assert size_of(many)[1] > size_of(one)[1]
    assert len(one) > 10_000  # a picture of one colour packs to less


def test_the_figures_with_their_intervals_and_the_decoys_stand_in_the_picture() -> None:
    said = drawn(structs.replace(WHOLE, intervals={"recall": Interval(0.1, 0.6)})).get_suptitle()
    assert "recall 0.33 [0.10, 0.60]" in said
    assert "1 of 3 events of decoys alerted: <vip>" in said


def test_the_same_run_gives_the_same_picture() -> None:
    assert as_png(WHOLE) == as_png(WHOLE)


def test_nothing_at_all_can_be_drawn() -> None:
    empty = structs.replace(WHOLE, scenarios=[], per_day=[], curve=[], budget=None, base_rate=None, decoys=[])
    assert size_of(as_png(empty))


def test_the_page_holds_everything_and_loads_nothing() -> None:
    page = as_page(WHOLE, b"picture").decode()
    assert base64.b64encode(b"picture").decode() in page
    assert "precision 0.75" in page
    assert "&lt;vip&gt;" in page
    assert "<td>A09</td>" in page
    assert "<th>recall, strict</th>" in page
    assert not re.search(r"(src|href)=(?!'data:)", page)
