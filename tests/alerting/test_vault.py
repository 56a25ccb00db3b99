"""The vault gives back what it was given, to nobody without an entry in the log, and nothing that was tampered with."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from alerting.audit import AuditEntry, first_break, following
from alerting.store import open_engine
from alerting.vault import DamagedEntryError, MissingKeyError, Naming, Vault, VaultKeys, VaultWriter, create_vault

KEYS = {1: bytes(range(32)), 2: bytes(range(32, 64))}
TOKEN, OTHER = "p1:3q2vJ0aZkXo8fTnB5uYw1A", "p1:BBBBBBBBBBBBBBBBBBBBBB"
AT = 1772442843.0

first, both = VaultKeys({1: KEYS[1]}, 1), VaultKeys(KEYS, 2)


@pytest.fixture(scope="module")
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    create_vault(engine)
    create_vault(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def vault(engine: Engine) -> Vault:
    with engine.begin() as connection:
        for table in ("vault_entries", "vault_keys", "closed_token_keys", "vault_audit"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names
    return Vault(engine, first)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)


@given(TEXTS, TEXTS)
def test_what_was_sealed_opens_and_never_twice_the_same(value: str, token: str) -> None:
    sealed, again = first.seal(token, value), first.seal(token, value)
    assert first.unseal(token, sealed) == value
    assert again.nonce != sealed.nonce
    assert again.body != sealed.body  # 128 bits of tag at least, under another nonce
    assert both.unseal(token, sealed) == first.unseal(token, sealed)


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_no_changed_bit_opens(place: int, bit: int) -> None:
    sealed = first.seal(TOKEN, "MRN0012345")
    for name in ("nonce", "body"):
        held = bytearray(getattr(sealed, name))
        held[place % len(held)] ^= 1 << bit
        with pytest.raises(DamagedEntryError):
            first.unseal(TOKEN, structs.replace(sealed, **{name: bytes(held)}))


def test_an_entry_opens_for_its_own_token_and_key_only() -> None:
    sealed = first.seal(TOKEN, "MRN0012345")
    with pytest.raises(DamagedEntryError):
        first.unseal(OTHER, sealed)
    with pytest.raises(DamagedEntryError):
        both.unseal(TOKEN, structs.replace(sealed, key_id=2))
    with pytest.raises(MissingKeyError, match="no vault key 2"):
        first.unseal(TOKEN, both.seal(TOKEN, "MRN0012345"))
    with pytest.raises(DamagedEntryError):
        VaultKeys({1: KEYS[2]}, 1).unseal(TOKEN, sealed)


def test_the_cipher_is_aes_256_gcm_with_token_and_key_number_as_associated_data() -> None:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415 - the oracle

    sealed = first.seal(TOKEN, "MRN0012345")
    body, tag = sealed.body[:-16], sealed.body[-16:]
    decryptor = Cipher(algorithms.AES256(KEYS[1]), modes.GCM(sealed.nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(b"wardwatch vault\x1f1\x1f" + TOKEN.encode())
    assert decryptor.update(body) + decryptor.finalize() == b"MRN0012345"
    assert len(sealed.nonce) * 8 == 96


@pytest.mark.parametrize("keys", [{}, {1: b"short"}, {2: KEYS[1]}])
def test_unusable_keys_are_refused(keys: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="vault key"):
        VaultKeys(keys, 1)


def ask(vault: Vault, token: str) -> tuple[str, str]:
    opening = vault.open(token, purpose="call the patient", actor="p.officer", at=AT, incident="INC-1")
    return opening.outcome, opening.value


def test_a_token_is_told_with_an_entry_in_the_log(vault: Vault) -> None:
    assert vault.put([Naming(TOKEN, "MRN0012345", kept=True), Naming(OTHER, "Jones", kept=False)], AT) == 2
    assert ask(vault, TOKEN) == ("opened", "MRN0012345")
    assert ask(vault, OTHER) == ("unknown", "")
    assert ask(vault, "p1:CCCCCCCCCCCCCCCCCCCCCC") == ("unknown", "")
    vault.refuse(TOKEN, purpose="?", actor="nobody\x00", at=AT)
    entries = vault.audit()
    assert [(entry.seq, entry.actor, entry.subject, entry.outcome, entry.purpose) for entry in entries] == [
        (1, "p.officer", TOKEN, "opened", "call the patient"),
        (2, "p.officer", OTHER, "unknown", "call the patient"),
        (3, "p.officer", "p1:CCCCCCCCCCCCCCCCCCCCCC", "unknown", "call the patient"),
        (4, "nobody\ufffd", TOKEN, "refused", "?"),
    ]
    assert first_break(entries) is None


def test_where_the_log_cannot_be_written_nothing_is_told(vault: Vault, engine: Engine) -> None:
    vault.put([Naming(TOKEN, "MRN0012345", kept=True)], AT)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE vault_audit RENAME TO elsewhere"))
    try:
        with pytest.raises(Exception, match="vault_audit"):
            ask(vault, TOKEN)
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO vault_audit"))


def test_a_tampered_entry_is_not_told_and_that_is_written_down(vault: Vault, engine: Engine) -> None:
    vault.put([Naming(TOKEN, "MRN1", kept=True), Naming(OTHER, "MRN2", kept=True)], AT)
    with engine.begin() as connection:
        moved = "UPDATE vault_entries SET sealed = (SELECT sealed FROM vault_entries WHERE token = :other), "
        moved += "nonce = (SELECT nonce FROM vault_entries WHERE token = :other) WHERE token = :token"
        connection.execute(text(moved), {"token": TOKEN, "other": OTHER})
    assert ask(vault, TOKEN) == ("damaged", "")
    assert [entry.outcome for entry in vault.audit()] == ["damaged"]


def test_no_value_is_in_the_tables_as_it_is(vault: Vault, engine: Engine) -> None:
    vault.put([Naming(TOKEN, "MRN0012345", kept=True), Naming(OTHER, "Jones", kept=False)], AT)
    with engine.connect() as connection:
        held = repr([tuple(row) for row in connection.execute(text("SELECT * FROM vault_entries"))])
    assert TOKEN in held
    assert "MRN0012345" not in held
    assert "Jones" not in held


def test_the_first_to_come_is_kept_and_only_new_ones_are_counted(vault: Vault) -> None:
    naming = Naming(TOKEN, "MRN0012345", kept=True)
    assert vault.put([naming, naming], AT) == 1
    assert vault.put([naming], AT + 60) == 0
    assert list(vault.tokens_made(1, AT, 10)) == [TOKEN]
    assert vault.put([], AT) == 0


def test_writers_meet_without_harm(vault: Vault) -> None:
    batches = [[Naming(f"p1:{n:022}", f"MRN{n}", kept=True) for n in range(start, start + 1500)] for start in (0, 700)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda batch: vault.put(batch, AT), batches * 3))
    assert vault.entries_by_vault_key() == {1: 2200}
    assert ask(vault, f"p1:{2199:022}") == ("opened", "MRN2199")


def test_entries_move_to_the_next_key(vault: Vault, engine: Engine) -> None:
    vault.put([Naming(f"p1:{n:022}", f"MRN{n}", kept=True) for n in range(5)] + [Naming("n1:x", "Li", kept=False)], AT)
    renewed = Vault(engine, both)
    assert [renewed.rewrap(3), renewed.rewrap(3), renewed.rewrap(3)] == [3, 2, 0]
    assert renewed.entries_by_vault_key() == {2: 5}
    assert ask(Vault(engine, VaultKeys({2: KEYS[2]}, 2)), f"p1:{4:022}") == ("opened", "MRN4")
    assert ask(vault, f"p1:{4:022}") == ("damaged", "")


def test_another_key_of_a_known_number_is_noticed(vault: Vault, engine: Engine) -> None:
    assert vault.check_keys() == []
    assert vault.check_keys() == []
    assert Vault(engine, VaultKeys({1: KEYS[2]}, 1)).check_keys() == [1]
    assert Vault(engine, both).check_keys() == []
    assert Vault(engine, VaultKeys({1: KEYS[2], 2: KEYS[2]}, 2)).check_keys() == [1]


def test_closed_keys_and_the_tokens_of_then(vault: Vault) -> None:
    vault.put([Naming("p1:early", "a", kept=True)], AT)
    vault.put([Naming("p1:late", "b", kept=True), Naming("p2:other", "c", kept=True)], AT + 10)
    vault.close_token_key(1, AT + 5)
    assert vault.closed_token_keys() == {1: AT + 5}
    assert list(vault.tokens_made(1, AT + 5, 100)) == ["p1:early"]
    assert list(vault.tokens_made(1, AT + 10, 1)) == ["p1:late"]
    assert vault.entries_by_token_key() == {1: 2, 2: 1}
    vault.close_token_key(2, AT + 20)
    vault.cut_token_keys(only=1)
    assert set(vault.closed_token_keys()) == {2}
    vault.cut_token_keys()
    assert vault.closed_token_keys() == {}


def chain(n: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for number in range(n):
        last = entries[-1] if entries else None
        entries.append(following(last, at=AT + number, actor="a", action="x", outcome="done", subject=str(number)))
    return entries


@pytest.mark.parametrize("field", [name for name in AuditEntry.__struct_fields__ if name != "seq"])
def test_a_changed_entry_breaks_the_chain(field: str) -> None:
    entries = chain(4)
    assert first_break(entries) is None
    other: object = AT + 99 if field == "at" else "something else"
    entries[2] = structs.replace(entries[2], **{field: other})
    assert first_break(entries) == 3


def test_a_missing_entry_breaks_the_chain() -> None:
    assert first_break(chain(4)[:1] + chain(4)[2:]) == 2
    assert first_break(chain(4)[1:]) == 1


class Broken(Vault):
    """A vault whose database is full until it is repaired."""

    full = True

    def put(self, namings: object, at: float) -> int:
        if self.full:
            raise OperationalError("insert", None, Exception("disk full"))
        self.taken = list(namings)  # type: ignore[call-overload]
        return len(self.taken)


class Diary:
    """Writes down what the writer tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def vault_wrote(self, n: int) -> None:
        self.told.append(("wrote", n))

    def vault_failed(self) -> None:
        self.told.append(("failed", 1))

    def vault_waits(self, n: int) -> None:
        self.told.append(("waits", n))

    def vault_gave_up(self, n: int) -> None:
        self.told.append(("gave up", n))


def test_a_full_vault_stops_nothing_and_gets_what_waited() -> None:
    vault, diary, now, forgotten = Broken(open_engine("sqlite://"), first), Diary(), [AT], list[Naming]()
    writer = VaultWriter(vault, forgotten.extend, clock=lambda: now[0], observer=diary, most_waiting=3)
    namings = [Naming(f"p1:{n}", f"MRN{n}", kept=True) for n in range(5)]
    writer.keep(namings[:2])
    assert writer.waiting == 2
    writer.keep(namings[2:])  # not tried again so soon; the oldest two are given up
    assert (writer.waiting, forgotten) == (3, namings[:2])
    vault.full = False
    now[0] += 11
    writer.keep([])
    assert (writer.waiting, vault.taken) == (0, namings[2:])
    writer.keep(namings[:1])
    assert diary.told == [("failed", 1), ("waits", 2), ("gave up", 2), ("wrote", 3), ("waits", 0), ("wrote", 1)]


def test_nothing_shows_a_value() -> None:
    assert repr(Naming(TOKEN, "MRN0012345", kept=True)) == "<Naming>"
    assert "MRN" not in repr(chain(1))
