"""The chain of the timeline."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from alerting.timeline import Entry, extended, first_break
from tests.alerting.building import MONDAY, an_incident


def a_chain(notes: list[str]) -> list[Entry]:
    incident, entries = an_incident(), []
    for number, note in enumerate(notes):
        after, entry = extended(incident, incident, action="comment", now=MONDAY + number, actor="ana", note=note)
        entries.append(entry)
        incident = after
    return entries


def test_the_first_entry() -> None:
    incident, entry = extended(None, an_incident(), action="opened", now=MONDAY + 1, detail={"added": 1})
    hashed = (
        '["INC-F73K9Q2M",1,1772442844.0,"wardwatch","opened",null,"new",'
        f'"{hashlib.sha256(b"").hexdigest()}",{{"added":1}},""]'
    )
    assert entry.hash == hashlib.sha256(hashed.encode()).hexdigest()
    assert (entry.seq, entry.prev_hash, entry.from_status, entry.to_status) == (1, "", None, "new")
    assert (incident.revision, incident.last_hash, incident.updated_at) == (1, entry.hash, MONDAY + 1)


def test_time_never_runs_backwards() -> None:
    incident = an_incident(updated_at=MONDAY + 60)
    after, entry = extended(incident, incident, action="comment", now=MONDAY)
    assert entry.at == after.updated_at == MONDAY + 60


@given(st.lists(st.text(max_size=20), max_size=6))
def test_a_sound_chain(notes: list[str]) -> None:
    assert first_break(a_chain(notes)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "eve"}, {"note": "other"}, {"at": MONDAY}, {"action": "resolve"}, {"to_status": "closed"},
        {"detail": {"x": 1}}, {"seq": 9}, {"hash": "0" * 64}, {"note_hash": "0" * 64}, {"prev_hash": "0" * 64},
        {"from_status": "triaged"}, {"incident_id": "INC-B"},
    ],
)  # fmt: skip
def test_every_change_breaks_it(change: dict[str, object]) -> None:
    chain = a_chain(["a", "b", "c"])
    chain[1] = structs.replace(chain[1], **change)
    assert first_break(chain) == 2


def test_removing_or_swapping_entries_breaks_it() -> None:
    one, two, three = a_chain(["a", "b", "c"])
    assert first_break([one, three]) == 2
    assert first_break([two, three]) == 1
    assert first_break([one, three, two]) == 2
    assert first_break([one, two]) is None  # a chain cut at its end: the incident's last_hash and revision tell
