"""deploy/make-secrets writes usable secrets, once, for their owner."""

from pathlib import Path

from monitor.signing_keys import private_key, public_key
from tests.deploy.files import make_secrets

OPTIONAL = {
    "slack_token", "slack_signing_secret", "slack_app_token",
    "pagerduty_routing_key", "pagerduty_keys", "pagerduty_webhook_secrets",
}  # fmt: skip


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_keys_have_their_lengths(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    made = contents(tmp_path / "secrets")
    assert len(bytes.fromhex(made["token_key"])) == 32
    assert len(bytes.fromhex(made["vault_key"])) == 32
    assert len({made[name] for name in ("token_key", "vault_key", "evidence_key", "answer_key")}) == 4
    assert len(bytes.fromhex(made["evidence_key"])) == len(bytes.fromhex(made["answer_key"])) == 32
    assert len(bytes.fromhex(made["postgres_password"])) == 24
    assert len(bytes.fromhex(made["webhook_secret"])) == 32
    assert {name for name, value in made.items() if not value} == OPTIONAL


def test_the_keys_of_the_audit_log_are_a_pair(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    private, public = (
        private_key(tmp_path / "secrets" / "audit_signing_key", ""),
        tmp_path / "secrets" / "audit_public_key",
    )
    public_key(public, "").verify(private.sign(b"checkpoint"), b"checkpoint")


def test_a_public_key_that_was_lost_is_made_of_the_private_one(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    public = tmp_path / "secrets" / "audit_public_key"
    before = public.read_text()
    public.unlink()
    make_secrets(tmp_path / "secrets")
    assert public.read_text() == before


def test_no_two_installations_share_a_secret(tmp_path: Path) -> None:
    make_secrets(tmp_path / "one")
    make_secrets(tmp_path / "other")
    one, other = contents(tmp_path / "one"), contents(tmp_path / "other")
    assert {name for name in one if one[name] == other[name]} == OPTIONAL


def test_a_second_run_keeps_every_file(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    before = contents(folder)
    printed = make_secrets(folder)
    assert contents(folder) == before
    assert printed.count("kept") == len(before)


def test_what_it_prints_holds_no_secret(tmp_path: Path) -> None:
    printed = make_secrets(tmp_path / "secrets")
    assert [value for value in contents(tmp_path / "secrets").values() if value and value in printed] == []


def test_only_the_owner_opens_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}
