"""`wardwatch report access`: who looked at a record, told to the right people and written down."""

import csv
import io
import json
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerting.archive import Access, Archive, Merge, create_archive
from alerting.store import open_engine
from alerting.store.audit_rows import audit_entries
from alerting.store.schema import AUDIT_LOG
from alerting.vault import Naming, Vault, VaultKeys, create_vault
from streams.tokens import Tokeniser
from tests.monitor.cli.conftest import KEY, Wardwatch

MRN = "MRN-4711-CANARY"
PATIENT = Tokeniser({1: bytes.fromhex(KEY)}, 1).token("p", MRN)
USER = Tokeniser({1: bytes.fromhex(KEY)}, 1).token("u", "clerk7")
NOW = time.time()


def an_access(event_id: str, patient: str = PATIENT, **fields: object) -> Access:
    usual: dict[str, object] = {
        "event_id": event_id,
        "patient": patient,
        "actor": USER,
        "actor_type": "human",
        "at": NOW - 3600,
        "action": "read",
        "role": "nurse",
        "department": "ICU",
        "purpose": "TREAT",
    }
    return Access(**(usual | fields))  # type: ignore[arg-type]  # as the test says


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive with a patient's accesses, one under an older number."""
    (tmp_path / "data").mkdir()
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'archive.sqlite'}")
    create_archive(engine)
    archive = Archive(engine)
    archive.add(
        [
            an_access("e1"),
            an_access("e2", "p1:older", at=NOW - 7200, action="disclose", disclosed=True, purpose="HRESCH"),
            an_access("e3", "p1:stranger"),
        ],
        [Merge(patient="p1:older", into=PATIENT, at=NOW)],
    )
    yield archive
    engine.dispose()


def audited(tmp_path: Path) -> list[tuple[str, str, str, str]]:
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'wardwatch.sqlite'}")
    with engine.connect() as connection:
        found = [(one.action, one.subject, one.purpose, one.outcome) for one in audit_entries(connection, AUDIT_LOG)]
    engine.dispose()
    return [entry for entry in found if entry[1]]


@pytest.mark.usefixtures("archive")
def test_a_report_tells_every_access_and_is_audited(wardwatch: Wardwatch, tmp_path: Path) -> None:
    ran = wardwatch("report", "access", "--patient", PATIENT, "--purpose", "request of the patient", "--json")
    report = json.loads(ran.out)
    assert [(line["what"], line["role"], line["who"], line["purpose"]) for line in report["lines"]] == [
        ("disclosed", "nurse", "", "research"),
        ("viewed", "nurse", "", "treatment"),
    ]
    assert report["limits"][0].startswith("The archive begins on")
    assert audited(tmp_path) == [("report.accesses", PATIENT, "request of the patient", "2 entries")]


@pytest.mark.usefixtures("archive")
def test_a_record_number_comes_through_a_pipe(
    wardwatch: Wardwatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{MRN}\n"))
    ran = wardwatch("report", "access", "--mrn", "--purpose", "request of the patient", "--disclosures", "--csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [(row["what"], row["purpose"]) for row in rows] == [("disclosed", "research")]
    assert MRN not in ran.out + ran.err
    assert audited(tmp_path) == [("report.disclosures", PATIENT, "request of the patient", "1 entries")]


@pytest.mark.usefixtures("archive")
def test_names_come_from_the_vault(wardwatch: Wardwatch) -> None:
    words = ("report", "access", "--patient", PATIENT, "--purpose", "complaint of the patient", "--names", "--json")
    report = json.loads(wardwatch(*words, vault_key="ab" * 32).out)
    assert [line["who"] for line in report["lines"]] == ["", ""]  # the vault does not hold the user
    log = json.loads(wardwatch("vault", "audit", "--json", vault_key="ab" * 32).out)
    assert [(entry["subject"], entry["outcome"], entry["purpose"]) for entry in log["entries"]] == [
        (USER, "unknown", "complaint of the patient")
    ]


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize(("name", "begins"), [("r.pdf", b"%PDF"), ("r.txt", b"WHO LOOKED"), ("r.json", b"{")])
def test_a_file_is_for_its_owner_alone(wardwatch: Wardwatch, tmp_path: Path, name: str, begins: bytes) -> None:
    file = tmp_path / name
    ran = wardwatch("report", "access", "--patient", PATIENT, "--purpose", "request of the patient", "--out", file)
    assert ran.err == f"2 entries were written to {file}.\n"
    assert file.read_bytes().startswith(begins)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--purpose", "request of the patient"), "give either --patient TOKEN or --mrn"),
        (("--patient", PATIENT, "--purpose", "short"), "say what it is needed for"),
        (("--patient", PATIENT, "--purpose", "request of the patient", "--out", "r.doc"), "must end in one of"),
        (("--patient", PATIENT, "--purpose", "request of the patient", "--names"), "there is no vault"),
    ],
)
def test_what_may_not_be_is_said(wardwatch: Wardwatch, words: tuple[str, ...], says: str) -> None:
    ran = wardwatch("report", "access", *words)
    assert ran.code != 0
    assert says in ran.err
    assert "viewed" not in ran.out


def test_a_patient_nobody_looked_at(wardwatch: Wardwatch) -> None:
    ran = wardwatch("report", "access", "--patient", PATIENT, "--purpose", "request of the patient")
    assert "There are none." in ran.out
    assert "The archive holds no accesses at all." in ran.out


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize(
    ("number", "is_in_vault", "says"),
    [
        (MRN, False, ""),
        ("MRN-9999-CANARY", False, "No access and no token of that number is known: check the number.\n"),
        ("MRN-9999-CANARY", True, ""),
    ],
)
def test_a_number_that_was_never_seen_is_remarked(
    wardwatch: Wardwatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: str, says: str, *, is_in_vault: bool
) -> None:
    key = bytes.fromhex("ab" * 32)
    if is_in_vault:
        engine = open_engine(f"sqlite:///{tmp_path / 'vault.sqlite'}")
        create_vault(engine)
        token = Tokeniser({1: bytes.fromhex(KEY)}, 1).token("p", number)
        Vault(engine, VaultKeys({1: key}, 1)).put([Naming(token, number, kept=True)], NOW)
        engine.dispose()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{number}\n"))
    words = ("report", "access", "--mrn", "--purpose", "request of the patient", "--from", "2h")
    ran = wardwatch(*words, vault_key="ab" * 32, vault_url=f"sqlite:///{tmp_path / 'vault.sqlite'}")
    assert (ran.code, ran.err) == (0, says)
