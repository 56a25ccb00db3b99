"""Settings: typed, defaulted, read from two places, and wrong ones told all at once."""

from pathlib import Path

import pytest

from monitor.key_text import read_keys
from monitor.secret import Secret
from monitor.setting_reader import SecretPlace, SettingsError, fields_of
from monitor.setting_table import settings_document
from monitor.settings import Settings, load, places

KEY = "0123456789abcdef" * 4


def problems(environment: dict[str, str], config: Path | None = None) -> dict[str, str]:
    with pytest.raises(SettingsError) as raised:
        load(config, environment)
    return {problem.name: str(problem) for problem in raised.value.problems}


def test_without_any_setting_the_defaults_hold() -> None:
    settings = load(environment={"HOME": "/root", "PATH": "/bin"})
    assert settings == Settings()
    assert settings.database == "sqlite:///wardwatch-data/wardwatch.sqlite"
    assert settings.models == Path("wardwatch-data/models")


def test_variables_become_typed_values() -> None:
    settings = load(
        environment={
            "WARDWATCH_PARTITIONS": "16",
            "WARDWATCH_ALERTS_PER_DAY": "12.5",
            "WARDWATCH_FAST_DRAIN": "false",
            "WARDWATCH_DATA_DIR": "/var/lib/wardwatch",
            "WARDWATCH_TOKEN_KEY": KEY,
        }
    )
    assert settings.partitions == 16
    assert settings.alerts_per_day == 12.5
    assert settings.fast_drain is False
    assert settings.data_dir == Path("/var/lib/wardwatch")
    assert settings.token_key == Secret(KEY)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = tmp_path / "wardwatch.yml"
    config.write_text("partitions: 4\nalerts_per_day: 10\nbroker: kafka:9092\n")
    settings = load(config, {"WARDWATCH_PARTITIONS": "6"})
    assert (settings.partitions, settings.alerts_per_day, settings.broker) == (6, 10.0, "kafka:9092")


def test_every_mistake_is_told_at_once_with_its_name_and_what_to_do() -> None:
    told = problems(
        {
            "WARDWATCH_PARTITIONS": "zero",
            "WARDWATCH_BROKR": "kafka:9092",
            "WARDWATCH_TABLE_STORE": "floppy",
            "WARDWATCH_ALERTS_PER_DAY": "nan",
            "WARDWATCH_HEALTH_PORT": "99999",
            "WARDWATCH_SLACK_TOKEN": "xoxb-1",
            "WARDWATCH_TOKEN_KEY": "too-short",
            "WARDWATCH_DATABASE_URL": "mysql://u:hunter2@db/wardwatch",
        }
    )
    assert "hunter2" not in str(told)
    assert set(told) == {
        "WARDWATCH_DATABASE_URL",
        "WARDWATCH_PARTITIONS",
        "WARDWATCH_BROKR",
        "WARDWATCH_TABLE_STORE",
        "WARDWATCH_ALERTS_PER_DAY",
        "WARDWATCH_HEALTH_PORT",
        "WARDWATCH_SLACK_CHANNEL",
        "WARDWATCH_TOKEN_KEY",
    }
    assert "from 1 to 512" in told["WARDWATCH_PARTITIONS"]
    assert "WARDWATCH_BROKER?" in told["WARDWATCH_BROKR"]
    assert "`memory` or `rocksdb`" in told["WARDWATCH_TABLE_STORE"]
    assert "above 0" in told["WARDWATCH_ALERTS_PER_DAY"]
    assert "openssl rand -hex 32" in told["WARDWATCH_TOKEN_KEY"]


def test_mistakes_in_a_file_name_the_key_and_the_file(tmp_path: Path) -> None:
    config = tmp_path / "site.yml"
    config.write_text("partitions: [1]\nretention: 3\n")
    assert set(problems({}, config)) == {"partitions in site.yml", "retention in site.yml"}


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [", "just words"])
def test_a_file_that_holds_no_settings_is_a_mistake(tmp_path: Path, text: str) -> None:
    config = tmp_path / "site.yml"
    config.write_text(text)
    assert set(problems({}, config)) == {"--config"}


def test_a_missing_file_is_a_mistake(tmp_path: Path) -> None:
    assert "No such file" in problems({}, tmp_path / "none.yml")["--config"]


def test_a_secret_may_come_from_a_file_whose_line_end_is_not_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    assert load(environment={"WARDWATCH_TOKEN_KEY_FILE": str(file)}).token_key == Secret(KEY)


def test_a_secret_given_twice_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY)
    assert set(problems({"WARDWATCH_TOKEN_KEY_FILE": str(file), "WARDWATCH_TOKEN_KEY": KEY})) == {
        "WARDWATCH_TOKEN_KEY_FILE"
    }


def test_an_unreadable_secret_is_told_once(tmp_path: Path) -> None:
    told = problems({"WARDWATCH_TOKEN_KEY_FILE": str(tmp_path / "none")})
    assert set(told) == {"WARDWATCH_TOKEN_KEY_FILE"}


def test_only_secrets_have_file_twins() -> None:
    assert set(problems({"WARDWATCH_BROKER_FILE": "/x"})) == {"WARDWATCH_BROKER_FILE"}


def test_secrets_never_show(tmp_path: Path) -> None:
    settings = load(environment={"WARDWATCH_TOKEN_KEY": KEY, "WARDWATCH_DATABASE_URL": "postgresql://u:hunter2@db/w"})
    shown = f"{settings!r} {settings.token_key} {settings.database_url!s}"
    assert KEY not in shown
    assert "hunter2" not in shown
    assert "hunter2" not in str(problems({"WARDWATCH_TOKEN_KEY": "hunter2"}))


def test_empty_variables_count_as_not_set() -> None:
    assert load(environment={"WARDWATCH_TOKEN_KEY": "", "WARDWATCH_RULES_DIR": ""}) == Settings()


def test_a_variable_of_the_test_suite_is_no_setting() -> None:
    assert load(environment={"WARDWATCH_REQUIRE_SERVICES": "1"}) == Settings()


def test_every_setting_has_a_description_and_an_example_and_its_row_in_the_document() -> None:
    document = settings_document()
    for field in fields_of(Settings).values():
        assert field.description.endswith("."), field.name
        assert field.example, field.name
        assert f"| `{field.variable}`" in document


def test_the_document_is_current() -> None:
    committed = Path(__file__).parents[2] / "docs" / "settings.md"
    assert committed.read_text() == settings_document(), "run `make golden`"


@pytest.mark.parametrize("keys", ["1", f"1={KEY}", f"2={KEY},2={KEY}", "2=abc", f"x={KEY}"])
def test_previous_keys_are_checked_and_not_shown(keys: str) -> None:
    told = problems({"WARDWATCH_PREVIOUS_TOKEN_KEYS": keys})
    assert set(told) == {"WARDWATCH_PREVIOUS_TOKEN_KEYS"}
    assert KEY not in str(told)


def test_previous_keys_are_split_by_commas_and_by_lines() -> None:
    for text in (f"2={KEY}, 3={KEY}", f"2={KEY}\n3={KEY}\n"):
        settings = load(environment={"WARDWATCH_PREVIOUS_TOKEN_KEYS": text})
        assert read_keys(settings.previous_token_keys) == {2: bytes.fromhex(KEY), 3: bytes.fromhex(KEY)}


def test_the_current_key_may_stand_among_the_previous_ones_if_it_is_the_same() -> None:
    given = {"WARDWATCH_TOKEN_KEY": f"2={KEY}", "WARDWATCH_PREVIOUS_TOKEN_KEYS": f"2={KEY}"}
    assert load(environment=given).token_key is not None
    other = {**given, "WARDWATCH_PREVIOUS_TOKEN_KEYS": f"2={KEY[::-1]}"}
    assert set(problems(other)) == {"WARDWATCH_PREVIOUS_TOKEN_KEYS"}


def test_the_vault_has_a_key_of_its_own() -> None:
    assert set(problems({"WARDWATCH_TOKEN_KEY": KEY, "WARDWATCH_VAULT_KEY": f"4={KEY}"})) == {"WARDWATCH_VAULT_KEY"}
    assert load(environment={"WARDWATCH_TOKEN_KEY": KEY, "WARDWATCH_VAULT_KEY": f"4={KEY[::-1]}"}).vault_key is not None


def test_where_a_secret_comes_from_is_known(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text(f"token_key_file: {tmp_path / 'a.key'}\nvault_key: {KEY}\nslack_token: ''\n")
    found = places(tmp_path / "site.yml", {"WARDWATCH_VAULT_KEY_FILE": "/run/secrets/vault", "WARDWATCH_BROKER": "a:1"})
    assert found == {
        "token_key": SecretPlace("token_key_file in site.yml", tmp_path / "a.key"),
        "vault_key": SecretPlace("WARDWATCH_VAULT_KEY_FILE", Path("/run/secrets/vault")),
    }
