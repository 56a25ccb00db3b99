"""Ed25519 keys and signatures for the model store.

Whoever trains holds the private key; workers hold the public one and can verify, not sign. What is signed starts with
what it is for, so that a signature on one kind of file says nothing about another.

References:
    RFC 8032, Edwards-Curve Digital Signature Algorithm (EdDSA).
"""

from __future__ import annotations

import base64
import binascii
import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

if TYPE_CHECKING:
    from pathlib import Path


def generate_keys() -> tuple[bytes, bytes]:
    """Make a new key pair.

    Returns:
        (private key, public key), both PEM: PKCS #8, unencrypted, and SubjectPublicKeyInfo.
    """
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def write_keys(private_path: Path, public_path: Path) -> None:
    """Write a new key pair to two files, the private one readable by its owner only.

    Raises:
        FileExistsError: if one of them is there already: keys are never overwritten.
    """
    if public_path.exists():
        raise FileExistsError(str(public_path))
    private, public = generate_keys()
    descriptor = os.open(private_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(private)
    public_path.write_bytes(public)


def read_private_key(pem: bytes) -> Ed25519PrivateKey:
    """Read the private key that `generate_keys` made.

    Raises:
        ValueError: if it is not an unencrypted Ed25519 private key.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise ValueError("the private key is encrypted; an unencrypted one is needed") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("this private key is not an Ed25519 key")
    return key


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """Read the public key that `generate_keys` made.

    Raises:
        ValueError: if it is not an Ed25519 public key.
    """
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("this public key is not an Ed25519 key")
    return key


def sign(key: Ed25519PrivateKey, purpose: str, content: bytes) -> str:
    """Sign content for one purpose; the signature is one line of Base64."""
    return base64.b64encode(key.sign(_message(purpose, content))).decode()


def is_signed(key: Ed25519PublicKey, purpose: str, content: bytes, signature: str) -> bool:
    """Tell whether this is the key's signature on this content for this purpose."""
    try:
        key.verify(base64.b64decode(signature.strip(), validate=True), _message(purpose, content))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _message(purpose: str, content: bytes) -> bytes:
    return b"wardwatch " + purpose.encode() + b"\n" + content
