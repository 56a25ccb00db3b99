"""The accounts of people, as the store knows them."""

from alerting.people import Person
from monitor import settings as settings_module
from monitor.accounts import accounts_of
from monitor.keys import local_keys, tokeniser_of

OLD, NEW = "11" * 32, "22" * 32


def test_an_account_is_known_by_the_tokens_of_every_key_in_use() -> None:
    settings = settings_module.load(
        environment={
            "WARDWATCH_TOKEN_KEY": NEW,
            "WARDWATCH_TOKEN_KEY_ID": "2",
            "WARDWATCH_PREVIOUS_TOKEN_KEYS": f"1={OLD}",
        }
    )
    accounts = accounts_of([Person(name="ana", user_ids=("ANA01", "adm-ana")), Person(name="bo")], settings)
    assert len(accounts) == 4
    assert set(accounts.values()) == {"ana"}
    assert accounts[tokeniser_of(local_keys(settings)).token("u", "ANA01")] == "ana"
    assert {token[:2] for token in accounts} == {"u1", "u2"}
    assert not any("ANA01" in token for token in accounts)


def test_without_accounts_no_key_is_needed() -> None:
    settings = settings_module.load(environment={"WARDWATCH_DATA_DIR": "/nonexistent/place"})
    assert accounts_of([Person(name="ana")], settings) == {}


def test_a_provider_is_known_by_the_npi_which_has_no_token() -> None:
    settings = settings_module.load(environment={"WARDWATCH_DATA_DIR": "/nonexistent/place"})
    accounts = accounts_of([Person(name="ana", provider_ids=("1234567893",)), Person(name="bo")], settings)
    assert accounts == {"1234567893": "ana", "payee:1234567893": "ana"}
