"""What whoever began a silence is told when it ends, in every channel that takes it."""

import html
import json

import pytest
from msgspec import structs

from alerting.channels.slack import blocks
from alerting.channels.teams import card
from alerting.channels.text import headline, plain
from alerting.notification import Digest, DigestLine
from alerting.routing.collecting import digest
from tests.alerting.building import CONSOLE, an_incident

LINE = DigestLine(
    incident_id="INC-1",
    severity="SEV3",
    status="new",
    rules=("A09",),
    findings="<11",
    link=f"{CONSOLE}/incidents/INC-1",
)
NOTHING = Digest(
    digest_id="SIL-7F3K9Q2M", severity="SEV4", lines=(), others=0, link=f"{CONSOLE}/incidents", ended="silence"
)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ({}, ["[Wardwatch] Your silence SIL-7F3K9Q2M has ended", "It held nothing back."]),
        (
            {"lines": (LINE,), "severity": "SEV3"},
            [
                "[Wardwatch] Your silence SIL-7F3K9Q2M has ended",
                "It held back news of 1 case.",
                f"[SEV3] INC-1 new: A09; findings: <11; {CONSOLE}/incidents/INC-1",
            ],
        ),
        (
            {"ended": "maintenance", "others": 3},
            [
                "[Wardwatch] Your maintenance window SIL-7F3K9Q2M has ended",
                "It held back news of 3 cases.",
                "and 3 more",
            ],
        ),
    ],
)
def test_what_is_told(change: dict[str, object], lines: list[str]) -> None:
    told = structs.replace(NOTHING, **change)
    assert plain(told) == [*lines, f"{CONSOLE}/incidents"]
    assert headline(told) == lines[0]
    assert [item["text"] for item in card(told)["body"]] == lines
    header, section, _ = blocks(told)
    assert (header["text"]["text"], html.unescape(section["text"]["text"]).split("\n")) == (lines[0], lines[1:])


def test_a_usual_digest_says_nothing_of_an_end() -> None:
    told = digest("DIG-1", [an_incident()], CONSOLE)
    assert plain(told)[0] == "[SEV2] Digest: 1 incidents"
    assert "ended" not in json.dumps(plain(told))
