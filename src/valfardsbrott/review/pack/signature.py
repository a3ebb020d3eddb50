"""Ed25519 signatures (RFC 8032) of a pack's manifest, with the city's key or, in a demonstration, one made for it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from valfardsbrott.domain import Failure

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True)
class Signer:
    """A private key and the short id of its public one (first 16 hex digits of SHA-256 over the raw key)."""

    private: Ed25519PrivateKey
    demo: bool = False

    @property
    def public_pem(self) -> bytes:
        return _pem(self.private.public_key())

    @property
    def key_id(self) -> str:
        return key_id(self.public_pem)

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data)


def canonical(public_pem: bytes) -> bytes:
    """The same public key as this program writes it; Failure where the text is no Ed25519 key."""
    return _pem(_public(public_pem))


def key_id(public_pem: bytes) -> str:
    """The short id by which people compare a public key; Failure where the text is no Ed25519 key."""
    return hashlib.sha256(_public(public_pem).public_bytes_raw()).hexdigest()[:16]


def signer(key_file: Path | None, demo_file: Path | None = None) -> Signer:
    """The key in ``key_file`` (PEM, PKCS 8, unencrypted, read by its owner alone), else a demonstration key.

    ``demo_file`` is made at first use with mode 0600. Failure where neither is given, or the file holds another kind.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    file = key_file or demo_file
    if file is None:
        raise Failure("no key to sign evidence packs with", "Set VALFARDSBROTT_PACK_KEY_FILE (see docs/operations.md)")
    if key_file is None and not file.exists():
        _make(file)
    try:
        private = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise Failure(f"{file} is not a readable private key ({type(error).__name__})", _MAKE) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise Failure(f"{file} is not an Ed25519 key", _MAKE)
    return Signer(private, demo=key_file is None)


def valid(public_pem: bytes, signature: bytes, data: bytes) -> bool:
    """Whether ``signature`` is the key's over exactly ``data``."""
    from cryptography.exceptions import InvalidSignature

    try:
        _public(public_pem).verify(signature, data)
    except InvalidSignature:
        return False
    return True


_MAKE = "Make one with: openssl genpkey -algorithm ed25519 -out pack.key && chmod 600 pack.key"


def _make(file: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(pem)


def _pem(key: Ed25519PublicKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _public(pem: bytes) -> Ed25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise Failure("that is not a public key in PEM form") from None
    if not isinstance(key, Ed25519PublicKey):
        raise Failure("that is not an Ed25519 public key")
    return key
