"""Pairs of Ed25519 keys as files: made, read, and what to do where one is none."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models.signing import read_private_key, read_public_key, write_keys
from monitor.failure import Failure


def make_keys(private: Path, public: Path) -> None:
    """Write a new pair to two files that are not there yet.

    Raises:
        Failure: where one is, or cannot be written.
    """
    try:
        write_keys(private, public)
    except FileExistsError as error:
        message = f"{error.filename or error} is there already; keys are never overwritten, name another file"
        raise Failure(message) from None
    except OSError as error:
        message = f"the keys cannot be written: {error.strerror}"
        raise Failure(message) from None


def public_key(path: Path, made_by: str) -> Ed25519PublicKey:
    """Read a public key; `made_by` is the command that makes one.

    Raises:
        Failure: where the file is none.
    """
    try:
        return read_public_key(path.read_bytes())
    except (OSError, ValueError):
        message = f"{path} is no public Ed25519 key in PEM form; make one with `{made_by}`"
        raise Failure(message) from None


def private_key(path: Path, made_by: str) -> Ed25519PrivateKey:
    """Read a private key; `made_by` is the command that makes one.

    Raises:
        Failure: where the file is none.
    """
    try:
        return read_private_key(path.read_bytes())
    except (OSError, ValueError):
        message = f"{path} is no private Ed25519 key in PEM form; make one with `{made_by}`"
        raise Failure(message) from None
