"""A case leaves as a bundle: for a purpose, with its files, into a file that only its owner reads."""

import io
import json
import stat
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from alerting.commands import RecordFindings
from alerting.desk import Desk
from alerting.store import Store, create_schema, open_engine
from tests.alerting.building import MONDAY, Clock, a_finding, numbered_ids
from tests.monitor.cli.conftest import Wardwatch

CASE = "INC-T0000001"
EVIDENCE_KEY = "fedcba9876543210" * 4


@pytest.fixture(autouse=True)
def _case(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'wardwatch.sqlite'}")
    create_schema(engine)
    Desk(Store(engine), clock=Clock(), incident_ids=numbered_ids()).handle(RecordFindings([a_finding(at=MONDAY)]))
    engine.dispose()


def test_a_case_is_exported_and_checked(wardwatch: Wardwatch, tmp_path: Path) -> None:
    private, public, out = tmp_path / "audit.key", tmp_path / "audit.pub", tmp_path / "case.zip"
    wardwatch("audit", "keygen", private, public)
    keys = {"audit_signing_key": private, "audit_public_key": public, "evidence_key": EVIDENCE_KEY}
    (tmp_path / "..\\badge log.txt").write_text("badge log")
    assert wardwatch("incidents", "evidence", "add", CASE, "--file", tmp_path / "..\\badge log.txt", **keys).code == 0
    words = ("incidents", "export", CASE, "--out", out, "--purpose", "for counsel", "--as", "ana", "--json")
    told = json.loads(wardwatch(*words, **keys).out)
    assert (told["is_signed"], told["sha256"]) == (True, sha256(out.read_bytes()).hexdigest())
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as bundle:
        (name,) = [name for name in bundle.namelist() if name.startswith("evidence/")]
        assert (name.endswith("-.._badge_log.txt"), bundle.read(name)) == (True, b"badge log")
    sound = wardwatch("audit", "verify-bundle", out, **keys)
    assert (sound.code, sound.out) == (0, "Every file is as it was packed.\nThe signature is that of the key.\n")
    (entry,) = json.loads(wardwatch("audit", "list", "--action", "export_case", "--json").out)
    assert (entry["actor"], entry["incident"], entry["purpose"]) == ("ana", CASE, "for counsel")
    shown = json.loads(wardwatch("incidents", "show", CASE, "--json").out)
    assert shown["timeline"][-1]["action"] == "exported"
    assert shown["timeline"][-1]["detail"] == {"sha256": told["sha256"]}
    (look,) = json.loads(wardwatch("audit", "list", "--action", "look", "--json").out)
    assert look["incident"] == CASE


def test_a_note_that_no_font_can_print_does_not_keep_the_case_in(wardwatch: Wardwatch, tmp_path: Path) -> None:
    out = tmp_path / "case.zip"
    assert wardwatch("incidents", "comment", CASE, "病棟に電話した").code == 0
    ran = wardwatch("incidents", "export", CASE, "--out", out, "--purpose", "for counsel")
    assert (ran.code, "There is no case.pdf in it, only case.txt" in ran.err) == (0, True)
    with zipfile.ZipFile(out) as bundle:
        assert "case.pdf" not in bundle.namelist()
        assert "病棟に電話した" in bundle.read("case.txt").decode()
    assert wardwatch("audit", "verify-bundle", out).code == 0


def test_a_bundle_that_was_changed_is_told(wardwatch: Wardwatch, tmp_path: Path) -> None:
    out = tmp_path / "case.zip"
    unsigned = wardwatch("incidents", "export", CASE, "--out", out, "--purpose", "for counsel")
    assert unsigned.err == "It is not signed: WARDWATCH_AUDIT_SIGNING_KEY is not set.\n"
    wardwatch("audit", "keygen", tmp_path / "audit.key", tmp_path / "audit.pub")
    checked = wardwatch("audit", "verify-bundle", out, audit_public_key=tmp_path / "audit.pub")
    assert (checked.code, "is as its manifest says, but it was not signed" in checked.err) == (1, True)
    with zipfile.ZipFile(out, "a") as bundle:
        bundle.writestr("more.txt", "more")
    changed = wardwatch("audit", "verify-bundle", out)
    assert changed.code == 1
    assert changed.err == f"more.txt is not in the manifest\nwardwatch: {out} is not as it was packed\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("incidents", "export", "INC-NONE", "--out", "x.zip", "--purpose", "p"), "there is no incident INC-NONE"),
        (("incidents", "export", CASE, "--out", "/", "--purpose", "p"), "/ is there already; nothing was written over"),
        (("incidents", "export", CASE, "--out", "x.zip", "--purpose", " "), "say what the bundle is for"),
        (("audit", "verify-bundle", "/none.zip"), "/none.zip cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told(wardwatch: Wardwatch, words: tuple[str, ...], says: str) -> None:
    ran = wardwatch(*words)
    assert (ran.code, says in ran.err) == (1, True)
