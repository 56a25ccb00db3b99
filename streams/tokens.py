"""Keyed tokens in place of direct identifiers, before anything is written to our topics (domain.md §1.1, design.md §5).

The same walk over an event masks what free text holds (`streams.free_text`).

A token is `<letter><key id>:<22 characters>`: 128 bits of an HMAC-SHA-256 of the identifier, base64url. The key is
derived per letter, so that equal identifiers give equal tokens within a type and unrelated ones across types. Tokens
are still PHI: who holds the key can test a guess.
"""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Container, Mapping, Sequence
from operator import attrgetter
from typing import Any

from alerting.vault import Naming
from detectors.events import AccessEvent, Data, Event
from detectors.events.redacted import Redacted
from detectors.itinerary import changed_account
from detectors.reference.npi import is_npi
from streams.free_text import FreeTexts, is_digest, names_somebody
from streams.identifiers import (
    ACCOUNT_NUMBERS,
    EVENT_IDS,
    FREE_TEXTS,
    IDENTIFIERS,
    LETTERS,
    LISTS,
    LOOKED_UP,
    MAY_LOOK_LIKE_CARDS,
    MAYBE_NPI,
    PARTS,
)

KEY_BYTES = 32
"""Least length of a master key: that of the hash (RFC 2104, section 3)."""

_TOKEN_BYTES = 16
_TOKEN_CHARACTERS = 22
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_BLOCK_BYTES = 64  # of SHA-256 (RFC 2104: B)
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Tokeniser:
    """Replaces direct identifiers by tokens.

    Args:
        keys: key id to master key, at least 32 bytes each: the current one, and those whose tokens are in use.
        current: the id of the key that makes new tokens.
        remembered: how many tokens of each letter are kept, so that a known identifier costs no HMAC.
        known: key id to the tokens that were made with an older key before it was closed: an identifier that has one
            keeps it (docs/adr/0007-tokens-outlive-their-key.md). The same for everybody who makes tokens.
        tells_new: whether what is made is told by `take_new`; then somebody must call that.

    Raises:
        ValueError: where `current` has no key, or a key is too short.
    """

    def __init__(
        self,
        keys: Mapping[int, bytes],
        current: int,
        *,
        remembered: int = 100_000,
        known: Mapping[int, Container[str]] | None = None,
        tells_new: bool = False,
    ) -> None:
        if current not in keys:
            message = f"there is no token key {current}"
            raise ValueError(message)
        short = sorted(key_id for key_id, key in keys.items() if len(key) < KEY_BYTES)
        if short:
            message = f"token keys {short} are shorter than {KEY_BYTES} bytes"
            raise ValueError(message)
        self._new: list[Naming] | None = [] if tells_new else None
        in_use = {key_id: made for key_id, made in (known or {}).items() if key_id in keys and key_id != current}

        def tokens(letter: str, kept: bool | None) -> _Tokens:
            """Return the tokens of a letter. New ones are told as kept or as made only, or not where that is None."""
            hashes = {key_id: _Hash(letter, key_id, keys[key_id]) for key_id in (*sorted(in_use), current)}
            earlier = [(hashes[key_id], in_use[key_id]) for key_id in sorted(in_use)]
            new = None if kept is None else self._new
            return _Tokens(hashes[current], earlier, frozenset(map(str, keys)), remembered, new, kept=kept or False)

        self._tokens = {letter: tokens(letter, letter in LOOKED_UP if letter != "k" else None) for letter in LETTERS}
        self._account_numbers = tokens("k", kept=True)
        self.free_texts = FreeTexts()
        self._event_ids = _EventIds(self._tokens["k"], self.free_texts)
        self._walks = {struct: self._walk_of(struct) for struct in {**IDENTIFIERS, **FREE_TEXTS, **EVENT_IDS, **PARTS}}

    def token(self, letter: str, value: str) -> str:
        """Return the token of one identifier; a token of that letter and of a known key, or "", is left alone."""
        return self._tokens[letter][value] if value else value

    def take_new(self) -> list[Naming]:
        """Return the tokens that were made since the last call, for the vault."""
        taken: list[Naming] = []
        if self._new:
            taken, self._new[:] = self._new[:], []
        return taken

    def forget(self, namings: Sequence[Naming]) -> None:
        """Tell tokens anew when their identifiers are seen again."""
        for naming in namings:
            letter = naming.token[0]
            (self._account_numbers if letter == "k" else self._tokens[letter]).forget(naming.value)

    def tokenise_event(self, event: Event) -> Event:
        """Replace the identifiers of an event, those in its own id and source too, in place, and return it."""
        if not is_digest(event.id):
            event.id = self._event_ids[event.id]
        if event.source not in self.free_texts.harmless:
            event.source = self.free_texts.safe(event.source, cards=True)
        self.tokenise(event.data)
        return event

    def tokenise(self, data: Data) -> Data:
        """Replace the identifiers of an event's data in place, mask its free texts, and return it."""
        walk = self._walks.get(type(data))
        account = changed_account(data) if type(data) is AccessEvent else ""
        if walk is not None:
            walk(data)
        if account and type(data) is AccessEvent and data.resource is not None:
            # Here the resource is a user, and the same user elsewhere has this token.
            data.resource.id = self._tokens["u"][account]
        return data

    def _walk_of(self, struct: type[Redacted]) -> Callable[[Redacted], None]:
        """Return the function that replaces the identifiers of a struct and of its parts."""
        names = (*IDENTIFIERS.get(struct, ()), *EVENT_IDS.get(struct, ()))
        fields = tuple((name, self._replaced_by(struct, name)) for name in names)
        values_of = _getter(tuple(name for name, _ in fields))
        texts = FREE_TEXTS.get(struct, ())
        texts_of = _getter(texts + texts[:1])  # one more, for a getter of a single name is slower than one of two
        parts_of = _getter(PARTS.get(struct, ()))
        harmless, safe, cards = self.free_texts.harmless, self.free_texts.safe, struct in MAY_LOOK_LIKE_CARDS

        def walk(value: Redacted) -> None:
            if fields:
                for (name, tokens), identifier in zip(fields, values_of(value), strict=True):
                    if identifier:
                        setattr(value, name, tokens[identifier])
            if texts and not harmless.issuperset(texts_of(value)):
                for name in texts:
                    setattr(value, name, safe(getattr(value, name), cards=cards))
            for part in parts_of(value):
                if part is not None:
                    for item in part if type(part) is list else (part,):
                        self._walks[type(item)](item)

        return walk

    def _replaced_by(self, struct: type[Redacted], name: str) -> "_Tokens | _Lists | _Payees | _EventIds":
        """Return what holds the replacement of each value of a field."""
        if name in EVENT_IDS.get(struct, ()):
            return self._event_ids
        is_account = (struct, name) in ACCOUNT_NUMBERS
        tokens = self._account_numbers if is_account else self._tokens[IDENTIFIERS[struct][name]]
        if (struct, name) in LISTS:
            return _Lists(tokens)
        return _Payees(tokens) if (struct, name) in MAYBE_NPI else tokens


class _Hash:
    """Makes the tokens of one letter with one key."""

    def __init__(self, letter: str, key_id: int, master: bytes) -> None:
        self.letter = letter
        self._prefix = f"{letter}{key_id}:"
        # HMAC (RFC 2104) from two prepared hashes costs a third of a new one.
        padded = derived_key(master, letter).ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))

    def token(self, value: str) -> str:
        """Return the token of an identifier."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(_canonical(self.letter, value).encode())
        outer.update(inner.digest())
        return self._prefix + base64.urlsafe_b64encode(outer.digest()[:_TOKEN_BYTES])[:_TOKEN_CHARACTERS].decode()


class _Tokens(dict[str, str]):
    """The tokens of one letter by identifier, made when first asked for; the least recent half is forgotten in time.

    A dict that makes what it misses answers a known identifier without a Python call.
    """

    def __init__(
        self,
        current: "_Hash",
        earlier: Sequence[tuple["_Hash", Container[str]]],
        key_ids: frozenset[str],
        remembered: int,
        new: list[Naming] | None,
        *,
        kept: bool,
    ) -> None:
        self._current = current
        self._earlier = earlier
        self._key_ids = key_ids
        self._bound = remembered
        self._new = new
        self._kept = kept
        self._older: dict[str, str] = {}

    def forget(self, value: str) -> None:
        """Make the token of an identifier anew when it is asked for."""
        self.pop(value, None)
        self._older.pop(value, None)

    def __missing__(self, value: str) -> str:
        token = self._older.get(value) or self._make(value)
        if len(self) >= self._bound:
            self._older = dict(self)
            self.clear()
        self[value] = token
        return token

    def _make(self, value: str) -> str:
        if self._is_token(value):
            return value
        for made_with, known in self._earlier:
            token = made_with.token(value)
            if token in known:
                break
        else:
            token = self._current.token(value)
        if self._new is not None:
            self._new.append(Naming(token, value, self._kept))
        return token

    def _is_token(self, value: str) -> bool:
        key_id, colon, body = value[1:].partition(":")
        return (
            value[0] == self._current.letter
            and colon == ":"
            and key_id in self._key_ids
            and len(body) == _TOKEN_CHARACTERS
            and _ALPHABET.issuperset(body)
        )


class _Lists:
    """Lists of tokens by list of identifiers."""

    def __init__(self, tokens: _Tokens) -> None:
        self._tokens = tokens

    def __getitem__(self, identifiers: list[str]) -> list[str]:
        return [self._tokens[identifier] for identifier in identifiers]


class _EventIds:
    """Ids of events as they may go on: one that names somebody becomes a token, wherever it is named."""

    def __init__(self, tokens: _Tokens, free_texts: FreeTexts) -> None:
        self._tokens = tokens
        self._free_texts = free_texts

    def __getitem__(self, event_id: str) -> str:
        if not names_somebody(event_id):
            return event_id
        self._free_texts.found += 1
        return self._tokens[event_id]


class _Payees:
    """Tokens of those who are paid, by identifier; an NPI is its own."""

    def __init__(self, tokens: _Tokens) -> None:
        self._tokens = tokens

    def __getitem__(self, identifier: str) -> str:
        return identifier if is_npi(identifier) else self._tokens[identifier]


def derived_key(master: bytes, letter: str) -> bytes:
    """Return the key of one identifier type: HKDF-Expand of RFC 5869, one block of SHA-256."""
    return hmac.digest(master, b"wardwatch token " + letter.encode() + b"\x01", "sha256")


def _canonical(letter: str, value: str) -> str:
    """Write names and addresses alike, however the systems of patients and of staff write them."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split()) if letter in "na" else value


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what reads the attributes of that name as one tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda value: (getattr(value, names[0]),)) if names else (lambda value: ())
