"""Keys: checked without being shown, rotated with two live ones, retired when nothing needs them."""

import json
import re
import secrets
from pathlib import Path

import pytest

from alerting.commands import RecordFindings
from alerting.vault import Naming
from detectors.finding import Entity, Finding
from monitor.catalogue import read_rules
from monitor.keys import local_keys, tokeniser_of
from monitor.response import build_desk, opened_store
from monitor.settings import Settings, load
from monitor.vault import door, open_vault, opened_vault
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
        }
        for path in self.files.values():
            path.touch(0o600)
        for name in ("token_key_file", "vault_key_file"):
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
