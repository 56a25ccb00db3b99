"""The watch list through the command line alone."""

import json

import pytest

from tests.monitor.cli.conftest import Wardwatch


def test_an_entry_is_added_listed_removed_and_logged(wardwatch: Wardwatch) -> None:
    words = ("watchlist", "add", "user:u1:5f2c", "--until", "30d", "--reason", "notice given", "--as", "ana")
    assert "Watched until" in wardwatch(*words).out
    (row,) = json.loads(wardwatch("watchlist", "list", "--json").out)
    assert (row["entity"], row["state"], row["author"], row["reason"]) == (
        "user:u1:5f2c", "watched", "ana", "notice given",
    )  # fmt: skip
    assert wardwatch("watchlist", "remove", "user:u1:5f2c", "--as", "bo").code == 0
    assert "Nobody is watched" in wardwatch("watchlist", "list").out
    log = json.loads(wardwatch("watchlist", "log", "--json").out)
    assert [(line["actor"], line["act"]) for line in log] == [("ana", "added"), ("bo", "removed")]


@pytest.mark.parametrize(
    ("entity", "until", "says"),
    [
        ("nurse:u1", "30d", "an entity is a type"),
        ("user:", "30d", "an entity is a type"),
        ("user:u1", "2020-01-01", "future"),
    ],
)
def test_what_is_wrong_is_said(wardwatch: Wardwatch, entity: str, until: str, says: str) -> None:
    ran = wardwatch("watchlist", "add", entity, "--until", until, "--reason", "notice given")
    assert ran.code == 1
    assert says in ran.err
