"""Reviews and retention through the command line alone."""

import datetime
import json
import time
from pathlib import Path
from typing import Any

import pytest

from alerting.archive import Access, Archive, create_archive
from alerting.commands import Acknowledge, RecordFindings, Resolve
from alerting.desk import Desk
from alerting.records.commands import DeleteExpired, PlaceHold
from alerting.records.holds import About
from alerting.store import Store, create_schema, open_engine
from monitor.response import build_desk
from tests.alerting.building import DAY, Clock, a_finding, numbered_ids
from tests.monitor.cli.conftest import Wardwatch

SEVEN_YEARS = 7 * 366 * DAY


@pytest.fixture
def old_case(tmp_path: Path) -> str:
    """A case, and an access, that ended seven years ago."""
    (tmp_path / "data").mkdir()
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'wardwatch.sqlite'}")
    create_schema(engine)
    then = time.time() - SEVEN_YEARS
    desk = Desk(Store(engine), clock=Clock(then), incident_ids=numbered_ids())
    (case,) = desk.handle(RecordFindings([a_finding(at=then)])).opened
    desk.handle(Acknowledge(incident_id=case, actor="a"))
    desk.handle(Resolve(incident_id=case, actor="a", verdict="benign_explained", reason="known"))
    engine.dispose()
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'archive.sqlite'}")
    create_archive(engine)
    access = Access(event_id="e", patient="p1:jane", actor="u1:a", actor_type="human", at=then, action="read")
    Archive(engine).add([access])
    engine.dispose()
    return case


def test_what_is_old_is_shown_held_and_deleted(wardwatch: Wardwatch, old_case: str) -> None:
    shown = json.loads(wardwatch("retention", "plan", "--json").out)
    assert shown["deletable"] == {"cases": 1, "findings": 0, "silences": 0, "reviews": 0, "accesses": 1}
    assert "nothing was deleted" in wardwatch("retention", "delete").err
    placed = wardwatch("retention", "hold", "incident", old_case, "--reason", "inquiry", "--as", "lee").out
    hold = placed.split()[0]
    assert json.loads(wardwatch("retention", "plan", "--json").out)["cases_on_hold"] == 1
    (row,) = json.loads(wardwatch("retention", "holds", "--json").out)
    assert (row["id"], row["state"], row["about"], row["author"]) == (hold, "in force", f"incident {old_case}", "lee")
    assert json.loads(wardwatch("retention", "delete", "--yes", "--json").out) == {
        "cases": 0, "findings": 0, "silences": 0, "reviews": 0, "accesses": 1,
    }  # fmt: skip
    assert wardwatch("retention", "release", hold, "--reason", "closed").out == f"{hold} is released.\n"
    assert wardwatch("retention", "delete", "--yes").out == "1 cases\n"
    assert wardwatch("retention", "delete", "--yes").out == "There was nothing to delete.\n"
    assert wardwatch("incidents", "show", old_case).code == 1


@pytest.mark.parametrize(("about", "ref"), [("everything", ""), ("entity", "p1:jane")])
def test_a_hold_that_is_placed_while_cases_are_deleted_keeps_the_archive(
    wardwatch: Wardwatch, old_case: str, monkeypatch: pytest.MonkeyPatch, about: About, ref: str
) -> None:
    def interrupted(*parts: Any) -> Any:
        desk = build_desk(*parts)

        class Interrupted:
            def handle(self, command: DeleteExpired) -> Any:
                done = desk.handle(command)
                desk.handle(PlaceHold(actor="lee", about=about, ref=ref, reason="inquiry"))
                return done

        return Interrupted()

    monkeypatch.setattr("monitor.cli.retention.build_desk", interrupted)
    deleted = json.loads(wardwatch("retention", "delete", "--yes", "--json").out)
    assert (deleted["cases"], deleted.get("accesses", 0)) == (1, 0)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("delete", "--yes", "--before", "2026-01-01"), "it is kept for six years"),
        (("plan", "--before", "1d"), "it is kept for six years"),
        (("hold", "nothing", "--reason", "x"), "a hold is about one of everything, incident, entity"),
        (("release", "HOLD-1", "--reason", "x"), "there is no legal hold of this id"),
    ],
)
def test_what_may_not_be_is_said(wardwatch: Wardwatch, words: tuple[str, ...], says: str) -> None:
    ran = wardwatch("retention", *words)
    assert ran.code == 1
    assert says in ran.err


def test_a_review_is_due_and_signed(wardwatch: Wardwatch, tmp_path: Path) -> None:
    assert "asks for no reviews" in wardwatch("reviews", "due").err
    first = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=9)
    plan = tmp_path / "response.yml"
    plan.write_text(f"records: {{review_every_days: 7, review_from: {first.isoformat()}}}\n", encoding="utf-8")
    due = json.loads(wardwatch("reviews", "due", "--json", response_file=plan).out)
    assert (due["state"], due["seen"]["findings"], "A09" in due["seen"]["silent_rules"]) == ("to be signed", 0, True)
    assert "silent rules" in wardwatch("reviews", "due", response_file=plan).out
    signed = wardwatch("reviews", "sign", "--note", "all looked at", "--as", "ana", response_file=plan)
    assert "is signed" in signed.out
    again = wardwatch("reviews", "sign", "--note", "all looked at", response_file=plan)
    assert "the period has not ended yet" in again.err
    (row,) = json.loads(wardwatch("reviews", "list", "--json").out)
    assert (row["sound"], row["review"]["reviewer"], row["review"]["note"]) == (True, "ana", "all looked at")
    assert "all looked at" in wardwatch("reviews", "list").out
