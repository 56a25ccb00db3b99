"""Keys: checked without being shown, rotated with two live ones, retired when nothing needs them."""

import json
import re
import secrets
from pathlib import Path

import pytest
from sqlalchemy import Connection

from alerting.commands import RecordFindings
from alerting.vault import Naming, VaultKeys
from alerting.work.resealing import evidence_by_key, reseal
from detectors.finding import Entity, Finding
from monitor.catalogue import read_rules
from monitor.keys import local_keys, tokeniser_of
from monitor.response import build_desk, opened_store
from monitor.settings import Settings, load
from monitor.vault import door, open_vault, opened_vault
from tests.alerting.building import a_finding
from tests.monitor.cli.conftest import Ran, Wardwatch

HEX = re.compile(r"[0-9a-f]{64}")


class Site:
    """Keys in files, as a site has them."""

    def __init__(self, folder: Path, wardwatch: Wardwatch) -> None:
        self.folder = folder
        self.wardwatch = wardwatch
        self.files = {
            "token_key_file": folder / "token.key",
            "previous_token_keys_file": folder / "token.old",
            "vault_key_file": folder / "vault.key",
            "previous_vault_keys_file": folder / "vault.old",
            "evidence_key_file": folder / "evidence.key",
            "previous_evidence_keys_file": folder / "evidence.old",
        }
        for path in self.files.values():
            path.touch(0o600)
        for name in ("token_key_file", "vault_key_file", "evidence_key_file"):
            self.files[name].write_text(secrets.token_hex(32))

    @property
    def settings(self) -> Settings:
        given = {f"WARDWATCH_{name.upper()}": str(path) for name, path in self.files.items()}
        return load(environment={**given, "WARDWATCH_DATA_DIR": str(self.folder / "data")})

    def run(self, *words: str | Path) -> Ran:
        return self.wardwatch(*words, data_dir=self.folder / "data", **self.files)

    def rows(self) -> dict[str, dict[str, object]]:
        ran = self.run("keys", "check", "--json")
        assert not HEX.search(ran.out + ran.err)
        return {row["what"]: row for row in json.loads(ran.out)}

    def seen(self, *patients: str) -> list[str]:
        """Return the tokens of patients as a worker that starts now would make them, and put them into the vault."""
        vault = open_vault(self.settings)
        assert vault is not None
        here = door(local_keys(self.settings), vault)
        tokens = [here.tokeniser.token("p", patient) for patient in patients]
        assert here.writer is not None
        here.writer.keep(here.tokeniser.take_new())
        vault.engine.dispose()
        return tokens


@pytest.fixture
def without_key(wardwatch: Wardwatch, monkeypatch: pytest.MonkeyPatch) -> Wardwatch:
    """The command line, with no key but what the test sets."""
    monkeypatch.delenv("WARDWATCH_TOKEN_KEY")
    return wardwatch


@pytest.fixture
def site(tmp_path: Path, without_key: Wardwatch) -> Site:
    return Site(tmp_path, without_key)


def test_who_is_known_keeps_the_token_over_a_rotation(site: Site) -> None:
    before = site.seen("MRN1", "MRN2")
    ran = site.run("keys", "rotate")
    assert ran.code == 0, ran.err
    assert not HEX.search(ran.out + ran.err)
    assert site.seen("MRN1", "MRN2", "MRN3")[:2] == before
    assert [token[:3] for token in site.seen("MRN1", "MRN3")] == ["p1:", "p2:"]
    assert {path.stat().st_mode & 0o777 for path in site.files.values()} == {0o600}
    assert site.files["token_key_file"].read_text().startswith("2=")
    assert site.files["previous_token_keys_file"].read_text().startswith("1=")
    site.run("keys", "rotate")
    assert [token[:3] for token in site.seen("MRN1", "MRN3", "MRN4")] == ["p1:", "p2:", "p3:"]
    assert site.rows()["tokens of key 1"]["detail"] == "2 in the vault, 0 open incidents; they go on in use"


def test_a_cut_leaves_nobody_with_an_old_token(site: Site) -> None:
    (before,) = site.seen("MRN1")
    assert site.run("keys", "rotate", "--cut").code == 0
    (after,) = site.seen("MRN1")
    assert after[:3] == "p2:"
    assert tokeniser_of(local_keys(site.settings)).token("p", before) == before  # on its way it is still recognised
    told = site.run("vault", "reveal", before, "--purpose", "an old incident")
    assert told.out == "MRN1\n"


def test_a_dry_run_changes_nothing(site: Site) -> None:
    texts = {path: path.read_bytes() for path in site.files.values()}
    ran = site.run("keys", "rotate", "--dry-run")
    assert "token keys then: 1, 2 (current)" in ran.out
    assert site.run("keys", "rotate", "--vault", "--dry-run").code == 0
    assert {path: path.read_bytes() for path in site.files.values()} == texts
    assert "tokens of key 1" not in site.rows()


def test_an_old_key_is_retired_when_nothing_needs_it(site: Site) -> None:
    (token,) = site.seen("MRN1")
    settings = site.settings
    site.run("keys", "rotate")
    with opened_store(settings) as store:
        finding = Finding(
            id="f1", event_id="e1", at=1.7e9, kind="rule", detector="A09", version=1, severity="critical", risk=99.0,
            entity=Entity("patient", token), reasons=["x"],
        )  # fmt: skip
        build_desk(settings, store, read_rules(settings)).handle(RecordFindings([finding]))
        (incident,) = store.incidents()
    refused = site.run("keys", "rotate", "--retire", "1")
    assert (refused.code, "1 open incidents" in refused.err) == (1, True)
    for words in (["ack"], ["investigate"], ["resolve", "--verdict", "false_positive_rule", "--reason", "a test"]):
        assert site.run("incidents", words[0], incident.id, *words[1:]).code == 0
    refused = site.run("keys", "rotate", "--retire", "1")
    assert "with --cold-start their profiles begin anew" in refused.err
    assert site.run("keys", "rotate", "--retire", "1", "--cold-start").code == 0
    assert site.files["previous_token_keys_file"].read_text() == ""
    assert site.seen("MRN1")[0][:3] == "p2:"
    assert site.rows()["tokens of key 1"] == {
        "what": "tokens of key 1", "ok": True, "detail": "1 in the vault, 0 open incidents; the key is retired",
    }  # fmt: skip
    assert "2 is not an old token key; the old ones are: none" in site.run("keys", "rotate", "--retire", "2").err


def test_the_vault_moves_to_its_next_key(site: Site) -> None:
    (token,) = site.seen("MRN1")
    assert "1 entries of the vault are sealed with key 2 now" in site.run("keys", "rotate", "--vault").err
    assert site.run("vault", "reveal", token, "--purpose", "call the patient").out == "MRN1\n"
    with opened_vault(site.settings) as vault:
        assert vault.entries_by_vault_key() == {2: 1}
    assert site.run("keys", "rotate", "--vault", "--retire", "1").code == 0
    assert site.run("vault", "reveal", token, "--purpose", "call the patient").out == "MRN1\n"
    assert site.run("keys", "check").code == 0


def test_a_vault_key_in_use_is_not_retired(site: Site) -> None:
    with opened_vault(site.settings) as before:
        site.run("keys", "rotate", "--vault")
        before.put([Naming("p1:x", "MRN9", kept=True)], 1.7e9)  # by a worker that has not been started again
    assert "run `wardwatch vault rewrap` first" in site.run("keys", "rotate", "--vault", "--retire", "1").err
    assert "1 entries were sealed anew" in site.run("vault", "rewrap").out
    assert site.run("keys", "rotate", "--vault", "--retire", "1").code == 0


def gathered(site: Site, *contents: str) -> tuple[str, list[str]]:
    """Open a case with notes as its evidence; return its id and those of the notes."""
    settings = site.settings
    with opened_store(settings) as store:
        build_desk(settings, store, read_rules(settings)).handle(RecordFindings([a_finding()]))
        (incident,) = store.incidents()
    added = [
        json.loads(site.run("incidents", "evidence", "add", incident.id, "--note", one, "--json").out)
        for one in contents
    ]
    return incident.id, [one["id"] for one in added]


def sealed_by(site: Site) -> dict[int, int]:
    with opened_store(site.settings) as store, store.reading() as connection:
        return evidence_by_key(connection)


def test_evidence_moves_to_its_next_key(site: Site) -> None:
    case, (first, second) = gathered(site, "the badge log", "the roster")
    ran = site.run("keys", "rotate", "--evidence")
    assert ran.code == 0, ran.err
    assert "2 pieces of evidence are sealed with key 2 now" in ran.err
    assert not HEX.search(ran.out + ran.err)
    assert sealed_by(site) == {2: 2}
    assert site.files["evidence_key_file"].read_text().startswith("2=")
    assert [site.run("incidents", "evidence", "get", one).out for one in (first, second)] == [
        "the badge log",
        "the roster",
    ]
    assert site.run("keys", "rotate", "--evidence", "--retire", "1").code == 0
    assert site.run("incidents", "evidence", "get", first).out == "the badge log"
    assert site.run("audit", "verify").code == 0
    assert [row for name, row in site.rows().items() if name.startswith("evidence")] == [
        {"what": "evidence key 2", "ok": True, "detail": site.rows()["evidence key 2"]["detail"]}
    ]
    audited = json.loads(site.run("audit", "list", "--action", "reseal_evidence", "--json").out)
    assert [entry["subject"] for entry in audited] == ["key 2"]
    assert site.run("incidents", "history", case).code == 0


def test_a_rotation_that_is_interrupted_goes_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends between two pieces: each opens with its own key, and the old one stays until all are moved."""
    _, notes = gathered(site, "one", "two", "three")
    asked = []

    def ends_at_the_second(connection: Connection, keys: VaultKeys) -> int:
        asked.append(keys.current)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return reseal(connection, keys, at_most=1)

    monkeypatch.setattr("monitor.evidence.reseal", ends_at_the_second)
    assert site.run("keys", "rotate", "--evidence").code != 0
    monkeypatch.undo()
    monkeypatch.delenv("WARDWATCH_TOKEN_KEY", raising=False)
    assert sealed_by(site) == {1: 2, 2: 1}
    assert [site.run("incidents", "evidence", "get", one).out for one in notes] == ["one", "two", "three"]
    assert site.rows()["evidence"]["detail"] == (
        "2 pieces of evidence are under key 1; `wardwatch incidents evidence reseal` seals anew what is"
    )
    refused = site.run("keys", "rotate", "--evidence", "--retire", "1")
    assert (refused.code, "2 pieces of evidence are under key 1; run `wardwatch incidents" in refused.err) == (1, True)
    assert site.run("incidents", "evidence", "reseal").out == "2 pieces of evidence are sealed anew.\n"
    assert sealed_by(site) == {2: 3}
    assert site.run("incidents", "evidence", "reseal").out == "0 pieces of evidence are sealed anew.\n"
    assert [site.run("incidents", "evidence", "get", one).out for one in notes] == ["one", "two", "three"]
    assert site.run("keys", "rotate", "--evidence", "--retire", "1").code == 0


def test_evidence_whose_key_is_gone_is_told_and_left_alone(site: Site) -> None:
    _, (note,) = gathered(site, "the badge log")
    kept = site.files["evidence_key_file"].read_text()
    site.files["evidence_key_file"].write_text(f"2={secrets.token_hex(32)}")
    ran = site.run("incidents", "evidence", "reseal")
    assert (ran.code, ran.err.strip()) == (
        1, f"wardwatch: {note} is under key 1, which is missing: put it into the previous keys"
    )  # fmt: skip
    row = site.rows()["evidence"]
    assert (row["ok"], row["detail"]) == (
        False, "1 piece of evidence is under key 1, which is missing: put it into the previous keys",
    )  # fmt: skip
    site.files["evidence_key_file"].write_text(f"1={secrets.token_hex(32)}\n")
    site.run("keys", "rotate", "--evidence")
    assert f"{note} does not open with key 1" in site.run("incidents", "evidence", "reseal").err
    site.files["previous_evidence_keys_file"].write_text(f"1={kept}")
    assert site.run("incidents", "evidence", "reseal").code == 0
    assert sealed_by(site) == {2: 1}


def test_one_kind_of_key_at_a_time(site: Site) -> None:
    for words in (("--vault", "--evidence"), ("--evidence", "--cut")):
        assert site.run("keys", "rotate", *words).code == 2


def test_what_is_wrong_with_keys_is_told(site: Site) -> None:
    site.seen("MRN1")
    site.files["vault_key_file"].chmod(0o640)
    assert site.run("keys", "check").code == 0  # nobody else can reach it
    site.folder.chmod(0o755)
    site.run("keys", "rotate")
    site.files["previous_token_keys_file"].write_text("")
    rows = site.rows()
    assert site.run("keys", "check").code == 1
    assert str(rows["vault key 1"]["detail"]).endswith(f"chmod 600 {site.files['vault_key_file']}")
    assert "there is no such key: put it into the previous keys" in str(rows["tokens of key 1"]["detail"])
    assert [name for name, row in rows.items() if not row["ok"]] == ["vault key 1", "tokens of key 1"]


def test_another_vault_key_does_not_open_the_vault(site: Site) -> None:
    site.seen("MRN1")
    site.files["vault_key_file"].write_text(secrets.token_hex(32))
    assert "does not open this vault" in str(site.rows()["vault"]["detail"])
    ran = site.run("vault", "audit")
    assert (ran.code, "does not open this vault" in ran.err) == (1, True)


def test_keys_in_variables_are_written_where_the_user_says(tmp_path: Path, wardwatch: Wardwatch) -> None:
    key = secrets.token_hex(32)
    refused = wardwatch("keys", "rotate", token_key=key)
    assert (refused.code, "--write-to FILE" in refused.err) == (1, True)
    ran = wardwatch("keys", "rotate", "--write-to", tmp_path / "next.env", token_key=key)
    assert ran.code == 0
    assert not HEX.search(ran.out + ran.err)
    assert (tmp_path / "next.env").stat().st_mode & 0o777 == 0o600
    first, second = (tmp_path / "next.env").read_text().splitlines()
    assert re.fullmatch(r"WARDWATCH_TOKEN_KEY=2=[0-9a-f]{64}", first)
    assert second == f"WARDWATCH_PREVIOUS_TOKEN_KEYS=1={key}"
    assert wardwatch("keys", "rotate", "--write-to", tmp_path / "next.env", token_key=key).code == 1
    shown = wardwatch("keys", "rotate", "--show", token_key=key)
    assert f"WARDWATCH_PREVIOUS_TOKEN_KEYS=1={key}" in shown.out
    after = {"token_key": first.partition("=")[2], "previous_token_keys": second.partition("=")[2]}
    assert wardwatch("keys", "check", **after).code == 0


def test_a_key_in_a_file_needs_a_place_for_the_old_one(tmp_path: Path, without_key: Wardwatch) -> None:
    (tmp_path / "k").write_text(secrets.token_hex(32))
    ran = without_key("keys", "rotate", token_key_file=tmp_path / "k")
    assert (ran.code, "set WARDWATCH_PREVIOUS_TOKEN_KEYS_FILE" in ran.err) == (1, True)


def test_the_key_of_the_data_folder_is_rotated_there(tmp_path: Path, without_key: Wardwatch) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    before = local_keys(settings)
    ran = without_key("keys", "rotate")
    assert ran.code == 0, ran.err
    assert "profiles start anew" in ran.err
    after = local_keys(settings)
    assert (after.current.id, after.previous) == (2, {1: before.current.key})


def test_openings_are_refused_without_purpose_or_incident(site: Site) -> None:
    (token,) = site.seen("MRN1")
    for option, words, said in (
        ("--by", ["--purpose", "why"], "say what it is needed for"),
        ("--as", ["--purpose", "call the patient", "--incident", "inc-none"], "there is no incident INC-NONE"),
    ):
        ran = site.run("vault", "reveal", token, option, "p.officer", *words)
        assert (ran.code, ran.out) == (1, "")
        assert said in ran.err
    assert site.run("vault", "reveal", "MRN1", "--purpose", "call the patient").code == 1
    audit = site.run("vault", "audit")
    assert "MRN1" not in audit.out
    assert audit.out.count("refused") == 3
    assert audit.out.count("p.officer") == 2


def test_without_a_key_there_is_no_vault(wardwatch: Wardwatch) -> None:
    ran = wardwatch("vault", "audit")
    assert (ran.code, "WARDWATCH_VAULT_KEY is not set" in ran.err) == (1, True)
    assert wardwatch("keys", "check").code == 0
